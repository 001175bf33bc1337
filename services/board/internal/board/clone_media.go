package board

import (
	"cmp"
	"context"
	"strings"

	"fresque.dev/services/internal/fault"
)

// MediaSource is the upload that another is a copy of, until it is one: where its
// files are, and what the copy will be once the media service has copied them.
type MediaSource struct {
	Board    ID       `json:"board"`
	Media    ID       `json:"media"`
	Picture  *Picture `json:"picture,omitempty"`
	File     *File    `json:"file,omitempty"`
	Original *File    `json:"original,omitempty"`
	Duration float64  `json:"duration,omitempty"`
	Pages    int      `json:"pages,omitempty"`
}

// Copy has the media service copy the files of an upload.
type Copy struct {
	FromBoard, FromMedia, Media ID
}

// copied takes over what the original was, now that its files are there.
func (m *Media) copied() {
	from := m.Source
	m.Picture, m.File, m.Original, m.Duration, m.Pages, m.Source = from.Picture, from.File, from.Original, from.Duration, from.Pages, nil
}

// media finds the uploads of the original that can be copied: those that are
// ready.
func (s *Service) mediaToCopy(ctx context.Context, d *duplicate) error {
	there, err := list[*Media](ctx, s.Store, d.from.board.ID, KindMedia)
	d.media = make(map[ID]*Media)
	for _, m := range there {
		if m.State == MediaReady && m.Preview == nil {
			d.media[m.ID] = m
		}
	}
	return err
}

// copyOf is the copy of an upload, which shows something of the copied board; nil
// for one that stays behind. It is ready once its files are there.
func (d *duplicate) copyOf(id, shows, board ID, now Meta) *Media {
	m := d.media[id]
	if m == nil {
		return nil
	}
	c := &Media{
		Owner: cmp.Or(d.people[m.Owner], copyID(board, m.Owner)), Post: shows, State: MediaProcessing,
		Content: m.Content, Name: m.Name, Type: m.Type, Size: m.Size,
	}
	c.ID, c.Board, c.CreatedAt, c.PurgeAt = copyID(board, m.ID), board, now.CreatedAt, now.PurgeAt
	moved := func(f *File) *File {
		if f == nil {
			return nil
		}
		out := *f
		out.Path = movedPath(f.Path, m, c)
		return &out
	}
	c.Source = &MediaSource{Board: m.Board, Media: m.ID, File: moved(m.File), Original: moved(m.Original), Duration: m.Duration, Pages: m.Pages}
	if m.Picture != nil {
		picture := *m.Picture
		picture.Variants = nil
		for _, v := range m.Picture.Variants {
			v.Path = movedPath(v.Path, m, c)
			picture.Variants = append(picture.Variants, v)
		}
		c.Source.Picture = &picture
	}
	return c
}

// movedPath is where the copy of a file is: below its board and its upload, as
// the media service has them all.
func movedPath(path string, from, to *Media) string {
	return strings.Replace(path, string(from.Board+"/"+from.ID)+"/", string(to.Board+"/"+to.ID)+"/", 1)
}

// roomForCopies refuses a clone for whose uploads the platform has no room, unless
// it was made before.
func (s *Service) roomForCopies(ctx context.Context, p *Platform, d *duplicate, in Clone) error {
	most := int64(p.Quotas.MediaMiB) << 20
	if most == 0 {
		return nil
	}
	_, err := get[*Owned](ctx, s.Store, ownedKey(p.ID, platformBoardID(p.ID, in.Key)))
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	var total int64
	for id, m := range d.media {
		if in.Contributions || id == d.from.board.Settings.Background.Picture {
			total += m.Takes()
		}
	}
	left, err := s.roomLeft(ctx, p.ID, most)
	if err == nil && left < total {
		err = fault.New(fault.TooLarge, "platform_full").With("leftMiB", max(0, left)>>20)
	}
	return err
}

// noteCopies writes down what the uploads of a clone take.
func (s *Service) noteCopies(ctx context.Context, p *Platform, board ID, docs []Document) error {
	var total int64
	for _, doc := range docs {
		if m, ok := doc.(*Media); ok {
			total += m.Takes()
		}
	}
	return s.noteMedia(ctx, p.ID, board, total)
}

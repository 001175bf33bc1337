package board

import (
	"context"
	"fmt"
	"time"

	"fresque.dev/services/internal/fault"
)

// NewMedia announces an upload before its first byte. ID may be empty.
type NewMedia struct {
	ID ID
	// Size is in bytes.
	Size int64
	// Type is what the browser believes, such as image/jpeg; the media service
	// looks for itself.
	Type string
}

// TicketTTL is how long an upload may take before it needs a new ticket.
const TicketTTL = 6 * time.Hour

// BeginMedia makes the document of an upload. The caller hands out the ticket
// for it. Repeating it with the same id answers as the first did (rule S3).
func (s *Service) BeginMedia(ctx context.Context, p Principal, board ID, in NewMedia) (*Media, error) {
	sc, err := s.enter(ctx, p, board, UploadMedia)
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, errNameRequired
	}
	if err := checkMedia(in); err != nil {
		return nil, err
	}
	m := &Media{Owner: p.Participant, State: MediaUploading}
	m.ID, m.Board = s.idOr(in.ID), board
	m, _, err = create(ctx, s, sc, NotLogged, m)
	if err == nil && m.Owner != p.Participant {
		return nil, ErrExists
	}
	return m, err
}

func checkMedia(in NewMedia) error {
	if in.Size > MaxPictureBytes {
		return fault.New(fault.TooLarge, "media_too_large").At("size").With("maxMiB", MaxPictureBytes>>20)
	}
	var f faults
	if in.Size <= 0 {
		f.add(fault.New(fault.Invalid, "media_empty").At("size"))
	}
	switch in.Type {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
	default:
		f.add(fault.New(fault.Invalid, "media_type_unsupported").At("type"))
	}
	return f.err()
}

// ReadMedia gives one upload.
func (s *Service) ReadMedia(ctx context.Context, p Principal, board, id ID) (*Media, error) {
	sc, err := s.enter(ctx, p, board, ReadBoard)
	if err != nil {
		return nil, err
	}
	m, err := get[*Media](ctx, s.Store, Key{Board: board, Kind: KindMedia, ID: id})
	if err == nil && !sc.sight.SeenBy(sc.p, m) {
		err = ErrNotFound
	}
	return m, err
}

// MediaProgress is news of an upload from the media service.
type MediaProgress struct {
	Board   ID
	Media   ID
	State   MediaState
	Refusal string
	Picture *Picture
}

// AdvanceMedia moves an upload on. States only move forward, so any order and
// any number of repeats end the same. News of what is not there is dropped:
// ErrNotFound tells the caller not to try again.
func (s *Service) AdvanceMedia(ctx context.Context, in MediaProgress) error {
	sc, err := s.look(ctx, in.Board)
	if err != nil {
		return err
	}
	_, err = change(ctx, s, sc, Key{Board: in.Board, Kind: KindMedia, ID: in.Media}, 0, doing{}, func(m *Media) (bool, error) {
		if m.Deleted() || rank(in.State) <= rank(m.State) {
			return false, nil
		}
		m.State, m.Refusal, m.Picture = in.State, in.Refusal, in.Picture
		return true, nil
	})
	return err
}

func rank(s MediaState) int {
	switch s {
	case MediaUploading:
		return 1
	case MediaProcessing:
		return 2
	case MediaReady, MediaRefused:
		return 3
	}
	return 0
}

// attach makes every upload that a post shows that post's own. An upload is
// shown by one post only, and put there by its owner.
func (s *Service) attach(ctx context.Context, sc *scene, post *Post) error {
	for i, a := range post.Attachments {
		if a.Type != AttachmentMedia {
			continue
		}
		if err := s.adopt(ctx, sc, a.Media, post.ID, fmt.Sprintf("attachments[%d].mediaId", i)); err != nil {
			return err
		}
	}
	return nil
}

// adopt makes an upload that of a post, or of the board itself.
func (s *Service) adopt(ctx context.Context, sc *scene, id, by ID, field string) error {
	_, err := change(ctx, s, sc, Key{Board: sc.board.ID, Kind: KindMedia, ID: id}, 0, doing{}, func(m *Media) (bool, error) {
		switch {
		case m.Post == by && !m.Deleted():
			return false, nil
		case m.Deleted() || m.Owner != sc.p.Participant:
			return false, errMediaUnknown
		case m.Post != "":
			return false, errMediaElsewere
		case m.State == MediaRefused:
			return false, errMediaRefused
		}
		m.Post = by
		return true, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		err = errMediaUnknown
	}
	if fl, ok := fault.As(err); ok && fl.Kind == fault.Invalid {
		return faults{fl.At(field)}.err()
	}
	return err
}

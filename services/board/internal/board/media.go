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
	// Type is what the browser believes, such as image/jpeg, and Name the file's
	// own; the media service looks for itself. One of them may be empty.
	Type, Name string
}

// Ticket is what an upload may be: the media service holds it to that.
type Ticket struct {
	*Media
	// Max is the most bytes that may come.
	Max int64
	// Kinds are what the content may turn out to be, the announced one first.
	Kinds []ContentKind
}

// TicketTTL is how long an upload may take before it needs a new ticket.
const TicketTTL = 6 * time.Hour

// BeginMedia makes the document of an upload. The caller hands out the ticket
// for it. Repeating it with the same id answers as the first did (rule S3).
func (s *Service) BeginMedia(ctx context.Context, p Principal, board ID, in NewMedia) (Ticket, error) {
	sc, err := s.enter(ctx, p, board, UploadMedia)
	if err != nil {
		return Ticket{}, err
	}
	if p.Name == "" {
		return Ticket{}, errNameRequired
	}
	m, err := s.announced(sc, in)
	if err != nil {
		return Ticket{}, err
	}
	m.ID, m.Board, m.PurgeAt = s.idOr(in.ID), board, sc.now.Add(UnusedKept)
	begun, err := get[*Media](ctx, s.Store, KeyOf(m))
	if fault.KindOf(err) == fault.NotFound {
		if err := s.checkBoardRoom(ctx, sc.board, m); err != nil {
			return Ticket{}, err
		}
		begun, _, err = create(ctx, s, sc, NotLogged, m)
	}
	if err == nil && begun.Owner != p.Participant {
		err = ErrExists
	}
	if err != nil {
		return Ticket{}, err
	}
	return s.ticket(sc, begun), nil
}

// announced makes the document of an upload out of what is said of it, or tells
// everything for which it is refused.
func (s *Service) announced(sc *scene, in NewMedia) (*Media, error) {
	name := fileName(in.Name)
	var f faults
	if in.Size <= 0 {
		f.add(fault.New(fault.Invalid, "media_empty").At("size"))
	}
	kind, mediaType, unsupported := s.Uploads.announced(in.Type, name)
	f.add(unsupported)
	if unsupported == nil && !sc.p.Role.moderates() && !sc.board.Settings.takesUpload(kind, mediaType) {
		f.add(fault.New(fault.Invalid, "kind_not_allowed").At("type"))
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if k, _ := s.Uploads.Of(kind); in.Size > k.Max {
		return nil, fault.New(fault.TooLarge, "media_too_large").At("size").With("maxMiB", k.Max>>20)
	}
	return &Media{Owner: sc.p.Participant, State: MediaUploading, Content: kind, Name: name, Type: mediaType, Size: in.Size}, nil
}

// checkBoardRoom refuses an upload for which its board has no room. Two that
// come at once may both fit: the limit is there against filling up, not to
// the byte.
func (s *Service) checkBoardRoom(ctx context.Context, b *Board, m *Media) error {
	// But for this very upload, asked for twice at once.
	used, err := s.mediaOf(ctx, m.Board, m.ID)
	if err != nil {
		return err
	}
	if used+m.Size > s.Uploads.Board {
		left := max(0, s.Uploads.Board-used)
		return fault.New(fault.TooLarge, "board_full").At("size").With("leftMiB", left>>20)
	}
	return s.checkPlatformRoom(ctx, b, m, used+m.Size)
}

// Takes is how many of its board's bytes an upload counts for.
func (m *Media) Takes() int64 {
	if m.State == MediaRefused {
		return 0
	}
	return m.Size
}

func (s *Service) ticket(sc *scene, m *Media) Ticket {
	k, _ := s.Uploads.Of(m.ContentKind())
	settings := sc.board.Settings
	if sc.p.Role.moderates() {
		settings = Settings{}
	}
	return Ticket{Media: m, Max: min(k.Max, m.Size), Kinds: s.Uploads.mayBecome(m.ContentKind(), m.Size, settings)}
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
	// Of one that is ready: what it is, when that is known, and what it became.
	Content        ContentKind
	Type           string
	Picture        *Picture
	File, Original *File
	Duration       float64
	Pages          int
	// Of a preview: what its page says, and the turn of the question answered.
	Page *Page
	Turn int
}

// AdvanceMedia moves an upload on. States only move forward, so any order and
// any number of repeats end the same. News of what never was is dropped:
// ErrNotFound tells the caller not to try again.
func (s *Service) AdvanceMedia(ctx context.Context, in MediaProgress) error {
	sc, err := s.look(ctx, in.Board)
	if fault.KindOf(err) == fault.NotFound {
		sc, err = s.caretaking(in.Board), nil
	}
	if err != nil {
		return err
	}
	_, err = change(ctx, s, sc, Key{Board: in.Board, Kind: KindMedia, ID: in.Media}, 0, doing{}, func(m *Media) (bool, error) {
		switch {
		case m.Deleted():
			// It was made while it was being erased. The new revision has it erased
			// once more.
			return in.State == MediaReady && m.PurgeAt.IsZero(), nil
		case m.Preview != nil:
			return m.answered(in), nil
		case rank(in.State) <= rank(m.State):
			return false, nil
		}
		m.State, m.Refusal = in.State, in.Refusal
		if in.State == MediaReady {
			m.become(in)
		}
		return true, nil
	})
	return err
}

// become takes over what the media service has seen and made.
func (m *Media) become(in MediaProgress) {
	if m.Source != nil {
		m.copied()
		return
	}
	if in.Content != "" {
		m.Content = in.Content
	}
	if in.Type != "" {
		m.Type = in.Type
	}
	m.Picture, m.File, m.Original, m.Duration, m.Pages = in.Picture, in.File, in.Original, in.Duration, in.Pages
}

func rank(s MediaState) int {
	switch s {
	case MediaUploading:
		return 1
	case MediaScanning:
		return 2
	case MediaProcessing:
		return 3
	case MediaReady, MediaRefused:
		return 4
	}
	return 0
}

// attach makes every upload that a post shows that post's own, and the previews
// of its links. An upload is shown by one post only, and put there by its owner.
func (s *Service) attach(ctx context.Context, sc *scene, post *Post) error {
	if err := sc.checkCaptionFiles(post); err != nil {
		return err
	}
	for i, a := range post.Attachments {
		if a.Type != AttachmentMedia {
			continue
		}
		if err := s.adopt(ctx, sc, a.Media, post.ID, fmt.Sprintf("attachments[%d].mediaId", i)); err != nil {
			return err
		}
	}
	return s.previewLinks(ctx, sc, post)
}

// adopt makes an upload that of a post, or of the board itself.
func (s *Service) adopt(ctx context.Context, sc *scene, id, by ID, field string) error {
	_, err := change(ctx, s, sc, Key{Board: sc.board.ID, Kind: KindMedia, ID: id}, 0, doing{}, func(m *Media) (bool, error) {
		switch {
		case m.Post == by && !m.Deleted():
			return m.keep(sc.now), nil
		case m.Deleted() || m.Owner != sc.p.Participant:
			return false, errMediaUnknown
		case m.Post != "":
			return false, errMediaElsewere
		case m.State == MediaRefused:
			return false, errMediaRefused
		}
		m.Post = by
		m.keep(sc.now)
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

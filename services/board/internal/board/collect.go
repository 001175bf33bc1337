package board

import (
	"context"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// UnusedKept is how long an upload is kept that nothing shows: a draft may
// still want it.
const UnusedKept = 7 * 24 * time.Hour

// An upload is born with a date at which it goes, and keeps it until a purge
// has found, at that date, that something shows it. Whatever is killed between
// two writes, the purge so looks at everything that may have been forgotten.

// keep puts off the end of an upload that is about to be shown, and tells
// whether it had to: a purge that is at work sees that it came too late.
func (m *Media) keep(now time.Time) bool {
	if m.PurgeAt.IsZero() || m.PurgeAt.Sub(now) > UnusedKept/2 {
		return false
	}
	m.PurgeAt = now.Add(UnusedKept)
	return true
}

// letGo gives an upload that is about to be shown no more its date. It comes
// before the write that lets it go: should that fail, the purge finds the
// upload shown still.
func (s *Service) letGo(ctx context.Context, sc *scene, id ID) error {
	_, err := change(ctx, s, sc, Key{Board: sc.board.ID, Kind: KindMedia, ID: id}, 0, doing{}, func(m *Media) (bool, error) {
		if m.Deleted() {
			return false, nil
		}
		// A version of the post can bring it back for as long as the trash keeps.
		m.PurgeAt = sc.now.Add(TrashKept)
		return true, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// letGoOf gives the uploads that a post shows no more their date.
func (s *Service) letGoOf(ctx context.Context, sc *scene, before, after *Post) error {
	for _, a := range before.Attachments {
		id := a.MediaID()
		stays := slices.ContainsFunc(after.Attachments, func(b Attachment) bool { return b.MediaID() == id })
		if id == "" || stays {
			continue
		}
		if err := s.letGo(ctx, sc, id); err != nil {
			return err
		}
	}
	return nil
}

// spare takes an upload's date away when something shows it, and tells whether
// it did.
func (s *Service) spare(ctx context.Context, sc *scene, m *Media) (bool, error) {
	shown, err := s.isShown(ctx, m)
	if err != nil || !shown || m.Deleted() {
		return false, err
	}
	_, err = change(ctx, s, sc, KeyOf(m), 0, doing{}, func(m *Media) (bool, error) {
		if m.Deleted() || !m.due(s.now()) {
			return false, nil
		}
		m.PurgeAt = time.Time{}
		return true, nil
	})
	return true, err
}

// isShown tells whether a post that is there, or in the trash, or the board
// itself shows an upload.
func (s *Service) isShown(ctx context.Context, m *Media) (bool, error) {
	if m.Post == "" {
		return false, nil
	}
	if m.Post == m.Board {
		b, err := get[*Board](ctx, s.Store, boardKey(m.Board))
		if fault.KindOf(err) == fault.NotFound {
			return false, nil
		}
		return err == nil && b.Settings.Background.Picture == m.ID, err
	}
	post, err := get[*Post](ctx, s.Store, Key{Board: m.Board, Kind: KindPost, ID: m.Post})
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	shows := func(a Attachment) bool { return a.MediaID() == m.ID }
	return err == nil && slices.ContainsFunc(post.Attachments, shows), err
}

// stillThere leaves out the uploads that were collected meanwhile: a version
// can be brought back without them.
func (sc *scene) stillThere(attachments *[]Attachment) *[]Attachment {
	if attachments == nil {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(*attachments), func(a Attachment) bool {
		if a.Type != AttachmentMedia {
			return false
		}
		m := sc.media(a.Media)
		return m != nil && m.Deleted()
	})
	kept = slices.DeleteFunc(kept, captionsOfNothing(kept))
	return &kept
}

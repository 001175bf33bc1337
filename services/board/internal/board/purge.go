package board

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"
)

// purgeBatch bounds what one sweep takes on.
const purgeBatch = 100

// Purge erases the content of documents whose time in the trash is over, and
// tells how many. What hangs on a document goes before it, so that a crash in
// between leaves the work to be found again.
func (s *Service) Purge(ctx context.Context, due Purger) (int, error) {
	docs, err := due.DueForPurge(ctx, s.now(), purgeBatch)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, doc := range docs {
		if err := s.purge(ctx, doc); err != nil {
			failed = errors.Join(failed, err) // one that fails keeps no other
			continue
		}
		done++
	}
	return done, failed
}

func (s *Service) purge(ctx context.Context, doc Document) error {
	sc := s.caretaking(doc.Head().Board)
	var err error
	switch d := doc.(type) {
	case *Post:
		if err = s.purgeTalk(ctx, sc, d); err == nil {
			err = s.purgeUnder(ctx, sc, d)
		}
	case *Media:
		var spared bool
		if spared, err = s.spare(ctx, sc, d); spared {
			return err
		}
	case *Operation:
		return s.perform(ctx, d)
	case *Upkeep:
		return s.keepUp(ctx, d)
	case *Section:
		err = s.emptySection(ctx, sc, d)
	case *Board:
		var more bool
		if more, err = s.purgeBoard(ctx, sc, d); more {
			return err // the board is found again
		}
		if err == nil {
			err = s.disown(ctx, d)
		}
	}
	if err != nil {
		return err
	}
	if err := s.forget(ctx, sc, doc); err != nil {
		return err
	}
	_, err = change(ctx, s, sc, KeyOf(doc), 0, doing{}, func(d Document) (bool, error) {
		if !d.Head().due(s.now()) {
			return false, nil // restored or purged meanwhile
		}
		if !d.Head().Deleted() {
			d.Head().DeletedAt = sc.now
		}
		erase(d)
		return true, nil
	})
	return err
}

// caretaking is the scene of what the service does by itself. Nothing that it
// does shows anything to anybody.
func (s *Service) caretaking(board ID) *scene {
	b := &Board{}
	b.ID, b.Board = board, board
	b.DeletedAt = time.Unix(0, 0)
	return s.founding(b)
}

// purgeUnder makes bare tombstones of the uploads that a dead post showed.
func (s *Service) purgeUnder(ctx context.Context, sc *scene, post *Post) error {
	media, err := list[*Media](ctx, s.Store, post.Board, KindMedia)
	if err != nil {
		return err
	}
	for _, m := range media {
		if m.Post != post.ID {
			continue
		}
		_, err := change(ctx, s, sc, KeyOf(m), 0, doing{}, func(m *Media) (bool, error) {
			if m.Deleted() {
				return false, nil
			}
			m.DeletedAt = s.now()
			erase(m)
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// emptySection does for good what a section's deletion said of its posts.
func (s *Service) emptySection(ctx context.Context, sc *scene, sec *Section) error {
	posts, err := list[*Post](ctx, s.Store, sec.Board, KindPost)
	if err != nil {
		return err
	}
	for _, post := range posts {
		if post.Section != sec.ID {
			continue
		}
		_, err := change(ctx, s, sc, KeyOf(post), 0, doing{}, func(post *Post) (bool, error) {
			switch {
			case post.Deleted() || post.Section != sec.ID:
				return false, nil
			case sec.Fate == FateDelete:
				post.trash(sc.now, "")
				post.PurgeAt = sc.now // with the section
			default:
				post.Section = sec.MovedTo
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// forget erases what the activity log keeps of a document's content.
func (s *Service) forget(ctx context.Context, sc *scene, doc Document) error {
	acts, err := s.actsOn(ctx, KeyOf(doc))
	if err != nil {
		return err
	}
	for _, act := range acts {
		_, err := change(ctx, s, sc, KeyOf(act), 0, doing{}, func(act *Act) (bool, error) {
			if act.Done.Before == "" && act.Done.Label == "" {
				return false, nil
			}
			act.Done.Before, act.Done.Label = "", ""
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// erase leaves of a document only what every tombstone has.
func erase(doc Document) {
	head := *doc.Head()
	head.ShownTo = slices.DeleteFunc(slices.Clone(head.ShownTo), func(a Audience) bool { _, personal := a.person(); return personal })
	head.PurgeAt, head.DeletedBy, head.Deed = time.Time{}, "", nil
	if doc.Kind() != KindComment { // its post has one comment fewer
		head.Parent = ""
	}
	reflect.ValueOf(doc).Elem().SetZero()
	*doc.Head() = head
}

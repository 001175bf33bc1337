package board

import (
	"context"
	"time"
)

// purgeBatch bounds what one sweep takes on.
const purgeBatch = 100

// Purge erases the content of tombstones whose time to be undone is over, and
// tells how many. The media of a post go before the post, so that a crash in
// between leaves the work to be found again.
func (s *Service) Purge(ctx context.Context, due Purger) (int, error) {
	docs, err := due.DueForPurge(ctx, s.now(), purgeBatch)
	if err != nil {
		return 0, err
	}
	for i, doc := range docs {
		if err := s.purge(ctx, doc); err != nil {
			return i, err
		}
	}
	return len(docs), nil
}

func (s *Service) purge(ctx context.Context, doc Document) error {
	if post, ok := doc.(*Post); ok {
		if err := s.purgeMedia(ctx, post); err != nil {
			return err
		}
	}
	_, err := change(ctx, s, KeyOf(doc), 0, func(d Document) (bool, error) {
		if !d.Head().Deleted() || d.Head().PurgeAt.IsZero() {
			return false, nil // restored or purged meanwhile
		}
		erase(d)
		return true, nil
	})
	return err
}

// purgeMedia makes bare tombstones of the uploads that a dead post showed.
func (s *Service) purgeMedia(ctx context.Context, post *Post) error {
	media, err := s.Store.List(ctx, post.Board, KindMedia)
	if err != nil {
		return err
	}
	for _, doc := range media {
		if m, ok := doc.(*Media); !ok || m.Post != post.ID {
			continue
		}
		_, err := change(ctx, s, KeyOf(doc), 0, func(m *Media) (bool, error) {
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

// erase leaves of a document only what every tombstone has.
func erase(doc Document) {
	head := *doc.Head()
	head.PurgeAt, head.DeletedBy = time.Time{}, ""
	switch d := doc.(type) {
	case *Post:
		*d = Post{}
	case *Media:
		*d = Media{}
	case *Board:
		*d = Board{}
	case *Link:
		*d = Link{}
	}
	*doc.Head() = head
}

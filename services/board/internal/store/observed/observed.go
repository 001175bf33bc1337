// Package observed tells observers, such as traces, of each operation of a store:
// around the port, so that no engine knows of them.
package observed

import (
	"context"
	"io"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Store is all that is observed.
type Store interface {
	board.Store
	board.Outbox
	board.Purger
	board.Vault
	io.Closer
	Check(ctx context.Context) error
}

// Operation is what is asked of the store: of few values.
type Operation string

// The operations.
const (
	Get           Operation = "get"
	List          Operation = "list"
	ListUnder     Operation = "list under"
	Latest        Operation = "latest"
	Trashed       Operation = "trashed"
	Catalogued    Operation = "catalogued"
	Insert        Operation = "insert"
	Replace       Operation = "replace"
	Unpublished   Operation = "unpublished"
	MarkPublished Operation = "mark published"
	DueForPurge   Operation = "due for purge"
	Scan          Operation = "scan"
	Restore       Operation = "restore"
	Check         Operation = "check"
)

// Observer is told that an operation begins, on documents of one kind where that is
// so; what it gives is called when it has ended. The context it gives is the
// operation's.
type Observer func(ctx context.Context, op Operation, kind board.Kind) (context.Context, func(error))

// Wrap gives a store that observers are told of, in order. Without any it is the
// store itself.
func Wrap(s Store, observers ...Observer) Store {
	if len(observers) == 0 {
		return s
	}
	return &store{s, observers}
}

type store struct {
	Store
	observers []Observer
}

func (s *store) begin(ctx context.Context, op Operation, kind board.Kind) (context.Context, func(error)) {
	if len(s.observers) == 1 {
		return s.observers[0](ctx, op, kind)
	}
	ends := make([]func(error), len(s.observers))
	for i, o := range s.observers {
		ctx, ends[i] = o(ctx, op, kind)
	}
	return ctx, func(err error) {
		for i := len(ends) - 1; i >= 0; i-- {
			ends[i](err)
		}
	}
}

// seen does an operation that gives something.
func seen[T any](ctx context.Context, s *store, op Operation, kind board.Kind, do func(context.Context) (T, error)) (T, error) {
	ctx, end := s.begin(ctx, op, kind)
	out, err := do(ctx)
	end(err)
	return out, err
}

// done does an operation that gives nothing.
func done(ctx context.Context, s *store, op Operation, kind board.Kind, do func(context.Context) error) error {
	ctx, end := s.begin(ctx, op, kind)
	err := do(ctx)
	end(err)
	return err
}

// Get implements board.Store.
func (s *store) Get(ctx context.Context, key board.Key) (board.Document, error) {
	return seen(ctx, s, Get, key.Kind, func(ctx context.Context) (board.Document, error) { return s.Store.Get(ctx, key) })
}

// List implements board.Store.
func (s *store) List(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return seen(ctx, s, List, kind, func(ctx context.Context) ([]board.Document, error) { return s.Store.List(ctx, on, kind) })
}

// ListUnder implements board.Store.
func (s *store) ListUnder(ctx context.Context, on board.ID, kind board.Kind, parent board.ID) ([]board.Document, error) {
	return seen(ctx, s, ListUnder, kind, func(ctx context.Context) ([]board.Document, error) {
		return s.Store.ListUnder(ctx, on, kind, parent)
	})
}

// Latest implements board.Store.
func (s *store) Latest(ctx context.Context, on board.ID, kind board.Kind, below board.ID, limit int) ([]board.Document, error) {
	return seen(ctx, s, Latest, kind, func(ctx context.Context) ([]board.Document, error) {
		return s.Store.Latest(ctx, on, kind, below, limit)
	})
}

// Trashed implements board.Store.
func (s *store) Trashed(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return seen(ctx, s, Trashed, kind, func(ctx context.Context) ([]board.Document, error) { return s.Store.Trashed(ctx, on, kind) })
}

// Catalogued implements board.Store.
func (s *store) Catalogued(ctx context.Context, kind board.Kind, above board.Place, limit int) ([]board.Document, error) {
	return seen(ctx, s, Catalogued, kind, func(ctx context.Context) ([]board.Document, error) {
		return s.Store.Catalogued(ctx, kind, above, limit)
	})
}

// Insert implements board.Store.
func (s *store) Insert(ctx context.Context, doc board.Document) error {
	return done(ctx, s, Insert, doc.Kind(), func(ctx context.Context) error { return s.Store.Insert(ctx, doc) })
}

// Replace implements board.Store.
func (s *store) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	return done(ctx, s, Replace, doc.Kind(), func(ctx context.Context) error { return s.Store.Replace(ctx, doc, expected) })
}

// Unpublished implements board.Outbox.
func (s *store) Unpublished(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return seen(ctx, s, Unpublished, "", func(ctx context.Context) ([]board.Document, error) {
		return s.Store.Unpublished(ctx, before, limit)
	})
}

// MarkPublished implements board.Outbox.
func (s *store) MarkPublished(ctx context.Context, published []board.Stamp) error {
	return done(ctx, s, MarkPublished, "", func(ctx context.Context) error { return s.Store.MarkPublished(ctx, published) })
}

// DueForPurge implements board.Purger.
func (s *store) DueForPurge(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return seen(ctx, s, DueForPurge, "", func(ctx context.Context) ([]board.Document, error) {
		return s.Store.DueForPurge(ctx, before, limit)
	})
}

// Scan implements board.Vault.
func (s *store) Scan(ctx context.Context, above board.Key, limit int) ([]board.Kept, error) {
	return seen(ctx, s, Scan, "", func(ctx context.Context) ([]board.Kept, error) { return s.Store.Scan(ctx, above, limit) })
}

// Restore implements board.Vault.
func (s *store) Restore(ctx context.Context, kept []board.Kept) error {
	return done(ctx, s, Restore, "", func(ctx context.Context) error { return s.Store.Restore(ctx, kept) })
}

// Check tells whether the store can be read.
func (s *store) Check(ctx context.Context) error {
	return done(ctx, s, Check, "", s.Store.Check)
}

package board_test

import (
	"context"
	"errors"
	"sync/atomic"

	"fresque.dev/services/board/internal/board"
)

var errAway = errors.New("the store is away")

// unlogged is a store that takes no acts while it is set so: what a crash, or a
// store that goes away, leaves between a change and its entry in the log.
type unlogged struct {
	board.Store
	acts atomic.Bool
	// left is how many more writes it takes, less one; 0 for as many as there are.
	left atomic.Int64
	// reads counts the documents that were asked for one by one.
	reads atomic.Int64
}

func (s *unlogged) Get(ctx context.Context, key board.Key) (board.Document, error) {
	s.reads.Add(1)
	return s.Store.Get(ctx, key)
}

var errWriteFailed = errors.New("killed")

// failWrites lets so many more writes through and none after them; -1 lets all
// through again.
func (s *unlogged) failWrites(after int) { s.left.Store(int64(after) + 1) }

func (s *unlogged) write() error {
	for {
		left := s.left.Load()
		switch {
		case left == 0:
			return nil
		case left == 1:
			return errWriteFailed
		case s.left.CompareAndSwap(left, left-1):
			return nil
		}
	}
}

func (s *unlogged) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	if err := s.write(); err != nil {
		return err
	}
	return s.Store.Replace(ctx, doc, expected)
}

func (s *unlogged) Insert(ctx context.Context, doc board.Document) error {
	if doc.Kind() == board.KindAct && s.acts.Load() {
		return errAway
	}
	if err := s.write(); err != nil {
		return err
	}
	return s.Store.Insert(ctx, doc)
}

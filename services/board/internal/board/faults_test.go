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
}

func (s *unlogged) Insert(ctx context.Context, doc board.Document) error {
	if doc.Kind() == board.KindAct && s.acts.Load() {
		return errAway
	}
	return s.Store.Insert(ctx, doc)
}

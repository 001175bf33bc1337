package board_test

import (
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

func TestManyTryTheStoreAtOnce(t *testing.T) {
	f := newFixture(t)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			if err := board.TryStore(t.Context(), f.store, time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
}

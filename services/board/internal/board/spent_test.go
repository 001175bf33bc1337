package board_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

func TestWhatIsUsedOnceIsUsedOnceByAll(t *testing.T) {
	f := newFixture(t)
	platform, until := testID(900), f.clock.Now().Add(time.Minute)
	var used atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			fresh, err := f.Spend(t.Context(), platform, "ticket 1", until)
			if err != nil {
				t.Error(err)
			}
			if fresh {
				used.Add(1)
			}
		})
	}
	all.Wait()
	if used.Load() != 1 {
		t.Fatalf("it was used %d times", used.Load())
	}
	for name, tc := range map[string]struct {
		platform board.ID
		what     string
		fresh    bool
	}{"the same": {platform, "ticket 1", false}, "another": {platform, "ticket 2", true}, "of another platform": {testID(901), "ticket 1", true}} {
		if fresh, err := f.Spend(t.Context(), tc.platform, tc.what, until); err != nil || fresh != tc.fresh {
			t.Errorf("%s: %v, %v", name, fresh, err)
		}
	}
	// A service that starts anew over the same store knows of it.
	again := board.NewService(board.Deps{Store: f.store, Announce: f, Clock: f.clock, IDs: &counter{}})
	if fresh, err := again.Spend(t.Context(), platform, "ticket 1", until); err != nil || fresh {
		t.Fatalf("after a restart: %v, %v", fresh, err)
	}
}

func TestWhatCouldNotBeWrittenDownWasNotUsed(t *testing.T) {
	f := newFixture(t)
	until := f.clock.Now().Add(time.Minute)
	for writes := range 2 {
		f.faults.failWrites(writes)
		fresh, err := f.Spend(t.Context(), testID(900), "ticket 1", until)
		f.faults.failWrites(-1)
		if fresh || err == nil {
			t.Fatalf("after %d writes: %v, %v", writes, fresh, err)
		}
	}
	if fresh, err := f.Spend(t.Context(), testID(900), "ticket 1", until); err != nil || !fresh {
		t.Fatalf("%v, %v", fresh, err)
	}
}

func TestWhatIsUsedUpIsForgotten(t *testing.T) {
	f := newFixture(t)
	for i := range 150 {
		if fresh, err := f.Spend(t.Context(), testID(900), fmt.Sprint(i), f.clock.Now().Add(time.Minute)); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		f.clock.pass(3 * time.Minute)
	}
	kept := 0
	for _, d := range of[*board.Spent](f, testID(900), board.KindSpent) {
		kept += len(d.Marks)
	}
	if kept > 64 || kept < 30 {
		t.Fatalf("%d marks are kept of 150", kept)
	}
}

package bus_test

import (
	"testing"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

// TestForgottenEventsAreNotReplayed: what comes next follows on all the same.
func TestForgottenEventsAreNotReplayed(t *testing.T) {
	store, b := openStore(t), openBus(t, natstest.Start(t).ConnectAs(subject.BoardService), 1000)
	var got recorder
	stop, err := b.Follow(wall, got.add)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p := bus.NewPublisher(b, store, settled, time.Now)
	running(t, p)
	tell := func(n int) {
		t.Helper()
		doc := post(n, 1)
		if err := store.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
		before := len(got.all())
		p.Announce(t.Context(), doc)
		eventually(t, "an event", func() bool { return len(got.all()) > before })
	}
	if err := b.ForgetEvents(t.Context(), wall); err != nil {
		t.Fatalf("of a board without events: %v", err)
	}
	for n := range 3 {
		tell(n + 10)
	}
	first, last := got.all()[0].Position, got.all()[2].Position
	if err := b.ForgetEvents(t.Context(), wall); err != nil {
		t.Fatal(err)
	}
	if at, err := b.Position(t.Context(), wall); err != nil || at != last {
		t.Errorf("the position is %v, %v; it was %v", at, err, last)
	}
	if events, whole, err := b.Replay(t.Context(), wall, first, 10); err != nil || whole {
		t.Errorf("replayed from the first: %d events, %v, %v", len(events), whole, err)
	}
	tell(20)
	if next := got.all()[3]; next.Prev != last.Seq {
		t.Errorf("the next follows %d, not %d", next.Prev, last.Seq)
	}
	events, whole, err := b.Replay(t.Context(), wall, last, 10)
	if err != nil || !whole || len(events) != 1 || events[0].Doc.Head().ID != post(20, 1).ID {
		t.Errorf("replayed from the last: %v, %v, %v", events, whole, err)
	}
}

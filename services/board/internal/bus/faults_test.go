//go:build faults

package bus_test

import (
	"strings"
	"testing"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

func TestS10_AnEventThatTheConnectionDroppedComesAllTheSame(t *testing.T) {
	server := natstest.Start(t)
	nc := server.ConnectAs(subject.BoardService)
	b := openBus(t, nc, 100_000)
	kept(t, b)
	// Events are held up until more have come than a subscription may hold.
	var got recorder
	held := make(chan struct{})
	stop, err := b.Follow(wall, func(e board.Event) { <-held; got.add(e) })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	js := admin(t, server)
	var last uint64
	large := post(10, 1)
	large.Body = strings.Repeat("x", 512<<10)
	data, err := bus.Encode(large)
	if err != nil {
		t.Fatal(err)
	}
	for range 140 { // 70 MiB, of 64 that may wait
		ack, err := js.Publish(t.Context(), subject.BoardEvents(string(wall)), data)
		if err != nil {
			t.Fatal(err)
		}
		last = ack.Sequence
	}
	eventually(t, "all of it has reached the connection", func() bool { return nc.Stats().InBytes >= last*uint64(len(data)) })
	close(held)
	eventually(t, "the last event", func() bool {
		all := got.all()
		return len(all) > 0 && all[len(all)-1].Seq == last
	})
	if all := got.all(); all[len(all)-1].Prev != last {
		t.Fatalf("it looks as if nothing was lost: %+v", all[len(all)-1].Position)
	}
}

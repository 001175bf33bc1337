package bus_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

// kept keeps a bus until the test ends, and counts its calls.
func kept(t *testing.T, b *bus.Bus) *atomic.Int32 {
	t.Helper()
	missed := new(atomic.Int32)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { b.Keep(ctx, func() { missed.Add(1) }); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return missed
}

func admin(t *testing.T, server *natstest.Server) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(server.Connect())
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func position(t *testing.T, b *bus.Bus) board.Position {
	t.Helper()
	at, err := b.Position(t.Context(), wall)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestS9_AStreamThatIsDeletedUnderALiveConnectionIsMadeAnewWithAnotherEpoch(t *testing.T) {
	server := natstest.Start(t)
	b := openBus(t, server.ConnectAs(subject.BoardService), 1000)
	store := openStore(t)
	missed := kept(t, b)
	p := bus.NewPublisher(b, store, settled, time.Now)
	running(t, p)
	before := position(t, b)
	if err := admin(t, server).DeleteStream(t.Context(), subject.BoardStream); err != nil {
		t.Fatal(err)
	}
	doc := post(10, 1)
	if err := store.Insert(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	p.Announce(t.Context(), doc)
	eventually(t, "the change is in the new stream", func() bool {
		at, err := b.Position(t.Context(), wall)
		return err == nil && at.Seq == 1 && at.Epoch != before.Epoch
	})
	if missed.Load() != 1 {
		t.Fatalf("called back %d times", missed.Load())
	}
	if _, whole, err := b.Replay(t.Context(), wall, before, 10); whole || err != nil {
		t.Fatalf("an old cursor is taken for a new one: %v", err)
	}
}

func TestS9_AStreamThatAnotherReplicaMadeAnewIsNoticed(t *testing.T) {
	server := natstest.Start(t)
	b := openBus(t, server.ConnectAs(subject.BoardService), 1000)
	missed := kept(t, b)
	before := position(t, b)
	if err := admin(t, server).DeleteStream(t.Context(), subject.BoardStream); err != nil {
		t.Fatal(err)
	}
	openBus(t, server.ConnectAs(subject.BoardService), 1000)
	eventually(t, "another epoch", func() bool { return missed.Load() == 1 && position(t, b).Epoch != before.Epoch })
}

func TestTheBusOpensWithoutNATSAndWorksOnceItIsThere(t *testing.T) {
	server := natstest.Start(t)
	server.Stop()
	nc, err := nats.Connect(server.URL(), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	b := openBus(t, nc, 1000)
	missed := kept(t, b)
	if b.Connected() {
		t.Fatal("connected to nothing")
	}
	if _, err := b.Position(t.Context(), wall); err == nil {
		t.Fatal("a position without a stream")
	}
	if _, err := b.Follow(wall, func(board.Event) {}); err == nil {
		t.Fatal("followed nothing")
	}
	server.Restart()
	eventually(t, "it is called back", func() bool { return missed.Load() == 1 })
	position(t, b)
}

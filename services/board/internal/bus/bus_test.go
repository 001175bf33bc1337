package bus_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/natstest"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const wall = board.ID("00000000-0000-7000-8000-000000000001")

// settled is for changes that leave nothing to complete.
func settled(context.Context, board.Document) error { return nil }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func openBus(t *testing.T, nc *nats.Conn, keep int64) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), nc, bus.Config{Replicas: 1, MaxAge: time.Hour, MaxPerBoard: keep}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openStore(t *testing.T) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "board.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func post(n int, rev board.Rev) *board.Post {
	p := &board.Post{Title: fmt.Sprint("post ", n)}
	p.ID, p.Board, p.Rev = board.ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)), wall, rev
	return p
}

// running runs a publisher until the test ends.
func running(t *testing.T, p *bus.Publisher) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

// eventually waits for a condition, which must come true.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for range 2000 {
		if cond() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

type recorder struct {
	mu     sync.Mutex
	events []board.Event
}

func (r *recorder) add(e board.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}
func (r *recorder) all() []board.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]board.Event(nil), r.events...)
}

func TestS5_S6_AcceptedChangesComeOutInOrderAndMarksAreCleared(t *testing.T) {
	store, b := openStore(t), openBus(t, natstest.Start(t).ConnectAs(subject.BoardService), 1000)
	var got recorder
	stop, err := b.Follow(wall, got.add)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p := bus.NewPublisher(b, store, settled, time.Now)
	running(t, p)
	for n := range 50 {
		doc := post(n+10, 1)
		if err := store.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
		p.Announce(t.Context(), doc)
		p.Announce(t.Context(), doc) // a repeat is one message
	}
	eventually(t, "50 events", func() bool { return len(got.all()) == 50 })
	prev := uint64(0)
	for i, e := range got.all() {
		if e.Prev != prev || e.Seq <= prev || e.Doc.(*board.Post).Title != fmt.Sprint("post ", i+10) {
			t.Fatalf("event %d: %+v after %d", i, e, prev)
		}
		prev = e.Seq
	}
	eventually(t, "marks cleared", func() bool {
		left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100)
		return err == nil && len(left) == 0
	})
}

func TestS5_TheRelayPublishesWhatACrashLeft(t *testing.T) {
	store, b := openStore(t), openBus(t, natstest.Start(t).ConnectAs(subject.BoardService), 1000)
	if err := store.Insert(t.Context(), post(10, 1)); err != nil { // stored, never announced
		t.Fatal(err)
	}
	var got recorder
	stop, err := b.Follow(wall, got.add)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	later := func() time.Time { return time.Now().Add(time.Minute) }
	p := bus.NewPublisher(b, store, settled, later)
	sweeps := make(chan bus.Sweep, 100)
	p.Swept = func(s bus.Sweep) { sweeps <- s }
	running(t, p)
	eventually(t, "the event", func() bool { return len(got.all()) == 1 })
	for published := 0; published < 1; {
		s := <-sweeps
		if s.Failed || s.Took <= 0 || s.Found != s.Published || s.Found > 1 {
			t.Fatalf("%+v", s)
		}
		published += s.Published
	}
	if s := <-sweeps; s.Found != 0 || s.Failed {
		t.Errorf("after that: %+v", s)
	}
}

func TestS4_PublishingIsNotPartOfTheAcknowledgement(t *testing.T) {
	server := natstest.Start(t)
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	p := bus.NewPublisher(b, store, settled, func() time.Time { return time.Now().Add(time.Minute) })
	running(t, p)
	server.Stop()
	doc := post(10, 1)
	if err := store.Insert(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	p.Announce(t.Context(), doc) // does not block and does not fail
	server.Restart()
	eventually(t, "the event is in the stream", func() bool {
		at, err := b.Position(t.Context(), wall)
		return err == nil && at.Seq > 0
	})
}

func TestS9_Replay(t *testing.T) {
	store, b := openStore(t), openBus(t, natstest.Start(t).ConnectAs(subject.BoardService), 10)
	p := bus.NewPublisher(b, store, settled, time.Now)
	running(t, p)
	at := func() board.Position {
		pos, err := b.Position(t.Context(), wall)
		if err != nil {
			t.Fatal(err)
		}
		return pos
	}
	publish := func(from, to int) {
		before := at().Seq
		for n := from; n < to; n++ {
			p.Announce(t.Context(), post(n, 1))
		}
		eventually(t, "published", func() bool { return at().Seq >= before+uint64(to-from) })
	}
	start := at()
	publish(100, 104)
	middle := at()
	publish(104, 108)
	replay := func(after board.Position, limit int) ([]board.Event, bool) {
		events, whole, err := b.Replay(t.Context(), wall, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		return events, whole
	}
	if events, whole := replay(middle, 100); !whole || len(events) != 4 || events[0].Prev != middle.Seq {
		t.Fatalf("from the middle: %d, %v", len(events), whole)
	}
	if events, whole := replay(at(), 100); !whole || len(events) != 0 {
		t.Fatalf("from the end: %d, %v", len(events), whole)
	}
	if _, whole := replay(start, 100); whole {
		t.Fatal("from before the first event, what was dropped cannot be known")
	}
	if _, whole := replay(middle, 3); whole {
		t.Fatal("more than the limit")
	}
	if _, whole := replay(board.Position{Epoch: "other", Seq: middle.Seq}, 100); whole {
		t.Fatal("another epoch")
	}
	publish(200, 210) // the stream keeps 10 of a board
	if _, whole := replay(middle, 100); whole {
		t.Fatal("older than the stream")
	}
}

type advancer struct {
	mu   sync.Mutex
	news []board.MediaProgress
	fail int
}

func (a *advancer) AdvanceMedia(_ context.Context, news board.MediaProgress) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail > 0 {
		a.fail--
		return fault.New(fault.Unavailable, "store_unavailable")
	}
	a.news = append(a.news, news)
	return nil
}

func (a *advancer) all() []board.MediaProgress {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]board.MediaProgress(nil), a.news...)
}

func TestNewsOfUploadsIsAppliedAfterAFailureToo(t *testing.T) {
	server := natstest.Start(t)
	nc, b := server.Connect(), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: subject.MediaStream, Subjects: []string{subject.AllMediaEvents}}); err != nil {
		t.Fatal(err)
	}
	data, err := proto.Marshal(&mediav1.MediaChanged{BoardId: string(wall), MediaId: "m", State: &mediav1.MediaChanged_Ready{
		Ready: &mediav1.Ready{Picture: &mediav1.Picture{Width: 4, Height: 3}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range [][]byte{[]byte("\xff not protobuf"), data} {
		if _, err := js.Publish(t.Context(), subject.MediaEvents(string(wall)), payload); err != nil {
			t.Fatal(err)
		}
	}
	to := &advancer{fail: 1}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { b.FollowMedia(ctx, to); close(done) }()
	eventually(t, "the news is applied", func() bool { return len(to.all()) == 1 })
	cancel()
	<-done
	if n := to.all()[0]; n.State != board.MediaReady || n.Picture.Width != 4 || n.Media != "m" {
		t.Fatalf("got %+v", n)
	}
}

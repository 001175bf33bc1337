package bus

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/telemetry"
)

// follow is one board's live subscription.
type follow struct {
	board board.ID
	turn  uint32
	each  func(board.Event)
	sub   *nats.Subscription
	// seen is the sequence of the last event handed out.
	seen atomic.Uint64
	// drops is how many messages the connection had dropped at the last look.
	drops int

	mu      sync.Mutex // held while an event is handed out: one at a time
	stopped atomic.Bool
}

// Follow subscribes to a board's live subject, to which JetStream republishes
// what it has stored (rule S6). An event that got lost on its way comes later,
// by Keep: its Prev is then its own sequence, which is a gap to whoever counts.
func (b *Bus) Follow(id board.ID, each func(board.Event)) (func(), error) {
	if !b.Connected() {
		return nil, unavailable(nats.ErrDisconnected)
	}
	f := &follow{board: id, turn: turnOf(string(id)), each: each}
	sub, err := b.nc.Subscribe(subject.BoardLive(string(id)), func(m *nats.Msg) {
		_, epoch := b.current()
		e, err := eventOf(epoch, m.Header, m.Data)
		if err != nil {
			b.log.Error("event not understood", "board", string(id), "error", err)
			return
		}
		_, span := b.cfg.Tracer.Take(context.Background(), "apply event", m.Header)
		f.deliver(e)
		if span != (telemetry.Span{}) {
			span.Text("fresque.board", string(id))
			span.Text("fresque.kind", string(e.Doc.Kind()))
			span.End(nil)
		}
	})
	if err != nil {
		return nil, unavailable(err)
	}
	// The server must know of the subscription before anyone asks where the
	// board stands, or an event could fall between the two.
	if err := b.nc.FlushTimeout(requestTimeout); err != nil {
		_ = sub.Unsubscribe()
		return nil, unavailable(err)
	}
	f.sub = sub
	b.mu.Lock()
	b.follows[f] = struct{}{}
	b.mu.Unlock()
	return func() { b.unfollow(f) }, nil
}

// unfollow does not wait for an event that is being handed out: its receiver
// may be waiting for the caller.
func (b *Bus) unfollow(f *follow) {
	f.stopped.Store(true)
	_ = f.sub.Unsubscribe()
	b.mu.Lock()
	delete(b.follows, f)
	b.mu.Unlock()
}

// deliver hands out one event.
func (f *follow) deliver(e board.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped.Load() {
		return
	}
	f.seen.Store(e.Seq)
	f.each(e)
}

// dropped tells whether the connection has dropped messages since it was last
// asked. Only Keep asks.
func (f *follow) dropped() bool {
	n, err := f.sub.Dropped()
	if err != nil || n == f.drops {
		return false
	}
	f.drops = n
	return true
}

// eventAfterLoss is an event read back from the stream.
func eventAfterLoss(epoch string, seq uint64, doc board.Document) board.Event {
	return board.Event{Position: board.Position{Epoch: epoch, Seq: seq}, Prev: seq, Doc: doc}
}

package bus

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/streams"
)

const (
	// keepEvery is how often the stream is looked at, and keepAgain how soon
	// after a look that failed.
	keepEvery = 2 * time.Second
	keepAgain = 250 * time.Millisecond
	// tailRounds is in how many looks every board's last event is compared with
	// the one that came: JetStream keeps events, but the live subject may lose
	// one between servers, and nobody would tell.
	tailRounds = 15
)

// Keep looks after the stream until the context ends. It makes the stream when
// it is missing and learns its epoch. Whenever events may have been missed (the
// connection was away, or the stream is another one) it calls back, once the
// stream can be read again.
func (b *Bus) Keep(ctx context.Context, missed func()) {
	connected := b.nc.StatusChanged(nats.CONNECTED)
	defer b.nc.RemoveStatusListener(connected)
	lost := false
	for round := uint32(0); ; round++ {
		err := b.look(ctx, missed)
		if err == nil {
			b.checkTails(ctx, round)
		}
		if lost != (err != nil) && ctx.Err() == nil {
			lost = err != nil
			b.tell(err)
		}
		pause := time.NewTimer(keepEvery)
		if err != nil {
			pause.Reset(keepAgain)
		}
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case _, open := <-connected:
			if !open {
				connected = nil
			}
		case <-b.nudge:
		case <-pause.C:
		}
		pause.Stop()
	}
}

// tell logs a change for the worse or the better.
func (b *Bus) tell(err error) {
	if err != nil {
		b.log.Warn("events are out of reach; what is written waits", "error", err)
		return
	}
	b.log.Info("events are back")
}

// look makes sure of the stream once.
func (b *Bus) look(ctx context.Context, missed func()) error {
	if !b.nc.IsConnected() {
		return nats.ErrDisconnected
	}
	reconnects := b.nc.Stats().Reconnects
	_, before := b.current()
	if err := b.Refresh(ctx); err != nil {
		return err
	}
	_, after := b.current()
	if b.keptReconnects != reconnects || b.keptEpoch != after {
		if before != "" && before != after {
			b.log.Warn("the stream of events is another one; browsers start anew")
		}
		missed()
	}
	b.keptReconnects, b.keptEpoch = reconnects, after
	return nil
}

// Refresh makes sure that the stream is there and learns its epoch.
func (b *Bus) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, err := b.find(ctx)
	if err != nil {
		return err
	}
	epoch := strconv.FormatInt(stream.CachedInfo().Created.UnixNano(), 36)
	b.mu.Lock()
	defer b.mu.Unlock()
	if epoch != b.epoch {
		for f := range b.follows {
			f.seen.Store(0)
		}
	}
	b.stream, b.epoch = stream, epoch
	return nil
}

// find gives the stream, configured as it should be at the first time and made
// when it is missing.
func (b *Bus) find(ctx context.Context) (jetstream.Stream, error) {
	if known, _ := b.current(); known != nil {
		stream, err := b.js.Stream(ctx, subject.BoardStream)
		if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return stream, err
		}
		b.log.Error("the stream of events is gone; it must be made anew")
	}
	return b.keep.Stream(ctx, streams.Board(streams.Limits{Replicas: b.cfg.Replicas, Keep: b.cfg.MaxAge, PerBoard: b.cfg.MaxPerBoard}))
}

// suspect asks Keep to look now.
func (b *Bus) suspect() {
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}

// checkTails finds boards whose last event did not come: at once where the
// connection dropped messages, and all in turn.
func (b *Bus) checkTails(ctx context.Context, round uint32) {
	b.mu.RLock()
	var due []*follow
	for f := range b.follows {
		if f.turn == round%tailRounds || f.dropped() {
			due = append(due, f)
		}
	}
	b.mu.RUnlock()
	for _, f := range due {
		if err := b.checkTail(ctx, f); err != nil {
			b.log.Debug("a board's last event could not be compared", "board", string(f.board), "error", err)
			return
		}
	}
}

// checkTail hands out the board's last event if it has not come.
func (b *Bus) checkTail(ctx context.Context, f *follow) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	seen := f.seen.Load()
	stream, epoch := b.current()
	m, err := stream.GetLastMsgForSubject(ctx, subject.BoardEvents(string(f.board)))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if err != nil || m.Sequence <= seen {
		return err
	}
	doc, err := Decode(m.Data)
	if err != nil {
		return err
	}
	f.deliver(eventAfterLoss(epoch, m.Sequence, doc))
	return nil
}

// turnOf spreads boards over the rounds.
func turnOf(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32() % tailRounds
}

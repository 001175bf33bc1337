package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/streams"
)

const (
	// recountBatch is how many events are looked at together.
	recountBatch  = 256
	recountWithin = 30 * time.Second
	recountAtOnce = 4
	recountRetry  = 2 * time.Second
)

// Pace is how fast platforms are told. Tests have their own.
type Pace struct {
	// Every is how often one board is counted at the most, Quiet how long what
	// happens on one that names nobody waits for more.
	Every, Quiet time.Duration
	// First and Last are the shortest and the longest pause before a delivery is
	// tried again; after Patience it is given up.
	First, Last, Patience time.Duration
	// Look is how often it is looked whether any platform listens.
	Look time.Duration
	// Hold is how long a replica has for what it took on: by then another does it.
	// It is longer than any count and any try lasts.
	Hold time.Duration
}

// UsualPace is that of a service at work.
func UsualPace() Pace {
	return Pace{
		Every: 3 * time.Second, Quiet: 10 * time.Minute, First: 10 * time.Second, Last: time.Hour, Patience: 24 * time.Hour,
		Look: 10 * time.Second, Hold: streams.Hold,
	}
}

// Recounter looks at what has become of a board.
type Recounter interface {
	HasWebhooks(ctx context.Context) (bool, error)
	Recount(ctx context.Context, board board.ID, at time.Time, quiet time.Duration) (time.Duration, error)
}

// FollowChanges has every board counted on which something has changed, until the
// context ends. All replicas share the work. As long as no platform listens nothing
// is read; the first time that one does, all events that are still there are.
func (b *Bus) FollowChanges(ctx context.Context, pace Pace, to Recounter) {
	f := &changeFollower{bus: b, pace: pace, to: to, counted: make(map[board.ID]time.Time)}
	b.keepAt(ctx, "the changes of boards", pace.Look, func(ctx context.Context) error {
		if heard, err := to.HasWebhooks(ctx); err != nil || !heard {
			return err
		}
		c, err := b.keep.Consumer(ctx, subject.BoardStream, streams.Changes(pace.Hold))
		if err != nil {
			return err
		}
		return f.follow(ctx, c)
	})
}

// keepAt does something again and again until the context ends, with pauses
// between.
func (b *Bus) keepAt(ctx context.Context, what string, pause time.Duration, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			b.log.Debug("waiting for "+what, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(pause, openLast)):
		}
	}
}

// changeFollower is one replica's share of the counting.
type changeFollower struct {
	bus  *Bus
	pace Pace
	to   Recounter
	// counted is when boards were last counted here.
	counted map[board.ID]time.Time
}

// follow runs until the context ends or the consumer is lost.
func (f *changeFollower) follow(ctx context.Context, c jetstream.Consumer) error {
	for ctx.Err() == nil {
		batch, err := c.FetchNoWait(recountBatch)
		if err != nil {
			return err
		}
		boards, n := make(map[board.ID][]jetstream.Msg), 0
		for m := range batch.Messages() {
			id := board.ID(subject.BoardOf(m.Subject()))
			boards[id] = append(boards[id], m)
			n++
		}
		if err := batch.Error(); err != nil {
			return err // what came with it comes again
		}
		f.countAll(ctx, boards)
		if n == recountBatch {
			continue
		}
		// What comes meanwhile is counted together.
		select {
		case <-ctx.Done():
		case <-time.After(f.pace.Every / 3):
		}
	}
	return nil
}

// countAll counts the boards of a batch, but those that were counted a moment ago:
// their turn comes again.
func (f *changeFollower) countAll(ctx context.Context, boards map[board.ID][]jetstream.Msg) {
	var work errgroup.Group
	work.SetLimit(recountAtOnce)
	now := time.Now()
	for id, at := range f.counted {
		if now.Sub(at) >= f.pace.Every {
			delete(f.counted, id)
		}
	}
	for id, events := range boards {
		if at, ok := f.counted[id]; ok {
			later(events, f.pace.Every-now.Sub(at))
			continue
		}
		f.counted[id] = now
		work.Go(func() error {
			f.count(ctx, id, events)
			return nil
		})
	}
	_ = work.Wait() // a failure is that board's, and told
}

func (f *changeFollower) count(ctx context.Context, id board.ID, events []jetstream.Msg) {
	ctx, cancel := context.WithTimeout(ctx, recountWithin)
	defer cancel()
	ctx, span := f.bus.cfg.Tracer.Take(ctx, "recount a board", events[len(events)-1].Headers())
	span.Text("fresque.board", string(id))
	wait, err := f.to.Recount(ctx, id, oldest(events), f.pace.Quiet)
	span.End(err)
	switch {
	case err != nil:
		f.bus.log.Warn("who takes part in a board is not told yet", "board", string(id), "error", err)
		later(events, recountRetry)
	case wait > 0:
		later(events, wait)
	default:
		for _, m := range events {
			_ = m.Ack()
		}
	}
}

// oldest is when the first of some events was: a board on which something always
// happens is told of all the same.
func oldest(events []jetstream.Msg) time.Time {
	at := time.Now()
	for _, m := range events {
		if meta, err := m.Metadata(); err == nil && meta.Timestamp.Before(at) {
			at = meta.Timestamp
		}
	}
	return at
}

// later has messages come again.
func later(messages []jetstream.Msg, wait time.Duration) {
	for _, m := range messages {
		_ = m.NakWithDelay(max(wait, time.Millisecond))
	}
}

package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/streams"
)

const (
	// deliverWithin is longer than any try lasts.
	deliverWithin = 20 * time.Second
	deliverAtOnce = 32
	// notWritten is how long the notice of a delivery may come after it, and
	// notWrittenAgain how soon it is looked for again.
	notWritten      = 5 * time.Minute
	notWrittenAgain = 500 * time.Millisecond
)

// Deliverer carries notices to platforms.
type Deliverer interface {
	HasWebhooks(ctx context.Context) (bool, error)
	Deliver(ctx context.Context, d board.Delivery, patient bool) error
	Bury(ctx context.Context, d board.Delivery, since time.Time, why string) error
}

// Put makes a delivery wait; it takes the place of an earlier one of the same
// participant. It is durable when this returns.
func (b *Bus) Put(ctx context.Context, d board.Delivery) error {
	if err := b.ensureDeliveries(ctx); err != nil {
		return unavailable(err)
	}
	to := subject.Delivery(string(d.Platform), string(d.Board), string(d.Participant))
	m := nats.NewMsg(to)
	m.Data = []byte(strconv.FormatInt(int64(d.Rev), 10))
	ctx, span := b.cfg.Tracer.Send(ctx, "publish delivery", m.Header)
	_, err := b.js.PublishMsg(ctx, m)
	span.End(err)
	if err != nil {
		b.deliveries.Store(false)
		return unavailable(err)
	}
	return nil
}

// ensureDeliveries makes the stream of deliveries, or brings it up to date, once.
// One that is as it should be is left alone.
func (b *Bus) ensureDeliveries(ctx context.Context) error {
	if b.deliveries.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	_, err := b.keep.Stream(ctx, streams.Deliveries(b.cfg.Replicas))
	b.deliveries.Store(err == nil)
	return err
}

// Waiting lists deliveries of a platform that were not taken yet, in the order of
// their boards, at most limit, and counts all.
func (b *Bus) Waiting(ctx context.Context, platform board.ID, limit int) ([]board.WaitingDelivery, int, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, err := b.js.Stream(ctx, subject.DeliveryStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, unavailable(err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subject.Deliveries(string(platform))))
	if err != nil {
		return nil, 0, unavailable(err)
	}
	subjects := make([]string, 0, len(info.State.Subjects))
	for name := range info.State.Subjects {
		subjects = append(subjects, name)
	}
	slices.Sort(subjects)
	var out []board.WaitingDelivery
	for _, name := range subjects[:min(limit, len(subjects))] {
		d, ok := deliveryOf(name, nil)
		m, err := stream.GetLastMsgForSubject(ctx, name)
		if errors.Is(err, jetstream.ErrMsgNotFound) || !ok {
			continue // taken meanwhile
		}
		if err != nil {
			return nil, 0, unavailable(err)
		}
		out = append(out, board.WaitingDelivery{Delivery: d, Since: m.Time})
	}
	return out, len(subjects), nil
}

// DeliveriesWaiting counts the deliveries of all platforms that were not taken yet.
func (b *Bus) DeliveriesWaiting(ctx context.Context) (uint64, error) {
	if !b.Connected() {
		return 0, unavailable(errors.New("away"))
	}
	stream, err := b.js.Stream(ctx, subject.DeliveryStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, unavailable(err)
	}
	return stream.CachedInfo().State.Msgs, nil
}

func deliveryOf(name string, data []byte) (board.Delivery, bool) {
	platform, on, participant, ok := subject.DeliveryOf(name)
	rev, err := strconv.ParseInt(string(data), 10, 64)
	d := board.Delivery{Platform: board.ID(platform), Board: board.ID(on), Participant: board.ID(participant), Rev: board.Rev(rev)}
	return d, ok && (err == nil || data == nil)
}

// FollowDeliveries carries what waits until the context ends. All replicas share
// the work.
func (b *Bus) FollowDeliveries(ctx context.Context, pace Pace, to Deliverer) {
	c := &carrier{bus: b, pace: pace, to: to, gates: newGates(pace), slots: make(chan struct{}, deliverAtOnce)}
	b.keepAt(ctx, "deliveries", pace.Look, func(ctx context.Context) error {
		if heard, err := to.HasWebhooks(ctx); err != nil || !heard {
			return err
		}
		if err := b.ensureDeliveries(ctx); err != nil {
			return err
		}
		consumer, err := b.keep.Consumer(ctx, subject.DeliveryStream, streams.Carrier(pace.Hold))
		if err != nil {
			return err
		}
		return c.follow(ctx, consumer)
	})
}

// carrier is one replica's share of the deliveries.
type carrier struct {
	bus   *Bus
	pace  Pace
	to    Deliverer
	gates *gates
	// slots bounds the deliveries under way.
	slots chan struct{}
	work  sync.WaitGroup
}

// follow runs until the context ends or the consumer is lost.
func (c *carrier) follow(ctx context.Context, from jetstream.Consumer) error {
	messages, err := from.Messages(jetstream.PullMaxMessages(deliverAtOnce))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer c.work.Wait()
	defer stop()
	defer messages.Stop()
	for {
		m, err := messages.Next()
		if err != nil {
			c.bus.deliveries.Store(false) // it may be gone
			return err
		}
		c.take(ctx, m)
	}
}

// take looks at one delivery: it is carried, given up, or comes again later.
// Nothing waits here for a site that is slow or down.
func (c *carrier) take(ctx context.Context, m jetstream.Msg) {
	d, ok := deliveryOf(m.Subject(), m.Data())
	meta, err := m.Metadata()
	if !ok || err != nil {
		c.bus.log.Error("delivery not understood", "subject", m.Subject(), "error", err)
		_ = m.Term()
		return
	}
	age := time.Since(meta.Timestamp)
	pass, wait, why := c.gates.pass(d.Platform, time.Now())
	switch {
	case pass == nil && why != "" && age > c.pace.Patience:
		c.bury(ctx, m, d, meta.Timestamp, why)
	case pass == nil:
		_ = m.NakWithDelay(spread(wait))
	default:
		c.slots <- struct{}{}
		c.work.Go(func() {
			defer func() { <-c.slots }()
			c.deliver(ctx, m, d, meta.Timestamp, pass)
		})
	}
}

// deliver carries one delivery, and tells its platform's gate how that went.
func (c *carrier) deliver(ctx context.Context, m jetstream.Msg, d board.Delivery, since time.Time, pass *pass) {
	trying, cancel := context.WithTimeout(ctx, deliverWithin)
	defer cancel()
	age := time.Since(since)
	trying, span := c.bus.cfg.Tracer.Take(trying, "deliver notice", m.Headers())
	span.Text("fresque.platform", string(d.Platform))
	span.Text("fresque.board", string(d.Board))
	err := c.to.Deliver(trying, d, age < notWritten)
	span.End(err)
	untaken, refused := errors.AsType[*board.Untaken](err)
	switch {
	case err == nil:
		pass.done(nil, time.Now())
		_ = m.Ack()
	case ctx.Err() != nil: // this replica ends: another one goes on
		pass.back()
		_ = m.Nak()
	case !refused:
		pass.back()
		if !errors.Is(err, board.ErrNotWritten) {
			c.bus.log.Warn("delivery not tried yet", "board", string(d.Board), "error", err)
		}
		_ = m.NakWithDelay(spread(notWrittenAgain))
	default:
		pass.done(untaken, time.Now())
		c.bus.log.Warn("a platform did not take a notice", "platform", string(d.Platform), "board", string(d.Board), "why", untaken.Why)
		if age > c.pace.Patience {
			c.bury(ctx, m, d, since, untaken.Why)
			return
		}
		// As long again as it has waited: the pauses double.
		_ = m.NakWithDelay(spread(max(min(max(age, c.pace.First), c.pace.Last), untaken.RetryAfter)))
	}
}

// bury gives a delivery up.
func (c *carrier) bury(ctx context.Context, m jetstream.Msg, d board.Delivery, since time.Time, why string) {
	if err := c.to.Bury(ctx, d, since, why); err != nil {
		c.bus.log.Warn("delivery not given up yet", "board", string(d.Board), "error", err)
		_ = m.NakWithDelay(spread(c.pace.First))
		return
	}
	c.bus.log.Error("a delivery was given up", "platform", string(d.Platform), "board", string(d.Board), "why", why)
	_ = m.Ack()
}

// spread is a pause up to a fifth longer, by chance, so that what waited together
// does not come back together.
func spread(pause time.Duration) time.Duration {
	pause = max(pause, time.Millisecond)
	return pause + rand.N(pause/5+1)
}

package bus

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	// publishQueue is how many changes wait to be published; what does not fit
	// is left to the relay.
	publishQueue = 4096
	// publishPending bounds the messages that NATS has not acknowledged.
	publishPending = 4096
	publishTimeout = 5 * time.Second
	// markBatch is how many marks are cleared in one write.
	markBatch = 256
	// relayEvery is how often the relay looks for marks that were left, and
	// relayAfter how old a mark must be: younger ones are on their way.
	relayEvery = 2 * time.Second
	relayAfter = 5 * time.Second
	relayBatch = 500
)

func unavailable(err error) error { return fault.Wrap(fault.Unavailable, "events_unavailable", err) }

// Publisher publishes accepted changes and clears their marks. It is the
// board.Announcer.
type Publisher struct {
	bus    *Bus
	outbox board.Outbox
	queue  chan board.Document
	sent   chan receipt
	now    func() time.Time
}

// receipt is a message on its way.
type receipt struct {
	stamp board.Stamp
	ack   jetstream.PubAckFuture
}

// NewPublisher makes a publisher; Run does the work.
func NewPublisher(b *Bus, outbox board.Outbox, now func() time.Time) *Publisher {
	return &Publisher{
		bus: b, outbox: outbox, now: now,
		queue: make(chan board.Document, publishQueue),
		sent:  make(chan receipt, publishPending),
	}
}

// Announce queues a change; when the queue is full the relay will find it.
func (p *Publisher) Announce(doc board.Document) {
	select {
	case p.queue <- doc:
	default:
	}
}

// Run publishes until the context ends, then what is queued still.
func (p *Publisher) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { p.publish(ctx) })
	wg.Go(p.clear)
	wg.Go(func() { p.relay(ctx) })
	wg.Wait()
}

func (p *Publisher) publish(ctx context.Context) {
	defer close(p.sent)
	for {
		select {
		case doc := <-p.queue:
			p.send(doc)
		case <-ctx.Done():
			for {
				select {
				case doc := <-p.queue:
					p.send(doc)
				default:
					return
				}
			}
		}
	}
}

// send publishes one document; a failure leaves its mark to the relay.
func (p *Publisher) send(doc board.Document) {
	data, err := encode(doc)
	if err != nil {
		p.bus.log.Error("document not published", "kind", string(doc.Kind()), "error", err)
		return
	}
	head := doc.Head()
	m := nats.NewMsg(subject.BoardEvents(string(head.Board)))
	m.Data = data
	m.Header.Set(jetstream.MsgIDHeader, string(head.ID)+":"+strconv.FormatInt(int64(head.Rev), 10))
	ack, err := p.bus.js.PublishMsgAsync(m)
	if err != nil {
		p.bus.log.Warn("event not published yet", "board", string(head.Board), "error", err)
		return
	}
	p.sent <- receipt{stamp: board.Stamp{Key: board.KeyOf(doc), Rev: head.Rev}, ack: ack}
}

// clear waits for acknowledgements in order, and clears marks many at a time.
func (p *Publisher) clear() {
	var done []board.Stamp
	flush := func() {
		if len(done) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
		defer cancel()
		if err := p.outbox.MarkPublished(ctx, done); err != nil {
			p.bus.log.Warn("marks not cleared; the relay will repeat them", "error", err)
		}
		done = done[:0]
	}
	defer flush()
	for r := range p.sent {
		select {
		case <-r.ack.Ok():
			done = append(done, r.stamp)
		case err := <-r.ack.Err():
			p.bus.log.Warn("event not acknowledged yet", "board", string(r.stamp.Board), "error", err)
		}
		if len(p.sent) == 0 || len(done) == markBatch {
			flush()
		}
	}
}

// relay finds what a crash or an outage left unpublished.
func (p *Publisher) relay(ctx context.Context) {
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if p.bus.nc.IsConnected() && len(p.queue) == 0 {
				p.sweep(ctx)
			}
		}
	}
}

func (p *Publisher) sweep(ctx context.Context) {
	docs, err := p.outbox.Unpublished(ctx, p.now().Add(-relayAfter), relayBatch)
	if err != nil {
		p.bus.log.Warn("relay could not read the marks", "error", err)
		return
	}
	if len(docs) > 0 {
		p.bus.log.Info("relay publishes what was left", "events", len(docs))
	}
	for _, doc := range docs {
		p.Announce(doc)
	}
}

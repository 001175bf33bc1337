package bus

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/telemetry"
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
	// relayAfter how old a mark must be: younger ones are on their way. Together
	// they bound how late an event is whose replica was killed.
	relayEvery = time.Second
	relayAfter = 2 * time.Second
	relayBatch = 500
	// settleAtOnce is how many changes the relay completes together.
	settleAtOnce = 16
	// allMarks makes a sweep look at marks of every age, whatever the clocks of
	// the replicas say.
	allMarks = -24 * time.Hour
)

var errNotStored = errors.New("not stored yet")

func unavailable(err error) error { return fault.Wrap(fault.Unavailable, "events_unavailable", err) }

// Publisher publishes accepted changes and clears their marks. It is the
// board.Announcer.
type Publisher struct {
	bus    *Bus
	outbox board.Outbox
	settle func(context.Context, board.Document) error
	queue  chan announced
	sent   chan receipt
	behind chan struct{}
	now    func() time.Time
	// Swept is told of each sweep of the relay; nil for nobody. It is set before Run.
	Swept func(Sweep)
}

// Sweep is how a sweep of the relay went.
type Sweep struct {
	// Found were left, of which so many are Published now; Failed tells of one whose
	// marks could not be read.
	Found, Published int
	Failed           bool
	Took             time.Duration
}

// announced is a change and when it was.
type announced struct {
	doc board.Document
	at  time.Time
	// trace is that of the request; empty for none.
	trace string
}

// receipt is what goes out for a document, on its way.
type receipt struct {
	stamp board.Stamp
	acks  []jetstream.PubAckFuture
	span  telemetry.Span
}

// NewPublisher makes a publisher; Run does the work. settle completes what a
// crash may have left undone of a change, before its mark is cleared.
func NewPublisher(b *Bus, outbox board.Outbox, settle func(context.Context, board.Document) error, now func() time.Time) *Publisher {
	return &Publisher{
		bus: b, outbox: outbox, settle: settle, now: now,
		queue:  make(chan announced, publishQueue),
		sent:   make(chan receipt, publishPending),
		behind: make(chan struct{}, 1),
	}
}

// Announce queues a change; when the queue is full the relay will find it.
func (p *Publisher) Announce(ctx context.Context, doc board.Document) {
	select {
	case p.queue <- announced{doc, time.Now(), p.bus.cfg.Tracer.Carry(ctx)}:
	default:
	}
}

// CatchUp asks the relay to publish all that is marked, now: to be called when
// NATS is back.
func (p *Publisher) CatchUp() {
	select {
	case p.behind <- struct{}{}:
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
		case a := <-p.queue:
			p.forward(a)
		case <-ctx.Done():
			for {
				select {
				case a := <-p.queue:
					p.forward(a)
				default:
					return
				}
			}
		}
	}
}

// forward publishes what was announced. What has waited too long, or would
// wait in the connection for NATS to come back, is left to the relay, which
// reads the document as it is then: no event tells a state long past.
func (p *Publisher) forward(a announced) {
	if time.Since(a.at) > relayAfter || !p.bus.nc.IsConnected() {
		return
	}
	if r, ok := p.send(a.doc, a.trace); ok {
		p.sent <- r
	}
}

// send publishes one document, in the trace of its change; a failure leaves its mark
// to the relay.
func (p *Publisher) send(doc board.Document, carried string) (_ receipt, sent bool) {
	data, err := encode(doc)
	if err != nil {
		p.bus.log.Error("document not published", "kind", string(doc.Kind()), "error", err)
		return receipt{}, false
	}
	head := doc.Head()
	m := nats.NewMsg(subject.BoardEvents(string(head.Board)))
	m.Data = data
	m.Header.Set(jetstream.MsgIDHeader, messageID(doc))
	tracer := p.bus.cfg.Tracer
	ctx, span := tracer.Send(tracer.Continue(context.Background(), carried), "publish event", m.Header)
	span.Text("fresque.board", string(head.Board))
	span.Text("fresque.kind", string(doc.Kind()))
	defer func() {
		if !sent {
			span.End(errNotStored)
		}
	}()
	ack, err := p.bus.js.PublishMsgAsync(m)
	if err != nil {
		p.bus.log.Debug("event not published yet", "board", string(head.Board), "error", err)
		return receipt{}, false
	}
	acks, err := p.order(ctx, doc)
	if err != nil {
		p.bus.log.Debug("order not given yet", "board", string(head.Board), "error", err)
		return receipt{}, false
	}
	return receipt{stamp: board.Stamp{Key: board.KeyOf(doc), Rev: head.Rev}, acks: append(acks, ack), span: span}, true
}

// messageID names a document at a revision, for the stream to take what is repeated
// once. Clients make ids, so that one alone names nothing: whoever gave a post of
// theirs the id of something else would have that thing's changes taken for repeats.
func messageID(doc board.Document) string {
	key := board.KeyOf(doc)
	return string(key.Board) + ":" + string(key.Kind) + ":" + string(key.ID) + ":" + strconv.FormatInt(int64(doc.Head().Rev), 10)
}

// clear waits for acknowledgements in order, and clears marks many at a time.
func (p *Publisher) clear() {
	var done []board.Stamp
	for r := range p.sent {
		if p.acknowledged(r) {
			done = append(done, r.stamp)
		}
		if len(p.sent) == 0 || len(done) == markBatch {
			p.unmark(done)
			done = done[:0]
		}
	}
	p.unmark(done)
}

// acknowledged waits for the fate of all that goes out for a document.
func (p *Publisher) acknowledged(r receipt) (stored bool) {
	defer func() {
		var err error
		if !stored {
			err = errNotStored
		}
		r.span.End(err)
	}()
	for _, ack := range r.acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			p.bus.log.Debug("event not acknowledged yet", "board", string(r.stamp.Board), "error", err)
			// A stream may be gone though the connection is not.
			p.bus.suspect()
			p.bus.forgetOrders()
			return false
		}
	}
	return true
}

func (p *Publisher) unmark(done []board.Stamp) {
	if len(done) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	if err := p.outbox.MarkPublished(ctx, done); err != nil {
		p.bus.log.Warn("marks not cleared; the relay will repeat them", "events", len(done), "error", err)
	}
}

// relay finds what a crash or an outage left unpublished, on this replica or
// another.
func (p *Publisher) relay(ctx context.Context) {
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.behind:
			p.sweep(ctx, allMarks)
		case <-tick.C:
			p.sweep(ctx, relayAfter)
		}
	}
}

// sweep publishes what is marked for so long, batch after batch, as long as it
// gets on.
func (p *Publisher) sweep(ctx context.Context, age time.Duration) {
	var s Sweep
	begun := time.Now()
	defer func() {
		if s.Took = time.Since(begun); p.Swept != nil && ctx.Err() == nil {
			p.Swept(s)
		}
	}()
	before := p.now().Add(-age)
	for p.bus.Connected() && ctx.Err() == nil {
		docs, err := p.outbox.Unpublished(ctx, before, relayBatch)
		if err != nil {
			p.bus.log.Warn("relay could not read the marks", "error", err)
			s.Failed = true
			return
		}
		if len(docs) == 0 {
			return
		}
		published := p.repeat(ctx, docs)
		s.Found, s.Published = s.Found+len(docs), s.Published+published
		p.bus.log.Info("relay published what was left", "found", len(docs), "published", published)
		if published < relayBatch {
			return
		}
	}
}

// repeat publishes documents, clears the marks of those that are acknowledged
// and tells how many that were.
func (p *Publisher) repeat(ctx context.Context, docs []board.Document) int {
	receipts, sent := make([]receipt, 0, len(docs)), make([]board.Document, 0, len(docs))
	for _, doc := range docs {
		if r, ok := p.send(doc, ""); ok {
			receipts, sent = append(receipts, r), append(sent, doc)
		}
	}
	// While they are on their way: nobody who watches waits for it, only the mark.
	settled := p.settleAll(ctx, sent)
	done := make([]board.Stamp, 0, len(receipts))
	for i, r := range receipts {
		if p.acknowledged(r) && settled[i] {
			done = append(done, r.stamp)
		}
	}
	p.unmark(done)
	return len(done)
}

// settleAll completes changes, several at once: a store writes together what
// comes together. It tells which are complete.
func (p *Publisher) settleAll(ctx context.Context, docs []board.Document) []bool {
	done := make([]bool, len(docs))
	var work errgroup.Group
	work.SetLimit(settleAtOnce)
	for i, doc := range docs {
		work.Go(func() error {
			err := p.settle(ctx, doc)
			if done[i] = err == nil; err != nil {
				p.bus.log.Warn("relay could not complete a change", "error", err)
			}
			return nil
		})
	}
	_ = work.Wait() // a failure is that one's, and told
	return done
}

package live

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	// expiryEvery is how often streams are looked at whose session has expired:
	// they end within 5 s (rule S17).
	expiryEvery = 2 * time.Second
	// attachTries bounds how often a channel that closes is asked for again.
	attachTries = 3
	// HeartbeatEvery lets both sides tell a dead connection within 30 s (rule
	// S16).
	HeartbeatEvery = 10 * time.Second
	// lingers is how long a channel without streams is kept.
	lingers = time.Minute
	// retrySoon is when to come back after a fault of ours.
	retrySoon = 2 * time.Second
	// retrySpread is how far the returns after a shutdown are spread.
	retrySpread = 5 * time.Second
)

// Hub is the live wall of one replica.
type Hub struct {
	events board.Events
	docs   Documents
	people board.Gatherings
	render *press
	log    *slog.Logger
	now    func() time.Time
	counts counts
	pens   pens
	rest   sync.Once // of the pens

	mu       sync.Mutex
	channels map[board.ID]*channel
	closed   bool
	serving  sync.WaitGroup
}

// NewHub makes a hub; Run keeps it.
func NewHub(events board.Events, docs Documents, people board.Gatherings, render Renderer, log *slog.Logger, now func() time.Time) *Hub {
	return &Hub{events: events, docs: docs, people: people, render: &press{Renderer: render}, log: log, now: now, channels: make(map[board.ID]*channel)}
}

// Attach makes a stream for a principal who may read their board. It resumes
// after a cursor; an empty or unknown one begins with a reset. The caller must
// Serve the stream, or Abandon it. The stream ends when expires is past.
func (h *Hub) Attach(ctx context.Context, p board.Principal, cursor string, expires time.Time) (*Stream, error) {
	if _, ok := board.ClassOf(p); !ok {
		return nil, board.ErrForbidden
	}
	for range attachTries {
		c, err := h.channel(p.Board)
		if err != nil {
			return nil, err
		}
		if err := c.connect(ctx); err != nil {
			return nil, err
		}
		s := newStream(p, expires, func(s *Stream) {
			c.detach(s, h.now())
			if s.slow {
				h.counts.slow.Add(1)
			}
			h.serving.Done()
		})
		attached, err := c.attach(ctx, s, cursor)
		if err != nil {
			return nil, err
		}
		if attached {
			if err := h.admit(); err != nil {
				c.detach(s, h.now())
				return nil, err
			}
			return s, nil
		}
	}
	return nil, errEventsAway
}

var (
	errShuttingDown = fault.New(fault.Unavailable, "shutting_down")
	errEventsAway   = fault.New(fault.Unavailable, "events_unavailable")
)

func isUnavailable(err error) bool { return fault.KindOf(err) == fault.Unavailable }

// channel finds or makes the channel of a board.
func (h *Hub) channel(id board.ID) (*channel, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errShuttingDown
	}
	c, ok := h.channels[id]
	if !ok {
		c = &channel{
			id: id, events: h.events, docs: h.docs, render: h.render, log: h.log, now: h.now, gatherings: h.people,
			idleSince: h.now(), counts: &h.counts,
		}
		for i := range c.shards {
			c.shards[i].pens = h.pens
		}
		h.channels[id] = c
	}
	return c, nil
}

// admit counts a stream in, unless the hub has closed meanwhile.
func (h *Hub) admit() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errShuttingDown
	}
	h.serving.Add(1)
	return nil
}

// Run sends heartbeats, ends streams whose session has expired and closes
// channels that nobody watches, until the context ends.
func (h *Hub) Run(ctx context.Context) {
	beat, expiry := time.NewTicker(HeartbeatEvery), time.NewTicker(expiryEvery)
	presence := time.NewTicker(presenceEvery)
	defer presence.Stop()
	defer beat.Stop()
	defer expiry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			h.beat()
		case <-expiry.C:
			h.expire()
		case <-presence.C:
			h.tellPresence()
		}
	}
}

// tellPresence tells everybody who is here, where that has changed.
func (h *Hub) tellPresence() {
	now := h.now()
	for _, c := range h.all() {
		c.mu.Lock()
		c.tellPresence(now)
		c.mu.Unlock()
	}
}

// expire ends the streams whose session or link has run out, and looks at what
// the time has changed.
func (h *Hub) expire() {
	now := h.now()
	for _, c := range h.all() {
		c.mu.Lock()
		if c.open {
			c.look(now, false)
			c.each(func(s *Stream) {
				if now.After(s.expires) || !c.opens(s, now) {
					s.end(frameExpired)
				}
			})
		}
		c.mu.Unlock()
	}
}

// Announce takes in a change that this replica has made.
func (h *Hub) Announce(_ context.Context, doc board.Document) {
	h.mu.Lock()
	c := h.channels[doc.Head().Board]
	h.mu.Unlock()
	if c != nil {
		c.accept(doc)
	}
}

func (h *Hub) beat() {
	now := h.now()
	for _, c := range h.all() {
		c.mu.Lock()
		c.each((*Stream).beat)
		c.forget(now)
		idle := c.watched() == 0 && now.Sub(c.idleSince) > lingers
		c.mu.Unlock()
		if idle {
			h.drop(c)
		}
	}
}

// drop closes a channel that nobody watches.
func (h *Hub) drop(c *channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watched() == 0 {
		c.dropped = true
		c.shut(nil)
		delete(h.channels, c.id)
	}
}

func (h *Hub) all() []*channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*channel, 0, len(h.channels))
	for _, c := range h.channels {
		out = append(out, c)
	}
	return out
}

// Resync looks for events that every channel may have missed; to be called
// when the connection to the events has been away.
func (h *Hub) Resync() {
	for _, c := range h.all() {
		c.mu.Lock()
		if c.open {
			c.resync()
		}
		c.mu.Unlock()
	}
}

// Close ends every stream with a jittered time to come back (rule S16), and
// waits until they are written or the context ends.
func (h *Hub) Close(ctx context.Context) {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	for _, c := range h.all() {
		c.mu.Lock()
		c.each(func(s *Stream) { s.end(frameBye(rand.N(retrySpread))) })
		c.mu.Unlock()
	}
	done := make(chan struct{})
	go func() { h.serving.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	for _, c := range h.all() {
		c.mu.Lock()
		c.shut(nil)
		c.mu.Unlock()
	}
	h.rest.Do(h.pens.close)
}

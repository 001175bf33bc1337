package bus

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/internal/telemetry"
)

// Config bounds the stream of events.
type Config struct {
	// Replicas of the stream, 1 to 5.
	Replicas int
	// MaxAge is how long an event is kept for browsers that come back.
	MaxAge time.Duration
	// MaxPerBoard is how many events of one board are kept.
	MaxPerBoard int64
	// Declared tells that an administrator makes streams, and not the service.
	Declared bool
	// Tracer follows changes through NATS; nil for nobody.
	Tracer *telemetry.Tracer
}

// Bus is the board service's side of NATS.
type Bus struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	keep  streams.Keeper
	log   *slog.Logger
	cfg   Config
	nudge chan struct{}

	mu      sync.RWMutex
	stream  jetstream.Stream // nil until NATS has been reached once
	epoch   string
	follows map[*follow]struct{}

	ordersMu sync.Mutex
	orders   bool // the stream of orders is known to be there
	// deliveries tells that the stream of them is known to be there.
	deliveries atomic.Bool

	// What Keep last called back for.
	keptReconnects uint64
	keptEpoch      string
}

// Open gives the bus, and makes or updates the stream of events. While NATS is
// out of reach that is left to Keep; what NATS refuses is an error.
func Open(ctx context.Context, nc *nats.Conn, cfg Config, log *slog.Logger) (*Bus, error) {
	js, err := jetstream.New(nc,
		jetstream.WithPublishAsyncMaxPending(publishPending),
		jetstream.WithPublishAsyncTimeout(publishTimeout))
	if err != nil {
		return nil, err
	}
	b := &Bus{
		nc: nc, js: js, log: log, cfg: cfg, keep: streams.Keeper{JS: js, Declared: cfg.Declared, Log: log},
		nudge: make(chan struct{}, 1), follows: make(map[*follow]struct{}),
	}
	if !nc.IsConnected() {
		return b, nil
	}
	reconnects := nc.Stats().Reconnects
	err = b.Refresh(ctx)
	// A stream that somebody else is to make may come later.
	if refused, ok := errors.AsType[*jetstream.APIError](err); ok && refused.Code != http.StatusServiceUnavailable && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, err
	}
	if err == nil {
		b.keptReconnects, b.keptEpoch = reconnects, b.epoch
	}
	return b, nil
}

func (b *Bus) current() (jetstream.Stream, string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.stream, b.epoch
}

// Connected tells whether events can come at all now.
func (b *Bus) Connected() bool {
	stream, _ := b.current()
	return stream != nil && b.nc.IsConnected()
}

// eventOf reads an event as the stream republishes it.
func eventOf(epoch string, h nats.Header, data []byte) (board.Event, error) {
	seq, err := strconv.ParseUint(h.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return board.Event{}, err
	}
	prev, err := strconv.ParseUint(h.Get(jetstream.LastSequenceHeader), 10, 64)
	if err != nil {
		return board.Event{}, err
	}
	doc, err := Decode(data)
	if err != nil {
		return board.Event{}, err
	}
	return board.Event{Position: board.Position{Epoch: epoch, Seq: seq}, Prev: prev, Doc: doc}, nil
}

// requestTimeout bounds one question to NATS.
const requestTimeout = 5 * time.Second

// Position is that of the board's last event.
func (b *Bus) Position(ctx context.Context, id board.ID) (board.Position, error) {
	if !b.Connected() {
		return board.Position{}, unavailable(nats.ErrDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, epoch := b.current()
	m, err := stream.GetLastMsgForSubject(ctx, subject.BoardEvents(string(id)))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return board.Position{Epoch: epoch}, nil
	case err != nil:
		return board.Position{}, unavailable(err)
	}
	return board.Position{Epoch: epoch, Seq: m.Sequence}, nil
}

// Replay reads a board's events after a position from the stream (rule S9).
//
// Every bound of the stream drops the oldest events of a board first. So when
// the event at the position itself is still there, so are all that follow.
func (b *Bus) Replay(ctx context.Context, id board.ID, after board.Position, limit int) ([]board.Event, bool, error) {
	if !b.Connected() {
		return nil, false, unavailable(nats.ErrDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, epoch := b.current()
	if after.Epoch != epoch {
		return nil, false, nil
	}
	about := subject.BoardEvents(string(id))
	if after.Seq > 0 {
		m, err := stream.GetMsg(ctx, after.Seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && m.Subject != about {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, unavailable(err)
		}
	}
	events := []board.Event{}
	for prev := after.Seq; ; {
		m, err := stream.GetMsg(ctx, prev+1, jetstream.WithGetMsgSubject(about))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return events, after.Seq > 0 || len(events) == 0, nil
		}
		if err != nil {
			return nil, false, unavailable(err)
		}
		if len(events) == limit {
			return nil, false, nil
		}
		doc, err := Decode(m.Data)
		if err != nil {
			return nil, false, err
		}
		events = append(events, board.Event{Position: board.Position{Epoch: epoch, Seq: m.Sequence}, Prev: prev, Doc: doc})
		prev = m.Sequence
	}
}

// ForgetEvents forgets what the stream keeps of a board but its last event, which
// says where it is: whoever comes back with an older cursor takes a snapshot.
func (b *Bus) ForgetEvents(ctx context.Context, id board.ID) error {
	if !b.Connected() {
		return unavailable(nats.ErrDisconnected)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, _ := b.current()
	err := stream.Purge(ctx, jetstream.WithPurgeSubject(subject.BoardEvents(string(id))), jetstream.WithPurgeKeep(1))
	if err != nil {
		return unavailable(err)
	}
	return nil
}

package bus

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
)

// Config bounds the stream of events.
type Config struct {
	// Replicas of the stream, 1 to 5.
	Replicas int
	// MaxAge is how long an event is kept for browsers that come back.
	MaxAge time.Duration
	// MaxPerBoard is how many events of one board are kept.
	MaxPerBoard int64
}

// dedupeWindow is how long a repeated message id counts as the same message.
const dedupeWindow = 2 * time.Minute

// Bus is the board service's side of NATS.
type Bus struct {
	nc  *nats.Conn
	js  jetstream.JetStream
	log *slog.Logger
	cfg Config

	mu     sync.RWMutex
	stream jetstream.Stream
	epoch  string
}

// Open makes or updates the stream of events, and gives the bus.
func Open(ctx context.Context, nc *nats.Conn, cfg Config, log *slog.Logger) (*Bus, error) {
	js, err := jetstream.New(nc,
		jetstream.WithPublishAsyncMaxPending(publishPending),
		jetstream.WithPublishAsyncTimeout(publishTimeout))
	if err != nil {
		return nil, err
	}
	b := &Bus{nc: nc, js: js, log: log, cfg: cfg}
	return b, b.Refresh(ctx)
}

// Refresh makes sure that the stream is there and learns its epoch; to be
// called again whenever the connection has been away.
func (b *Bus) Refresh(ctx context.Context) error {
	stream, err := b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:              subject.BoardStream,
		Description:       "Events of all boards: the whole new state of one document each",
		Subjects:          []string{subject.AllBoardEvents},
		Storage:           jetstream.FileStorage,
		Replicas:          b.cfg.Replicas,
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardOld,
		MaxAge:            b.cfg.MaxAge,
		MaxMsgsPerSubject: b.cfg.MaxPerBoard,
		Duplicates:        dedupeWindow,
		AllowDirect:       true,
		RePublish:         &jetstream.RePublish{Source: subject.AllBoardEvents, Destination: subject.AllBoardLive},
	})
	if err != nil {
		return err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stream, b.epoch = stream, strconv.FormatInt(info.Created.UnixNano(), 36)
	return nil
}

func (b *Bus) current() (jetstream.Stream, string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.stream, b.epoch
}

// Follow subscribes to a board's live subject, to which JetStream republishes
// what it has stored (rule S6).
func (b *Bus) Follow(id board.ID, each func(board.Event)) (func(), error) {
	sub, err := b.nc.Subscribe(subject.BoardLive(string(id)), func(m *nats.Msg) {
		_, epoch := b.current()
		e, err := eventOf(epoch, m.Header, m.Data)
		if err != nil {
			b.log.Error("event not understood", "board", string(id), "error", err)
			return
		}
		each(e)
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
	return func() { _ = sub.Unsubscribe() }, nil
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
	if !b.nc.IsConnected() {
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
	if !b.nc.IsConnected() {
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

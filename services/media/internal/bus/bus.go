package bus

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/counts"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/media"
)

// answerWithin bounds one exchange with NATS.
const answerWithin = 5 * time.Second

// Bus speaks to NATS.
type Bus struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	keep     streams.Keeper
	replicas int
	log      *slog.Logger
	now      func() time.Time
	// Tracer follows orders and events; nil for nobody. It is set before use.
	Tracer *telemetry.Tracer

	mu     sync.Mutex
	stream bool // known to be there

	keys keyCache
}

var (
	_ media.Publisher = (*Bus)(nil)
	_ media.Keys      = (*Bus)(nil)
)

// New makes a bus on a connection; it asks nothing of NATS yet. replicas are
// the copies of the streams, 1 to 5; declared tells that an administrator makes
// them.
func New(nc *nats.Conn, replicas int, declared bool, log *slog.Logger, now func() time.Time) (*Bus, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	return &Bus{nc: nc, js: js, keep: streams.Keeper{JS: js, Declared: declared, Log: log}, replicas: replicas, log: log, now: now}, nil
}

// Publish stores one event. Repeating it within the window stores it once.
func (b *Bus) Publish(ctx context.Context, e media.Event) (err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := b.ensureStream(ctx); err != nil {
		return err
	}
	data, err := proto.Marshal(encode(e))
	if err != nil {
		return err
	}
	m := nats.NewMsg(subject.MediaEvents(string(e.Board)))
	m.Data = data
	ctx, span := b.Tracer.Send(ctx, "publish news of an upload", m.Header)
	span.Text("fresque.state", string(e.State))
	defer func() { span.End(err) }()
	_, err = b.js.PublishMsg(ctx, m,
		// Two boards may have an upload of one id: clients make them.
		jetstream.WithMsgID(fmt.Sprintf("%s:%s:%s:%d", e.Board, e.Media, e.State, e.Turn)),
		jetstream.WithExpectStream(subject.MediaStream))
	if errors.Is(err, jetstream.ErrNoStreamResponse) {
		b.forgetStream()
	}
	return err
}

// Calls makes what all replicas count of addresses, with a key of 32 bytes that all
// of them have.
func (b *Bus) Calls(key []byte) *counts.Calls {
	return counts.NewCalls(counts.New(b.nc, b.keep, streams.MediaCalls(b.replicas)), key)
}

// Check tells whether events can be published.
func (b *Bus) Check(ctx context.Context) error {
	if !b.nc.IsConnected() {
		return fmt.Errorf("NATS is %s", b.nc.Status())
	}
	if err := b.ensureStream(ctx); err != nil {
		return err
	}
	_, err := b.js.Stream(ctx, subject.MediaStream)
	if err != nil {
		b.forgetStream()
	}
	return err
}

// ensureStream makes the stream, or brings it up to date, once.
func (b *Bus) ensureStream(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stream {
		return nil
	}
	_, err := b.keep.Stream(ctx, streams.News(b.replicas))
	b.stream = err == nil
	return err
}

func (b *Bus) forgetStream() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stream = false
}

// Key gives a key that checks tickets.
func (b *Bus) Key(ctx context.Context, keyID string) (ed25519.PublicKey, error) {
	return b.keys.find(ctx, keyID, b.now, b.fetchKeys)
}

func encode(e media.Event) *mediav1.MediaChanged {
	m := &mediav1.MediaChanged{MediaId: string(e.Media), BoardId: string(e.Board), Turn: int32(e.Turn)}
	switch e.State {
	case media.Uploaded:
		m.State = &mediav1.MediaChanged_Uploaded{Uploaded: &mediav1.Uploaded{}}
	case media.Scanning:
		m.State = &mediav1.MediaChanged_Scanning{Scanning: &mediav1.Scanning{}}
	case media.Processing:
		m.State = &mediav1.MediaChanged_Processing{Processing: &mediav1.Processing{}}
	case media.Ready:
		m.State = &mediav1.MediaChanged_Ready{Ready: encodeReady(e.Outcome)}
	case media.Refused:
		m.State = &mediav1.MediaChanged_Refused{Refused: &mediav1.Refused{Code: string(e.Outcome.Refusal)}}
	}
	return m
}

func encodeReady(o media.Outcome) *mediav1.Ready {
	return &mediav1.Ready{
		Kind: string(o.Kind), Type: o.Type, Duration: o.Duration, Pages: int32(o.Pages),
		Picture: encodeImage(o.Picture), File: encodeFile(o.File), Original: encodeFile(o.Original), Page: encodePage(o.Link),
	}
}

func encodeFile(f *media.File) *mediav1.File {
	if f == nil {
		return nil
	}
	return &mediav1.File{Path: f.Path, Type: f.Type, Size: f.Size}
}

func encodeImage(p *media.Image) *mediav1.Picture {
	if p == nil {
		return nil
	}
	out := &mediav1.Picture{
		Width: int32(p.Width), Height: int32(p.Height), Colour: p.Colour, Placeholder: p.Placeholder,
	}
	for _, v := range p.Variants {
		out.Variants = append(out.Variants, &mediav1.Variant{
			Path: v.Path, Type: v.Type, Width: int32(v.Width), Height: int32(v.Height), Bytes: v.Bytes,
		})
	}
	return out
}

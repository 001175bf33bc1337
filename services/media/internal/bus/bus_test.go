package bus_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/media/internal/bus"
	"fresque.dev/services/media/internal/media"
)

var upload = media.Upload{ID: "0190a6a0-0000-7000-8000-000000000003", Board: "0190a6a0-0000-7000-8000-000000000001"}

func open(t *testing.T, nc *nats.Conn, now func() time.Time) *bus.Bus {
	t.Helper()
	b, err := bus.New(nc, 1, false, slog.New(slog.DiscardHandler), now)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func stored(t *testing.T, nc *nats.Conn) []*mediav1.MediaChanged {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), subject.MediaStream)
	if err != nil {
		t.Fatal(err)
	}
	var out []*mediav1.MediaChanged
	for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		raw, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if raw.Subject != subject.MediaEvents(string(upload.Board)) {
			t.Errorf("subject %s", raw.Subject)
		}
		m := new(mediav1.MediaChanged)
		if err := proto.Unmarshal(raw.Data, m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestEventsAreStoredOnce(t *testing.T) {
	server := natstest.Start(t)
	b := open(t, server.ConnectAs(subject.MediaService), time.Now)
	picture := &media.Image{
		Width: 30, Height: 20, Colour: "#123456", Placeholder: "data:,x",
		Variants: []media.Variant{{Path: "/m/a", Type: "image/webp", Width: 30, Height: 20, Bytes: 99}},
	}
	events := []media.Event{
		media.Reached(upload, media.Processing), media.Ended(upload, media.Outcome{Picture: picture}),
		media.Ended(upload, media.Outcome{Refusal: media.Damaged}),
	}
	for range 2 {
		for _, e := range events {
			if err := b.Publish(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := stored(t, server.Connect())
	if len(got) != 3 {
		t.Fatalf("%d events", len(got))
	}
	if got[0].GetProcessing() == nil || got[0].MediaId != string(upload.ID) || got[0].BoardId != string(upload.Board) {
		t.Errorf("%v", got[0])
	}
	p := got[1].GetReady().GetPicture()
	if p.GetWidth() != 30 || p.GetColour() != "#123456" || p.GetVariants()[0].GetBytes() != 99 || p.GetVariants()[0].GetPath() != "/m/a" {
		t.Errorf("%v", p)
	}
	if got[2].GetRefused().GetCode() != "media_damaged" {
		t.Errorf("%v", got[2])
	}
}

func TestNATSMayComeLateAndGo(t *testing.T) {
	server := natstest.Start(t)
	server.Stop()
	nc, err := natsconn.Config{URL: server.URL()}.Connect(subject.MediaService, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	b := open(t, nc, time.Now)
	if err := b.Publish(t.Context(), media.Reached(upload, media.Processing)); err == nil {
		t.Fatal("published nowhere")
	}
	if err := b.Check(t.Context()); err == nil {
		t.Fatal("ready without NATS")
	}
	server.Restart()
	eventually(t, func() error { return b.Publish(t.Context(), media.Reached(upload, media.Processing)) })
	server.Stop()
	if err := b.Publish(t.Context(), media.Reached(upload, media.Processing)); err == nil {
		t.Fatal("published nowhere")
	}
	server.Restart()
	eventually(t, func() error { return b.Check(t.Context()) })
	if n := len(stored(t, server.Connect())); n != 1 {
		t.Errorf("%d events", n)
	}
}

// TestStreamThatVanishesIsMadeAnew: an operator may remove it.
func TestStreamThatVanishesIsMadeAnew(t *testing.T) {
	server := natstest.Start(t)
	nc, b := server.Connect(), open(t, server.ConnectAs(subject.MediaService), time.Now)
	if err := b.Publish(t.Context(), media.Reached(upload, media.Processing)); err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), subject.MediaStream); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { return b.Publish(t.Context(), media.Reached(upload, media.Processing)) })
}

func eventually(t *testing.T, do func() error) {
	t.Helper()
	var err error
	for range 200 {
		if err = do(); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal(err)
}

// board answers for keys as the board service does.
type board struct {
	asked atomic.Int32
	keys  atomic.Pointer[boardv1.GetVerificationKeysResponse]
}

func (b *board) serve(t *testing.T, nc *nats.Conn) *nats.Subscription {
	t.Helper()
	sub, err := nc.Subscribe(subject.VerificationKeys, func(m *nats.Msg) {
		b.asked.Add(1)
		data, err := proto.Marshal(b.keys.Load())
		if err == nil {
			err = m.Respond(data)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return sub
}

func (b *board) set(keys ...*boardv1.VerificationKey) {
	b.keys.Store(&boardv1.GetVerificationKeysResponse{Keys: keys})
}

func TestKeys(t *testing.T) {
	server := natstest.Start(t)
	clock := time.Unix(1_700_000_000, 0)
	b := open(t, server.ConnectAs(subject.MediaService), func() time.Time { return clock })
	ctx := t.Context()
	one, two := make([]byte, 32), bytes.Repeat([]byte{2}, 32)
	find := func(id string) (ed25519.PublicKey, error) { return b.Key(ctx, id) }

	if _, err := find("one"); !errors.Is(err, media.ErrKeysUnavailable) {
		t.Fatalf("without a board: %v", err)
	}
	var answers board
	answers.set(&boardv1.VerificationKey{KeyId: "one", PublicKey: one}, &boardv1.VerificationKey{KeyId: "odd", PublicKey: one[:5]})
	sub := answers.serve(t, server.Connect())
	if _, err := find("one"); !errors.Is(err, media.ErrKeysUnavailable) {
		t.Fatalf("asked again at once: %v", err)
	}
	clock = clock.Add(4 * time.Second)
	if key, err := find("one"); err != nil || !bytes.Equal(key, one) {
		t.Fatalf("%v, %v", key, err)
	}
	for _, id := range []string{"two", "odd", "", "made up"} {
		if _, err := find(id); !errors.Is(err, media.ErrTicketInvalid) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if n := answers.asked.Load(); n != 1 {
		t.Errorf("asked %d times for unknown keys", n)
	}

	answers.set(&boardv1.VerificationKey{KeyId: "two", PublicKey: two}) // one was withdrawn
	clock = clock.Add(4 * time.Second)
	if key, err := find("two"); err != nil || !bytes.Equal(key, two) {
		t.Fatalf("a new key: %v, %v", key, err)
	}
	if _, err := find("one"); !errors.Is(err, media.ErrTicketInvalid) {
		t.Errorf("a withdrawn key: %v", err)
	}

	if err := sub.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Hour)
	if _, err := find("two"); err != nil {
		t.Errorf("a known key while the board is away: %v", err)
	}
}

//go:build faults

package app

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/wallcheck"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

func TestMain(m *testing.M) {
	natstest.BeServer()
	os.Exit(m.Run())
}

// TestServersOfNATSDieUnderLoad: three servers with TLS and each service's rights,
// streams of one copy that become three, two replicas of the service, people who
// write to both all the while. The server that leads the events is killed, then the
// one that leads their reader, then the one that leads the counts of guesses; then
// all three are restarted, one after another, as an upgrade does.
func TestServersOfNATSDieUnderLoad(t *testing.T) {
	servers := natstest.StartCluster(t, true)
	admin := servers.JetStream()
	if err := streams.Apply(t.Context(), admin, natstest.Limits(1)); err != nil {
		t.Fatal(err)
	}
	settings := servers.Settings(subject.BoardService)
	c := &cluster{t: t, direct: &settings, cfg: LocalConfig(t), ledger: wallcheck.NewLedger()}
	c.cfg.Replicas = 3
	a, b := c.start(), c.start()
	c.makeWall()
	// It raises its own; those of the media service, which is not here, are raised by
	// the administrator.
	if err := streams.Apply(t.Context(), admin, natstest.Limits(3)); err != nil {
		t.Fatal(err)
	}
	servers.Whole(3)
	c.watch("browser on A", bases(a, b)...).opened()
	c.watch("browser on B", bases(b, a)...).opened()
	crowd := c.writes(4, 0, briskly, bases(a, b)...)

	for _, victim := range []struct{ stream, reader string }{
		{subject.BoardStream, ""},
		{subject.BoardStream, subject.ChangeConsumer},
		{"KV_" + subject.GuessBucket, ""},
	} {
		node := servers.Leader(victim.stream, victim.reader)
		before := c.ledger.Count()
		node.Kill()
		t.Logf("%s is killed, that leads %s %s", node.Name, victim.stream, victim.reader)
		// Another leads, and people have not been kept from writing.
		servers.Leader(victim.stream, victim.reader)
		eventually(t, "people write on", func() bool { return c.ledger.Count() > before+20 })
		node.Start()
		servers.Whole(3)
	}
	for _, node := range servers.Nodes {
		node.Retire()
		node.Start()
		servers.Whole(3)
	}
	end := time.Now()
	crowd.end()
	c.settles(later(end, time.Now()), a, b)
	servers.Leader(subject.BoardStream, "") // answers
	storedOnce(t, admin)
}

// storedOnce reads all events of the wall: none is there twice.
func storedOnce(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := js.Stream(ctx, subject.BoardStream)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{HeadersOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	all, err := reader.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer all.Stop()
	seen, left := map[string]bool{}, stream.CachedInfo().State.Msgs
	if left == 0 {
		t.Fatal("no event was stored")
	}
	for n := left; n > 0; n-- {
		m, err := all.Next(jetstream.NextContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		id := m.Headers().Get(nats.MsgIdHdr)
		if id == "" || seen[id] {
			t.Errorf("the event %q is stored twice", id)
		}
		seen[id] = true
	}
	t.Logf("%d events, each once, %d bytes each", left, stream.CachedInfo().State.Bytes/left)
}

package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

// TestAServiceThatMayMakeNoStreamDoesAllItsWork: an administrator has declared
// them; a wall lives, sites are told, guesses are counted and news of uploads heard.
func TestAServiceThatMayMakeNoStreamDoesAllItsWork(t *testing.T) {
	r, cfg, events := newReceiver(t), hasty(t), natstest.StartDeclared(t)
	cfg.NATS.Streams = natsconn.CheckStreams
	one, two := start(t, cfg, events), start(t, cfg, events)
	admin, err := jetstream.New(events.Connect())
	if err != nil {
		t.Fatal(err)
	}

	watching := two.watch(two.writer("Bob"), "")
	ada := one.writer("Ada")
	one.call("POST", wall+"/posts", ada, map[string]any{"title": "en direct"}).wants(t, 201, "")
	if p := watching.post(); p["title"] != "en direct" {
		t.Errorf("the other replica tells %v", p)
	}

	site := one.listening("moodle", r)
	site.posts("lea")
	r.knows("lea", "posts", 1)

	for n := range 10 {
		[]*service{one, two}[n%2].call("POST", "/api/v1/sessions", "", map[string]any{"code": "222222"}).wants(t, 401, "code_invalid")
	}
	for _, replica := range []*service{one, two} {
		replica.call("POST", "/api/v1/sessions", "", map[string]any{"code": "222222"}).wants(t, 429, "rate_limited")
	}

	data, err := proto.Marshal(&mediav1.MediaChanged{MediaId: wallID, BoardId: wallID, State: &mediav1.MediaChanged_Scanning{Scanning: &mediav1.Scanning{}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Publish(t.Context(), subject.MediaEvents(wallID), data); err != nil {
		t.Fatal(err)
	}
	within(t, "the news is heard", func() bool {
		return strings.Contains(one.log.String()+two.log.String(), "news of an upload that is not there")
	})

	// It changed nothing of what was declared.
	states, err := streams.Look(t.Context(), admin, natstest.Limits(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.Found != streams.AsDeclared {
			t.Errorf("%s %s: %s %v", s.Kind, s.Name, s.Found, s.Differs)
		}
	}
}

// TestAServiceWaitsForItsStreams, and says who makes them.
func TestAServiceWaitsForItsStreams(t *testing.T) {
	events := natstest.StartDeclared(t)
	admin, err := jetstream.New(events.Connect())
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.DeleteStream(t.Context(), subject.BoardStream); err != nil {
		t.Fatal(err)
	}
	cfg := app.LocalConfig(t)
	cfg.NATS.Streams = natsconn.CheckStreams
	s := start(t, cfg, events)
	within(t, "it is told", func() bool { return strings.Contains(s.log.String(), "fresquectl nats streams -apply makes it") })
	if got := s.call("GET", "/readyz", "", nil); got.status != 503 {
		t.Errorf("ready without events: %d", got.status)
	}
	ada := s.writer("Ada")
	s.call("POST", wall+"/posts", ada, map[string]any{"title": "avant"}).wants(t, 201, "")

	if err := streams.Apply(t.Context(), admin, natstest.Limits(1)); err != nil {
		t.Fatal(err)
	}
	within(t, "it is ready", func() bool { return s.call("GET", "/readyz", "", nil).status == 200 })
}

// within waits for what must come true.
func within(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

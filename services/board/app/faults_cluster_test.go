//go:build faults

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/cutproxy"
	"fresque.dev/services/board/internal/wallcheck"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natstest"
)

const (
	faultyWall = "01980000-0000-7000-8000-000000000001"
	wall       = "/api/v1/boards/" + faultyWall
	// recoverWithin is the deadline after a fault's end. The aim is 5 s, which
	// each test reports; what is beyond this is broken and not only slow.
	recoverWithin = 15 * time.Second
)

// cluster is several replicas of the service on one NATS and one store, the
// people who write, those who watch, and the ledger of it all.
type cluster struct {
	t    *testing.T
	nats *natstest.Server
	// direct is how a replica reaches a cluster of NATS, past any proxy.
	direct   *natsconn.Config
	cfg      Config
	ledger   *wallcheck.Ledger
	replicas []*replica
	browsers []*browser
	links    WallLinks
	token    string
}

// replica is one running service, behind proxies on both sides.
type replica struct {
	t     *testing.T
	name  string
	app   *App
	store *faultyStore
	http  *cutproxy.Proxy
	nats  *cutproxy.Proxy
	log   *SafeLog
	kill  func()
}

func (r *replica) base() string { return "http://" + r.http.Addr() }

// newCluster starts n replicas and makes the wall.
func newCluster(t *testing.T, n int) *cluster {
	t.Helper()
	c := prepareCluster(t)
	for range n {
		c.start()
	}
	c.makeWall()
	return c
}

func prepareCluster(t *testing.T) *cluster {
	t.Helper()
	return &cluster{t: t, nats: natstest.Start(t), cfg: LocalConfig(t), ledger: wallcheck.NewLedger()}
}

func (c *cluster) makeWall() {
	c.t.Helper()
	var err error
	if c.links, err = c.replicas[0].app.EnsureBoard(c.t.Context(), faultyWall, "Mur", ""); err != nil {
		c.t.Fatal(err)
	}
	c.token = openSession(c.t, c.replicas[0].base(), byLink(c.links.Writer, "Ada")).Token
}

// session is somebody on the wall.
type session struct {
	Token, Renewal string
	Participant    struct{ ID string }
}

// byLink is how somebody comes by a link.
func byLink(link, name string) map[string]any {
	return map[string]any{"boardId": faultyWall, "secret": SecretOf(link), "name": name}
}

func openSession(t *testing.T, base string, by map[string]any) (s session) {
	t.Helper()
	status, body, err := request(t.Context(), "POST", base+"/api/v1/sessions", "", "", by)
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &s) != nil {
		t.Fatalf("no session: %d %s %v", status, body, err)
	}
	return s
}

// start runs one more replica.
func (c *cluster) start() *replica {
	c.t.Helper()
	r := &replica{t: c.t, name: string(rune('A' + len(c.replicas))), log: new(SafeLog)}
	cfg := c.cfg
	if c.direct != nil {
		cfg.NATS = *c.direct
	} else {
		r.nats = startProxy(c.t, strings.TrimPrefix(c.nats.URL(), "nats://"))
		cfg.NATS = c.nats.Settings(subject.BoardService)
		cfg.NATS.URL = "nats://" + r.nats.Addr()
	}
	open := func(ctx context.Context, cfg Config, log *slog.Logger) (store, error) {
		inner, err := openStore(ctx, cfg, log)
		if err != nil {
			return nil, err
		}
		r.store = &faultyStore{store: inner}
		return r.store, nil
	}
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	var err error
	if r.app, err = newApp(c.t.Context(), cfg, Deps{Log: log, Version: "test"}, open); err != nil {
		c.t.Fatal(err)
	}
	r.http = startProxy(c.t, r.app.Addr())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.app.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			c.t.Errorf("replica %s failed: %v", r.name, err)
		}
	})
	// As good as kill -9 for whoever is outside: not a byte comes out of it from
	// here on, to browsers, to NATS or to the store.
	r.kill = func() {
		r.store.set(func(s *faultyStore) { s.refuses = true })
		r.nats.Refuse(true)
		r.app.nats.Close()
		r.http.Refuse(true)
		stop()
	}
	c.t.Cleanup(stop)
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("log of replica %s:\n%s", r.name, tail(r.log))
		}
	})
	c.replicas = append(c.replicas, r)
	return r
}

func startProxy(t *testing.T, target string) *cutproxy.Proxy {
	t.Helper()
	p, err := cutproxy.Start(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// bases are the addresses of replicas, in an order that begins with the first
// given.
func bases(replicas ...*replica) []string {
	var out []string
	for _, r := range replicas {
		out = append(out, r.base())
	}
	return out
}

// settles waits until all browsers and the fresh snapshots of the replicas
// given agree with the ledger, and reports how long that took since the
// fault's end.
func (c *cluster) settles(end time.Time, from ...*replica) {
	c.t.Helper()
	var walls []*wallcheck.Wall
	for _, b := range c.browsers {
		walls = append(walls, b.wall)
	}
	settles(c.t, end, c.token, c.ledger, walls, bases(from...))
}

func settles(t *testing.T, end time.Time, token string, ledger *wallcheck.Ledger, walls []*wallcheck.Wall, bases []string) {
	t.Helper()
	var problems []string
	for {
		problems = nil
		for _, base := range bases {
			status, snapshot, err := request(t.Context(), "GET", base+wall+"/snapshot", token, "", nil)
			if err != nil || status != http.StatusOK {
				problems = append(problems, "no snapshot: "+http.StatusText(status))
				continue
			}
			faults, err := wallcheck.Compare(ledger, snapshot, walls...)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faults {
				problems = append(problems, f.String())
			}
		}
		took := time.Since(end)
		if len(problems) == 0 {
			t.Logf("whole again %.1f s after the fault's end: %d writes acknowledged, %d posts, %d browsers",
				took.Seconds(), ledger.Count(), walls[0].Count(), len(walls))
			return
		}
		if took > recoverWithin {
			t.Fatalf("not whole %.1f s after the fault's end, %d problems:\n%s", took.Seconds(), len(problems),
				strings.Join(problems[:min(len(problems), 20)], "\n"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// events gives JetStream as an operator sees it.
func (c *cluster) events() jetstream.JetStream {
	c.t.Helper()
	js, err := jetstream.New(c.nats.Connect())
	if err != nil {
		c.t.Fatal(err)
	}
	return js
}

func (c *cluster) dropStream() {
	c.t.Helper()
	if err := c.events().DeleteStream(c.t.Context(), subject.BoardStream); err != nil {
		c.t.Fatal(err)
	}
}

// storedEvents counts the events of the wall in the stream.
func (c *cluster) storedEvents() uint64 {
	c.t.Helper()
	stream, err := c.events().Stream(c.t.Context(), subject.BoardStream)
	if err != nil {
		c.t.Fatal(err)
	}
	info, err := stream.Info(c.t.Context(), jetstream.WithSubjectFilter(subject.BoardEvents(faultyWall)))
	if err != nil {
		c.t.Fatal(err)
	}
	return info.State.Subjects[subject.BoardEvents(faultyWall)]
}

// request sends one request and reads the whole answer.
func request(ctx context.Context, method, url, token, match string, body any) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if body == nil {
		data = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if match != "" {
		req.Header.Set("If-Match", match)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// faultyStore is a store that is slow, refuses, or stops a replica at a point.
type faultyStore struct {
	store

	mu      sync.Mutex
	delay   time.Duration
	refuses bool
	// stored is called after a post was written and before it is announced.
	stored func()
	// unlogged refuses the entries of the activity log.
	unlogged bool
	// marking is called before marks are cleared, and may refuse.
	marking func() error
}

func (s *faultyStore) set(change func(*faultyStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// suffer makes one call as slow as it is set, and refuses it if so set.
func (s *faultyStore) suffer(ctx context.Context) error {
	s.mu.Lock()
	delay, refuses := s.delay, s.refuses
	s.mu.Unlock()
	if refuses {
		return errStoreAway
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return errStoreAway
	}
}

func (s *faultyStore) Get(ctx context.Context, key board.Key) (board.Document, error) {
	if err := s.suffer(ctx); err != nil {
		return nil, err
	}
	return s.store.Get(ctx, key)
}

func (s *faultyStore) List(ctx context.Context, id board.ID, kind board.Kind) ([]board.Document, error) {
	if err := s.suffer(ctx); err != nil {
		return nil, err
	}
	return s.store.List(ctx, id, kind)
}

func (s *faultyStore) Insert(ctx context.Context, doc board.Document) error {
	if err := s.suffer(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	stored, unlogged := s.stored, s.unlogged
	s.mu.Unlock()
	if unlogged && doc.Kind() == board.KindAct {
		return errStoreAway
	}
	err := s.store.Insert(ctx, doc)
	if err == nil && stored != nil {
		stored()
	}
	return err
}

func (s *faultyStore) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	if err := s.suffer(ctx); err != nil {
		return err
	}
	return s.store.Replace(ctx, doc, expected)
}

func (s *faultyStore) Unpublished(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	if err := s.suffer(ctx); err != nil {
		return nil, err
	}
	return s.store.Unpublished(ctx, before, limit)
}

func (s *faultyStore) MarkPublished(ctx context.Context, published []board.Stamp) error {
	if err := s.suffer(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	marking := s.marking
	s.mu.Unlock()
	if marking != nil {
		if err := marking(); err != nil {
			return err
		}
	}
	return s.store.MarkPublished(ctx, published)
}

// tail is the end of a log.
func tail(l *SafeLog) string {
	text := l.String()
	return text[max(0, len(text)-4000):]
}

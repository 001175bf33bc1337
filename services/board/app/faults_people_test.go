//go:build faults

package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"fresque.dev/services/board/internal/wallcheck"
	"fresque.dev/services/internal/fault"
)

var errStoreAway = fault.New(fault.Unavailable, "store_unavailable")

// browser watches the wall as the web app does: a snapshot, then the stream
// from its cursor, and back with the last cursor whenever it ends.
type browser struct {
	t     *testing.T
	wall  *wallcheck.Wall
	bases []string
	token string

	cursor  string
	resets  atomic.Int32
	returns atomic.Int32
	asleep  atomic.Bool
	live    chan struct{} // closed when the first stream is open
	once    sync.Once
}

// watch starts a browser that prefers the first address.
func (c *cluster) watch(name string, bases ...string) *browser {
	c.t.Helper()
	b := watch(c.t, name, c.token, bases)
	c.browsers = append(c.browsers, b)
	return b
}

func watch(t *testing.T, name, token string, bases []string) *browser {
	t.Helper()
	return watchInspecting(t, name, token, bases, nil)
}

// watchInspecting is watch with an eye on what the browser is told.
func watchInspecting(t *testing.T, name, token string, bases []string, inspect func(string, map[string]any) string) *browser {
	t.Helper()
	b := &browser{t: t, wall: wallcheck.NewWall(name), bases: bases, token: token, live: make(chan struct{})}
	b.wall.Inspect = inspect
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { b.run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return b
}

// opened waits until the browser is live.
func (b *browser) opened() *browser {
	b.t.Helper()
	select {
	case <-b.live:
	case <-time.After(30 * time.Second):
		b.t.Fatal("a browser never got its stream")
	}
	return b
}

func (b *browser) run(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		for b.asleep.Load() && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
		pause := b.connect(ctx, b.bases[n%len(b.bases)])
		b.returns.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// backoff is the web app's for its first tries: half a second, jittered.
func backoff() time.Duration { return 250*time.Millisecond + rand.N(500*time.Millisecond) }

// connect follows one stream to its end and tells when to come back.
func (b *browser) connect(ctx context.Context, base string) time.Duration {
	if b.cursor == "" && !b.reload(ctx, base) {
		return backoff()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", base+wall+"/events", nil)
	if err != nil {
		b.t.Error(err)
		return backoff()
	}
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Last-Event-ID", b.cursor)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return backoff()
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return backoff()
	}
	b.wall.Connected()
	b.once.Do(func() { close(b.live) })
	return b.listen(ctx, base, bufio.NewReader(res.Body))
}

// listen reads events until the stream ends.
func (b *browser) listen(ctx context.Context, base string, in *bufio.Reader) time.Duration {
	var event, id, data string
	for {
		line, err := in.ReadString('\n')
		if err != nil || b.asleep.Load() {
			return backoff()
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "event":
			event = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if event == "" {
				continue
			}
			if pause, ends := b.take(ctx, base, event, id, data); ends {
				return pause
			}
			event, id, data = "", "", ""
		}
	}
}

// take acts on one event, and tells whether it ends the connection.
func (b *browser) take(ctx context.Context, base, event, id, data string) (time.Duration, bool) {
	switch event {
	case "change":
		if err := b.wall.Take(id, []byte(data)); err != nil {
			b.t.Error(err)
		}
		if id != "" {
			b.cursor = id
		}
	case "reset":
		b.resets.Add(1)
		b.cursor = ""
		b.reload(ctx, base)
		return 0, true
	case "bye":
		var hint struct{ RetryMs int }
		if err := json.Unmarshal([]byte(data), &hint); err != nil {
			b.t.Error(err)
		}
		return time.Duration(hint.RetryMs) * time.Millisecond, true
	case "expired":
		b.t.Error("the session expired")
		return backoff(), true
	}
	return 0, false
}

// reload takes a snapshot; false when there is none, or none to go on from.
func (b *browser) reload(ctx context.Context, base string) bool {
	status, snapshot, err := request(ctx, "GET", base+wall+"/snapshot", b.token, "", nil)
	if err != nil || status != http.StatusOK {
		return false
	}
	cursor, err := b.wall.Load(snapshot)
	if err != nil {
		b.t.Error(err)
	}
	b.cursor = cursor
	return cursor != ""
}

// crowd is a number of people who write at once, each on posts of their own
// and now and then on one that all of them edit.
type crowd struct {
	c      *cluster
	bases  []string
	stop   chan struct{}
	done   sync.WaitGroup
	wrote  atomic.Int64
	limit  int64 // writes in all, 0 for no limit
	pause  time.Duration
	shared *post
	// filler makes each body longer.
	filler string
}

// post is what a writer knows of one post.
type post struct {
	id      string
	rev     int64
	deleted bool
}

// writes starts a crowd; wait or end ends it. It writes a limited number of
// times, or every so often until it is ended.
func (c *cluster) writes(people int, limit int, pause time.Duration, bases ...string) *crowd {
	c.t.Helper()
	return c.fills("", people, limit, pause, bases...)
}

// fills is writes, with bodies of some length.
func (c *cluster) fills(filler string, people int, limit int, pause time.Duration, bases ...string) *crowd {
	c.t.Helper()
	w := &crowd{c: c, bases: bases, stop: make(chan struct{}), limit: int64(limit), pause: pause, filler: filler}
	w.shared = w.create("shared", 0)
	for n := range people {
		w.done.Go(func() { w.person(n) })
	}
	c.t.Cleanup(func() { w.end() })
	return w
}

// end stops the writing and waits until all that was begun is acknowledged.
func (w *crowd) end() {
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	w.done.Wait()
}

// wait waits until the limit is reached.
func (w *crowd) wait() { w.done.Wait() }

func (w *crowd) stopped() bool {
	select {
	case <-w.stop:
		return true
	default:
		return w.limit > 0 && w.wrote.Load() >= w.limit
	}
}

func (w *crowd) person(n int) {
	var own []*post
	shared := &post{id: w.shared.id, rev: w.shared.rev}
	for turn := 0; !w.stopped(); turn++ {
		title := fmt.Sprintf("%d/%d", n, turn)
		switch dice := rand.IntN(10); {
		case dice < 5 || len(own) == 0:
			if p := w.create(title, n); p != nil {
				own = append(own, p)
			}
		case dice < 8:
			w.edit(own[rand.IntN(len(own))], title, n)
		case dice < 9:
			w.edit(shared, title, n)
		default:
			i := rand.IntN(len(own))
			w.remove(own[i], n)
			own = append(own[:i], own[i+1:]...)
		}
		w.wrote.Add(1)
		time.Sleep(w.pause)
	}
}

// persist sends until it is answered for good; nil when the test ended first.
func (w *crowd) persist(n int, method, path, match string, body any) (status int, answer []byte) {
	for try := 0; w.c.t.Context().Err() == nil; try++ {
		base := w.bases[(n+try)%len(w.bases)]
		status, answer, err := request(w.c.t.Context(), method, base+wall+path, w.c.token, match, body)
		if err == nil && status < http.StatusInternalServerError {
			return status, answer
		}
		time.Sleep(20*time.Millisecond + rand.N(80*time.Millisecond))
	}
	return 0, nil
}

// acknowledged records an answer, and what the writer now knows.
func (w *crowd) acknowledged(p *post, answer []byte) {
	if err := w.c.ledger.Acknowledged("post", answer); err != nil {
		w.c.t.Error(err)
	}
	w.learn(p, answer)
}

func (w *crowd) learn(p *post, doc []byte) {
	var known struct {
		Rev     int64
		Deleted bool
	}
	if err := json.Unmarshal(doc, &known); err != nil {
		w.c.t.Error(err)
	}
	p.rev, p.deleted = known.Rev, known.Deleted
}

func (w *crowd) create(title string, n int) *post {
	p := &post{id: uuid.Must(uuid.NewV7()).String()}
	w.c.ledger.Sent("post", p.id)
	status, answer := w.persist(n, "POST", "/posts", "", map[string]any{"id": p.id, "title": title, "body": "<p>" + title + w.filler + "</p>"})
	if status != http.StatusCreated {
		w.refused(status, answer)
		return nil
	}
	w.acknowledged(p, answer)
	return p
}

// edit writes a title; on a conflict it looks at what stands and tries again.
func (w *crowd) edit(p *post, title string, n int) {
	for w.c.t.Context().Err() == nil {
		status, answer := w.persist(n, "PATCH", "/posts/"+p.id, fmt.Sprintf("%q", fmt.Sprint(p.rev)), map[string]any{"title": title})
		switch status {
		case http.StatusOK:
			w.acknowledged(p, answer)
			return
		case http.StatusPreconditionFailed:
			var conflict struct {
				Current struct{ Post json.RawMessage }
			}
			if err := json.Unmarshal(answer, &conflict); err != nil {
				w.c.t.Error(err)
				return
			}
			w.learn(p, conflict.Current.Post)
		default:
			w.refused(status, answer)
			return
		}
	}
}

func (w *crowd) remove(p *post, n int) {
	w.c.ledger.Deleting("post", p.id)
	status, answer := w.persist(n, "DELETE", "/posts/"+p.id, "", nil)
	if status != http.StatusOK {
		w.refused(status, answer)
		return
	}
	w.acknowledged(p, answer)
}

func (w *crowd) refused(status int, answer []byte) {
	if status != 0 {
		w.c.t.Errorf("a write was refused: %d %s", status, answer)
	}
}

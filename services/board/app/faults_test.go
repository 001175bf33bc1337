//go:build faults

package app

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fresque.dev/services/board/internal/board"
)

// outage is how long NATS stays away; shorter when tests run with -short.
func outage() time.Duration {
	if testing.Short() {
		return 4 * time.Second
	}
	return 30 * time.Second
}

// busy is a cluster of two with browsers on each, one of which changes over
// when it is cut off, and people who write to both.
func busy(t *testing.T, writing time.Duration) (c *cluster, a, b *replica, crowd *crowd) {
	t.Helper()
	c = newCluster(t, 2)
	a, b = c.replicas[0], c.replicas[1]
	c.watch("browser on A", bases(a, b)...).opened()
	c.watch("browser on B", bases(b, a)...).opened()
	c.watch("second browser on A", bases(a, b)...).opened()
	return c, a, b, c.writes(4, 0, writing, bases(a, b)...)
}

const briskly = 20 * time.Millisecond

func TestS11_TwoReplicasBehaveAsOne(t *testing.T) {
	c, a, b, crowd := busy(t, 0)
	time.Sleep(3 * time.Second)
	crowd.end()
	c.settles(time.Now(), a, b)
	for _, one := range c.browsers {
		if n := one.resets.Load(); n != 0 {
			t.Errorf("%d resets without a fault", n)
		}
	}
}

func TestS4_WhoWritesOnOneReplicaReadsItOnTheOther(t *testing.T) {
	c := newCluster(t, 2)
	a, b := c.replicas[0], c.replicas[1]
	c.watch("browser on B", b.base()).opened()
	w := c.writes(0, 1, 0, a.base())
	for n := range 100 {
		there, here := a, b
		if n%2 == 1 {
			there, here = b, a
		}
		w.bases = bases(there)
		p := w.create("mine", 0)
		status, answer, err := request(t.Context(), "GET", here.base()+wall+"/posts/"+p.id, c.token, "", nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("read on the other replica: %d %s %v", status, answer, err)
		}
		if status, snapshot, err := request(t.Context(), "GET", there.base()+wall+"/snapshot", c.token, "", nil); err != nil || !contains(snapshot, p.id) {
			t.Fatalf("post %d is not in the snapshot of the replica that wrote it: %d %v", n, status, err)
		}
	}
	c.settles(time.Now(), a, b)
}

// TestS4_ASnapshotOfTheOtherReplicaSoonHasWhatWasWritten: publishing is no part
// of the acknowledgement, so another replica's mirror may be milliseconds
// behind. Whoever wrote has the answer to their own write, and a single post is
// always read from the store (docs/adr/0009).
func TestS4_ASnapshotOfTheOtherReplicaSoonHasWhatWasWritten(t *testing.T) {
	c := newCluster(t, 2)
	a, b := c.replicas[0], c.replicas[1]
	c.watch("browser on A", a.base()).opened()
	c.watch("browser on B", b.base()).opened()
	w := c.writes(0, 1, 0, a.base())
	for range 200 {
		p := w.create("mine", 0)
		eventually(t, "the other replica's snapshot has the post", func() bool {
			status, snapshot, err := request(t.Context(), "GET", b.base()+wall+"/snapshot", c.token, "", nil)
			return err == nil && status == http.StatusOK && contains(snapshot, p.id)
		})
	}
}

func TestS5_KilledBetweenStoreAndPublish(t *testing.T) {
	c, a, b, _ := quiet(t)
	w := c.writes(0, 1, 0, bases(a, b)...)
	dead := make(chan time.Time, 1)
	a.store.set(func(s *faultyStore) {
		s.stored = func() {
			// From here on nothing of what is stored gets out of the replica.
			a.store.set(func(s *faultyStore) { s.stored = nil })
			a.nats.Refuse(true)
			a.app.nats.Close()
			go func() { a.kill(); dead <- time.Now() }()
		}
	})
	if p := w.create("stored, never announced", 0); p == nil {
		t.Fatal("not written")
	}
	c.settles(<-dead, b)
}

func TestS5_KilledBetweenPublishAndClearingTheMark(t *testing.T) {
	c, a, b, _ := quiet(t)
	w := c.writes(0, 1, 0, bases(a, b)...)
	c.settles(time.Now(), a, b)
	before := c.storedEvents()
	dead := make(chan time.Time, 1)
	a.store.set(func(s *faultyStore) {
		s.marking = func() error {
			a.store.set(func(s *faultyStore) { s.marking, s.refuses = nil, true })
			go func() { a.kill(); dead <- time.Now() }()
			return errStoreAway
		}
	})
	b.store.set(func(s *faultyStore) { s.marking = func() error { return errStoreAway } })
	if p := w.create("published, still marked", 0); p == nil {
		t.Fatal("not written")
	}
	end := <-dead
	b.store.set(func(s *faultyStore) { s.marking = nil })
	c.settles(end, b)
	eventually(t, "the other replica clears the mark", func() bool {
		left, err := b.store.Unpublished(t.Context(), time.Now().Add(time.Hour), 10)
		return err == nil && len(left) == 0
	})
	if n := c.storedEvents() - before; n != 1 {
		t.Fatalf("the event is in the stream %d times", n)
	}
}

func TestS5_AReplicaDiesUnderLoad(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(time.Second)
	a.kill()
	end := time.Now()
	time.Sleep(time.Second)
	crowd.end()
	c.settles(later(end, time.Now()), b)
}

func TestS4_NATSIsStoppedAndComesBack(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(time.Second)
	c.nats.Stop()
	before := c.ledger.Count()
	time.Sleep(outage())
	if n := c.ledger.Count() - before; n < 10 {
		t.Errorf("only %d writes were acknowledged without NATS", n)
	}
	end := time.Now()
	c.nats.Restart()
	time.Sleep(500 * time.Millisecond)
	crowd.end()
	c.settles(end, a, b)
}

func TestS9_NATSComesBackWithItsStreamDeleted(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(time.Second)
	c.nats.Stop()
	time.Sleep(time.Second)
	end := time.Now()
	c.nats.Restart()
	c.dropStream()
	time.Sleep(time.Second)
	crowd.end()
	c.settles(end, a, b)
}

func TestS9_TheStreamIsDeletedUnderLiveConnections(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(time.Second)
	c.dropStream()
	end := time.Now()
	time.Sleep(time.Second)
	crowd.end()
	c.settles(end, a, b)
	for _, one := range c.browsers {
		if one.resets.Load() == 0 {
			t.Error("a browser was not reset, though its cursor means nothing any more")
		}
	}
}

func TestS10_AReplicaIsCutOffFromNATSWhileOthersWrite(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(500 * time.Millisecond)
	a.nats.Refuse(true)
	time.Sleep(3 * time.Second)
	end := time.Now()
	a.nats.Refuse(false)
	crowd.end()
	c.settles(end, a, b)
}

// TestS10_AReplicasConnectionToNATSIsSilentlyDead: no byte passes and nobody is
// told, for longer than the connection takes to notice.
func TestS10_AReplicasConnectionToNATSIsSilentlyDead(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(500 * time.Millisecond)
	a.nats.Freeze(true)
	time.Sleep(min(outage(), 18*time.Second))
	end := time.Now()
	a.nats.Freeze(false)
	crowd.end()
	c.settles(end, a, b)
}

func TestS4_TheServiceStartsWithoutNATS(t *testing.T) {
	c := prepareCluster(t)
	c.nats.Stop()
	a, b := c.start(), c.start()
	c.makeWall()
	w := c.writes(2, 20, 0, bases(a, b)...)
	w.wait()
	for _, r := range c.replicas {
		if status, body, err := request(t.Context(), "GET", r.base()+"/readyz", "", "", nil); err != nil || status != http.StatusServiceUnavailable {
			t.Errorf("replica %s says that it is ready: %d %s %v", r.name, status, body, err)
		}
		if status, snapshot, err := request(t.Context(), "GET", r.base()+wall+"/snapshot", c.token, "", nil); err != nil || status != http.StatusOK || !contains(snapshot, w.shared.id) {
			t.Errorf("replica %s does not show the wall: %d %v", r.name, status, err)
		}
	}
	end := time.Now()
	c.nats.Restart()
	c.watch("browser on A", a.base())
	c.watch("browser on B", b.base())
	c.settles(end, a, b)
}

func TestS4_TheStoreIsSlow(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(500 * time.Millisecond)
	for _, r := range c.replicas {
		r.store.set(func(s *faultyStore) { s.delay = 2 * time.Second })
	}
	time.Sleep(6 * time.Second)
	for _, r := range c.replicas {
		r.store.set(func(s *faultyStore) { s.delay = 0 })
	}
	end := time.Now()
	crowd.end()
	c.settles(later(end, time.Now()), a, b)
}

func TestS4_TheStoreRefuses(t *testing.T) {
	c, a, b, crowd := busy(t, briskly)
	time.Sleep(500 * time.Millisecond)
	for _, r := range c.replicas {
		r.store.set(func(s *faultyStore) { s.refuses = true })
	}
	time.Sleep(3 * time.Second)
	for _, r := range c.replicas {
		r.store.set(func(s *faultyStore) { s.refuses = false })
	}
	end := time.Now()
	crowd.end()
	c.settles(end, a, b)
}

// TestS9_ABrowserSleepsForTenMinutes: it comes back with a cursor that the ring
// has forgotten and the stream still has, then with one older than the stream.
func TestS9_ABrowserSleepsForTenMinutes(t *testing.T) {
	for name, tc := range map[string]struct {
		keep   int
		resets int32
	}{"and the stream still has its cursor": {10_000, 0}, "and the stream has moved on": {100, 1}} {
		t.Run(name, func(t *testing.T) {
			c := prepareCluster(t)
			c.cfg.KeepEvents = tc.keep
			a, b := c.start(), c.start()
			c.makeWall()
			sleeper := c.watch("sleeper", a.base()).opened()
			c.watch("browser on B", b.base()).opened()
			c.writes(4, 20, 0, bases(a, b)...).wait()
			c.settles(time.Now(), a, b)
			sleeper.asleep.Store(true)
			a.http.Cut()
			c.writes(8, 450, 0, bases(a, b)...).wait() // more than a ring
			end := time.Now()
			sleeper.asleep.Store(false)
			c.settles(end, a, b)
			if n := sleeper.resets.Load(); n != tc.resets {
				t.Errorf("%d resets, want %d", n, tc.resets)
			}
		})
	}
}

func TestS9_ACursorThatMeansNothing(t *testing.T) {
	c := newCluster(t, 1)
	a := c.replicas[0]
	for _, cursor := range []string{"older-1", "nonsense", "-", "x-99999999999999999999"} {
		one := c.watch("browser with "+cursor, a.base())
		one.opened()
		one.asleep.Store(true)
		a.http.Cut()
		eventually(t, "it sleeps", func() bool { return one.returns.Load() > 0 })
		one.cursor = cursor
		one.asleep.Store(false)
	}
	c.writes(2, 20, 0, a.base()).wait()
	c.settles(time.Now(), a)
}

func TestS15_AReaderThatStopsReadingDelaysNobodyAndLosesNothing(t *testing.T) {
	c := newCluster(t, 2)
	a, b := c.replicas[0], c.replicas[1]
	// Its proxy stops, and so do its sockets, once their buffers are full.
	lazy := startProxy(t, a.app.Addr())
	reader := c.watch("reader that stops", "http://"+lazy.Addr()).opened()
	c.watch("browser on A", a.base()).opened()
	c.watch("browser on B", b.base()).opened()
	lazy.Freeze(true)
	// More than its queue and every buffer on the way hold.
	c.fills(strings.Repeat("long ", 3000), 8, 700, 0, bases(a, b)...).wait()
	others := *c
	others.browsers = c.browsers[1:]
	others.settles(time.Now(), a, b)
	end := time.Now()
	lazy.Freeze(false)
	c.settles(end, a, b)
	if reader.returns.Load() == 0 {
		t.Error("the reader was never cut off: nothing was tried")
	}
}

func TestS9_AProxyCutsEveryConnectionEachSecond(t *testing.T) {
	limit := 10_000
	if testing.Short() {
		limit = 1000
	}
	c := newCluster(t, 2)
	a, b := c.replicas[0], c.replicas[1]
	for range 3 {
		c.watch("browser on A", bases(a, b)...).opened()
		c.watch("browser on B", bases(b, a)...).opened()
	}
	for _, r := range c.replicas {
		go r.http.CutEvery(t.Context(), time.Second)
	}
	begin := time.Now()
	w := c.writes(16, limit, 0, bases(a, b)...)
	w.wait()
	t.Logf("%d writes in %.1f s, %d connections cut", c.ledger.Count(), time.Since(begin).Seconds(), (a.http.Cuts()+b.http.Cuts())/2)
	c.settles(time.Now(), a, b)
}

// quiet is a cluster of two that only watches.
func quiet(t *testing.T) (c *cluster, a, b *replica, browsers []*browser) {
	t.Helper()
	c = newCluster(t, 2)
	a, b = c.replicas[0], c.replicas[1]
	c.watch("browser on A", bases(a, b)...).opened()
	c.watch("browser on B", bases(b, a)...).opened()
	return c, a, b, c.browsers
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func contains(snapshot []byte, id string) bool {
	return uuid.Validate(id) == nil && bytes.Contains(snapshot, []byte(id))
}

// eventually waits for a condition, which must come true.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for range 1500 {
		if cond() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// TestS5_WhatWasNotLoggedIsCompletedByTheRelay: the log refuses on one replica,
// which then dies; the other one writes the entry, and tells the browsers.
func TestS5_WhatWasNotLoggedIsCompletedByTheRelay(t *testing.T) {
	c, a, b, _ := quiet(t)
	a.store.set(func(s *faultyStore) { s.unlogged = true })
	id := uuid.Must(uuid.NewV7()).String()
	c.ledger.Sent("post", id)
	status, answer, err := request(t.Context(), "POST", a.base()+wall+"/posts", c.token, "", map[string]any{"id": id, "title": "stored, not logged"})
	if err != nil || status < http.StatusInternalServerError {
		t.Fatalf("acknowledged what is not logged: %d %s %v", status, answer, err)
	}
	a.kill()
	key := board.Key{Board: faultyWall, Kind: board.KindPost, ID: board.ID(id)}
	eventually(t, "the other replica has completed the log", func() bool {
		acts, err := b.store.ListUnder(t.Context(), key.Board, board.KindAct, key.ID)
		return err == nil && len(acts) == 1
	})
	status, answer, err = request(t.Context(), "POST", b.base()+wall+"/posts", c.token, "", map[string]any{"id": id, "title": "stored, not logged"})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("the retry: %d %s %v", status, answer, err)
	}
	if err := c.ledger.Acknowledged("post", answer); err != nil {
		t.Fatal(err)
	}
	c.settles(time.Now(), b)
}

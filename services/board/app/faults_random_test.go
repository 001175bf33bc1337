//go:build faults

package app

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/wallcheck"
)

const actors = 20

// randomFor is how long the test goes on: a minute, or FAULTS_MINUTES.
func randomFor() time.Duration {
	if minutes, err := strconv.Atoi(os.Getenv("FAULTS_MINUTES")); err == nil {
		return time.Duration(minutes) * time.Minute
	}
	if testing.Short() {
		return 15 * time.Second
	}
	return time.Minute
}

// crew is all who act on the wall, and what is known to be true of it.
type crew struct {
	*cluster
	seed     uint64
	trainers []*actor
	people   []*actor
	groups   []string
	until    time.Time
	// setting is held while the anonymity changes, and shared while a post is
	// made: so what each author was promised is known exactly.
	setting sync.RWMutex
	now     string // the anonymity

	mu       sync.Mutex
	real     map[string]bool   // the ids of those who are not trainers
	promised map[string]string // posts and comments
	acked    map[string]acked
	posts    []string
	comments []string
	sections []string
	count    map[string]int
	// standing is the wall as the store has had it for a while.
	standing standing
}

// TestRandomActsThroughTwoReplicas lets two trainers and twenty participants do
// anything at all, while browsers of every class watch. FAULTS_SEED repeats a
// run as far as chance allows.
func TestRandomActsThroughTwoReplicas(t *testing.T) {
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("FAULTS_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("FAULTS_SEED=%d", seed)
	c := newCrew(t, seed)
	browsers := c.audience()
	var work sync.WaitGroup
	for _, a := range c.trainers {
		work.Go(func() { a.act(a.moderate, 60*time.Millisecond) })
	}
	for _, a := range c.people {
		work.Go(func() { a.act(a.participate, 150*time.Millisecond) })
	}
	work.Go(c.stand)
	work.Wait()
	c.mu.Lock()
	t.Logf("%d posts, %d sections: %v", len(c.posts), len(c.sections), c.count)
	c.mu.Unlock()
	c.agree(browsers)
	c.nothingLost()
	c.countsAreTrue()
	c.allLogged()
}

func newCrew(t *testing.T, seed uint64) *crew {
	c := &crew{
		cluster: newCluster(t, 2), seed: seed, now: "named", real: make(map[string]bool), promised: make(map[string]string),
		acked: make(map[string]acked), count: make(map[string]int), standing: standing{sections: make(map[string]sectionStanding)},
	}
	for n := range 2 {
		c.trainers = append(c.trainers, c.enter(n, c.links.Moderator, fmt.Sprint("Trainer ", n)))
	}
	for _, name := range []string{"A", "B"} {
		c.groups = append(c.groups, c.trainers[0].must("POST", "/groups", "", map[string]any{"name": name})["id"].(string))
	}
	for n := range actors {
		c.people = append(c.people, c.enter(10+n, c.links.Writer, fmt.Sprint("NOM-", n)))
	}
	for range 4 {
		made := c.trainers[0].must("POST", "/sections", "", map[string]any{"title": "Partie"})
		c.sections = append(c.sections, made["id"].(string))
	}
	c.trainers[0].must("PATCH", "", `"1"`, map[string]any{"settings": map[string]any{"reactions": "votes"}})
	c.until = time.Now().Add(randomFor())
	return c
}

// audience is a browser of every class on each replica; an author's is among
// them.
func (c *crew) audience() map[*browser]*actor {
	c.t.Helper()
	a, b := c.replicas[0], c.replicas[1]
	readers := c.trainers[0].must("POST", "/links", "", map[string]any{"role": "reader"})["url"].(string)
	writers := c.trainers[0].must("POST", "/links", "", map[string]any{"role": "writer"})["url"].(string)
	watchers := map[string]*actor{"trainer": c.trainers[0], "author": c.people[0], "reader": c.enter(90, readers, "Reader"), "member": c.enter(91, writers, "Member")}
	groupOf := make(map[string]string)
	for n, name := range []string{"group A", "group B"} {
		w := c.enter(92+n, writers, "Watcher "+name)
		renewal := w.sign(byLink(writers, "Watcher "+name))
		c.trainers[0].must("PUT", "/participants/"+w.id+"/group", "", map[string]any{"groupId": c.groups[n]})
		w.sign(map[string]any{"boardId": faultyWall, "renewal": renewal})
		watchers[name], groupOf[name] = w, c.groups[n]
	}
	out := make(map[*browser]*actor)
	for name, who := range watchers {
		for n, order := range [][]string{bases(a, b), bases(b, a)} {
			browser := c.look(fmt.Sprintf("%s %d", name, n), who, order, groupOf[name])
			out[browser] = who
		}
	}
	for browser := range out {
		browser.opened()
	}
	return out
}

// agree waits until every browser shows what one shows that has just come, on
// either replica.
func (c *crew) agree(browsers map[*browser]*actor) {
	c.t.Helper()
	end := time.Now()
	fresh := make(map[*actor][]*browser)
	for _, who := range browsers {
		if fresh[who] == nil {
			for _, r := range c.replicas {
				fresh[who] = append(fresh[who], watch(c.t, "fresh", who.token, bases(r)).opened())
			}
		}
	}
	told := make(map[string]bool)
	for {
		var problems []string
		shown := 0
		for b, who := range browsers {
			shown += b.wall.Count()
			for _, one := range fresh[who] {
				for _, f := range wallcheck.Same(one.wall, b.wall) {
					if f.Kind == wallcheck.Leaked || f.Kind == wallcheck.Diverged && strings.Contains(f.What, "two contents") || f.Kind == wallcheck.Unordered {
						if !told[f.String()] {
							c.t.Error(f)
						}
						told[f.String()] = true
						continue
					}
					problems = append(problems, f.String())
				}
			}
		}
		if len(problems) == 0 || c.t.Failed() {
			c.t.Logf("%d browsers agree %.1f s after the end, on %d posts in all", len(browsers), time.Since(end).Seconds(), shown)
			return
		}
		if time.Since(end) > recoverWithin {
			c.t.Fatalf("%d problems:\n%s", len(problems), strings.Join(problems[:min(20, len(problems))], "\n"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// nothingLost holds the store to what was acknowledged.
func (c *crew) nothingLost() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, want := range c.acked {
		doc, err := c.replicas[0].app.store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: board.KindPost, ID: board.ID(id)})
		if err != nil {
			c.t.Errorf("%s: %v", id, err)
			continue
		}
		p := doc.(*board.Post)
		if int64(p.Rev) < want.rev || int64(p.Rev) == want.rev && !p.Deleted() && (p.Title != want.title || p.Body != want.body) {
			c.t.Errorf("acknowledged at revision %d as %q %q, it is %d %q %q", want.rev, want.title, want.body, p.Rev, p.Title, p.Body)
		}
		if promise := c.promised[id]; promise != "named" && string(p.Sealed) != promise {
			c.t.Errorf("%s was promised %s, it says %q", id, promise, p.Sealed)
		}
	}
}

// allLogged looks for every revision of every post in the log.
func (c *crew) allLogged() {
	c.t.Helper()
	for _, id := range c.posts {
		key := board.Key{Board: faultyWall, Kind: board.KindPost, ID: board.ID(id)}
		eventually(c.t, "everything that was done to a post is in the log", func() bool {
			doc, err := c.replicas[0].app.store.Get(c.t.Context(), key)
			acts, err2 := c.replicas[0].app.store.ListUnder(c.t.Context(), key.Board, board.KindAct, key.ID)
			return err == nil && err2 == nil && board.Rev(len(acts)) == doc.Head().Rev
		})
	}
}

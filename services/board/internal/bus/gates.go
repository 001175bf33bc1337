package bus

import (
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
)

const (
	// passesEach is how many deliveries one platform is given at once, so that one
	// that is slow leaves room for the others.
	passesEach = 4
	// gateFull is when to look again at what found no room.
	gateFull = 2 * time.Second
)

// gates stand before platforms: one that is down is tried by one delivery now and
// then, and all others of it wait meanwhile. They are of one replica; each finds
// out by itself.
type gates struct {
	pace Pace
	mu   sync.Mutex
	all  map[board.ID]*gate
}

func newGates(pace Pace) *gates { return &gates{pace: pace, all: make(map[board.ID]*gate)} }

// gate is that of one platform.
type gate struct {
	inside int
	// failures are those in a row, until is when it opens again, why the last one.
	failures int
	until    time.Time
	why      string
}

// pass lets one delivery try. It is given back once.
type pass struct {
	of *gates
	to board.ID
	// failures are those of the gate when the pass was given.
	failures int
}

// pass gives a pass, or how long to wait; and why, where the platform is down.
func (g *gates) pass(platform board.ID, now time.Time) (*pass, time.Duration, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.all[platform]
	if at == nil {
		at = &gate{}
		g.all[platform] = at
	}
	room := passesEach
	if at.failures > 0 {
		room = 1
	}
	switch {
	case now.Before(at.until):
		return nil, at.until.Sub(now), at.why
	case at.inside >= room:
		return nil, min(gateFull, g.pace.First), ""
	}
	at.inside++
	return &pass{of: g, to: platform, failures: at.failures}, 0, ""
}

// done tells how the try went: nil for taken.
func (p *pass) done(untaken *board.Untaken, now time.Time) {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	at := p.of.all[p.to]
	at.inside--
	switch {
	case untaken == nil || untaken.ThisOne: // the site is there
		at.failures, at.until, at.why = 0, time.Time{}, ""
	case at.failures == p.failures: // of several at once, the first counts
		at.failures++
		pause := p.of.pace.First
		for range min(at.failures-1, 20) {
			pause = min(2*pause, p.of.pace.Last)
		}
		at.until, at.why = now.Add(spread(max(pause, untaken.RetryAfter))), untaken.Why
	}
	p.of.tidy(p.to)
}

// back gives back a pass that was not used.
func (p *pass) back() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.of.all[p.to].inside--
	p.of.tidy(p.to)
}

// tidy forgets a gate that stands open and empty.
func (g *gates) tidy(platform board.ID) {
	if at := g.all[platform]; at.inside == 0 && at.failures == 0 {
		delete(g.all, platform)
	}
}

package bus

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

func TestAGateClosesForLongerAndLonger(t *testing.T) {
	pace := Pace{First: 10 * time.Second, Last: time.Hour}
	g, now := newGates(pace), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	down := &board.Untaken{Why: "status 503"}
	var passes []*pass
	for range passesEach {
		p, _, _ := g.pass("a", now)
		passes = append(passes, p)
	}
	if p, wait, why := g.pass("a", now); p != nil || wait <= 0 || why != "" {
		t.Fatal("a full gate lets one in")
	}
	if p, _, _ := g.pass("b", now); p == nil {
		t.Fatal("another platform is held up")
	}
	for _, p := range passes {
		p.done(down, now) // at once: one failure
	}
	for _, least := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		p, wait, why := g.pass("a", now)
		if p != nil || wait < least || wait > least+least/5 || why != "status 503" {
			t.Fatalf("waits %v for %q, want %v", wait, why, least)
		}
		now = now.Add(wait)
		if p, _, _ = g.pass("a", now); p == nil {
			t.Fatal("it does not open again")
		}
		if other, _, _ := g.pass("a", now); other != nil {
			t.Fatal("two try at once whether a site is back")
		}
		p.done(down, now)
	}
	for range 12 {
		_, wait, _ := g.pass("a", now)
		now = now.Add(wait)
		p, _, _ := g.pass("a", now)
		p.done(down, now)
	}
	_, wait, _ := g.pass("a", now)
	if wait > pace.Last+pace.Last/5 {
		t.Fatalf("waits %v", wait)
	}
	now = now.Add(wait)
	p, _, _ := g.pass("a", now)
	p.done(&board.Untaken{Why: "status 429", RetryAfter: 3 * time.Hour}, now)
	if _, wait, _ := g.pass("a", now); wait < 3*time.Hour {
		t.Fatalf("comes back after %v, and was asked for three hours", wait)
	}
	now = now.Add(4 * time.Hour)
	p, _, _ = g.pass("a", now)
	p.done(&board.Untaken{Why: "status 404", ThisOne: true}, now)
	if p, _, _ := g.pass("a", now); p == nil {
		t.Fatal("one notice that is refused closes the gate")
	} else {
		p.back()
	}
	if len(g.all) != 1 { // of b, which has one inside
		t.Fatalf("%d gates are kept", len(g.all))
	}
}

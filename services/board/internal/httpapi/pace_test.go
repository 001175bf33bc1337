package httpapi

import (
	"testing"
	"time"

	"fresque.dev/services/internal/fault"
)

func TestPace(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := newPace(40, func() time.Time { return now })
	for range 20 {
		if err := p.step("a"); err != nil {
			t.Fatal(err)
		}
	}
	refused, ok := fault.As(p.step("a"))
	if !ok || refused.Kind != fault.RateLimited || refused.Params[paramRetryAfter] != 2 {
		t.Fatalf("the 21st at once: %v", refused)
	}
	if err := p.step("b"); err != nil {
		t.Fatalf("another is refused: %v", err)
	}
	now = now.Add(1500 * time.Millisecond)
	if err := p.step("a"); err != nil {
		t.Fatalf("after the wait: %v", err)
	}
	if p.step("a") == nil {
		t.Fatal("two after a wait for one")
	}
	now = now.Add(time.Hour)
	for range 20 {
		if err := p.step("a"); err != nil {
			t.Fatalf("an hour later: %v", err)
		}
	}
	if p.step("a") == nil {
		t.Fatal("an hour saves up more than may come at once")
	}
}

package httpapi

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// countOfAll adds up, or does not.
type countOfAll struct {
	mu   sync.Mutex
	of   map[string]int
	away bool
}

func (c *countOfAll) Add(_ context.Context, what string, n int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return 0, errors.New("away")
	}
	c.of[what] += n
	return c.of[what], nil
}

// replica is one that is waited for whenever it tells the others.
func replica(shared Calls, now *time.Time) (*calls, func(*board.Platform) (pass, error)) {
	c := newCalls(shared, func() time.Time { return *now })
	told := make(chan bool, 1)
	c.told = func() { told <- true }
	return c, func(p *board.Platform) (pass, error) {
		at, err := c.count(context.Background(), p)
		c.mu.Lock()
		sharing := c.of[string(p.ID)].sharing
		c.mu.Unlock()
		if sharing || len(told) > 0 {
			<-told
		}
		return at, err
	}
}

func platformOf(id board.ID, perMinute int) *board.Platform {
	p := &board.Platform{Quotas: board.Quotas{CallsPerMinute: perMinute}}
	p.ID = id
	return p
}

func TestAPlatformCallsSoOftenAndNoMore(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 15, 0, time.UTC)
	_, call := replica(nil, &now)
	ours, theirs := platformOf("a", 3), platformOf("b", 3)
	for left := 2; left >= 0; left-- {
		if at, err := call(ours); err != nil || at != (pass{limit: 3, left: left, reset: 45}) {
			t.Fatalf("%+v, %v", at, err)
		}
	}
	at, err := call(ours)
	if f, ok := fault.As(err); !ok || f.Kind != fault.RateLimited || f.Params[paramRetryAfter] != 45 || at.left != 0 {
		t.Fatalf("%+v, %v", at, err)
	}
	if _, err := call(theirs); err != nil {
		t.Fatal(err)
	}
	now = now.Add(45 * time.Second)
	if at, err := call(ours); err != nil || at.left != 2 || at.reset != 60 {
		t.Fatalf("%+v, %v", at, err)
	}
	if at, _ := call(platformOf("c", 0)); at.limit != board.CallsPerMinute {
		t.Fatalf("%+v", at)
	}
}

func TestReplicasCountTogether(t *testing.T) {
	for name, tc := range map[string]struct {
		away        bool
		least, most int
	}{"all are there": {false, 100, 110}, "the count of all is away": {true, 200, 200}} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			shared := &countOfAll{of: map[string]int{}, away: tc.away}
			_, one := replica(shared, &now)
			_, two := replica(shared, &now)
			p, granted := platformOf("a", 100), 0
			for range 150 {
				for _, call := range []func(*board.Platform) (pass, error){one, two} {
					if _, err := call(p); err == nil {
						granted++
					}
				}
			}
			if granted < tc.least || granted > tc.most {
				t.Fatalf("%d calls of 100", granted)
			}
		})
	}
}

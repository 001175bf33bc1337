package callers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// patient is a counter that is waited for whenever it tells the others.
func patient(c *Counter) func(key string, limit int) (Pass, error) {
	told := make(chan bool, 1)
	c.told = func() { told <- true }
	return func(key string, limit int) (Pass, error) {
		at, err := c.Take(context.Background(), key, 1, limit)
		c.mu.Lock()
		sharing := c.of[key].sharing
		c.mu.Unlock()
		if sharing || len(told) > 0 {
			<-told
		}
		return at, err
	}
}

// at is a clock that stands where now is.
func at(now *time.Time) func() time.Time { return func() time.Time { return *now } }

func TestEachCallsSoOftenAndNoMore(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 15, 0, time.UTC)
	call := patient(OfFew(nil, at(&now)))
	for left := 2; left >= 0; left-- {
		if at, err := call("ours", 3); err != nil || at != (Pass{Limit: 3, Left: left, Reset: 45}) {
			t.Fatalf("%+v, %v", at, err)
		}
	}
	at, err := call("ours", 3)
	if f, ok := fault.As(err); !ok || f.Kind != fault.RateLimited || f.Params[fault.RetryAfter] != 45 || at.Left != 0 {
		t.Fatalf("%+v, %v", at, err)
	}
	if _, err := call("theirs", 3); err != nil {
		t.Fatal(err)
	}
	now = now.Add(45 * time.Second)
	if at, err := call("ours", 3); err != nil || at.Left != 2 || at.Reset != 60 {
		t.Fatalf("%+v, %v", at, err)
	}
}

// TestManyAreTakenAtOnce: the last that passes may go beyond the limit, and asking
// takes nothing.
func TestManyAreTakenAtOnce(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	shared := &countOfAll{of: map[string]int{}}
	c := OfMany(shared, at(&now))
	for _, step := range []struct {
		n, left int
		passes  bool
	}{{60, 40, true}, {0, 40, true}, {60, 0, true}, {0, 0, false}, {1, 0, false}} {
		if at, err := c.Take(t.Context(), "a", step.n, 100); (err == nil) != step.passes || at.Left != step.left {
			t.Fatalf("%+v: %+v, %v", step, at, err)
		}
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
			one, two := patient(OfFew(shared, at(&now))), patient(OfFew(shared, at(&now)))
			granted := 0
			for range 150 {
				for _, call := range []func(string, int) (Pass, error){one, two} {
					if _, err := call("a", 100); err == nil {
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

// TestWhatAllReplicasLetPassIsBounded: whoever spreads over eight replicas passes
// as often as is said at Counter.alone, and no more.
func TestWhatAllReplicasLetPassIsBounded(t *testing.T) {
	const limit = 400
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{1, 2, 4, 8} {
		shared := &countOfAll{of: map[string]int{}}
		var replicas []func() error
		for range n {
			take := patient(OfMany(shared, at(&now)))
			replicas = append(replicas, func() error {
				_, err := take("a", limit)
				return err
			})
		}
		passed := 0
		for range limit {
			for _, take := range replicas {
				if take() == nil {
					passed++
				}
			}
		}
		if most := max(limit, n*limit/alonePart) + n*limit/shares; passed < limit || passed > most {
			t.Errorf("%d replicas let %d pass of %d", n, passed, limit)
		}
	}
}

// TestManyAddressesAreForgotten: a flood from everywhere fills no memory.
func TestManyAddressesAreForgotten(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := OfMany(nil, at(&now))
	for n := range mostCounted + 10 {
		if _, err := c.Take(context.Background(), fmt.Sprint(n), 1, 5); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.of) > mostCounted {
		t.Errorf("%d are kept", len(c.of))
	}
	now = now.Add(time.Minute)
	if _, err := c.Take(context.Background(), "a", 1, 5); err != nil || len(c.of) != 1 {
		t.Errorf("%d are kept, %v", len(c.of), err)
	}
}

// BenchmarkCaller is what a request pays to be counted, as every processor counts
// at once.
func BenchmarkCaller(b *testing.B) {
	c := OfMany(nil, time.Now)
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		who := fmt.Sprint("writes ", n.Add(1))
		for pb.Next() {
			_, _ = c.Take(context.Background(), who, 1, 1<<40)
		}
	})
}

package httpapi

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// TestWhatAllReplicasLetPassIsBounded: whoever spreads over eight replicas passes
// as often as is said at calls.alone, and no more.
func TestWhatAllReplicasLetPassIsBounded(t *testing.T) {
	const limit = 400
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{1, 2, 4, 8} {
		shared := &countOfAll{of: map[string]int{}}
		var replicas []func() error
		for range n {
			c := newCallers(shared, func() time.Time { return now })
			told := make(chan bool, 1)
			c.told = func() { told <- true }
			replicas = append(replicas, func() error {
				_, err := c.take(context.Background(), "a", limit)
				c.mu.Lock()
				sharing := c.of["a"].sharing
				c.mu.Unlock()
				if sharing || len(told) > 0 {
					<-told
				}
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
		if most := max(limit, n*limit/callersAlone) + n*limit/callsShares; passed < limit || passed > most {
			t.Errorf("%d replicas let %d pass of %d", n, passed, limit)
		}
	}
}

// TestManyAddressesAreForgotten: a flood from everywhere fills no memory.
func TestManyAddressesAreForgotten(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := newCallers(nil, func() time.Time { return now })
	for n := range mostCounted + 10 {
		if _, err := c.take(context.Background(), fmt.Sprint(n), 5); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.of) > mostCounted {
		t.Errorf("%d are kept", len(c.of))
	}
	now = now.Add(time.Minute)
	if _, err := c.take(context.Background(), "a", 5); err != nil || len(c.of) != 1 {
		t.Errorf("%d are kept, %v", len(c.of), err)
	}
}

// BenchmarkCaller is what a request pays to be counted, as every processor counts
// at once.
func BenchmarkCaller(b *testing.B) {
	c := newCallers(nil, time.Now)
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		who := fmt.Sprint("writes ", n.Add(1))
		for pb.Next() {
			_, _ = c.take(context.Background(), who, 1<<40)
		}
	})
}

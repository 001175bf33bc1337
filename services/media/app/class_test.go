package app_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/media/app"
	"fresque.dev/services/media/internal/bounds"
)

// together adds up what replicas count.
type together struct {
	mu sync.Mutex
	of map[string]int
}

func (c *together) Add(_ context.Context, what string, n int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[what] += n
	return c.of[what], nil
}

// TestAClassBehindOneAddressIsNeverRefused: 40 people do all they can in one minute,
// by two replicas, with the limits that are there by default.
func TestAClassBehindOneAddressIsNeverRefused(t *testing.T) {
	const (
		people, pictures, opened = 40, 500, 3
		line                     = 1_000_000_000 / 8 * 60 // bytes in a minute
		piece                    = 256 << 10              // what is read at a time
	)
	l := app.DefaultLimits()
	all, now := &together{of: map[string]int{}}, time.Now()
	replica := func() *bounds.Bounds {
		return bounds.New(nil, bounds.Limits{Requests: l.AddressFiles, Uploads: l.AddressUploads, Bytes: l.AddressMiB << 20},
			callers.OfMany(all, func() time.Time { return now }))
	}
	replicas := []*bounds.Bounds{replica(), replica()}
	for what, do := range map[string]struct {
		times int
		once  func(*bounds.Bounds) error
	}{
		"a wall is opened": {people * pictures * opened, func(b *bounds.Bounds) error { return b.Request(t.Context(), "school") }},
		"uploads begin":    {people * 4 * app.Default().UploadsEach, func(b *bounds.Bounds) error { return b.Begin(t.Context(), "school") }},
		"a line is full":   {line/piece + 1, func(b *bounds.Bounds) error { return b.Send(t.Context(), "school", piece) }},
	} {
		for n := range do.times {
			if err := do.once(replicas[n%len(replicas)]); err != nil {
				t.Fatalf("%s: number %d of %d: %v", what, n+1, do.times, err)
			}
		}
	}
	if app.Default().AddressConnections < people*6 {
		t.Errorf("%d connections of one address", app.Default().AddressConnections)
	}
}

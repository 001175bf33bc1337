package callers

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

const (
	// window is what is counted in: whole minutes, the same for all replicas.
	window = time.Minute
	// shares is by how many parts of its limit a replica tells the others what it
	// has counted: they are that much late.
	shares = 20
	// alonePart is the part of a limit before which replicas say nothing of it, for
	// those who are many and far from it.
	alonePart = 4
	// mostCounted bounds what is counted in one minute: more than that is no
	// classroom, and begins anew.
	mostCounted = 200_000
)

// Shared adds up what all replicas count.
type Shared interface {
	Add(ctx context.Context, what string, n int) (total int, err error)
}

// Counter bounds how often each of many calls: a platform, somebody on a wall, an
// address. Each replica counts for itself, and now and then adds what it has to
// what all have: no call waits for that. Where it cannot be added each replica
// goes by its own count.
type Counter struct {
	shared Shared // nil where there is one replica
	now    func() time.Time
	// alone is the part of a limit that a replica counts before it tells the others
	// anything, as one over so much; 0 for none. Whoever is far from their limit
	// then costs them nothing, and N replicas let nobody pass more often than
	// their limit, or N/alone of it when that is more, and what is under way.
	alone int
	// told lets tests wait for what was shared; nil otherwise.
	told func()

	mu sync.Mutex
	// of are those of the minute that began then.
	from time.Time
	of   map[string]*minute
}

// minute is what one has called in one.
type minute struct {
	from time.Time
	// mine are counted here, of which the first shared are in the count of all;
	// others are those of the other replicas, as last heard.
	mine, shared, others int
	sharing              bool
}

// Pass is what a caller is told of their pace.
type Pass struct {
	Limit, Left int
	// Reset is in how many seconds it may call as often again.
	Reset int
}

// OfFew counts callers whose every call the replicas tell each other of, a part of
// their limit at a time.
func OfFew(shared Shared, now func() time.Time) *Counter {
	return &Counter{shared: shared, now: now, of: make(map[string]*minute)}
}

// OfMany counts callers most of whom stay far from their limit: of those the
// replicas say nothing.
func OfMany(shared Shared, now func() time.Time) *Counter {
	c := OfFew(shared, now)
	c.alone = alonePart
	return c
}

// Take counts n, of calls or whatever a limit is of, unless the key has as many as
// its limit: then it refuses, with how many seconds to wait. The last that passes
// may go beyond the limit; n may be 0, to ask only.
func (c *Counter) Take(ctx context.Context, key string, n, limit int) (Pass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if from := now.Truncate(window); !c.from.Equal(from) || len(c.of) >= mostCounted {
		c.from = from
		clear(c.of)
	}
	m := c.of[key]
	if m == nil {
		m = &minute{from: c.from}
		c.of[key] = m
	}
	out := Pass{Limit: limit, Reset: int(math.Ceil(m.from.Add(window).Sub(now).Seconds()))}
	if m.mine+m.others >= limit {
		return out, fault.New(fault.RateLimited, "rate_limited").With(fault.RetryAfter, out.Reset)
	}
	m.mine += n
	out.Left = max(0, limit-m.mine-m.others)
	if c.shared != nil && !m.sharing && c.tells(m, limit) {
		m.sharing = true
		go c.share(context.WithoutCancel(ctx), key, m)
	}
	return out, nil
}

// tells whether it is time to tell the others.
func (c *Counter) tells(m *minute, limit int) bool {
	if m.mine == m.shared || c.alone > 0 && m.mine < limit/c.alone {
		return false
	}
	return m.shared == 0 || m.mine-m.shared >= max(1, limit/shares)
}

// share adds what was counted here to the count of all, and hears of the others'.
func (c *Counter) share(ctx context.Context, key string, m *minute) {
	c.mu.Lock()
	n := m.mine - m.shared
	c.mu.Unlock()
	total, err := c.shared.Add(ctx, fmt.Sprint(key, " ", m.from.Unix()), n)
	c.mu.Lock()
	defer c.mu.Unlock()
	m.sharing = false
	if err == nil {
		m.shared += n
		m.others = max(0, total-m.shared)
	}
	if c.told != nil {
		c.told()
	}
}

// headers are what is told on every answer, by the names that clients know.
func (p Pass) headers() map[string]string {
	return map[string]string{
		"RateLimit-Limit": strconv.Itoa(p.Limit), "RateLimit-Remaining": strconv.Itoa(p.Left), "RateLimit-Reset": strconv.Itoa(p.Reset),
	}
}

// Tell says on an answer how often its caller may call.
func (p Pass) Tell(set func(name, value string), refused error) {
	for name, value := range p.headers() {
		set(name, value)
	}
	if refused != nil {
		set("Retry-After", strconv.Itoa(p.Reset))
	}
}

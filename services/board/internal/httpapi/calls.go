package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	// callsWindow is what a platform's calls are counted in: whole minutes, the
	// same for all replicas.
	callsWindow = time.Minute
	// callsShares is by how many parts of its limit a replica tells the others
	// what it has counted: they are that much late.
	callsShares = 20
	// mostCounted bounds what is counted in one minute: more than that is no
	// classroom, and begins anew.
	mostCounted = 200_000
)

// Calls adds up what all replicas count.
type Calls interface {
	Add(ctx context.Context, what string, n int) (total int, err error)
}

// calls bounds how often each of many calls: a platform, somebody on a wall, an
// address. Each replica counts for itself, and now and then adds what it has to
// what all have: no call waits for that. Where it cannot be added each replica
// goes by its own count.
type calls struct {
	shared Calls // nil where there is one replica
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

// pass is what a caller is told of their pace.
type pass struct {
	limit, left int
	// reset is in how many seconds it may call as often again.
	reset int
}

func newCalls(shared Calls, now func() time.Time) *calls {
	return &calls{shared: shared, now: now, of: make(map[string]*minute)}
}

// count counts one call of a platform, unless it has called too often.
func (c *calls) count(ctx context.Context, p *board.Platform) (pass, error) {
	return c.take(ctx, string(p.ID), cmp.Or(p.Quotas.CallsPerMinute, board.CallsPerMinute))
}

// take counts one call of a key, unless it has called as often as its limit.
func (c *calls) take(ctx context.Context, key string, limit int) (pass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if from := now.Truncate(callsWindow); !c.from.Equal(from) || len(c.of) >= mostCounted {
		c.from = from
		clear(c.of)
	}
	m := c.of[key]
	if m == nil {
		m = &minute{from: c.from}
		c.of[key] = m
	}
	out := pass{limit: limit, reset: int(math.Ceil(m.from.Add(callsWindow).Sub(now).Seconds()))}
	if m.mine+m.others >= limit {
		return out, fault.New(fault.RateLimited, "rate_limited").With(paramRetryAfter, out.reset)
	}
	m.mine++
	out.left = limit - m.mine - m.others
	if c.shared != nil && !m.sharing && c.tells(m, limit) {
		m.sharing = true
		go c.share(context.WithoutCancel(ctx), key, m)
	}
	return out, nil
}

// tells whether it is time to tell the others.
func (c *calls) tells(m *minute, limit int) bool {
	if c.alone > 0 && m.mine < limit/c.alone {
		return false
	}
	return m.shared == 0 || m.mine-m.shared >= max(1, limit/callsShares)
}

// share adds what was counted here to the count of all, and hears of the others'.
func (c *calls) share(ctx context.Context, key string, m *minute) {
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
func (p pass) headers() map[string]string {
	return map[string]string{
		"RateLimit-Limit": strconv.Itoa(p.limit), "RateLimit-Remaining": strconv.Itoa(p.left), "RateLimit-Reset": strconv.Itoa(p.reset),
	}
}

// paced counts a call of a platform's, and tells it of its pace.
func (a *API) paced(ctx huma.Context, p *board.Platform) error {
	at, err := a.calls.count(ctx.Context(), p)
	at.tell(ctx.SetHeader, err)
	return err
}

// tell says on an answer how often its caller may call.
func (p pass) tell(set func(name, value string), refused error) {
	for name, value := range p.headers() {
		set(name, value)
	}
	if refused != nil {
		set("Retry-After", strconv.Itoa(p.reset))
	}
}

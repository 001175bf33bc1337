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
)

// Calls adds up what all replicas count.
type Calls interface {
	Add(ctx context.Context, what string, n int) (total int, err error)
}

// calls bounds how often each platform calls. Each replica counts for itself, and
// now and then adds what it has to what all have: no call waits for that. Where it
// cannot be added each replica goes by its own count.
type calls struct {
	shared Calls // nil where there is one replica
	now    func() time.Time
	// told lets tests wait for what was shared; nil otherwise.
	told func()

	mu sync.Mutex
	of map[board.ID]*minute
}

// minute is what a platform has called in one.
type minute struct {
	from time.Time
	// mine are counted here, of which the first shared are in the count of all;
	// others are those of the other replicas, as last heard.
	mine, shared, others int
	sharing              bool
}

// pass is what a platform is told of its pace.
type pass struct {
	limit, left int
	// reset is in how many seconds it may call as often again.
	reset int
}

func newCalls(shared Calls, now func() time.Time) *calls {
	return &calls{shared: shared, now: now, of: make(map[board.ID]*minute)}
}

// count counts one call of a platform, unless it has called too often.
func (c *calls) count(ctx context.Context, p *board.Platform) (pass, error) {
	limit := cmp.Or(p.Quotas.CallsPerMinute, board.CallsPerMinute)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	m := c.of[p.ID]
	if from := now.Truncate(callsWindow); m == nil || !m.from.Equal(from) {
		m = &minute{from: from}
		c.of[p.ID] = m
	}
	out := pass{limit: limit, reset: int(math.Ceil(m.from.Add(callsWindow).Sub(now).Seconds()))}
	if m.mine+m.others >= limit {
		return out, fault.New(fault.RateLimited, "rate_limited").With(paramRetryAfter, out.reset)
	}
	m.mine++
	out.left = limit - m.mine - m.others
	if c.shared != nil && !m.sharing && (m.mine == 1 || m.mine-m.shared >= max(1, limit/callsShares)) {
		m.sharing = true
		go c.share(context.WithoutCancel(ctx), p.ID, m)
	}
	return out, nil
}

// share adds what was counted here to the count of all, and hears of the others'.
func (c *calls) share(ctx context.Context, id board.ID, m *minute) {
	c.mu.Lock()
	n := m.mine - m.shared
	c.mu.Unlock()
	total, err := c.shared.Add(ctx, fmt.Sprint(id, " ", m.from.Unix()), n)
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
	for name, value := range at.headers() {
		ctx.SetHeader(name, value)
	}
	if err != nil {
		ctx.SetHeader("Retry-After", strconv.Itoa(at.reset))
	}
	return err
}

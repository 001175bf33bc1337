package httpapi

import (
	"math"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

// paceForgotAt is how many people are remembered before those of long ago are
// looked for.
const paceForgotAt = 50_000

// pace bounds how fast one person does the same again. It is each process's own:
// what it keeps out is what floods a wall, and needs no exact number.
type pace struct {
	// perMinute is how many there may be in a minute, half of them at once.
	perMinute float64
	now       func() time.Time
	mu        sync.Mutex
	of        map[string]*allowance
}

// allowance is how many are left, as of a time.
type allowance struct {
	left float64
	at   time.Time
}

func newPace(perMinute int, now func() time.Time) *pace {
	return &pace{perMinute: float64(perMinute), now: now, of: make(map[string]*allowance)}
}

// step takes one, or says how long to wait for it.
func (p *pace) step(key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if len(p.of) >= paceForgotAt {
		for k, a := range p.of {
			if now.Sub(a.at) > time.Minute {
				delete(p.of, k)
			}
		}
	}
	atOnce := max(1, p.perMinute/2)
	a := p.of[key]
	if a == nil {
		a = &allowance{atOnce, now}
		p.of[key] = a
	}
	a.left = min(atOnce, a.left+now.Sub(a.at).Minutes()*p.perMinute)
	a.at = now
	if a.left < 1 {
		wait := (1 - a.left) * 60 / p.perMinute
		return fault.New(fault.RateLimited, "rate_limited").With(paramRetryAfter, int(math.Ceil(wait)))
	}
	a.left--
	return nil
}

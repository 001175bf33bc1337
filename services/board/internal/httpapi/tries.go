package httpapi

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// Wrong guesses per address and minute. Only guesses count: a whole school may
// come from one address, and asking for a password is no guess. A code is
// short enough to be found by trying, so that it is given fewer.
const (
	wrongSecrets   = 60
	wrongCodes     = 10
	wrongWithin    = time.Minute
	whileOthersTry = time.Second
	// wrongAssertions is many: several sites may call from one address, and what
	// they sign is not guessed. It bounds the work that strangers make.
	wrongAssertions = 300
	// manyKeys is when those whose time is over are looked for.
	manyKeys = 100_000
)

// tries bounds the wrong guesses of each address, or at each account. Tries that are under way
// count as wrong until they are known, so that many at once get no further
// than one after the other.
type tries struct {
	// name tells these from others where all replicas count.
	name string
	most int
	now  func() time.Time
	mu   sync.Mutex
	of   map[string]*guesses
}

type guesses struct {
	since           time.Time
	wrong, underWay int
}

func newTries(name string, most int, now func() time.Time) *tries {
	return &tries{name: name, most: most, now: now, of: make(map[string]*guesses)}
}

// Guesses counts wrong guesses for all replicas.
type Guesses interface {
	Count(ctx context.Context, what string, now time.Time) (wrong int, since time.Time, err error)
	Add(ctx context.Context, what string, now time.Time) error
}

// GuessWindow is how long a wrong guess counts.
const GuessWindow = wrongWithin

// begin lets a try of a key, such as an address, begin, or says how long to wait.
func (t *tries) begin(key string) (wait time.Duration, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.of) >= manyKeys {
		t.forget(now)
	}
	g := t.of[key]
	if g == nil {
		g = &guesses{since: now}
		t.of[key] = g
	}
	if now.Sub(g.since) >= wrongWithin {
		g.since, g.wrong = now, 0
	}
	switch {
	case g.wrong >= t.most:
		return g.since.Add(wrongWithin).Sub(now), false
	case g.wrong+g.underWay >= t.most:
		return whileOthersTry, false
	}
	g.underWay++
	return 0, true
}

// end says whether a try was a wrong guess.
func (t *tries) end(key string, wrong bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.of[key]
	g.underWay--
	switch {
	case wrong:
		g.wrong++
	case g.wrong == 0 && g.underWay == 0:
		delete(t.of, key)
	}
}

// forget drops those whose time is over.
func (t *tries) forget(now time.Time) {
	for key, g := range t.of {
		if g.underWay == 0 && now.Sub(g.since) >= wrongWithin {
			delete(t.of, key)
		}
	}
}

// guessed tells the refusals that say "not this one".
func guessed(err error) bool {
	f, ok := fault.As(err)
	if !ok {
		return false
	}
	if strings.HasPrefix(f.Code, "assertion_") || f.Code == board.ErrPlatformClosed.Code {
		return true
	}
	switch f.Code {
	case "link_invalid", "code_invalid", "link_password", "sign_in_refused", "setup_code_invalid", "invitation_invalid", "password_wrong":
		return true
	default:
		return false
	}
}

// limitedBy does a try, unless there were too many wrong ones of the same key:
// here, or at all replicas together. Where those cannot be counted each replica
// goes by its own count: people get in, and guessing is still slow.
func limitedBy[T any](ctx context.Context, a *API, t *tries, key string, try func() (T, error)) (T, error) {
	wait, ok := t.begin(key)
	if !ok {
		return refusedFor[T](wait)
	}
	wrong := true // should the try panic
	defer func() { t.end(key, wrong) }()
	if wait := a.sharedWait(ctx, t, key); wait > 0 {
		wrong = false
		return refusedFor[T](wait)
	}
	out, err := try()
	if wrong = guessed(err); wrong {
		a.share(ctx, t, key)
	}
	return out, err
}

// sharedWait tells how long whoever tries has to wait because of what all
// replicas have counted; 0 for not at all.
func (a *API) sharedWait(ctx context.Context, t *tries, key string) time.Duration {
	if a.Guesses == nil {
		return 0
	}
	now := t.now()
	wrong, since, err := a.Guesses.Count(ctx, t.name+" "+key, now)
	if err != nil {
		a.Log.DebugContext(ctx, "guesses are counted by this replica alone", "error", err)
		return 0
	}
	if wrong < t.most {
		return 0
	}
	return max(since.Add(wrongWithin).Sub(now), whileOthersTry)
}

// share lets the other replicas know of a wrong guess, also when whoever made it
// has gone.
func (a *API) share(ctx context.Context, t *tries, key string) {
	if a.Guesses == nil {
		return
	}
	if err := a.Guesses.Add(context.WithoutCancel(ctx), t.name+" "+key, t.now()); err != nil {
		a.Log.WarnContext(ctx, "a wrong guess is counted by this replica alone", "error", err)
	}
}

func refusedFor[T any](wait time.Duration) (T, error) {
	var none T
	return none, fault.New(fault.RateLimited, "rate_limited").With(paramRetryAfter, int(math.Ceil(wait.Seconds())))
}

func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(keyAddress).(string)
	return address
}

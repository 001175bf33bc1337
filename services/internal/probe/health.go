// Package probe is how a service says whether it is well, and how it is asked:
// by whatever starts and watches it, and by a command of its own for images that
// have no other program in them.
package probe

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// checkWithin bounds what one engine may take to answer: less than the second
	// after which an ingress gives a question up.
	checkWithin = 800 * time.Millisecond
	// patience is how long a vital engine may be away before requests are sent
	// elsewhere. An election of a database is over by then, and requests have
	// waited for it.
	patience = 20 * time.Second
)

// What is said of an engine, besides other words that a check gives by Because.
const (
	OK = "ok"
	// Silent does not answer in time, Unreachable takes no connection, and Failing
	// says no.
	Silent      = "silent"
	Unreachable = "unreachable"
	Failing     = "failing"
	// Full has no room left.
	Full = "full"
	// Newer has a schema that is for newer releases only.
	Newer = "newer"
)

// What is said of the service. Those that are ready or degraded should get
// requests.
const (
	Ready    = "ready"
	Degraded = "degraded"
	Starting = "starting"
	Unready  = "unready"
	Draining = "draining"
)

// Engine is something that a service needs.
type Engine struct {
	Name string
	// Check tells whether it works now; quickly, and of nothing that lasts.
	Check func(context.Context) error
	// Vital is one without which the service can do nothing of use. Without one
	// of the others it does part of its work: that is better than nothing, as
	// other replicas mostly miss the same engine.
	Vital bool
}

// because is a fault with a word for it.
type because struct {
	word string
	error
}

// Unwrap gives the fault.
func (b because) Unwrap() error { return b.error }

// Because gives a check's fault a word of its own.
func Because(word string, err error) error { return because{word, err} }

// Health is what a service says of itself.
type Health struct {
	log      *slog.Logger
	engines  []*watched
	draining atomic.Bool
	now      func() time.Time
}

// watched is an engine and what is known of it.
type watched struct {
	Engine

	mu sync.Mutex
	// asked is when the last check began; who came before then takes its answer.
	asked time.Time
	// word is what the last check said, awayFrom when it first said no; there tells
	// that it has worked once.
	word     string
	awayFrom time.Time
	there    bool
}

// Report is the answer of /readyz.
type Report struct {
	Status string `json:"status"`
	// Engines are in a word each.
	Engines map[string]string `json:"engines"`
}

// New watches over engines; it asks nothing of them yet.
func New(log *slog.Logger, engines ...Engine) *Health {
	h := &Health{log: log, now: time.Now}
	for _, e := range engines {
		h.engines = append(h.engines, &watched{Engine: e})
	}
	return h
}

// Drain says from now on that the service is about to end.
func (h *Health) Drain() { h.draining.Store(true) }

// Report asks all engines at once, and gives the HTTP status that goes with what
// they say.
func (h *Health) Report(ctx context.Context) (Report, int) {
	var work sync.WaitGroup
	for _, e := range h.engines {
		work.Go(func() { h.ask(ctx, e) })
	}
	work.Wait()
	r := Report{Status: Ready, Engines: make(map[string]string, len(h.engines))}
	for _, e := range h.engines {
		word, status := e.standing(h.now())
		r.Engines[e.Name] = word
		r.Status = worse(r.Status, status)
	}
	if h.draining.Load() {
		r.Status = Draining
	}
	if r.Status == Ready || r.Status == Degraded {
		return r, http.StatusOK
	}
	return r, http.StatusServiceUnavailable
}

// Up tells which engines are there.
func (h *Health) Up(ctx context.Context) map[string]bool {
	r, _ := h.Report(ctx)
	up := make(map[string]bool, len(r.Engines))
	for name, word := range r.Engines {
		up[name] = word == OK
	}
	return up
}

// ask checks an engine, once for all who ask at a time.
func (h *Health) ask(ctx context.Context, e *watched) {
	came := h.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asked.After(came) {
		return
	}
	e.asked = h.now()
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	err := e.Check(ctx)
	word := wordOf(err)
	switch {
	case word == OK:
		e.there, e.awayFrom = true, time.Time{}
		if e.word != OK && e.word != "" {
			h.log.Info("an engine is back", "engine", e.Name)
		}
	case e.awayFrom.IsZero():
		e.awayFrom = e.asked
	}
	if word != OK && word != e.word {
		h.log.Warn("an engine is away", "engine", e.Name, "why", word, "error", err)
	}
	e.word = word
}

// standing gives the word for an engine, and how the service is for its sake.
func (e *watched) standing(now time.Time) (word, status string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.word == OK:
		return e.word, Ready
	case !e.there && e.word != Full:
		// Settings that are wrong show here, and a rollout stops. What is full is none
		// of them: whoever starts so does all else.
		return e.word, Starting
	case e.Vital && now.Sub(e.awayFrom) >= patience:
		return e.word, Unready
	}
	return e.word, Degraded
}

// worse gives the graver of two states.
func worse(a, b string) string {
	for _, status := range []string{Unready, Starting, Degraded} {
		if a == status || b == status {
			return status
		}
	}
	return Ready
}

func wordOf(err error) string {
	var named because
	var refused *net.OpError
	var late interface{ Timeout() bool }
	switch {
	case err == nil:
		return OK
	case errors.As(err, &named):
		return named.word
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &late) && late.Timeout():
		return Silent
	case errors.As(err, &refused):
		return Unreachable
	}
	return Failing
}

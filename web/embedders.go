package web

import (
	"context"
	"strings"
	"sync"
	"time"
)

const (
	// embeddersKept is how long it is not asked again who may show a wall.
	embeddersKept = 20 * time.Second
	// mostEmbedders bounds the walls of which that is known.
	mostEmbedders = 1000
	// embeddersWithin is how long a page waits for the answer.
	embeddersWithin = 3 * time.Second
)

// embedders remembers for a while whose pages may show which wall: a class that
// opens a wall at once asks once. What can't be told is nobody, and asked again.
type embedders struct {
	ask func(ctx context.Context, wall string) ([]string, error)
	now func() time.Time

	mu    sync.Mutex
	known map[string]answer
}

type answer struct {
	sites []string
	until time.Time
}

func newEmbedders(ask func(context.Context, string) ([]string, error), now func() time.Time) *embedders {
	return &embedders{ask: ask, now: now, known: make(map[string]answer)}
}

func (e *embedders) of(ctx context.Context, wall string) []string {
	if e.ask == nil {
		return nil
	}
	wall = strings.ToLower(wall)
	if a, ok := e.recall(wall); ok {
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, embeddersWithin)
	defer cancel()
	sites, err := e.ask(ctx, wall)
	if err != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.known) >= mostEmbedders {
		clear(e.known)
	}
	e.known[wall] = answer{sites: sites, until: e.now().Add(embeddersKept)}
	return sites
}

func (e *embedders) recall(wall string) ([]string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, ok := e.known[wall]
	return a.sites, ok && e.now().Before(a.until)
}

package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/fault"
)

// Limits bound whoever calls: what an address may do is generous, since a whole
// school comes by one, and what a person may do is not. Those of a minute are of
// all replicas together, the others of each.
type Limits struct {
	// AddressCalls are the requests of one address in a minute, and AddressSessions
	// those that open or renew a session, sign in or the like.
	AddressCalls, AddressSessions int
	// SessionWrites and SessionReads are the requests of one person in a minute, on
	// a wall or signed in.
	SessionWrites, SessionReads int
	// AddressStreams and SessionStreams are how many may be open at a time, of one
	// address and of one person, and Streams in all.
	AddressStreams, SessionStreams, Streams int
}

// streamsFullFor is in how many seconds to try for a stream again.
const streamsFullFor = 10

// boundAddress counts a request for the address that it comes from.
func (a *API) boundAddress(c *fiber.Ctx) error {
	ctx, address := c.UserContext(), addressOf(c.UserContext())
	at, err := a.callers.Take(ctx, "address "+address, 1, a.Limits.AddressCalls)
	if err == nil && opensSession(c.Method(), c.Path()) {
		at, err = a.callers.Take(ctx, "entering "+address, 1, a.Limits.AddressSessions)
	}
	if err != nil {
		at.Tell(c.Set, err)
		return err
	}
	return c.Next()
}

// opensSession tells the requests that cost the most, and need no credential: they
// look for links, check passwords and sign tokens.
func opensSession(method, path string) bool {
	if method != http.MethodPost {
		return false
	}
	path = strings.TrimRight(strings.TrimPrefix(path, Base), "/")
	return path == "/sessions" || path == "/oauth/token" || strings.HasPrefix(path, "/account")
}

// boundSession counts a request of somebody who is known.
func (a *API) boundSession(ctx context.Context, who, method string) (callers.Pass, error) {
	if method == http.MethodGet || method == http.MethodHead {
		return a.callers.Take(ctx, "reads "+who, 1, a.Limits.SessionReads)
	}
	return a.callers.Take(ctx, "writes "+who, 1, a.Limits.SessionWrites)
}

// open counts what is open at a time, of this replica.
type open struct {
	limits Limits
	mu     sync.Mutex
	all    int
	of     map[string]int
}

func newOpen(limits Limits) *open { return &open{limits: limits, of: make(map[string]int)} }

// enter counts a stream in; leave, which comes with it, counts it out again.
func (o *open) enter(address, who string) (leave func(), err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	address, who = "address "+address, "session "+who
	if o.all >= o.limits.Streams || o.of[address] >= o.limits.AddressStreams || o.of[who] >= o.limits.SessionStreams {
		return nil, fault.New(fault.RateLimited, "too_many_streams").With(paramRetryAfter, streamsFullFor)
	}
	o.all++
	o.of[address]++
	o.of[who]++
	return sync.OnceFunc(func() { o.leave(address, who) }), nil
}

func (o *open) leave(keys ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all--
	for _, key := range keys {
		if o.of[key]--; o.of[key] == 0 {
			delete(o.of, key)
		}
	}
}

// called counts a call of a platform, unless it has called too often.
func (a *API) called(ctx context.Context, p *board.Platform) (callers.Pass, error) {
	return a.calls.Take(ctx, string(p.ID), 1, cmp.Or(p.Quotas.CallsPerMinute, board.CallsPerMinute))
}

// paced counts a call of a platform's, and tells it of its pace.
func (a *API) paced(ctx huma.Context, p *board.Platform) error {
	at, err := a.called(ctx.Context(), p)
	at.Tell(ctx.SetHeader, err)
	return err
}

package assertion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	fetchWithin = 5 * time.Second
	fetchLimit  = 256 << 10
	// goodFor is how long a set is taken as it is, and staleFor how long while its
	// site is down.
	goodFor, staleFor = 10 * time.Minute, 24 * time.Hour
	// askAgainAfter is how long after a question the next one is asked: a key that
	// nobody knows must not be a way to have us knock at a site.
	askAgainAfter = 30 * time.Second
)

// What goes wrong with a site's keys is for its administrator to read, so that
// it is no fault of the service.
var (
	errUnreachable = fault.New(fault.Unauthenticated, "keys_unreachable")
	errUnusable    = fault.New(fault.Unauthenticated, "keys_unusable")
)

// cached are the keys that a platform publishes, as they were last read.
type cached struct {
	mu      sync.Mutex
	address string
	keys    []key
	// read is when they were, asked when that was last tried; failed is why it did
	// not work then.
	read, asked time.Time
	failed      error
}

// keysOf gives the keys of a platform: those it gave us, and those it publishes,
// read anew when none of them has an id.
func (v *Verifier) keysOf(ctx context.Context, p *board.Platform, id string) ([]key, error) {
	var given []key
	if p.Keys != "" {
		var err error
		if given, err = parse([]byte(p.Keys)); err != nil {
			return nil, asUnusable(err)
		}
	}
	has := func(k key) bool { return id == "" || k.id == id }
	if p.KeysURL == "" || id != "" && slices.ContainsFunc(given, has) {
		return given, nil
	}
	v.mu.Lock()
	c := v.published[p.ID]
	if c == nil {
		c = new(cached)
		v.published[p.ID] = c
	}
	v.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.address != p.KeysURL {
		c.address, c.keys, c.read, c.asked, c.failed = p.KeysURL, nil, time.Time{}, time.Time{}, nil
	}
	now := v.now()
	good := c.keys != nil && now.Sub(c.read) < goodFor && slices.ContainsFunc(c.keys, has)
	if !good && now.Sub(c.asked) >= askAgainAfter {
		c.asked = now
		keys, err := v.fetch(ctx, c.address)
		if c.failed = err; err == nil {
			c.keys, c.read = keys, now
		}
	}
	if c.keys != nil && now.Sub(c.read) < staleFor {
		return append(given, c.keys...), nil
	}
	if len(given) > 0 {
		return given, nil
	}
	return nil, c.failed
}

// fetch reads the set that is published at an address. Whoever asked may have
// gone: others wait for the same.
func (v *Verifier) fetch(ctx context.Context, address string) ([]key, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, unreachable(address, err)
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	res, err := v.http.Do(req)
	if err != nil {
		return nil, unreachable(address, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, unreachable(address, fmt.Errorf("HTTP %d", res.StatusCode))
	}
	set, err := io.ReadAll(io.LimitReader(res.Body, fetchLimit+1))
	if err != nil {
		return nil, unreachable(address, err)
	}
	if len(set) > fetchLimit {
		return nil, unreachable(address, fmt.Errorf("more than %d KiB", fetchLimit>>10))
	}
	keys, err := parse(set)
	if err != nil {
		return nil, asUnusable(err)
	}
	return keys, nil
}

func unreachable(address string, cause error) error {
	f := fault.Wrap(errUnreachable.Kind, errUnreachable.Code, cause)
	return f.With("url", address).With("why", why(cause))
}

// why is what an administrator can do something with.
func why(err error) string {
	var named *url.Error
	if errors.As(err, &named) {
		err = named.Err
	}
	var wait net.Error
	if errors.As(err, &wait) && wait.Timeout() {
		return "timeout"
	}
	// Anybody may ask: addresses of the network within are not theirs to know.
	var name *net.DNSError
	var connection *net.OpError
	switch {
	case errors.As(err, &name):
		return name.Err
	case errors.As(err, &connection):
		return connection.Err.Error()
	}
	return err.Error()
}

func asUnusable(err error) error {
	reason := err.Error()
	if f, ok := fault.As(err); ok {
		reason = f.Code
	}
	return fault.Wrap(errUnusable.Kind, errUnusable.Code, err).With("why", reason)
}

// sameSite lets a site lead us on within itself, and no further.
func sameSite(next *http.Request, came []*http.Request) error {
	first := came[0].URL
	if len(came) > 3 || next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return errors.New("leads on to another site")
	}
	return nil
}

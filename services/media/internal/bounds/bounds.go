// Package bounds keeps what one address may ask of the media service in a minute,
// at all replicas together.
package bounds

import (
	"context"
	"net/netip"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/fault"
)

// Limits are those of one address in a minute. A school may share one.
type Limits struct {
	// Requests are for files and about uploads.
	Requests int
	// Uploads are those that begin.
	Uploads int
	// Bytes are those that come in.
	Bytes int
}

// Bounds count what each address asks; nil bounds nobody.
type Bounds struct {
	proxies callers.Proxies
	limits  Limits
	counter *callers.Counter
}

// New believes proxies about who asks them.
func New(proxies callers.Proxies, limits Limits, counter *callers.Counter) *Bounds {
	return &Bounds{proxies, limits, counter}
}

// Address is whom a request is counted as, by what it came from and what its
// proxies say; empty for who is not counted.
func (b *Bounds) Address(remote netip.Addr, forwarded []string) string {
	if b == nil {
		return ""
	}
	return b.proxies.Client(remote, forwarded)
}

// Request counts one more.
func (b *Bounds) Request(ctx context.Context, address string) error {
	return b.take(ctx, "address", address, 1, func(l Limits) int { return l.Requests }, "rate_limited")
}

// Begin counts one more upload.
func (b *Bounds) Begin(ctx context.Context, address string) error {
	return b.take(ctx, "begins", address, 1, func(l Limits) int { return l.Uploads }, "upload_address_full")
}

// Send counts n bytes more that have come of an upload; 0 asks whether more may
// come.
func (b *Bounds) Send(ctx context.Context, address string, n int) error {
	return b.take(ctx, "sends", address, n, func(l Limits) int { return l.Bytes }, "upload_address_full")
}

func (b *Bounds) take(ctx context.Context, what, address string, n int, limit func(Limits) int, code string) error {
	if b == nil || address == "" {
		return nil
	}
	at, err := b.counter.Take(ctx, what+" "+address, n, limit(b.limits))
	if err != nil {
		return fault.New(fault.RateLimited, code).With(fault.RetryAfter, at.Reset)
	}
	return nil
}

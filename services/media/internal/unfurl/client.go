package unfurl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// within is how long a page may take, redirects and all, and again its
	// picture.
	within = 5 * time.Second
	// maxHops is how many redirects are followed.
	maxHops = 3
	// maxPage and maxPicture are the most bytes that are read, decompressed.
	maxPage    = 1 << 20
	maxPicture = 4 << 20
	maxHeader  = 64 << 10
)

// statusError is an answer that is none.
type statusError int

// Error is for tests: why a page was not read is told to nobody.
func (e statusError) Error() string { return fmt.Sprintf("the server answered %d", int(e)) }

// refuses tells that the server knows the page and keeps it from us.
func (e statusError) refuses() bool {
	return e == http.StatusUnauthorized || e == http.StatusForbidden
}

// errRefused says that an address may not be asked, or not like this.
var errRefused = errors.New("address refused")

// Resolver looks a name up.
type Resolver interface {
	// LookupNetIP gives the addresses of a name; network is ip4 or ip6.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Config is what a Reader works with.
type Config struct {
	// Resolver is nil for that of the system.
	Resolver Resolver
	Rules    Rules
	// Agent is what the product calls itself to servers.
	Agent string
	// TLS is nil for the system's roots.
	TLS *tls.Config
	// Within is how long a page may take, and again its picture; 0 for 5 s.
	Within time.Duration
}

// NewResolver asks one DNS server, host:port, instead of those of the system.
func NewResolver(server string) Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
}

// Reader reads pages. It is safe for concurrent use.
type Reader struct {
	cfg    Config
	client *http.Client
}

// NewReader makes a reader.
func NewReader(cfg Config) *Reader {
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	if cfg.Within == 0 {
		cfg.Within = within
	}
	// This machine may have a public address, on which it trusts itself.
	cfg.Rules.deny = append(slices.Clone(cfg.Rules.deny), own()...)
	r := &Reader{cfg: cfg}
	r.client = &http.Client{
		Transport: &http.Transport{
			Proxy:       nil, // one in the environment would resolve names for itself
			DialContext: r.dial,
			// Nothing is kept for the next page: another one may be asked for under
			// the same name, and its address is to be looked up again.
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig:        cfg.TLS,
			TLSHandshakeTimeout:    cfg.Within,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return r
}

// own are the addresses of this machine.
func own() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // what is closed anyway stays so
	}
	var out []netip.Prefix
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, netip.PrefixFrom(prefix.Addr(), prefix.Addr().BitLen()))
		}
	}
	return out
}

// dial looks the name up once and connects to what it has looked at. One closed
// address among a name's refuses the name: which of them is asked must not be a
// matter of chance.
func (r *Reader) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	addrs, err := r.lookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		if !r.cfg.Rules.permit(netip.AddrPortFrom(addr, uint16(port))) {
			return nil, errRefused
		}
	}
	d := net.Dialer{ControlContext: r.control}
	for _, addr := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, "tcp", netip.AddrPortFrom(addr, uint16(port)).String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// control has the last word: it sees what the kernel is about to connect to.
func (r *Reader) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !r.cfg.Rules.permit(to) {
		return errRefused
	}
	return nil
}

// lookUp gives the addresses of a host, IPv4 first: there may be no way to the
// others.
func (r *Reader) lookUp(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	var out []netip.Addr
	var faults []error
	for _, network := range []string{"ip4", "ip6"} {
		found, err := r.cfg.Resolver.LookupNetIP(ctx, network, host+".")
		if err != nil {
			faults = append(faults, err)
		}
		for _, addr := range found {
			out = append(out, addr.Unmap())
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no address: %w", errors.Join(faults...))
	}
	return out, nil
}

// get asks an address and follows its redirects, each checked anew. The caller
// closes the body, of which most bytes can be read at most. Nothing but the
// address is sent on: no cookie, no referrer.
func (r *Reader) get(ctx context.Context, raw, accept string, most int64) (*http.Response, error) {
	t, ok := parseTarget(raw)
	if !ok {
		return nil, errRefused
	}
	return r.follow(ctx, t, accept, most, func(target) error { return nil })
}

// follow asks an address and goes on as long as may lets it.
func (r *Reader) follow(ctx context.Context, t target, accept string, most int64, may func(target) error) (*http.Response, error) {
	for hop := 0; ; hop++ {
		resp, err := r.ask(ctx, t, accept)
		if err != nil {
			return nil, err
		}
		location := resp.Header.Get("Location")
		if resp.StatusCode < 300 || resp.StatusCode > 399 || location == "" {
			return bounded(resp, most)
		}
		_ = resp.Body.Close()
		if hop == maxHops {
			return nil, errors.New("too many redirects")
		}
		if t, err = redirected(t, location); err != nil {
			return nil, err
		}
		if err := may(t); err != nil {
			return nil, err
		}
	}
}

// redirected is where a redirect leads; from https never back to http.
func redirected(from target, location string) (target, error) {
	ref, err := url.Parse(location)
	if err != nil || strings.Contains(location, `\`) { // a slash to some
		return target{}, errRefused
	}
	to, ok := parseTarget(from.url.ResolveReference(ref).String())
	if !ok || from.url.Scheme == "https" && to.url.Scheme != "https" {
		return target{}, errRefused
	}
	return to, nil
}

func (r *Reader) ask(ctx context.Context, t target, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", r.cfg.Agent)
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Language", "fr, en;q=0.8, *;q=0.5")
	return r.client.Do(req)
}

// bounded takes a plain answer and bounds its body.
func bounded(resp *http.Response, most int64) (*http.Response, error) {
	var wrong error
	switch {
	case resp.StatusCode != http.StatusOK:
		wrong = statusError(resp.StatusCode)
	case resp.Header.Get("Content-Encoding") != "":
		wrong = errors.New("an encoding that was not asked for")
	}
	if wrong != nil {
		_ = resp.Body.Close()
		return nil, wrong
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, most), resp.Body}
	return resp, nil
}

func typeOf(resp *http.Response) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

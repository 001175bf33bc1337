package unfurl

import (
	"io"
	"net/netip"
	"net/url"
)

// ErrRefused is for tests to tell a refusal from an address that does not
// answer.
var ErrRefused = errRefused

// Permits asks rules whether a connection may be made.
func Permits(r Rules, to netip.AddrPort) bool { return r.permit(to) }

// Line is line.
var Line = line

// ReadPage reads a whole page.
func ReadPage(body io.Reader, contentType string, base *url.URL) (title, description, site, picture string) {
	p := readPage(body, contentType, base, true)
	return p.title(), p.description(), p.site(), p.picture()
}

// ParseTarget gives an address as it would be asked.
func ParseTarget(raw string) (string, bool) {
	t, ok := parseTarget(raw)
	if !ok {
		return "", false
	}
	return t.url.String(), true
}

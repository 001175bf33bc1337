package unfurl

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// maxURL is how long an address may be, in bytes.
const maxURL = 4096

// maxName is DNS's bound.
const maxName = 253

// target is an address that may be asked.
type target struct {
	url *url.URL
	// host is a name, or an address as text; port is a number.
	host string
	port uint16
}

// parseTarget reads an address and refuses whatever two readers could read
// differently: other schemes, user names, and numbers that are an address to
// some (127.1, 0x7f000001, 2130706433, 0177.0.0.1).
func parseTarget(raw string) (target, bool) {
	if len(raw) > maxURL || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return target{}, false
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Opaque != "" {
		return target{}, false
	}
	t := target{url: u}
	switch u.Scheme {
	case "http":
		t.port = 80
	case "https":
		t.port = 443
	default:
		return target{}, false
	}
	if text := u.Port(); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return target{}, false
		}
		t.port = uint16(n)
	}
	host, ok := readHost(u.Hostname())
	if !ok {
		return target{}, false
	}
	t.host = host
	u.Fragment = ""
	u.Host = bracketed(host)
	if text := strconv.Itoa(int(t.port)); u.Scheme == "http" && t.port != 80 || u.Scheme == "https" && t.port != 443 {
		u.Host += ":" + text
	}
	return t, true
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// readHost takes an address in its usual form, or a DNS name of two labels at
// least whose last one is no number.
func readHost(raw string) (string, bool) {
	if addr, err := netip.ParseAddr(raw); err == nil {
		return addr.String(), addr.Zone() == "" && !addr.Is4In6()
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(raw, "."))
	if err != nil || len(name) > maxName || !strings.Contains(name, ".") {
		return "", false
	}
	// What was not text becomes a name that is none.
	if again, err := idna.Lookup.ToASCII(name); err != nil || again != name {
		return "", false
	}
	for label := range strings.SplitSeq(name, ".") {
		if !validLabel(label) {
			return "", false
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", false
	}
	return name, true
}

func validLabel(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

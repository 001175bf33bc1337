package weburl

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxRaw bounds the work done on one address, in bytes. No canonical form that
// anybody keeps is near it.
const maxRaw = 16 << 10

// maxHost is DNS's bound on a name; before punycode a character may take four
// bytes.
const maxHost = 253

// defaultPorts says which port each scheme leaves out. It is also the list of
// schemes.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// Clean gives the canonical form of an absolute http or https address; false
// when raw is anything else, carries a user name, or holds white space, a
// control or a backslash (which browsers take for a slash).
//
// The canonical form is ASCII without quotes, angle brackets or spaces: scheme
// and host in lower case, an international name in punycode, the default port
// left out, a path that starts with a slash, every other byte percent-encoded,
// and no fragment mark without a fragment. Clean of it is itself.
func Clean(raw string) (string, bool) {
	raw = strings.Trim(raw, " \t\n\f\r")
	if len(raw) > maxRaw || !utf8.ValidString(raw) || strings.ContainsFunc(raw, forbidden) {
		return "", false
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "", false
	}
	scheme = strings.ToLower(scheme)
	port, ok := defaultPorts[scheme]
	if !ok {
		return "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, ok := cleanAuthority(rest[:end], port)
	if !ok {
		return "", false
	}
	return scheme + "://" + authority + cleanTail(rest[end:]), true
}

func forbidden(r rune) bool {
	return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r)
}

// cleanAuthority refuses a user name: it only serves to make one host look like
// another.
func cleanAuthority(s, defaultPort string) (string, bool) {
	host, port, ok := splitPort(s)
	if !ok {
		return "", false
	}
	if strings.HasPrefix(host, "[") {
		host, ok = cleanIPv6(host)
	} else {
		host, ok = cleanName(host)
	}
	if !ok {
		return "", false
	}
	if port == "" || port == defaultPort {
		return host, true
	}
	return host + ":" + port, true
}

// splitPort gives the port without leading zeros, empty when there is none.
func splitPort(s string) (host, port string, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return s, "", true
	}
	host, port = s[:colon], s[colon+1:]
	if port == "" {
		return host, "", true
	}
	if strings.Trim(port, "0123456789") != "" {
		return "", "", false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", "", false
	}
	return host, strconv.FormatUint(n, 10), true
}

func cleanIPv6(s string) (string, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil || !addr.Is6() || addr.Zone() != "" || !strings.HasSuffix(s, "]") {
		return "", false
	}
	return "[" + addr.String() + "]", true
}

// cleanName undoes percent-encoding first, as browsers do.
func cleanName(s string) (string, bool) {
	if strings.Contains(s, "%") {
		plain, err := url.PathUnescape(s)
		if err != nil || !utf8.ValidString(plain) {
			return "", false
		}
		s = plain
	}
	if len(s) > maxHost*utf8.UTFMax {
		return "", false
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		ascii, err := idna.Lookup.ToASCII(s)
		if err != nil {
			return "", false
		}
		s = ascii
	}
	s = strings.ToLower(s)
	return s, validName(s)
}

// validName takes underscores, which are in no host name but in many addresses.
func validName(s string) bool {
	if len(s) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// cleanTail encodes path, query and fragment. What is already encoded stays as
// it is; a lone percent sign is encoded.
func cleanTail(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 1)
	if !strings.HasPrefix(s, "/") {
		b.WriteByte('/')
	}
	fragment := false
	for i := range len(s) {
		c := s[i]
		keep := kept(c)
		switch c {
		case '%':
			keep = i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])
		case '#':
			keep, fragment = !fragment, true
		}
		if keep {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return strings.TrimSuffix(b.String(), "#")
}

func kept(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return strings.IndexByte("-._~:/?[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

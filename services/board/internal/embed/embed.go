package embed

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fresque.dev/services/board/internal/embed/weburl"
	"fresque.dev/services/internal/fault"
)

// MaxURL is how long an address may be, in characters.
const MaxURL = 2000

// maxSnippet bounds the work done on the code of a player, in bytes.
const maxSnippet = 16 << 10

// Table tells players from plain links. It is safe for concurrent use.
type Table struct {
	byHost  map[string]*provider
	sources []string
}

// Embed is a player. It formats and logs as its provider and host only, because
// its addresses may carry a secret.
type Embed struct {
	// Provider is a stable key such as pod, peertube or youtube.
	Provider string
	// Name is shown to people, such as PodÉduc or YouTube.
	Name string
	// Src is the address of the frame: https, on one of FrameSources.
	Src string
	// URL is the page to open instead of the frame.
	URL string
	// Sandbox and Allow are the frame's attributes of these names.
	Sandbox string
	Allow   string
	// Starts: the player can start at a second, which Src and an address of the
	// video take as start=. Start is where it does; 0 for the beginning.
	Starts bool
	Start  int
}

const (
	sandbox = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation"
	allow   = "fullscreen; picture-in-picture; encrypted-media"
)

// Resolve finds the player of an address; false when no provider takes it.
// Resolve of an Embed's Src, and of its URL, gives the same Embed.
func (t *Table) Resolve(raw string) (Embed, bool) {
	p, a, found, ok := t.resolve(raw)
	if !ok {
		return Embed{}, false
	}
	// Digits made by wholeSeconds, or nothing.
	start, _ := strconv.Atoi(found.start)
	return Embed{
		Provider: p.key,
		Name:     p.nameOn(a.host),
		Src:      "https://" + found.src,
		URL:      "https://" + found.page,
		Sandbox:  p.sandbox(),
		Allow:    allow,
		Starts:   found.starts,
		Start:    start,
	}, true
}

// resolve finds the row of an address, and what it makes of it.
func (t *Table) resolve(raw string) (*provider, address, player, bool) {
	a, ok := readAddress(raw)
	if !ok {
		return nil, a, player{}, false
	}
	p, ok := t.byHost[a.host]
	if !ok {
		return nil, a, player{}, false
	}
	found, ok := p.read(a)
	return p, a, found, ok
}

// FrameSources gives the origins that frames come from, for the CSP's
// frame-src: exact, sorted, never a wildcard.
func (t *Table) FrameSources() []string { return slices.Clone(t.sources) }

// CheckLink gives the form in which an address may be stored as a link: http or
// https, canonical (see weburl.Clean), MaxURL characters at most. It answers a
// fault of kind Invalid, url_not_allowed or too_long, that never repeats the
// address. CheckLink of what it gave is itself. Of the code of a player it gives
// the address of the frame.
func (t *Table) CheckLink(raw string) (clean string, err error) {
	if strings.HasPrefix(strings.TrimSpace(raw), "<") && len(raw) <= maxSnippet {
		raw, _ = FromSnippet(raw)
	}
	clean, ok := weburl.Clean(raw)
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, "url_not_allowed")
	case len(clean) > MaxURL:
		return "", fault.New(fault.Invalid, "too_long").With("max", MaxURL)
	}
	return clean, nil
}

// address is what rows look at: parsed, checked, and free of what could make a
// browser read it otherwise.
type address struct {
	// host is in lower case, without port.
	host string
	// path has no percent sign, no ".." and no "//".
	path  string
	query url.Values
}

func readAddress(raw string) (address, bool) {
	if len(raw) > MaxURL || strings.ContainsFunc(raw, unsafe) {
		return address{}, false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return address{}, false
	}
	if port := u.Port(); port != "" && port != "443" {
		return address{}, false
	}
	path := u.EscapedPath()
	for _, trick := range []string{"%", "..", "//"} {
		if strings.Contains(path, trick) {
			return address{}, false
		}
	}
	return address{host: strings.ToLower(u.Hostname()), path: path, query: u.Query()}, true
}

func unsafe(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }

// String names the provider and the host.
func (e Embed) String() string { return "embed " + e.Provider + " on " + e.host() }

// Format writes String for every verb, so that none shows the fields.
func (e Embed) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.String()) }

// LogValue logs what String tells.
func (e Embed) LogValue() slog.Value {
	return slog.GroupValue(slog.String("provider", e.Provider), slog.String("host", e.host()))
}

func (e Embed) host() string {
	u, err := url.Parse(e.Src)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

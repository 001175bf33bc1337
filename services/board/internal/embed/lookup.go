package embed

import (
	"net/url"
	"regexp"
	"strings"

	"fresque.dev/services/board/internal/board"
)

// secretLike is what opens a page by itself, in an address that no pattern
// takes apart.
var secretLike = regexp.MustCompile(`[0-9a-fA-F]{32}|` + uuid)

// Lookup tells how to ask for a preview of a link, in the form that CheckLink
// gives; false when there is to be none, since the address itself opens what
// is not for all.
func (t *Table) Lookup(clean string) (board.Lookup, bool) {
	p, a, found, ok := t.resolve(clean)
	switch {
	case ok && found.secret:
		return board.Lookup{}, false
	case ok:
		l := board.Lookup{URL: withoutStart("https://" + found.page), Restrictable: p.restrictable}
		if p.oEmbed != nil {
			l.OEmbed = "https://" + p.oEmbed(a.host) + url.QueryEscape(l.URL)
		}
		return l, true
	}
	u, err := url.Parse(clean)
	if err != nil {
		return board.Lookup{}, false
	}
	u.Fragment = ""
	l := board.Lookup{URL: u.String()}
	if row := t.byHost[strings.ToLower(u.Hostname())]; row != nil && row.restrictable {
		l.Restrictable = true
		return l, !secretLike.MatchString(clean)
	}
	return l, true
}

// withoutStart drops the second at which a page starts. Addresses of pages have
// no other parameter of these names.
func withoutStart(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	q := u.Query()
	q.Del("start")
	q.Del("t")
	u.RawQuery = q.Encode()
	return u.String()
}

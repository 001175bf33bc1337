package unfurl

import (
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// How long what is kept of a page may be, in characters.
const (
	maxTitle       = 200
	maxDescription = 300
	maxSite        = 80
)

// page is what a page says of itself, by the names under which it does.
type page struct {
	found map[string]string
	// base is what its addresses are relative to.
	base *url.URL
	// password: it asks for one.
	password bool
}

// readPage reads the head of a page, or all of it to see whether it asks for a
// password.
func readPage(body io.Reader, contentType string, base *url.URL, whole bool) page {
	p := page{found: map[string]string{}, base: base}
	text, err := charset.NewReader(body, contentType)
	if err != nil {
		return p
	}
	z := html.NewTokenizer(text)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			name, hasAttributes := z.TagName()
			tag := atom.Lookup(name)
			if tag == atom.Body && !whole && p.title() != "" {
				return p
			}
			p.start(z, tag, hasAttributes)
		}
	}
}

func (p *page) start(z *html.Tokenizer, tag atom.Atom, hasAttributes bool) {
	switch tag {
	case atom.Title:
		// The first one: those of drawings within the page come after it.
		if _, seen := p.found["title"]; !seen && z.Next() == html.TextToken {
			p.keep("title", string(z.Text()))
		}
	case atom.Meta:
		a := attributes(z, hasAttributes, "property", "name", "itemprop", "content")
		for _, name := range []string{a["property"], a["name"]} {
			p.keep(strings.ToLower(strings.TrimSpace(name)), a["content"])
		}
	case atom.Link:
		a := attributes(z, hasAttributes, "rel", "href")
		if strings.EqualFold(a["rel"], "image_src") {
			p.keep("image_src", a["href"])
		}
	case atom.Input:
		a := attributes(z, hasAttributes, "type")
		p.password = p.password || strings.EqualFold(strings.TrimSpace(a["type"]), "password")
	}
}

func attributes(z *html.Tokenizer, more bool, wanted ...string) map[string]string {
	out := make(map[string]string, len(wanted))
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		for _, name := range wanted {
			if _, seen := out[name]; !seen && string(key) == name {
				out[name] = string(value)
			}
		}
	}
	return out
}

// wanted are the names that are kept, so that a page cannot fill the memory.
var wanted = map[string]bool{
	"title": true, "og:title": true, "twitter:title": true,
	"description": true, "og:description": true, "twitter:description": true,
	"og:site_name": true, "application-name": true,
	"og:image": true, "og:image:url": true, "og:image:secure_url": true,
	"twitter:image": true, "twitter:image:src": true, "image_src": true,
}

// keep takes the first value of a name.
func (p *page) keep(name, value string) {
	if value = strings.TrimSpace(value); wanted[name] && p.found[name] == "" && value != "" {
		p.found[name] = value[:min(len(value), maxURL)]
	}
}

func (p *page) first(names ...string) string {
	for _, name := range names {
		if value := p.found[name]; value != "" {
			return value
		}
	}
	return ""
}

func (p *page) title() string { return line(p.first("og:title", "twitter:title", "title"), maxTitle) }

func (p *page) description() string {
	return line(p.first("og:description", "twitter:description", "description"), maxDescription)
}

func (p *page) site() string { return line(p.first("og:site_name", "application-name"), maxSite) }

// picture is the address of the page's picture; empty for none.
func (p *page) picture() string {
	raw := p.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "image_src")
	if raw == "" {
		return ""
	}
	ref, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return p.base.ResolveReference(ref).String()
}

// line makes one line of readable characters out of anything, cut at a word
// where it is too long.
func line(s string, most int) string {
	var b strings.Builder
	space := false
	for _, r := range strings.ToValidUTF8(s, "") {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Co, r),
			r == '\u200b', r == '\u2060', r == '\ufeff':
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return cut(b.String(), most)
}

// cut keeps most characters at most, and tells that it cut.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	kept := string([]rune(s)[:most-1])
	if at := strings.LastIndexByte(kept, ' '); at > len(kept)/2 {
		kept = kept[:at]
	}
	return strings.TrimRight(kept, " ,;:.-–—") + "…"
}

package embed

import (
	"strings"

	"golang.org/x/net/html"
)

// FromSnippet gives the address of the first frame in pasted HTML; false when
// there is none. Nothing else of the snippet is kept, and the address is as
// untrusted as one that was typed: CheckLink it, then Resolve it.
func FromSnippet(snippet string) (src string, ok bool) {
	z := html.NewTokenizer(strings.NewReader(snippet))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "", false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "iframe" {
				continue
			}
			if src := frameSrc(t.Attr); src != "" {
				return src, true
			}
		}
	}
}

// frameSrc takes the first src, as browsers do. Snippets of old leave the
// scheme out.
func frameSrc(attrs []html.Attribute) string {
	for _, a := range attrs {
		if a.Key != "src" {
			continue
		}
		src := strings.Trim(a.Val, " \t\n\f\r")
		if strings.HasPrefix(src, "//") {
			return "https:" + src
		}
		return src
	}
	return ""
}

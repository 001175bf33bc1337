package richtext

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
)

// Policy sanitises rich text. It is safe for concurrent use.
type Policy struct {
	gate *bluemonday.Policy
}

// New makes a Policy. Make it once: it is costly next to its use.
func New() *Policy {
	gate := bluemonday.NewPolicy()
	elements := slices.Concat(written, rewritten, separators)
	gate.AllowElements(elements...)
	// An <a> without a target still ends the link before it, so that the reader
	// must see it; it comes to nothing there.
	gate.AllowNoAttrs().OnElements(elements...)
	gate.AllowAttrs("href").OnElements("a")
	gate.AllowURLSchemes("http", "https", "mailto")
	gate.SkipElementsContent(unseen...)
	return &Policy{gate: gate}
}

var (
	// written are the elements of the canonical form.
	written = []string{"p", "br", "strong", "em", "ul", "ol", "li", "a"}
	// rewritten become one of the above.
	rewritten = []string{"b", "i", "h1", "h2", "h3", "h4", "h5", "h6"}
	// separators only tell where one paragraph or word ends and the next starts.
	separators = []string{
		"address", "article", "aside", "blockquote", "caption", "center", "dd", "details",
		"div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header",
		"hr", "legend", "main", "nav", "pre", "section", "summary", "table", "tbody", "td",
		"tfoot", "th", "thead", "tr",
	}
	// unseen are dropped with what they hold, because a browser does not show it
	// as text of the page. bluemonday knows of script, style and their like.
	unseen = []string{"audio", "canvas", "math", "select", "svg", "template", "textarea", "video"}
)

// Sanitize gives the canonical form of any HTML; an empty string when nothing
// in it can be seen. Sanitize of the canonical form is itself. It takes time in
// proportion to its input, and its output has at most 16 bytes for each.
func (p *Policy) Sanitize(html string) string {
	var b strings.Builder
	writeBlocks(&b, p.read(html))
	return b.String()
}

// PlainText gives the text of any HTML, one line for each paragraph, list item
// and line break, without markers or trailing newline.
func (p *Policy) PlainText(html string) string {
	return strings.Join(lines(p.read(html)), "\n")
}

// Length counts the characters of the text, in Unicode code points, line
// breaks left out.
func (p *Policy) Length(html string) int {
	n := 0
	for _, line := range lines(p.read(html)) {
		n += utf8.RuneCountInString(line)
	}
	return n
}

func (p *Policy) read(html string) []block {
	return readBlocks(p.gate.Sanitize(strings.ToValidUTF8(html, "")))
}

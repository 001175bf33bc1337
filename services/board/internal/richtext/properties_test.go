package richtext_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/microcosm-cc/bluemonday"
	"pgregory.net/rapid"

	"fresque.dev/services/board/internal/richtext"
)

// maxGrowth is the promise of Sanitize, in bytes out for each byte in.
const maxGrowth = 16

// policy is the one under test; strict allows exactly the canonical form's
// elements and attributes, so that it must find nothing to change.
var (
	policy = richtext.New()
	strict = strictPolicy()
)

func strictPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "ul", "ol", "li")
	p.AllowAttrs("href", "rel", "target").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	return p
}

// reporter is what testing.T and rapid.T share.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkPromises holds for every input whatever.
func checkPromises(t reporter, input string) {
	t.Helper()
	got := policy.Sanitize(input)
	if err := checkCanonical(got); err != nil {
		t.Errorf("Sanitize(%q) = %q is not canonical: %v", input, got, err)
	}
	if again := policy.Sanitize(got); again != got {
		t.Errorf("Sanitize(%q) = %q, then %q", input, got, again)
	}
	if len(got) > maxGrowth*len(input) {
		t.Errorf("Sanitize(%.200q) made %d bytes of %d", input, len(got), len(input))
	}
	if agreed := strict.Sanitize(got); unquote(agreed) != got {
		t.Errorf("a strict policy makes %q of %q", agreed, got)
	}
	text := policy.PlainText(input)
	if again := policy.PlainText(got); again != text {
		t.Errorf("PlainText of %q is %q, once sanitised %q", input, text, again)
	}
	if n, want := policy.Length(input), len([]rune(strings.ReplaceAll(text, "\n", ""))); n != want {
		t.Errorf("Length(%q) = %d, its text has %d", input, n, want)
	}
}

// unquote undoes what bluemonday escapes beyond the three entities.
func unquote(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(s)
}

func FuzzSanitize(f *testing.F) {
	for _, file := range attackFiles(f) {
		attack, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(attack))
	}
	for _, s := range slices.Concat(readSamples(f, "canonical.json"), readSamples(f, "refused.json")) {
		f.Add(s.Input)
	}
	f.Fuzz(func(t *testing.T, input string) { checkPromises(t, input) })
}

// pieces are what soup is made of: every element the reader knows, opened and
// closed in any order, between texts that are hard to place.
var pieces = slices.Concat(
	tagged("p", "div", "h2", "blockquote", "table", "tr", "td", "ul", "ol", "li", "ul", "ol", "li",
		"strong", "b", "em", "i", "a", "span", "svg", "template", "textarea", "select"),
	[]string{
		"<br>", "<br/>", "</br>", "<hr>", "<!-- c -->", "<!--", "<script>s</script>", "<style>s</style>",
		`<a href="https://example.org/1">`, `<a href="https://example.org/1">`, `<a href="https://example.org/2?a&b">`,
		`<a href=mailto:a@example.org>`, `<a href="javascript:x">`, `<p class="x" onclick='y'>`,
		"a", "b", "c d", " ", "  ", "\n", "\t", "\u00a0", "\u200b", "\u202e", "\x00", "\xff", "é", "𝄞",
		"&", "&amp;", "&lt;", "&nbsp;", "&#8;", "&#x202e;", "'", `"`, "<", ">", "</", "<p",
	},
)

func tagged(names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, "<"+n+">", "</"+n+">")
	}
	return out
}

func TestSoupKeepsThePromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkPromises(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), ""))
	})
}

// TestAllowedMarkupKeepsItsText: no word is lost, added or moved in documents
// that hold nothing but allowed elements, well formed.
func TestAllowedMarkupKeepsItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &author{t: t}
		var html string
		for range rapid.IntRange(0, 6).Draw(t, "blocks") {
			html += w.block(0)
		}
		if got := strings.Fields(policy.PlainText(html)); !slices.Equal(got, w.words) {
			t.Errorf("%q has the words %q, kept %q", html, w.words, got)
		}
		checkPromises(t, html)
	})
}

// author writes documents and remembers their words.
type author struct {
	t     *rapid.T
	words []string
}

func (w *author) block(depth int) string {
	if depth < 6 && rapid.Bool().Draw(w.t, "list") {
		return w.list(depth)
	}
	return "<p>" + w.inline(0) + "</p>"
}

func (w *author) list(depth int) string {
	name := rapid.SampledFrom([]string{"ul", "ol"}).Draw(w.t, "name")
	html := "<" + name + ">"
	for range rapid.IntRange(0, 3).Draw(w.t, "items") {
		html += "<li>" + w.inline(0)
		for range rapid.IntRange(0, 2).Draw(w.t, "below") {
			html += w.block(depth + 1)
		}
		html += "</li>"
	}
	return html + "</" + name + ">"
}

func (w *author) inline(depth int) string {
	html := ""
	for range rapid.IntRange(0, 4).Draw(w.t, "pieces") {
		kind := rapid.IntRange(0, 5).Draw(w.t, "kind")
		switch {
		case kind == 0:
			html += "<br>"
		case kind < 4 && depth < 5:
			open := []string{"", "<strong>", "<em>", `<a href="https://example.org/">`}[kind]
			end := []string{"", "</strong>", "</em>", "</a>"}[kind]
			html += open + w.inline(depth+1) + end
		default:
			html += w.word()
		}
	}
	return html
}

func (w *author) word() string {
	word := rapid.SampledFrom([]string{"le", "mur", "été", "l'eau", "a<b", "R&D", "🎓"}).Draw(w.t, "word")
	w.words = append(w.words, word)
	return " " + strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(word) + " "
}

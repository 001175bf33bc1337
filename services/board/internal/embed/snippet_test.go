package embed_test

import (
	"strings"
	"testing"

	"fresque.dev/services/board/internal/embed"
)

func TestFromSnippet(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"frame", `<iframe src="https://example.org/a?b=1&amp;c=2" width="640" allowfullscreen onload="alert(1)"></iframe>`, "https://example.org/a?b=1&c=2"},
		{"upper case, no quotes", `<IFRAME SRC=https://example.org/a></IFRAME>`, "https://example.org/a"},
		{"among other things", `<script src="https://evil.example/x.js"></script><p>Voir <a href="https://evil.example">ici</a><div><iframe src='https://example.org/a'>x</iframe></div>`, "https://example.org/a"},
		{"without its end", `<iframe src="https://example.org/a">`, "https://example.org/a"},
		{"closed by itself", `<iframe src="https://example.org/a"/>`, "https://example.org/a"},
		{"protocol-relative", `<iframe src="//example.org/a"></iframe>`, "https://example.org/a"},
		{"white space", "<iframe src=\" https://example.org/a\n\"></iframe>", "https://example.org/a"},
		{"the first of two", `<iframe src="https://example.org/a"></iframe><iframe src="https://example.org/b"></iframe>`, "https://example.org/a"},
		{"the first with an address", `<iframe></iframe><iframe src=""></iframe><iframe src="https://example.org/b"></iframe>`, "https://example.org/b"},
		{"the first src", `<iframe src="https://example.org/a" src="https://example.org/b"></iframe>`, "https://example.org/a"},
		{"srcdoc is dropped", `<iframe srcdoc="<script>alert(1)</script>" src="https://example.org/a"></iframe>`, "https://example.org/a"},
		{"untrusted, as it is", `<iframe src="javascript:alert(1)"></iframe>`, "javascript:alert(1)"},
		{"srcdoc only", `<iframe srcdoc="x"></iframe>`, ""},
		{"in a comment", `<!-- <iframe src="https://example.org/a"></iframe> -->`, ""},
		{"in a script", `<script>"<iframe src='https://example.org/a'>"</script>`, ""},
		{"in an attribute", `<p title="<iframe src='https://example.org/a'>">x</p>`, ""},
		{"other elements", `<embed src="https://example.org/a"><img src="https://example.org/b"><video src="https://example.org/c"></video>`, ""},
		{"address alone", "https://example.org/a", ""},
		{"cut off", `<iframe src="https://example.org/a`, ""},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := embed.FromSnippet(c.in)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, c.want)
			}
		})
	}
}

// TestSnippetsResolve: the snippets that providers hand out end in players.
func TestSnippetsResolve(t *testing.T) {
	table := newTable(t)
	for _, c := range []struct{ name, in, want string }{
		{"pod", `<iframe src="` + pod + `/video/0042-x/?is_iframe=true" width="640" height="360" style="padding: 0;" allowfullscreen title="x"></iframe>`, pod + "/video/0042-x/?is_iframe=true"},
		{"youtube", `<iframe width="560" height="315" src="//www.youtube.com/embed/dQw4w9WgXcQ?si=x" frameborder="0"></iframe>`, "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"},
		{"h5p", `<iframe src="https://h5p.org/h5p/embed/617" width="1090" height="674"></iframe><script src="https://h5p.org/sites/all/modules/h5p/library/js/h5p-resizer.js"></script>`, "https://h5p.org/h5p/embed/617"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, _ := embed.FromSnippet(c.in)
			if e, ok := table.Resolve(src); !ok || e.Src != c.want {
				t.Errorf("%q gives %q, %v", src, e.Src, ok)
			}
		})
	}
}

func TestFromSnippetTakesHugeInput(t *testing.T) {
	in := strings.Repeat("<iframe>", 100_000)
	if got, ok := embed.FromSnippet(in); ok {
		t.Errorf("got %q", got)
	}
}

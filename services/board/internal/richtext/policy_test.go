package richtext_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/richtext"
)

var _ board.Sanitizer = (*richtext.Policy)(nil)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is one entry of canonical.json and refused.json, which the web
// client's tests read too.
type sample struct {
	Name   string `json:"name"`
	Input  string `json:"input"`
	Output string `json:"output"`
}

func readSamples(tb testing.TB, file string) []sample {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		tb.Fatal(err)
	}
	var out []sample
	if err := json.Unmarshal(data, &out); err != nil {
		tb.Fatal(err)
	}
	if len(out) == 0 {
		tb.Fatalf("%s is empty", file)
	}
	return out
}

func writeSamples(t *testing.T, file string, samples []sample) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(samples); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", file), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCanonicalSamples(t *testing.T) {
	samples := readSamples(t, "canonical.json")
	if *update {
		for i := range samples {
			samples[i].Output = policy.Sanitize(samples[i].Input)
		}
		writeSamples(t, "canonical.json", samples)
	}
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			if got := policy.Sanitize(s.Input); got != s.Output {
				t.Errorf("Sanitize(%q)\n got %q\nwant %q", s.Input, got, s.Output)
			}
			checkPromises(t, s.Input)
		})
	}
}

// TestRefusedSamples shows that the checker, as any parser of the form should,
// refuses what is not canonical, and that Sanitize brings it there.
func TestRefusedSamples(t *testing.T) {
	for _, s := range readSamples(t, "refused.json") {
		t.Run(s.Name, func(t *testing.T) {
			if err := checkCanonical(s.Input); err == nil {
				t.Errorf("%q passes for canonical", s.Input)
			}
			checkPromises(t, s.Input)
		})
	}
}

func TestAttacks(t *testing.T) {
	for _, file := range attackFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".html"), func(t *testing.T) {
			attack, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".html") + ".golden"
			got := policy.Sanitize(string(attack))
			if *update {
				if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got+"\n" != string(want) {
				t.Errorf("Sanitize(%q)\n got %q\nwant %q", attack, got, want)
			}
			checkPromises(t, string(attack))
		})
	}
}

func attackFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("testdata/attacks/*.html")
	if err != nil || len(files) == 0 {
		tb.Fatalf("attacks: %d files, %v", len(files), err)
	}
	return files
}

func TestPlainText(t *testing.T) {
	for _, c := range []struct {
		name, html, want string
		length           int
	}{
		{"nothing", "", "", 0},
		{"nothing seen", "<script>alert(1)</script>", "", 0},
		{"paragraphs", "<p>Été &amp; co</p><p></p><p>b</p>", "Été & co\n\nb", 9},
		{"line break", "<p>a<br>b</p>", "a\nb", 2},
		{"marks", "<p>a<strong>b<em>c</em></strong></p>", "abc", 3},
		{"lists", "<ul><li>a<ol><li>b</li></ol></li><li><ul><li>c</li></ul></li></ul>d", "a\nb\nc\nd", 4},
		{"link", `<a href="https://example.org/">a</a>`, "a", 1},
		{"tags as text", "&lt;p&gt;", "<p>", 3},
		{"beyond the first plane", "<p>𝄞</p>", "𝄞", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := policy.PlainText(c.html); got != c.want {
				t.Errorf("PlainText = %q, want %q", got, c.want)
			}
			if got := policy.Length(c.html); got != c.length {
				t.Errorf("Length = %d, want %d", got, c.length)
			}
		})
	}
}

// hostile are inputs that punish a reader that recurses, repeats or scans again.
var hostile = map[string]func(n int) string{
	"nested divs":        func(n int) string { return strings.Repeat("<div>", n) + "x" },
	"nested lists":       func(n int) string { return strings.Repeat("<ul><li>x", n) },
	"lists without item": func(n int) string { return strings.Repeat("<ul>", n) + "x" },
	"nested marks":       func(n int) string { return strings.Repeat("<b><i>", n) + "x" },
	"alternating marks":  func(n int) string { return strings.Repeat("<b>x<i>y</b>z</i>", n) },
	"stray ends":         func(n int) string { return strings.Repeat("x</b></ul></li></p></a>", n) },
	"nested links":       func(n int) string { return strings.Repeat("<a href=https://a>x", n) },
	"links without href": func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) + "x" },
	"nested svg":         func(n int) string { return strings.Repeat("<svg>", n) + "x" },
	"nested templates":   func(n int) string { return strings.Repeat("<template>", n) + "x" },
	"breaks":             func(n int) string { return "x" + strings.Repeat("<br> ", n) + "x" },
	"spaces":             func(n int) string { return "x" + strings.Repeat(" <b> </b>", n) + "x" },
	"comments":           func(n int) string { return "x" + strings.Repeat("<!--", n) },
	"angle brackets":     func(n int) string { return strings.Repeat("<", n) },
	"ampersands":         func(n int) string { return strings.Repeat("&", n) },
	"unclosed tag":       func(n int) string { return "<a " + strings.Repeat("x ", n) },
	"attributes":         func(n int) string { return "<p " + strings.Repeat("a=b ", n) + ">x" },
	"hrefs":              func(n int) string { return "<a " + strings.Repeat("href=https://a ", n) + ">x" },
	"paragraphs in a long link": func(n int) string {
		return "<a href=https://a/" + strings.Repeat("a", 1900) + ">" + strings.Repeat("<p>x", n)
	},
	"marked paragraphs": func(n int) string { return "<b><i>" + strings.Repeat("<p>x", n) },
}

func TestHostileInputStaysSmall(t *testing.T) {
	for name, input := range hostile {
		t.Run(name, func(t *testing.T) {
			html := input(100_000)
			got := policy.Sanitize(html)
			if err := checkCanonical(got); err != nil {
				t.Errorf("%.200q… is not canonical: %v", got, err)
			}
			if len(got) > maxGrowth*len(html) {
				t.Errorf("%d bytes of %d", len(got), len(html))
			}
			checkPromises(t, input(100))
		})
	}
}

func BenchmarkSanitize(b *testing.B) {
	for name, input := range hostile {
		for size, n := range map[string]int{"10k": 10_000, "100k": 100_000} {
			html := input(n)
			b.Run(name+"/"+size, func(b *testing.B) {
				b.SetBytes(int64(len(html)))
				for b.Loop() {
					policy.Sanitize(html)
				}
			})
		}
	}
}

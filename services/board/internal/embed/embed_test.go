package embed_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/embed"
	"fresque.dev/services/internal/fault"
)

var _ board.LinkChecker = (*embed.Table)(nil)

func newTable(tb testing.TB) *embed.Table {
	tb.Helper()
	table, err := embed.New(embed.Config{H5PHosts: []string{"school.h5p.com"}, Self: []string{"mur.example"}})
	if err != nil {
		tb.Fatal(err)
	}
	return table
}

func TestResolve(t *testing.T) {
	table := newTable(t)
	for key, list := range vectors {
		for _, v := range list {
			t.Run(key+"/"+v.name, func(t *testing.T) {
				got, ok := table.Resolve(v.in)
				if !ok {
					t.Fatalf("nothing takes %s", v.in)
				}
				if got.Provider != key || got.Src != v.src || got.URL != v.page {
					t.Errorf("%s\n got %s %s, page %s\nwant %s %s, page %s",
						v.in, got.Provider, got.Src, got.URL, key, v.src, v.page)
				}
				checkEmbed(t, table, got)
			})
		}
	}
}

func TestEveryOriginHasAVector(t *testing.T) {
	table := newTable(t)
	played := map[string]bool{}
	for _, list := range vectors {
		for _, v := range list {
			played[origin(t, v.src)] = true
		}
	}
	for _, source := range table.FrameSources() {
		if !played[source] && !strings.HasPrefix(source, "https://tube-") {
			t.Errorf("no vector plays on %s", source)
		}
	}
}

func TestLinkCards(t *testing.T) {
	table := newTable(t)
	for _, c := range cards {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := table.Resolve(c.in); ok || got != (embed.Embed{}) {
				t.Errorf("%q is played by %s at %s", c.in, got.Provider, got.Src)
			}
		})
	}
}

// checkEmbed holds for every player whatever.
func checkEmbed(t *testing.T, table *embed.Table, e embed.Embed) {
	t.Helper()
	u, err := url.Parse(e.Src)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" {
		t.Errorf("Src %q is no plain https address: %v", e.Src, err)
	}
	if !slices.Contains(table.FrameSources(), origin(t, e.Src)) {
		t.Errorf("Src %q is on none of the frame sources", e.Src)
	}
	for _, address := range []string{e.Src, e.URL} {
		if again, ok := table.Resolve(address); !ok || again != e {
			t.Errorf("%q resolves to %q, page %q, %v; not to itself, %q, page %q", address, again.Src, again.URL, ok, e.Src, e.URL)
		}
		if clean, err := table.CheckLink(address); err != nil || clean != address {
			t.Errorf("CheckLink(%q) = %q, %v", address, clean, err)
		}
	}
	if strings.Contains(e.Sandbox, "top-navigation") || !strings.Contains(e.Sandbox, "allow-scripts") {
		t.Errorf("sandbox %q", e.Sandbox)
	}
	if e.Name == "" || e.Allow == "" {
		t.Errorf("name %q, allow %q", e.Name, e.Allow)
	}
}

func origin(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host
}

func TestPlayerAttributes(t *testing.T) {
	table := newTable(t)
	const base = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation"
	for _, c := range []struct{ name, in, shown, sandbox string }{
		{"PodÉduc has a password form", pod + "/video/0042-x/", "PodÉduc", base + " allow-forms"},
		{"others have no form", "https://youtu.be/dQw4w9WgXcQ", "YouTube", base},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ok := table.Resolve(c.in)
			if !ok || e.Name != c.shown || e.Sandbox != c.sandbox || e.Allow != "fullscreen; picture-in-picture; encrypted-media" {
				t.Errorf("name %q, sandbox %q, allow %q, %v", e.Name, e.Sandbox, e.Allow, ok)
			}
		})
	}
}

func TestFrameSources(t *testing.T) {
	table := newTable(t)
	got := table.FrameSources()
	want := []string{
		"https://geo.dailymotion.com",
		"https://h5p.org",
		"https://learningapps.org",
		"https://player.vimeo.com",
		"https://podeduc.apps.education.fr",
		"https://school.h5p.com",
		"https://tube-action-educative.apps.education.fr",
		"https://tube-arts-lettres-sciences-humaines.apps.education.fr",
		"https://tube-cycle-2.apps.education.fr",
		"https://tube-cycle-3.apps.education.fr",
		"https://tube-education-physique-et-sportive.apps.education.fr",
		"https://tube-enseignement-professionnel.apps.education.fr",
		"https://tube-institutionnel.apps.education.fr",
		"https://tube-langues-vivantes.apps.education.fr",
		"https://tube-maternelle.apps.education.fr",
		"https://tube-numerique-educatif.apps.education.fr",
		"https://tube-sciences-technologies.apps.education.fr",
		"https://view.genially.com",
		"https://www.canal-u.tv",
		"https://www.geogebra.org",
		"https://www.youtube-nocookie.com",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	got[0] = "https://evil.example"
	if table.FrameSources()[0] != want[0] {
		t.Error("a caller can change the table")
	}
}

func TestCheckLink(t *testing.T) {
	table := newTable(t)
	const start = "https://example.org/"
	longest := start + strings.Repeat("a", embed.MaxURL-len(start))
	for _, c := range []struct{ name, in, want, code string }{
		{"https", "https://example.org/a", "https://example.org/a", ""},
		{"http", "http://example.org/a", "http://example.org/a", ""},
		{"made canonical", " HTTPS://Example.org:443 ", "https://example.org/", ""},
		{"longest", longest, longest, ""},
		{"too long", longest + "a", "", "too_long"},
		{"too long once encoded", start + strings.Repeat("é", 400), "", "too_long"},
		{"script", "javascript:alert(1)", "", "url_not_allowed"},
		{"script with a host", "javascript://podeduc.apps.education.fr/%0aalert(1)", "", "url_not_allowed"},
		{"data", "data:text/html,x", "", "url_not_allowed"},
		{"mail", "mailto:a@example.org", "", "url_not_allowed"},
		{"user", "https://podeduc.apps.education.fr@evil.example/", "", "url_not_allowed"},
		{"backslash", `https:\\example.org`, "", "url_not_allowed"},
		{"control", "https://example.org/\x01", "", "url_not_allowed"},
		{"relative", "/a", "", "url_not_allowed"},
		{"empty", "", "", "url_not_allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := table.CheckLink(c.in)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, fault.New(fault.Invalid, c.code)) {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestTooLongTellsTheLimit(t *testing.T) {
	_, err := newTable(t).CheckLink("https://example.org/" + strings.Repeat("a", embed.MaxURL))
	if f, ok := fault.As(err); !ok || f.Params["max"] != embed.MaxURL {
		t.Errorf("got %v", err)
	}
}

func TestLimitIsTheBoards(t *testing.T) {
	if embed.MaxURL != board.MaxURL {
		t.Errorf("%d here, %d on the board", embed.MaxURL, board.MaxURL)
	}
}

func TestEmbedHidesItsAddresses(t *testing.T) {
	table := newTable(t)
	for _, in := range []string{
		pod + "/video/0042-x/" + podHex + "/",
		pod + "/video/0042-x/" + podUUID + "/",
		"https://vimeo.com/791813674/2c9cfc5030",
	} {
		e, ok := table.Resolve(in)
		if !ok {
			t.Fatalf("nothing takes %s", in)
		}
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "embed", e, "pointer", &e)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "embed", e, "error", fmt.Errorf("for %v", e))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T"} {
			fmt.Fprintf(&out, verb+" "+verb+" "+verb, e, &e, []embed.Embed{e})
		}
		out.WriteString(e.String())
		for _, secret := range []string{podHex, podUUID, "2c9cfc5030"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s shows in %s", secret, out.String())
			}
		}
		if want := "embed " + e.Provider + " on "; !strings.HasPrefix(e.String(), want) {
			t.Errorf("String() = %q", e)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, list := range vectors {
		for _, v := range list {
			f.Add(v.in)
			f.Add(v.src)
		}
	}
	for _, c := range cards {
		f.Add(c.in)
	}
	table := newTable(f)
	f.Fuzz(func(t *testing.T, raw string) {
		e, played := table.Resolve(raw)
		if played {
			checkEmbed(t, table, e)
		}
		clean, err := table.CheckLink(raw)
		if err != nil {
			// Encoding may lengthen an address beyond the limit.
			if f, ok := fault.As(err); !ok || played && f.Code != "too_long" {
				t.Errorf("CheckLink(%q): %v, though it is played by %s", raw, err, e.Provider)
			}
			return
		}
		if again, err := table.CheckLink(clean); err != nil || again != clean {
			t.Errorf("CheckLink(%q) = %q, then %q, %v", raw, clean, again, err)
		}
		if again, ok := table.Resolve(clean); played && (!ok || again != e) {
			t.Errorf("%q gives %q; stored as %q it gives %q, %v", raw, e.Src, clean, again.Src, ok)
		}
	})
}

package unfurl_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fresque.dev/services/media/internal/unfurl"
)

func FuzzLine(f *testing.F) {
	f.Add("Un titre\u202e\x00 \n long", 5)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = max(2, most%1000)
		got := unfurl.Line(s, most)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("got %q", got)
		}
	})
}

// FuzzPage: whatever a page is, what is kept of it is short lines of text.
func FuzzPage(f *testing.F) {
	f.Add(`<title>T</title><meta property="og:image" content="/i.png">`, "text/html; charset=utf-8")
	f.Add("<meta charset=utf-16><title>\xff\xfeT", "text/html")
	base := &url.URL{Scheme: "https", Host: "example.org", Path: "/a"}
	f.Fuzz(func(t *testing.T, body, contentType string) {
		title, description, site, _ := unfurl.ReadPage(strings.NewReader(body), contentType, base)
		for _, got := range []string{title, description, site} {
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 300 || strings.ContainsFunc(got, unicode.IsControl) {
				t.Errorf("got %q", got)
			}
		}
	})
}

// FuzzTarget: an address that passes is one to every reader, and passes again.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"http://example.org/", "http://0x7f.1/", "https://a@b.example/", "http://[::ffff:127.0.0.1]/", "http://１２７.0.0.1/", "http://\x84.A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := unfurl.ParseTarget(raw)
		if !ok {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			t.Fatalf("%q gives %q", raw, got)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && addr.Is4In6() {
			t.Errorf("%q gives %q", raw, got)
		}
		if again, ok := unfurl.ParseTarget(got); !ok || again != got {
			t.Errorf("%q gives %q, then %q, %v", raw, got, again, ok)
		}
	})
}

package weburl_test

import (
	"net/url"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/embed/weburl"
)

var cleaned = []struct{ name, raw, want string }{
	{"as it is", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"},
	{"no path", "https://example.org", "https://example.org/"},
	{"query without a path", "https://example.org?a", "https://example.org/?a"},
	{"upper case", "HTTPS://EXAMPLE.org/A", "https://example.org/A"},
	{"http stays http", "http://example.org/", "http://example.org/"},
	{"white space around", " \n https://example.org/ \r\n", "https://example.org/"},
	{"default port", "https://example.org:443/", "https://example.org/"},
	{"default port of http", "http://example.org:080/", "http://example.org/"},
	{"another port", "https://example.org:8443/", "https://example.org:8443/"},
	{"empty port", "https://example.org:/", "https://example.org/"},
	{"accents in the path", "https://fr.example.org/Été?q=ç#é", "https://fr.example.org/%C3%89t%C3%A9?q=%C3%A7#%C3%A9"},
	{"international name", "https://Académie.example/", "https://xn--acadmie-eya.example/"},
	{"international name, encoded", "https://acad%C3%A9mie.example/", "https://xn--acadmie-eya.example/"},
	{"encoded ASCII name", "https://ex%61mple.org/", "https://example.org/"},
	{"quotes and brackets", `https://example.org/"<>'?<"`, "https://example.org/%22%3C%3E'?%3C%22"},
	{"lone percent", "https://example.org/100%?a=%2", "https://example.org/100%25?a=%252"},
	{"encoded slash stays encoded", "https://example.org/a%2Fb|c", "https://example.org/a%2Fb%7Cc"},
	{"two fragment marks", "https://example.org/#a#b", "https://example.org/#a%23b"},
	{"empty fragment", "https://example.org/#", "https://example.org/"},
	{"IPv4", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/"},
	{"IPv6", "http://[2001:DB8:0::1]/", "http://[2001:db8::1]/"},
	{"underscore", "https://a_b.example.org/", "https://a_b.example.org/"},
}

var refused = []struct{ name, raw string }{
	{"empty", ""},
	{"words", "example"},
	{"no scheme", "example.org/a"},
	{"protocol-relative", "//example.org/a"},
	{"script", "javascript:alert(1)"},
	{"script that looks like a host", "javascript://example.org/%0aalert(1)"},
	{"data", "data:text/html,x"},
	{"mail", "mailto:a@example.org"},
	{"file", "file:///etc/passwd"},
	{"blob", "blob:https://example.org/1"},
	{"one slash", "https:/example.org"},
	{"opaque", "https:example.org"},
	{"backslashes", `https:\\example.org\a`},
	{"backslash in the host", `https://example.org\@evil.example/`},
	{"backslash in the path", `https://example.org/a\b`},
	{"user", "https://user@example.org/"},
	{"user and password", "https://a:b@example.org/"},
	{"host as user", "https://example.org@evil.example/"},
	{"space", "https://example.org/a b"},
	{"no-break space", "https://example.org/a\u00a0b"},
	{"tab", "https://exam\tple.org/"},
	{"newline", "https://example.org/\na"},
	{"null", "https://example.org/\x00"},
	{"C1 control", "https://example.org/\u0085"},
	{"invalid UTF-8", "https://example.org/\xff"},
	{"invalid UTF-8 in an encoded name", "https://a%ff.example/"},
	{"no host", "https:///a"},
	{"port without a host", "https://:443/"},
	{"port too high", "https://example.org:65536/"},
	{"port in words", "https://example.org:http/"},
	{"two ports", "https://example.org:80:443/"},
	{"trailing dot", "https://example.org./"},
	{"empty label", "https://example..org/"},
	{"encoded slash in the host", "https://example.org%2f.evil.example/"},
	{"full-width slash in the host", "https://example.org／.evil.example/"},
	{"semicolon in the host", "https://a;b/"},
	{"bad IPv6", "http://[::1/"},
	{"zone", "http://[fe80::1%25eth0]/"},
	{"IPv4 in brackets", "http://[127.0.0.1]/"},
	{"long label", "https://" + strings.Repeat("a", 64) + ".example/"},
	{"long name", "https://" + strings.Repeat("a.", 200) + "example/"},
	{"long international name", "https://" + strings.Repeat("é", 2000) + ".example/"},
	{"far too long", "https://example.org/" + strings.Repeat("a", 20_000)},
}

func TestClean(t *testing.T) {
	for _, c := range cleaned {
		t.Run(c.name, func(t *testing.T) {
			got, ok := weburl.Clean(c.raw)
			if !ok || got != c.want {
				t.Errorf("Clean(%q) = %q, %v; want %q", c.raw, got, ok, c.want)
			}
		})
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := weburl.Clean(c.raw); ok || got != "" {
				t.Errorf("Clean(%q) = %q, %v; want it refused", c.raw, got, ok)
			}
		})
	}
}

// FuzzClean: what comes out is stable, plain ASCII that needs no quoting, and
// read by net/url as the same host and nothing but http or https.
func FuzzClean(f *testing.F) {
	for _, c := range cleaned {
		f.Add(c.raw)
	}
	for _, c := range refused {
		if len(c.raw) < 1000 {
			f.Add(c.raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw string) {
		clean, ok := weburl.Clean(raw)
		if !ok {
			return
		}
		if again, ok := weburl.Clean(clean); !ok || again != clean {
			t.Errorf("Clean(%q) = %q, then %q, %v", raw, clean, again, ok)
		}
		for _, r := range clean {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) {
				t.Errorf("Clean(%q) = %q holds %q", raw, clean, r)
			}
		}
		u, err := url.Parse(clean)
		if err != nil {
			t.Fatalf("Clean(%q) = %q: %v", raw, clean, err)
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
			t.Errorf("Clean(%q) = %q has scheme %q, host %q, user %v", raw, clean, u.Scheme, u.Host, u.User)
		}
		if u.String() != clean {
			t.Errorf("Clean(%q) = %q, which net/url writes %q", raw, clean, u)
		}
	})
}

package unfurl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/unfurl"
)

func TestPages(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	for i, c := range []struct {
		name, kind, body string
		want             media.Link
		picture          string
	}{
		{"title alone", "text/html", "<html><head><title>\n  Un   titre &amp; un autre </title><body>", media.Link{Title: "Un titre & un autre"}, ""},
		{"open graph", "text/html; charset=utf-8", `<meta property="og:title" content="Le titre"><title>autre</title><meta property="og:description" content="Une description"><meta name="description" content="autre"><meta property="og:site_name" content="Le site"><meta property="og:image" content="/i.png">`, media.Link{Title: "Le titre", Description: "Une description", Site: "Le site"}, "/i.png"},
		{"twitter", "text/html", `<meta name="twitter:title" content="T"><meta name="twitter:description" content="D"><meta name="twitter:image" content="i.png">`, media.Link{Title: "T", Description: "D"}, "/p/i.png"},
		{"plain description, link to the picture", "text/html", `<title>T</title><meta name="Description" content="D"><link rel="image_src" href="//site.example/i.png">`, media.Link{Title: "T", Description: "D"}, "//site.example/i.png"},
		{"in the body, for want of better", "text/html", `<body><p>x</p><title>T</title>`, media.Link{Title: "T"}, ""},
		{"a drawing's title is not the page's", "text/html", `<title>T</title><svg><title>S</title></svg>`, media.Link{Title: "T"}, ""},
		{"a script speaks of titles", "text/html", `<script>"<title>no</title>"</script><title>T</title>`, media.Link{Title: "T"}, ""},
		{"tags in a title are text", "text/html", `<title><b>T</b></title>`, media.Link{Title: "<b>T</b>"}, ""},
		{"latin 1, told", "text/html; charset=iso-8859-1", "<title>\xe9t\xe9</title>", media.Link{Title: "été"}, ""},
		{"latin 1, told within", "text/html", "<meta charset=iso-8859-15><title>\xe9t\xe9 \xa4</title>", media.Link{Title: "été €"}, ""},
		{"latin 1, not told", "text/html", "<title>\xe9t\xe9</title>", media.Link{Title: "été"}, ""},
		{"utf-16", "text/html", "\xff\xfe<\x00t\x00i\x00t\x00l\x00e\x00>\x00\xe9\x00<\x00/\x00t\x00i\x00t\x00l\x00e\x00>\x00", media.Link{Title: "é"}, ""},
		{"shift_jis", "text/html; charset=Shift_JIS", "<title>\x93\xfa\x96\x7b</title>", media.Link{Title: "日本"}, ""},
		{"a charset of nobody", "text/html; charset=klingon", "<title>T\xe9</title>", media.Link{Title: "Té"}, ""},
		{"a wrong charset", "text/html; charset=utf-8", "<title>\xe9t\xe9 vrai</title>", media.Link{Title: "t vrai"}, ""},
		{"controls, bidi, zero width", "text/html", "<title>a\x01b\u202ec\u200bd\u2066e</title>", media.Link{Title: "abcde"}, ""},
		{"cut off", "text/html", `<title>T</title><meta property="og:title" cont`, media.Link{Title: "T"}, ""},
		{"xhtml", "application/xhtml+xml", `<title>T</title>`, media.Link{Title: "T"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := fmt.Sprintf("/p/%d", i)
			w.page(path, c.kind, c.body)
			got, err := read(t, r, w.base+path)
			if err != nil {
				t.Fatal(err)
			}
			c.want.Host = "site.example"
			if strings.HasPrefix(c.picture, "//") {
				c.picture = "http:" + c.picture
			} else if c.picture != "" {
				c.picture = w.base + c.picture
			}
			if got.Link != c.want || got.Picture != c.picture {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestLongTextsAreCutAtAWord(t *testing.T) {
	got := unfurl.Line(strings.Repeat("mot, ", 100), 50)
	if n := len([]rune(got)); n > 50 || !strings.HasSuffix(got, "mot…") {
		t.Errorf("%d characters: %q", n, got)
	}
	if got := unfurl.Line(strings.Repeat("é", 100), 50); len([]rune(got)) != 50 {
		t.Errorf("got %q", got)
	}
}

func TestAPictureAloneIsItsOwnPreview(t *testing.T) {
	w := newWorld(t)
	w.page("/a.png", "image/png", "x")
	if p, err := read(t, w.reader(t), w.base+"/a.png"); err != nil || p.Picture != w.base+"/a.png" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestNothingToTell(t *testing.T) {
	w := newWorld(t)
	w.page("/empty", "text/html", "")
	w.page("/pdf", "application/pdf", "%PDF <title>T</title>")
	w.page("/untold", "application/octet-stream", "<title>T</title>")
	w.page("/zip", "text/html", "")
	for _, path := range []string{"/empty", "/pdf", "/untold", "/none"} {
		if p, err := read(t, w.reader(t), w.base+path); err == nil {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if _, err := read(t, w.reader(t), "http://nobody.example/"); err == nil {
		t.Error("a name of nobody")
	}
}

// Whatever comes is read to 1 MiB and not beyond, nor for longer than there is
// time.
func TestEndlessBodies(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	endless := func(rw http.ResponseWriter, q *http.Request, chunk []byte, write func([]byte) error) {
		for q.Context().Err() == nil && write(chunk) == nil {
			if f, ok := rw.(http.Flusher); ok {
				f.Flush()
			}
		}
	}
	spaces := bytes.Repeat([]byte(" "), 64<<10)
	w.mux.HandleFunc("/endless", func(rw http.ResponseWriter, q *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		endless(rw, q, spaces, func(b []byte) error { _, err := rw.Write(b); return err })
	})
	w.mux.HandleFunc("/bomb", func(rw http.ResponseWriter, q *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		rw.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(rw)
		endless(rw, q, spaces, func(b []byte) error { _, err := z.Write(b); return err })
	})
	w.mux.HandleFunc("/tag", func(rw http.ResponseWriter, q *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte(`<title>T</title><meta content="`))
		endless(rw, q, spaces, func(b []byte) error { _, err := rw.Write(b); return err })
	})
	w.mux.HandleFunc("/unasked", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		rw.Header().Set("Content-Encoding", "br")
		_, _ = rw.Write([]byte(hello))
	})
	for _, path := range []string{"/endless", "/bomb", "/unasked"} {
		if p, err := read(t, r, w.base+path); err == nil {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if p, err := read(t, r, w.base+"/tag"); err != nil || p.Link.Title != "T" {
		t.Errorf("/tag: %+v, %v", p, err)
	}
}

func TestSilenceEnds(t *testing.T) {
	w := newWorld(t)
	rules, err := unfurl.ParseRules([]string{w.at.String()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := unfurl.NewReader(unfurl.Config{Resolver: unfurl.NewResolver(w.addr), Rules: rules, Within: time.Second / 2})
	slow := func(rw http.ResponseWriter, q *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte("<html>"))
		rw.(http.Flusher).Flush()
		<-q.Context().Done() // the reader gives up
	}
	w.mux.HandleFunc("/slow", slow)
	w.mux.HandleFunc("/silent", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() })
	done := make(chan error, 2)
	for _, path := range []string{"/slow", "/silent"} {
		go func() { _, err := r.Read(context.Background(), media.Lookup{URL: w.base + path}); done <- err }()
	}
	for range 2 {
		if err := <-done; err == nil {
			t.Error("something is told of a page that never came")
		}
	}
}

// pod is a server over https, as providers are.
func pod(t *testing.T, w *world) *unfurl.Reader {
	t.Helper()
	s := httptest.NewTLSServer(w)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	w.at = netip.MustParseAddrPort(s.Listener.Addr().String())
	w.set("example.com", "127.0.0.1")
	w.base = "https://example.com:" + w.port()
	rules, err := unfurl.ParseRules([]string{w.at.String()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return unfurl.NewReader(unfurl.Config{Resolver: unfurl.NewResolver(w.addr), Rules: rules, TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
}

func TestDowngradesAreRefused(t *testing.T) {
	w := newWorld(t)
	plain := w.base
	w.page("/a", "text/html", hello)
	r := pod(t, w)
	w.redirect("/down", plain+"/a")
	wantRefused(t, r, w.base+"/down")
	if _, err := read(t, r, w.base+"/a"); err != nil {
		t.Error(err)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	w := newWorld(t)
	w.page("/a", "text/html", hello)
	pod(t, w)
	if p, err := read(t, w.reader(t), w.base+"/a"); err == nil {
		t.Errorf("got %+v", p)
	}
}

const podPage = `<title>Ma chaîne - Un cours</title><meta property="og:title" content="Un cours">
<meta property="og:description" content="Ajouté par Jeanne Martin"><meta property="og:site_name" content="Pod"><meta property="og:image" content="/thumb.jpg">`

func TestRestrictablePages(t *testing.T) {
	w := newWorld(t)
	r := pod(t, w)
	w.page("/video/1-open/", "text/html", podPage)
	w.page("/video/2-bare/", "text/html", "<title>Pod</title>")
	w.page("/video/3-password/", "text/html", podPage+`<body><form><input name=p type="password">`)
	w.redirect("/video/4-login/", "/authentication_login/?referrer=/video/4-login/")
	w.page("/authentication_login/", "text/html", `<title>Connexion</title>`)
	w.page("/video/5-far-password/", "text/html", podPage+"<body>"+strings.Repeat("<p>x", 1<<16)+`<input type="password">`)
	w.redirect("/video/6-old-title/", "/video/6-new-title/")
	w.page("/video/6-new-title/", "text/html", podPage)
	w.redirect("/video/7-other/", "/video/1-open/")
	w.redirect("/video/8-elsewhere/", "https://sso.nowhere.example:8443/login")
	w.mux.HandleFunc("/video/9-forbidden/", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
	w.page("/oembed", "application/json", `{"title": "Un cours nu", "author_name": "Jeanne Martin", "html": "<script>", "provider_name": "Pod", "thumbnail_url": "/oembed.jpg"}`)
	for _, c := range []struct {
		path    string
		oembed  string
		title   string
		picture string
		err     error
	}{
		{"/video/1-open/", "", "Un cours", "/thumb.jpg", nil},
		{"/video/2-bare/", "/oembed", "Un cours nu", "/oembed.jpg", nil},
		{"/video/3-password/", "/oembed", "", "", media.ErrRestricted},
		{"/video/4-login/", "/oembed", "", "", media.ErrRestricted},
		{"/video/5-far-password/", "/oembed", "", "", media.ErrRestricted},
		{"/video/6-old-title/", "", "Un cours", "/thumb.jpg", nil},
		{"/video/7-other/", "/oembed", "", "", media.ErrRestricted},
		{"/video/8-elsewhere/", "/oembed", "", "", media.ErrRestricted},
		{"/video/9-forbidden/", "/oembed", "", "", media.ErrRestricted},
	} {
		l := media.Lookup{URL: w.base + c.path, Restrictable: true}
		if c.oembed != "" {
			l.OEmbed = w.base + c.oembed
		}
		got, err := r.Read(context.Background(), l)
		if !errors.Is(err, c.err) || got.Link.Title != c.title || got.Link.Description != "" || strings.TrimPrefix(got.Picture, w.base) != c.picture {
			t.Errorf("%s: %+v, %v", c.path, got, err)
		}
	}
	if strings.Count(w.served(), "/oembed") != 1 {
		t.Error("oEmbed was asked about what is restricted")
	}
}

func TestOEmbedFirst(t *testing.T) {
	w := newWorld(t)
	r := w.reader(t)
	w.page("/oembed", "application/json", `{"title": "Une vidéo", "author_name": "Jeanne", "html": "<script>", "provider_name": "Tube", "thumbnail_url": "/t.jpg"}`)
	w.page("/broken", "application/json", `nothing`)
	w.page("/video", "text/html", hello)
	for oembed, want := range map[string]media.Page{
		"/oembed": {Link: media.Link{Title: "Une vidéo", Site: "Tube", Host: "site.example"}, Picture: w.base + "/t.jpg"},
		"/broken": {Link: media.Link{Title: "Bonjour", Host: "site.example"}},
		"/none":   {Link: media.Link{Title: "Bonjour", Host: "site.example"}},
	} {
		got, err := r.Read(context.Background(), media.Lookup{URL: w.base + "/video", OEmbed: w.base + oembed})
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", oembed, got, err)
		}
	}
	// What the provider keeps to some is not looked for elsewhere.
	for path, status := range map[string]int{"/401": http.StatusUnauthorized, "/403": http.StatusForbidden} {
		w.mux.HandleFunc(path, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		if got, err := r.Read(context.Background(), media.Lookup{URL: w.base + "/video", OEmbed: w.base + path}); !errors.Is(err, media.ErrRestricted) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}

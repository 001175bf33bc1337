package httpapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/media/internal/httpapi"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/wording"
)

// shelf is an object store in memory.
type shelf struct {
	objects map[media.Key][]byte
	away    bool
	closed  chan struct{}
}

func (s *shelf) Put(context.Context, media.Key, io.Reader, int64) error {
	return errors.New("read only")
}
func (*shelf) Discard(context.Context, media.Folder) error { return errors.New("read only") }

func (s *shelf) Clear(context.Context, media.ID, media.ID) error { return errors.New("read only") }

func (s *shelf) Copy(context.Context, media.Upload, media.Upload) (int, error) {
	return 0, errors.New("read only")
}

func (s *shelf) Size(_ context.Context, key media.Key) (int64, error) {
	if s.away {
		return 0, errors.New("away")
	}
	if b, ok := s.objects[key]; ok {
		return int64(len(b)), nil
	}
	return 0, media.ErrNoObject
}

func (s *shelf) Read(_ context.Context, key media.Key, from, n int64) (io.ReadCloser, error) {
	return &book{bytes.NewReader(s.objects[key][from : from+n]), s.closed}, nil
}

type book struct {
	io.Reader
	closed chan struct{}
}

func (b *book) Close() error {
	b.closed <- struct{}{}
	return nil
}

type place struct {
	t     *testing.T
	shelf *shelf
	base  string
	path  string
	etag  string
	body  []byte
}

func open(t *testing.T) *place {
	t.Helper()
	u := media.Upload{ID: "0190a6a0-0000-7000-8000-000000000003", Board: "0190a6a0-0000-7000-8000-000000000001"}
	key := media.NewKey([]byte("secret"), u, sha256.Sum256(nil), "w640.webp")
	body := bytes.Repeat([]byte("0123456789"), 100)
	s := &shelf{objects: map[media.Key][]byte{key: body}, closed: make(chan struct{}, 100)}
	api := httpapi.New(httpapi.Deps{
		Objects: s, Version: "1.2.3", Messages: wording.Messages(), Log: slog.New(slog.DiscardHandler),
		Health: probe.New(slog.New(slog.DiscardHandler),
			probe.Engine{Name: "events", Check: func(context.Context) error { return nil }},
			probe.Engine{Name: "objects", Check: func(ctx context.Context) error { _, err := s.Size(ctx, key); return err }},
		),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- api.Fiber.Listener(l) }()
	t.Cleanup(func() {
		if err := api.Fiber.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &place{t, s, "http://" + l.Addr().String(), key.Path(), key.ETag(), body}
}

func (p *place) send(method, path string, header map[string]string) (*http.Response, []byte) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res, body
}

func TestFile(t *testing.T) {
	p := open(t)
	for _, method := range []string{"GET", "HEAD"} {
		res, body := p.send(method, p.path, nil)
		if res.StatusCode != 200 || res.ContentLength != 1000 {
			t.Errorf("%s: %s, %d bytes", method, res.Status, res.ContentLength)
		}
		if method == "GET" && !bytes.Equal(body, p.body) {
			t.Error("other bytes")
		}
		for name, want := range map[string]string{
			"Content-Type": "image/webp", "ETag": p.etag, "Accept-Ranges": "bytes",
			"Cache-Control":                "public, max-age=31536000, immutable",
			"X-Content-Type-Options":       "nosniff",
			"Content-Security-Policy":      "default-src 'none'; sandbox",
			"Cross-Origin-Resource-Policy": "cross-origin",
			"Content-Disposition":          `inline; filename="picture-w640.webp"`,
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s %s: %q", method, name, got)
			}
		}
	}
	select {
	case <-p.shelf.closed:
	case <-time.After(5 * time.Second):
		t.Error("the object was not closed")
	}
}

func TestRanges(t *testing.T) {
	p := open(t)
	for _, c := range []struct {
		header       string
		status       int
		contentRange string
		from, to     int
	}{
		{"bytes=0-99", 206, "bytes 0-99/1000", 0, 100},
		{"bytes=990-", 206, "bytes 990-999/1000", 990, 1000},
		{"bytes=-10", 206, "bytes 990-999/1000", 990, 1000},
		{"bytes=-5000", 206, "bytes 0-999/1000", 0, 1000},
		{"bytes=995-5000", 206, "bytes 995-999/1000", 995, 1000},
		{"bytes=999-999", 206, "bytes 999-999/1000", 999, 1000},
		{"bytes=1000-", 416, "bytes */1000", 0, 0},
		{"bytes=-0", 416, "bytes */1000", 0, 0},
		{"bytes=5-1", 200, "", 0, 1000},
		{"bytes=0-1,5-6", 200, "", 0, 1000},
		{"bytes=+1-2", 200, "", 0, 1000},
		{"bytes=x", 200, "", 0, 1000},
		{"items=0-1", 200, "", 0, 1000},
		{"bytes=99999999999999999999-", 200, "", 0, 1000},
	} {
		t.Run(c.header, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				res, body := p.send(method, p.path, map[string]string{"Range": c.header})
				if res.StatusCode != c.status || res.Header.Get("Content-Range") != c.contentRange {
					t.Fatalf("%s: %s, %q", method, res.Status, res.Header.Get("Content-Range"))
				}
				if c.status == 416 {
					continue
				}
				if res.ContentLength != int64(c.to-c.from) || method == "GET" && !bytes.Equal(body, p.body[c.from:c.to]) {
					t.Errorf("%s: %d bytes: %q", method, res.ContentLength, body)
				}
			}
		})
	}
}

func TestConditions(t *testing.T) {
	p := open(t)
	for _, c := range []struct {
		name, value, rng string
		status           int
	}{
		{"If-None-Match", p.etag, "", 304},
		{"If-None-Match", `"other", W/` + p.etag, "", 304},
		{"If-None-Match", "*", "", 304},
		{"If-None-Match", p.etag, "bytes=0-1", 304},
		{"If-None-Match", `"other"`, "", 200},
		{"If-Range", p.etag, "bytes=0-1", 206},
		{"If-Range", `"other"`, "bytes=0-1", 200},
	} {
		h := map[string]string{c.name: c.value}
		if c.rng != "" {
			h["Range"] = c.rng
		}
		res, body := p.send("GET", p.path, h)
		if res.StatusCode != c.status {
			t.Errorf("%v: %s", h, res.Status)
		}
		if c.status == 304 && (len(body) > 0 || res.Header.Get("ETag") != p.etag) {
			t.Errorf("%v: %v", h, res.Header)
		}
	}
}

func TestNothingElse(t *testing.T) {
	p := open(t)
	absent := strings.Replace(p.path, "w640", "w320", 1)
	for _, path := range []string{
		absent, "/", "/m", "/m/", "/m/a/b/c/d", p.path + "/", strings.TrimSuffix(p.path, "/w640.webp"),
		strings.Replace(p.path, "webp", "svg", 1), strings.Replace(p.path, "webp", "html", 1),
		"/m/..%2f..%2f/x/y/z", strings.Replace(p.path, "w640.webp", "..%2fw640.webp", 1), "/docs", "/metrics",
		strings.ToUpper(p.path),
	} {
		res, body := p.send("GET", path, map[string]string{"Accept-Language": "en"})
		var got problem.Problem
		if err := json.Unmarshal(body, &got); err != nil || res.StatusCode != 404 || got.Status != 404 || got.Detail == "" ||
			res.Header.Get("Content-Type") != problem.ContentType || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s %s", path, res.Status, body)
		}
		if cc := res.Header.Get("Cache-Control"); cc != "no-store" {
			t.Errorf("%s may be cached: %q", path, cc)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		res, body := p.send(method, p.path, nil)
		if res.StatusCode != 405 || !strings.Contains(string(body), "method_not_allowed") {
			t.Errorf("%s: %s %s", method, res.Status, body)
		}
	}
}

func TestBodiesAreNotTaken(t *testing.T) {
	p := open(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", p.base+p.path, bytes.NewReader(make([]byte, 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return // the connection was closed on us: as good an answer
	}
	defer res.Body.Close()
	if res.StatusCode != 413 || !res.Close {
		t.Errorf("%s, close %v", res.Status, res.Close)
	}
}

func TestObjectStoreAway(t *testing.T) {
	p := open(t)
	p.shelf.away = true
	res, body := p.send("GET", p.path, nil)
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !strings.Contains(string(body), `"unavailable"`) || strings.Contains(string(body), "away") {
		t.Errorf("%s %s", res.Status, body)
	}
	if cc := res.Header.Get("Cache-Control"); cc != "no-store" {
		t.Errorf("may be cached: %q", cc)
	}
}

func TestHealth(t *testing.T) {
	p := open(t)
	for path, want := range map[string]string{
		"/livez": `{"status":"ok"}`, "/readyz": `{"status":"ready","engines":{"events":"ok","objects":"ok"}}`, "/version": `{"version":"1.2.3","go":"` + runtime.Version() + `","api":"1.0.0"}`,
	} {
		res, body := p.send("GET", path, nil)
		if res.StatusCode != 200 || strings.TrimSpace(string(body)) != want {
			t.Errorf("%s: %s %s", path, res.Status, body)
		}
	}
	p.shelf.away = true
	res, body := p.send("GET", "/readyz", nil)
	if res.StatusCode != 200 || !strings.Contains(string(body), `"degraded"`) || !strings.Contains(string(body), `"objects":"failing"`) {
		t.Errorf("%s %s", res.Status, body)
	}
	if res, _ := p.send("GET", "/livez", nil); res.StatusCode != 200 {
		t.Errorf("%s", res.Status)
	}
}

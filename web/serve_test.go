package web

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"
)

func app(files fstest.MapFS) *fiber.App {
	f := fiber.New()
	serve(f, Options{Origins: Origins{Media: "https://media.example", Upload: "https://up.example", Frames: []string{"https://player.example"}}.Fixed(), Embedders: owners}, files)
	return f
}

// owners knows who may show which wall.
func owners(_ context.Context, wall string) ([]string, error) {
	switch wall {
	case "ours":
		return []string{"https://moodle.example"}, nil
	case "theirs":
		return []string{"https://a.example", "https://b.example:8443"}, nil
	case "nobodys":
		return nil, nil
	}
	return []string{"https://evil.example"}, errors.New("can't tell")
}

func built() fstest.MapFS {
	return fstest.MapFS{
		".gitkeep":              {},
		"index.html":            {Data: []byte("<!doctype html>page")},
		"index.html.gz":         {Data: []byte("gzipped page")},
		"assets/app-1a2b.js":    {Data: []byte("script")},
		"assets/app-1a2b.js.br": {Data: []byte("brotli script")},
		"favicon.svg":           {Data: []byte("<svg/>")},
	}
}

func TestServe(t *testing.T) {
	f := app(built())
	for _, tc := range []struct {
		name, method, path, encoding string
		status                       int
		body, kind, cache            string
	}{
		{"home", "GET", "/", "", 200, "<!doctype html>page", "text/html; charset=utf-8", "no-cache"},
		{"a page of the app", "GET", "/w/0198", "", 200, "<!doctype html>page", "text/html; charset=utf-8", "no-cache"},
		{"a page of the account, as the app's router takes it", "GET", "/walls/", "", 200, "<!doctype html>page", "text/html; charset=utf-8", "no-cache"},
		{"compressed", "GET", "/", "gzip, deflate", 200, "gzipped page", "text/html; charset=utf-8", "no-cache"},
		{"a hashed file", "GET", "/assets/app-1a2b.js", "br", 200, "brotli script", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"a coding that is not there", "GET", "/favicon.svg", "br, gzip", 200, "<svg/>", "image/svg+xml", "no-cache"},
		{"head", "HEAD", "/", "", 200, "", "text/html; charset=utf-8", "no-cache"},
		{"an unknown file is no page", "GET", "/assets/app-old.js", "", 404, "Not Found", "", ""},
		{"nor is one elsewhere", "GET", "/robots.txt", "", 404, "Not Found", "", ""},
		{"what is compressed has no address", "GET", "/index.html.gz", "", 404, "Not Found", "", ""},
		{"nor has a hidden file", "GET", "/.gitkeep", "", 404, "Not Found", "", ""},
		{"no way up", "GET", "/assets/../../go.mod", "", 404, "Not Found", "", ""},
		{"a coding refused", "GET", "/assets/app-1a2b.js", "br;q=0", 200, "script", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"an unknown page is the app's to tell", "GET", "/nowhere", "", 404, "<!doctype html>page", "", ""},
		{"what the API does not know is no page", "GET", "/api/v1/nothing", "", 404, "Cannot GET /api/v1/nothing", "", ""},
		{"only reading", "POST", "/", "", 405, "Method Not Allowed", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req := httptest.NewRequest(tc.method, tc.path, nil)
			req.Header.Set("Accept-Encoding", tc.encoding)
			res, err := f.Test(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tc.status || string(body) != tc.body {
				t.Fatalf("got %d %q", res.StatusCode, body)
			}
			if tc.status != 200 {
				return
			}
			if got := res.Header.Get("Content-Type"); got != tc.kind {
				t.Errorf("served as %s", got)
			}
			if got := res.Header.Get("Cache-Control"); got != tc.cache {
				t.Errorf("cached as %s", got)
			}
			for name, part := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';", "X-Content-Type-Options": "nosniff",
				"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()", "Vary": "Accept-Encoding",
			} {
				if !strings.Contains(res.Header.Get(name), part) {
					t.Errorf("%s is %q", name, res.Header.Get(name))
				}
			}
		})
	}
}

func TestThePolicyNamesEachOriginAndNothingMore(t *testing.T) {
	policy := Origins{Media: "https://media.example", Upload: "https://up.example", Frames: []string{"https://a.example", "https://b.example"}}.policy(nil)
	for _, part := range []string{
		"img-src 'self' data: blob: https://media.example;", "connect-src 'self' https://up.example https://media.example;",
		"media-src 'self' blob: https://media.example;", "worker-src 'self';",
		"frame-src https://a.example https://b.example;", "frame-ancestors 'none';", "require-trusted-types-for 'script';",
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("%q is not in %q", part, policy)
		}
	}
	for _, part := range []string{"unsafe", "*", "http:"} {
		if strings.Contains(policy, part) {
			t.Errorf("%q is in %q", part, policy)
		}
	}
	if !strings.Contains(Origins{}.policy(nil), "frame-src 'none'") {
		t.Error("without players a page frames nothing")
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	f := app(built())
	first, err := f.Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("If-None-Match", first.Header.Get("ETag"))
	again, err := f.Test(req)
	if err != nil {
		t.Fatal(err)
	}
	if first.Header.Get("ETag") == "" || again.StatusCode != 304 {
		t.Fatalf("tag %q, then %d", first.Header.Get("ETag"), again.StatusCode)
	}
}

func TestTagsAreComparedAsBrowsersAndProxiesSendThem(t *testing.T) {
	for _, tc := range []struct {
		name, header string
		want         bool
	}{
		{"the same", `"tag"`, true},
		{"made weak on the way", `W/"tag"`, true},
		{"one of several", `"old", "tag"`, true},
		{"any", "*", true},
		{"another", `"old"`, false},
		{"none", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if matches(tc.header, `"tag"`) != tc.want {
				t.Errorf("%q matches: %v", tc.header, !tc.want)
			}
		})
	}
}

func TestWithoutABuildItSaysWhatToDo(t *testing.T) {
	res, err := app(fstest.MapFS{".gitkeep": {}}).Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 503 || !strings.Contains(string(body), "make web") {
		t.Fatalf("got %d %q, %v", res.StatusCode, body, err)
	}
}

func TestOnlyWallsAreFramedAndOnlyByTheSitesNamed(t *testing.T) {
	f := app(built())
	for path, ancestors := range map[string]string{
		"/": "'none'", "/w/ours": "https://moodle.example", "/w/OURS/": "https://moodle.example", "/nowhere": "'none'", "/assets/app-1a2b.js": "'none'",
		"/w/theirs": "https://a.example https://b.example:8443", "/w/nobodys": "'none'", "/w/unknown": "'none'", "/w/": "'none'",
	} {
		res, err := f.Test(httptest.NewRequest("GET", path, nil))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors "+ancestors+";") {
			t.Errorf("%s: %s", path, policy)
		}
	}
}

func TestWhoMayShowAWallIsAskedOnceInAWhile(t *testing.T) {
	now, asked := time.Now(), 0
	var fails error
	e := newEmbedders(func(context.Context, string) ([]string, error) {
		asked++
		return []string{"https://moodle.example"}, fails
	}, func() time.Time { return now })
	for range 3 {
		if got := e.of(t.Context(), "w"); len(got) != 1 || asked != 1 {
			t.Fatalf("%v after %d questions", got, asked)
		}
	}
	now, fails = now.Add(time.Minute), errors.New("the store is away")
	if got := e.of(t.Context(), "w"); got != nil || asked != 2 {
		t.Fatalf("%v: it must be nobody", got)
	}
	if fails = nil; len(e.of(t.Context(), "w")) != 1 {
		t.Fatal("what could not be told is not asked again")
	}
	for i := range 2 * mostEmbedders {
		e.of(t.Context(), strconv.Itoa(i))
	}
	if len(e.known) > mostEmbedders {
		t.Fatalf("%d walls are remembered", len(e.known))
	}
}

package app_test

import (
	"net/http"
	"strings"
	"testing"

	"fresque.dev/services/internal/headers"
)

// TestEveryAnswerOfTheMediaServiceIsProtected asks both of its servers all that
// they answer to, found or not, and in the name of pages that may send and may not.
func TestEveryAnswerOfTheMediaServiceIsProtected(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	ask := func(method, address, origin string) http.Header {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Credentials"} {
			if value := res.Header.Get(name); value != "" {
				t.Errorf("%s %s has %s: %s", method, address, name, value)
			}
		}
		return res.Header
	}
	check := func(what string, surface headers.Surface, got http.Header) {
		t.Helper()
		for _, h := range headers.Of(surface, "http://localhost") {
			if value := got.Get(h.Name); !strings.Contains(value, h.Value) {
				t.Errorf("%s: %s is %q and not %q", what, h.Name, value, h.Value)
			}
		}
	}
	file := w.ready(s.upload(small(t))).Variants[0].Path
	for _, path := range []string{file, file + "x", "/m/a/b/c/d", "/m/a/b/c/file/d", "/livez", "/readyz", "/version", "/openapi.json", "/nothing", "/"} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			check(method+" "+path, headers.Files, ask(method, s.addr+path, "https://evil.example"))
		}
	}
	for _, path := range []string{"", w.newID(), "nothing"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"} {
			got := ask(method, s.uploads+path, "https://evil.example")
			check(method+" uploads/"+path, headers.Intake, got)
			if allowed := got.Get("Access-Control-Allow-Origin"); allowed != "" {
				t.Errorf("%s uploads/%s lets %q read the answer", method, path, allowed)
			}
		}
	}
}

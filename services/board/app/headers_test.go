package app_test

import (
	"net/http"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/headers"
	"fresque.dev/services/internal/natstest"
)

// TestEveryAnswerOfTheBoardServiceIsProtected walks all that the service answers
// to: every operation, without leave and with it, addresses of no operation, the
// page of the API, and those that watch over the process.
func TestEveryAnswerOfTheBoardServiceIsProtected(t *testing.T) {
	s := startNew(t)
	check := func(what string, surface headers.Surface, got http.Header, but ...string) {
		t.Helper()
		for _, h := range headers.Of(surface, "https://wall.example") {
			value := got.Get(h.Name)
			switch {
			case strings.Contains(strings.Join(but, " "), h.Name):
			case h.Name == "Cache-Control" && (value == "private, no-cache" || value == "no-store"):
			case value != h.Value:
				t.Errorf("%s: %s is %q and not %q", what, h.Name, value, h.Value)
			}
		}
		for name := range got {
			if strings.HasPrefix(name, "Access-Control-") || name == "Server" || name == "X-Powered-By" {
				t.Errorf("%s has %s: %s", what, name, got.Get(name))
			}
		}
	}
	elsewhere := []string{"Origin", "https://evil.example"}
	trainer := s.moderator("Eve")
	for path, operations := range readDocument(t).Paths {
		address := strings.ReplaceAll(path, "{board}", wallID)
		for method, op := range operations {
			method := strings.ToUpper(method)
			check(op.OperationID+" to nobody", headers.API, s.call(method, address, "", nil, elsewhere...).header)
			if op.OperationID == "streamEvents" {
				res := s.stream(address, trainer, "")
				// A stream is asked for by a page, which has told already.
				check(op.OperationID, headers.API, res.Header, "Strict-Transport-Security")
				continue
			}
			check(op.OperationID, headers.API, s.call(method, address, trainer, nil).header)
		}
		check("a question of CORS for "+path, headers.API, s.call("OPTIONS", address, "", nil, append(elsewhere, "Access-Control-Request-Method", "POST")...).header)
	}
	for path, surface := range map[string]headers.Surface{
		"/livez": headers.API, "/readyz": headers.API, "/version": headers.API, "/nothing": headers.API, "/api/v1/nothing": headers.API,
		"/api/openapi.json": headers.API, "/api/docs": headers.Docs, "/api/docs/init.js": headers.Docs, "/api/docs/swagger-ui.css": headers.Docs,
	} {
		check(path, surface, s.call("GET", path, "", nil, elsewhere...).header)
	}
}

// TestPagesOfOtherSitesChangeNothing: whatever a browser sends along. The only
// cookie there is renews the session of an account.
func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	s := startNew(t)
	body := map[string]any{"boardId": wallID, "secret": app.SecretOf(s.links.Writer), "name": "Ada"}
	own := strings.TrimPrefix(s.base, "http://")
	for name, c := range map[string]struct {
		headers []string
		passes  bool
	}{
		"a program":                     {nil, true},
		"our own page":                  {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "https://wall.example"}, true},
		"our own page, an old browser":  {[]string{"Origin", "http://" + own}, true},
		"another site":                  {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		"another host of the same site": {[]string{"Sec-Fetch-Site", "same-site"}, false},
		"another site, an old browser":  {[]string{"Origin", "https://evil.example"}, false},
		"a page without an origin":      {[]string{"Origin", "null"}, false},
		"a form":                        {[]string{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.call("POST", "/api/v1/sessions", "", body, c.headers...)
			if !c.passes {
				a.wants(t, 403, "request_from_elsewhere")
			} else {
				a.wants(t, 201, "")
			}
			renewed := s.call("POST", "/api/v1/account/sessions/renewal", "", nil, append(c.headers, "Cookie", "__Host-fresque-account=x", "Fresque-Account", "1")...)
			if !c.passes {
				renewed.wants(t, 403, "request_from_elsewhere")
			} else {
				renewed.wants(t, 401, "account_signed_out")
			}
		})
	}
	// Without the header that no form can send, nothing is done with the cookie.
	s.call("POST", "/api/v1/account/sessions/renewal", "", nil, "Cookie", "__Host-fresque-account=x").wants(t, 422, "invalid_input")
}

// TestNobodyChoosesTheirAddress: who writes X-Forwarded-For themselves is counted
// where they are, through a proxy that is trusted too.
func TestNobodyChoosesTheirAddress(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.TrustedProxies = []string{"127.0.0.0/8", "10.0.0.0/8"}
	s := start(t, cfg, natstest.Start(t))
	guess := func(forwarded string) answer {
		return s.call("POST", "/api/v1/sessions", "", map[string]any{"code": "222222"}, "X-Forwarded-For", forwarded)
	}
	for range 10 {
		guess("192.0.2.1, 10.1.2.3").wants(t, 401, "code_invalid")
	}
	guess("192.0.2.1").wants(t, 429, "rate_limited")
	guess("203.0.113.9, 192.0.2.1, 10.9.9.9").wants(t, 429, "rate_limited")
	guess("nonsense, 192.0.2.1:5123").wants(t, 429, "rate_limited")
	guess("192.0.2.1, 203.0.113.9").wants(t, 401, "code_invalid")
	cfg.TrustedProxies = []string{"nearby"}
	if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), `TRUSTED_PROXIES: "nearby"`) {
		t.Errorf("got %v", err)
	}
}

// TestPackedBodiesAreRefused: a bomb is never unpacked.
func TestPackedBodiesAreRefused(t *testing.T) {
	s := startNew(t)
	for _, coding := range []string{"gzip", "br", "zstd", "gzip, gzip", "deflate"} {
		s.call("POST", wall+"/posts", s.writer("Ada"), "\x1f\x8b", "Content-Encoding", coding).wants(t, 422, "content_encoded")
	}
	s.call("POST", wall+"/posts", s.writer("Ada"), map[string]any{"title": "x"}, "Content-Encoding", "identity").wants(t, 201, "")
}

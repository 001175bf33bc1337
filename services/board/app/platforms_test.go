package app_test

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/token"
)

const platformBoards = "/api/v1/platform/boards"

// aKeySet is somebody's public key, of which nothing is signed here.
const aKeySet = `{"keys":[{"kty":"EC","crv":"P-256","kid":"one","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`

// connect makes a platform known, with what is not usual about it.
func (s *service) connect(name string, more map[string]any) (id string) {
	s.t.Helper()
	body := map[string]any{"name": name, "issuer": "https://" + name + ".example", "keys": aKeySet, "origins": []string{"https://" + name + ".example"}}
	for key, value := range more {
		body[key] = value
	}
	return s.call("POST", "/api/v1/platforms", app.OperatorKey, body).wants(s.t, 201, "").str("id")
}

// platformToken is the access token of a platform, without asking for one.
func (s *service) platformToken(id, scopes string) string {
	s.t.Helper()
	return s.platformTokenAt(id, scopes, time.Now)
}

// platformTokenAt makes one at another time.
func (s *service) platformTokenAt(id, scopes string, now func() time.Time) string {
	s.t.Helper()
	raw, _, err := signerAt(s.t, now).Sign(token.TypePlatform, token.AudiencePlatform, time.Hour, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: id}, Scope: scopes,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

const everyScope = "boards tickets participation privacy"

func TestAPlatformOwnsItsBoardsAlone(t *testing.T) {
	s := startNew(t)
	ours, theirs := s.platformToken(s.connect("ours", nil), everyScope), s.platformToken(s.connect("theirs", nil), everyScope)
	made := s.call("POST", platformBoards, ours, map[string]any{"title": "Mur", "externalId": "cm 12"}, "Idempotency-Key", "k").wants(t, 201, "")
	id := made.json["board"].(map[string]any)["id"].(string)
	again := s.call("POST", platformBoards, ours, map[string]any{"title": "Mur", "externalId": "cm 12"}, "Idempotency-Key", "k").wants(t, 201, "")
	if again.json["board"].(map[string]any)["id"] != id || made.str("externalId") != "cm 12" {
		t.Fatalf("again: %s", again.raw)
	}
	other := s.call("POST", platformBoards, theirs, map[string]any{"title": "Autre"}, "Idempotency-Key", "k").wants(t, 201, "")
	if other.json["board"].(map[string]any)["id"] == id {
		t.Fatal("two platforms made one board")
	}
	s.call("GET", platformBoards+"/"+id, ours, nil).wants(t, 200, "")
	s.call("GET", platformBoards+"/"+id, theirs, nil).wants(t, 404, "not_found")
	s.call("GET", platformBoards+"/"+wallID, ours, nil).wants(t, 404, "not_found")
}

func TestAPlatformMayWhatItsTokenSays(t *testing.T) {
	s := startNew(t)
	id := s.connect("ours", nil)
	s.call("POST", platformBoards, s.platformToken(id, "tickets"), map[string]any{"title": "Mur"}).wants(t, 403, "scope_insufficient")
	s.call("POST", platformBoards, s.moderator("Eve"), map[string]any{"title": "Mur"}).wants(t, 401, "session_invalid")
	s.call("POST", platformBoards, "", map[string]any{"title": "Mur"}).wants(t, 401, "session_missing")
	all := s.platformToken(id, everyScope)
	s.call("PATCH", "/api/v1/platforms/"+id, app.OperatorKey, map[string]any{"closed": true}).wants(t, 200, "")
	s.call("POST", platformBoards, all, map[string]any{"title": "Mur"}).wants(t, 401, "platform_unknown")
	s.call("POST", platformBoards, s.platformToken("01980000-0000-7000-8000-00000000abcd", everyScope), map[string]any{"title": "Mur"}).wants(t, 401, "platform_unknown")
}

func TestWhatAPlatformIsMustBeWhole(t *testing.T) {
	s := startNew(t)
	for name, tc := range map[string]struct {
		field, code string
		body        map[string]any
	}{
		"no name":                  {"name", "required", map[string]any{"name": " "}},
		"no key":                   {"keysUrl", "required", map[string]any{"keys": ""}},
		"an issuer without TLS":    {"issuer", "address_not_https", map[string]any{"issuer": "http://moodle.example"}},
		"an origin with a path":    {"origins", "origin_invalid", map[string]any{"origins": []string{"https://moodle.example/"}}},
		"an origin for several":    {"origins", "origin_invalid", map[string]any{"origins": []string{"https://*.example"}}},
		"an origin without TLS":    {"origins", "origin_invalid", map[string]any{"origins": []string{"http://moodle.example"}}},
		"a webhook without TLS":    {"webhook", "address_not_https", map[string]any{"webhook": "http://moodle.example/hook"}},
		"erased before suspended":  {"retention.suspendAfter", "out_of_range", map[string]any{"retention": map[string]any{"suspendAfter": 30, "eraseAfter": 10, "wallsAfter": 0}}},
		"a language of its own":    {"language", "unknown_language", map[string]any{"language": "tlh"}},
		"defaults that are not so": {"settings.layout", "unknown_layout", map[string]any{"defaults": map[string]any{"layout": "spiral"}}},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{"name": "x", "issuer": "https://x.example", "keys": aKeySet}
			for key, value := range tc.body {
				body[key] = value
			}
			got := s.call("POST", "/api/v1/platforms", app.OperatorKey, body).wants(t, 422, "invalid_input")
			first := got.json["errors"].([]any)[0].(map[string]any)
			if first["code"] != tc.code || first["field"] != tc.field {
				t.Fatalf("%s", got.raw)
			}
		})
	}
	if n := len(s.call("GET", "/api/v1/platforms", app.OperatorKey, nil).wants(t, 200, "").json["platforms"].([]any)); n != 0 {
		t.Fatalf("%d platforms are there", n)
	}
}

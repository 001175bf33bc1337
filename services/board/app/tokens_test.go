package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

const (
	tokenPath     = "/api/v1/oauth/token"
	tokenAudience = "https://wall.example" + tokenPath
)

// signer is a platform that signs for itself.
type signer struct {
	t   *testing.T
	key *ecdsa.PrivateKey
	id  string
	n   int
}

// newSigner makes a platform that is connected with its keys.
func (s *service) newSigner(name string) *signer {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	w := &signer{t: s.t, key: key}
	w.id = s.connect(name, map[string]any{"keys": w.keys("one")})
	return w
}

func (w *signer) keys(kid string) string {
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: kid, Key: w.key.Public()}}})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// sign makes an assertion, with what is not usual about it.
func (w *signer) sign(more jwt.MapClaims) string {
	w.t.Helper()
	w.n++
	c := jwt.MapClaims{
		"iss": w.id, "sub": w.id, "aud": tokenAudience, "jti": fmt.Sprint(w.id, w.n),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}
	for name, value := range more {
		c[name] = value
	}
	tok := jwt.NewWithClaims(jwt.SigningMethodES256, c)
	tok.Header["kid"] = "one"
	raw, err := tok.SignedString(w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

// ask asks for an access token with a form.
func (s *service) ask(form url.Values) answer {
	s.t.Helper()
	return s.call("POST", tokenPath, "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func formOf(assertion string) url.Values {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
}

func TestATokenForWhatAPlatformSigns(t *testing.T) {
	s := startNew(t)
	w := s.newSigner("ours")
	got := s.ask(formOf(w.sign(nil))).wants(t, 200, "")
	if got.str("token_type") != "Bearer" || got.json["expires_in"] != 300.0 || got.str("scope") != everyScope || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %v", got.raw, got.header)
	}
	s.call("POST", platformBoards, got.str("access_token"), map[string]any{"title": "Mur"}).wants(t, 201, "")
	form := formOf(w.sign(jwt.MapClaims{"aud": "https://wall.example"}))
	form.Set("scope", "privacy  tickets")
	some := s.ask(form).wants(t, 200, "")
	if some.str("scope") != "tickets privacy" {
		t.Fatal(some.raw)
	}
	s.call("POST", platformBoards, some.str("access_token"), map[string]any{"title": "Mur"}).wants(t, 403, "scope_insufficient")
	if strings.Contains(s.log.String(), some.str("access_token")) || strings.Contains(s.log.String(), form.Get("client_assertion")) {
		t.Fatal("a credential is in the log")
	}
}

// refusal is one that both we and OAuth understand.
func (a answer) refusal(t *testing.T, status int, code, oauth string) answer {
	t.Helper()
	a.wants(t, status, code)
	text := a.str("error_description")
	if a.str("error") != oauth || text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Fatalf("want %s: %s", oauth, a.raw)
	}
	return a
}

func TestRequestsForATokenThatAreRefused(t *testing.T) {
	s := startNew(t)
	w, stranger := s.newSigner("ours"), s.newSigner("theirs")
	closed := s.newSigner("closed")
	s.call("PATCH", "/api/v1/platforms/"+closed.id, app.OperatorKey, map[string]any{"closed": true}).wants(t, 200, "")
	used := w.sign(nil)
	s.ask(formOf(used)).wants(t, 200, "")
	with := func(change func(url.Values)) url.Values { f := formOf(w.sign(nil)); change(f); return f }
	for name, tc := range map[string]struct {
		form        url.Values
		status      int
		code, oauth string
	}{
		"nothing":                 {url.Values{}, 400, "token_request_invalid", "invalid_request"},
		"a password":              {with(func(f url.Values) { f.Set("grant_type", "password") }), 400, "grant_type_unsupported", "unsupported_grant_type"},
		"another kind of proof":   {with(func(f url.Values) { f.Set("client_assertion_type", "saml") }), 400, "token_request_invalid", "invalid_request"},
		"no proof":                {with(func(f url.Values) { f.Del("client_assertion") }), 400, "token_request_invalid", "invalid_request"},
		"two proofs":              {with(func(f url.Values) { f.Add("client_assertion", w.sign(nil)) }), 400, "token_request_invalid", "invalid_request"},
		"a scope of its own":      {with(func(f url.Values) { f.Set("scope", "boards operator") }), 400, "scope_unknown", "invalid_scope"},
		"used before":             {formOf(used), 401, "assertion_replayed", "invalid_client"},
		"another platform's key":  {formOf(stranger.sign(jwt.MapClaims{"iss": w.id, "sub": w.id})), 401, "assertion_signature", "invalid_client"},
		"for somebody else":       {formOf(w.sign(jwt.MapClaims{"aud": "https://elsewhere.example"})), 401, "assertion_audience", "invalid_client"},
		"a platform that is none": {formOf(w.sign(jwt.MapClaims{"iss": wallID, "sub": wallID})), 401, "platform_unknown", "invalid_client"},
		"a platform shut out":     {formOf(closed.sign(nil)), 401, "platform_unknown", "invalid_client"},
		"our own access token":    {formOf(s.platformToken(w.id, everyScope)), 401, "assertion_subject", "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) { s.ask(tc.form).refusal(t, tc.status, tc.code, tc.oauth) })
	}
	late := s.ask(formOf(w.sign(jwt.MapClaims{"iat": time.Now().Add(-10 * time.Minute).Unix(), "exp": time.Now().Add(-9 * time.Minute).Unix()}))).refusal(t, 401, "assertion_clock", "invalid_client")
	if off, _ := late.json["off"].(float64); off > -590 || off < -660 || late.str("time") == "" {
		t.Fatal(late.raw)
	}
	s.call("POST", tokenPath, "", map[string]any{"grant_type": "client_credentials"}).refusal(t, 400, "token_request_invalid", "invalid_request")
	s.call("POST", tokenPath, "", nil, "Content-Type", "application/x-www-form-urlencoded").refusal(t, 400, "token_request_invalid", "invalid_request")
}

func TestAnAssertionIsUsedOnceAtAllReplicasAndOverRestarts(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	one := start(t, cfg, events)
	two := start(t, cfg, events)
	w := one.newSigner("ours")
	raw := w.sign(nil)
	var granted, refused atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			switch a := []*service{one, two}[i%2].ask(formOf(raw)); {
			case a.status == 200:
				granted.Add(1)
			case a.str("code") == "assertion_replayed":
				refused.Add(1)
			default:
				t.Error(a.raw)
			}
		})
	}
	all.Wait()
	if granted.Load() != 1 || refused.Load() != 9 {
		t.Fatalf("it was good for %d tokens, and refused %d times", granted.Load(), refused.Load())
	}
	one.stop()
	two.stop()
	start(t, cfg, events).ask(formOf(raw)).refusal(t, 401, "assertion_replayed", "invalid_client")
}

func TestKeysAreChangedWithoutAnOutage(t *testing.T) {
	s := startNew(t)
	w := s.newSigner("ours")
	published := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(w.keys("one"))) }))
	defer published.Close()
	s.call("PATCH", "/api/v1/platforms/"+w.id, app.OperatorKey, map[string]any{"keys": "", "keysUrl": published.URL}).wants(t, 200, "")
	s.ask(formOf(w.sign(nil))).wants(t, 200, "")
	bad := s.call("PATCH", "/api/v1/platforms/"+w.id, app.OperatorKey, map[string]any{"keys": `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`}).wants(t, 422, "invalid_input")
	if first := bad.json["errors"].([]any)[0].(map[string]any); first["code"] != "keys_private" || first["field"] != "keys" {
		t.Fatal(bad.raw)
	}
	// Another address, which is down: what the platform says of itself is told.
	s.call("PATCH", "/api/v1/platforms/"+w.id, app.OperatorKey, map[string]any{"keysUrl": "http://127.0.0.1:1/keys"}).wants(t, 200, "")
	s.ask(formOf(w.sign(nil))).refusal(t, 401, "keys_unreachable", "invalid_client")
}

package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// withProvider is a service whose people sign in by a provider.
func withProvider(t *testing.T, issuer string, change func(*app.Config)) *service {
	t.Helper()
	cfg := app.LocalConfig(t)
	cfg.PublicURL = "http://localhost:8080"
	cfg.OIDCIssuer, cfg.OIDCName, cfg.OIDCClientID, cfg.OIDCClientSecret = issuer, "École", "wall", "shared"
	if change != nil {
		change(&cfg)
	}
	return start(t, cfg, natstest.Start(t))
}

// visitor is a browser without scripts that follows nothing by itself.
type visitor struct {
	t    *testing.T
	s    *service
	http *http.Client
}

func (s *service) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{s.t, s, &http.Client{Jar: jar, CheckRedirect: stay}}
}

// visit gives where an address leads on to, and its page.
func (v *visitor) visit(method, address string, form url.Values) (string, string) {
	v.t.Helper()
	address = strings.Replace(address, "http://localhost:8080", v.s.base, 1)
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, page := v.ask(req)
	to := res.Header.Get("Location")
	if to != "" {
		at, err := req.URL.Parse(to)
		if err != nil {
			v.t.Fatal(err)
		}
		to = at.String()
	}
	return to, page
}

func (v *visitor) ask(req *http.Request) (*http.Response, string) {
	v.t.Helper()
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res, string(page)
}

const startPath = "http://localhost:8080/api/v1/account/oidc/start"

// account gives the account that the visitor's cookie opens.
func (v *visitor) account() string {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.s.base+"/api/v1/account/sessions/renewal", nil)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Fresque-Account", "1")
	_, page := v.ask(req)
	return page
}

// leaves signs out here, and then where that leads on to.
func (v *visitor) leaves(t *testing.T, issuer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, v.s.base+"/api/v1/account/sessions", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Fresque-Account", "1")
	_, page := v.ask(req)
	var told struct{ ProviderURL string }
	if err := json.Unmarshal([]byte(page), &told); err != nil || !strings.HasPrefix(told.ProviderURL, issuer) {
		t.Fatalf("it leads to %s: %v", page, err)
	}
	asked, err := url.Parse(told.ProviderURL)
	if err != nil || asked.Query().Get("id_token_hint") == "" || asked.Query().Get("client_id") != "wall" || asked.Query().Get("post_logout_redirect_uri") != "http://localhost:8080/" {
		t.Fatalf("it asks %s", told.ProviderURL)
	}
	if page := v.account(); !strings.Contains(page, "account_signed_out") {
		t.Fatalf("still signed in: %s", page)
	}
	_, page = v.ask(must(http.NewRequestWithContext(t.Context(), http.MethodDelete, v.s.base+"/api/v1/account/sessions", nil))(t))
	if !strings.Contains(page, "invalid_input") {
		t.Fatalf("another site signs people out: %s", page)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestSigningInByARealProvider goes through the whole of it, as a browser does.
func TestSigningInByARealProvider(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	issuer := strings.Replace("http://"+server.Listener.Addr().String(), "127.0.0.1", "localhost", 1) + "/"
	storage.RegisterClients(storage.WebClient("wall", "shared", "http://localhost:8080/api/v1/account/oidc/callback"))
	server.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorage(storage.NewUserStore(issuer)), nil, false)
	server.Start()
	defer server.Close()

	signIn := func(s *service, user string) (*visitor, string) {
		t.Helper()
		v := s.visitor()
		authorise, _ := v.visit(http.MethodGet, startPath, nil)
		asked, err := url.Parse(authorise)
		if err != nil || asked.Query().Get("code_challenge_method") != "S256" || asked.Query().Get("nonce") == "" || asked.Query().Get("state") == "" {
			t.Fatalf("asks %q", authorise)
		}
		login, page := v.visit(http.MethodGet, authorise, nil)
		if login == "" {
			t.Fatal(page)
		}
		at, err := url.Parse(login)
		if err != nil {
			t.Fatal(err)
		}
		back, page := v.visit(http.MethodPost, login, url.Values{"username": {user}, "password": {"verysecure"}, "id": {at.Query().Get("authRequestID")}})
		if back == "" {
			t.Fatal(page)
		}
		callback, page := v.visit(http.MethodGet, back, nil)
		if callback == "" {
			t.Fatal(page)
		}
		end, page := v.visit(http.MethodGet, callback, nil)
		if again, _ := v.visit(http.MethodGet, callback, nil); !strings.HasSuffix(again, "/signin?refused=expired") {
			t.Fatalf("the same answer opens twice: %s %s", again, page)
		}
		return v, end
	}
	s := withProvider(t, issuer, nil)
	if o := s.account("GET", "/options", "", nil); o.str("provider") != "École" || o.json["local"] != false || o.json["setup"] != false {
		t.Fatal(o.raw)
	}
	v, end := signIn(s, "test-user@localhost")
	if end != "http://localhost:8080/walls" {
		t.Fatalf("ends at %s\n%s", end, s.log)
	}
	first := v.account()
	if !strings.Contains(first, `"name":"Test User"`) || !strings.Contains(first, `"local":false`) {
		t.Fatal(first)
	}
	t.Run("signing out ends the provider's session as well", func(t *testing.T) { v.leaves(t, issuer) })
	again, _ := signIn(s, "test-user@localhost")
	other, _ := signIn(s, "test-user2")
	id := func(raw string) string {
		var told struct{ Account struct{ ID string } }
		if err := json.Unmarshal([]byte(raw), &told); err != nil || told.Account.ID == "" {
			t.Fatalf("%s: %v", raw, err)
		}
		return told.Account.ID
	}
	if id(again.account()) != id(first) || id(other.account()) == id(first) {
		t.Fatal("who comes again is somebody else, or somebody else is the same")
	}

	only := withProvider(t, issuer, func(c *app.Config) { c.OIDCAllow = []string{"email=*@school.example"} })
	if _, end := signIn(only, "test-user2"); end != "http://localhost:8080/signin?refused=denied" {
		t.Fatalf("somebody from elsewhere ends at %s", end)
	}
	zitadel := withProvider(t, issuer, func(c *app.Config) { c.OIDCAllow = []string{"email=*@zitadel.ch"} })
	if _, end := signIn(zitadel, "test-user2"); end != "http://localhost:8080/walls" {
		t.Fatalf("somebody allowed ends at %s\n%s", end, zitadel.log)
	}
}

// forger is a provider that answers with whatever a test makes of the ID token.
type forger struct {
	*httptest.Server
	key   *rsa.PrivateKey
	mu    sync.Mutex
	nonce string
	forge func(claims jwt.MapClaims) string
}

func (f *forger) sign(claims jwt.MapClaims) string {
	tok := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	tok.Header["kid"] = "k"
	raw, err := tok.SignedString(f.key)
	if err != nil {
		panic(err)
	}
	return raw
}

func newForger(t *testing.T) *forger {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{key: key}
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		e := []byte{1, 0, 1}
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig", "n": b64(key.N.Bytes()), "e": b64(e)}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.FormValue("code_verifier") == "" {
			http.Error(w, "no verifier", http.StatusBadRequest)
			return
		}
		claims := jwt.MapClaims{
			"iss": f.URL, "aud": "wall", "sub": "42", "name": "Ada", "nonce": f.nonce,
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		}
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": f.forge(claims)})
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// TestForgedAnswersAreRefused goes through what a token must not get away with.
func TestForgedAnswersAreRefused(t *testing.T) {
	f := newForger(t)
	s := withProvider(t, f.URL, nil)
	with := func(name string, value any) func(jwt.MapClaims) string {
		return func(c jwt.MapClaims) string { c[name] = value; return f.sign(c) }
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		forge func(jwt.MapClaims) string
		back  func(url.Values)
		want  string
	}{
		{name: "good", forge: f.sign, want: "/walls"},
		{name: "another issuer", forge: with("iss", "https://elsewhere.example")},
		{name: "another audience", forge: with("aud", "another")},
		{name: "several audiences, for another", forge: func(c jwt.MapClaims) string {
			c["aud"], c["azp"] = []string{"wall", "another"}, "another"
			return f.sign(c)
		}},
		{name: "several audiences, for nobody named", forge: with("aud", []string{"wall", "another"})},
		{name: "another nonce", forge: with("nonce", "guessed")},
		{name: "no nonce", forge: func(c jwt.MapClaims) string { delete(c, "nonce"); return f.sign(c) }},
		{name: "expired", forge: with("exp", time.Now().Add(-time.Hour).Unix())},
		{name: "no subject", forge: with("sub", "")},
		{name: "another access token", forge: with("at_hash", "AAAA")},
		{name: "algorithm none", forge: func(c jwt.MapClaims) string {
			raw, _ := jwt.NewWithClaims(jwt.SigningMethodNone, c).SignedString(jwt.UnsafeAllowNoneSignatureType)
			return raw
		}},
		{name: "signed with what is public", forge: func(c jwt.MapClaims) string {
			raw, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(f.key.N.Bytes())
			return raw
		}},
		{name: "another's key", forge: func(c jwt.MapClaims) string {
			tok := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
			tok.Header["kid"] = "k"
			raw, _ := tok.SignedString(stranger)
			return raw
		}},
		{name: "no token", forge: func(jwt.MapClaims) string { return "" }},
		{name: "another state", forge: f.sign, back: func(q url.Values) { q.Set("state", "guessed") }},
		{name: "no state", forge: f.sign, back: func(q url.Values) { q.Del("state") }},
		{name: "another issuer answers", forge: f.sign, back: func(q url.Values) { q.Set("iss", "https://elsewhere.example") }},
		{name: "no code", forge: f.sign, back: func(q url.Values) { q.Del("code") }},
		{name: "the person says no", forge: f.sign, back: func(q url.Values) { q.Set("error", "access_denied") }, want: "/signin?refused=cancelled"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := s.visitor()
			address, _ := v.visit(http.MethodGet, startPath, nil)
			asked, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			f.nonce, f.forge = asked.Query().Get("nonce"), tc.forge
			f.mu.Unlock()
			q := url.Values{"code": {"c"}, "state": {asked.Query().Get("state")}}
			if tc.back != nil {
				tc.back(q)
			}
			if asked.Query().Get("redirect_uri") != "http://localhost:8080/api/v1/account/oidc/callback" {
				t.Fatal(address)
			}
			want := tc.want
			if want == "" {
				want = "/signin?refused=invalid"
			}
			end, _ := v.visit(http.MethodGet, "http://localhost:8080/api/v1/account/oidc/callback?"+q.Encode(), nil)
			if end != "http://localhost:8080"+want {
				t.Fatalf("ends at %s, want %s", end, want)
			}
			if signedIn := strings.Contains(v.account(), `"token"`); signedIn != (want == "/walls") {
				t.Fatalf("signed in: %v", signedIn)
			}
		})
	}
	t.Run("begun in another browser", func(t *testing.T) {
		address, _ := s.visitor().visit(http.MethodGet, startPath, nil)
		asked, _ := url.Parse(address)
		q := url.Values{"code": {"c"}, "state": {asked.Query().Get("state")}}
		end, _ := s.visitor().visit(http.MethodGet, "http://localhost:8080/api/v1/account/oidc/callback?"+q.Encode(), nil)
		if end != "http://localhost:8080/signin?refused=expired" {
			t.Fatal(end)
		}
	})
	t.Run("the provider is away", func(t *testing.T) {
		away := withProvider(t, "http://127.0.0.1:1", nil)
		if end, _ := away.visitor().visit(http.MethodGet, startPath, nil); end != "http://localhost:8080/signin?refused=unavailable" {
			t.Fatal(end)
		}
	})
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

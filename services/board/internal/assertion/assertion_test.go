package assertion_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/assertion"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	id       = board.ID("01980000-0000-7000-8000-0000000000f1")
	audience = "https://wall.example/api/v1/oauth/token"
)

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// set is a key set with keys by id: private ones are made public.
func set(t testing.TB, keys map[string]any) string {
	t.Helper()
	all := jose.JSONWebKeySet{}
	for kid, k := range keys {
		if private, ok := k.(crypto.Signer); ok {
			k = private.Public()
		}
		all.Keys = append(all.Keys, jose.JSONWebKey{KeyID: kid, Key: k})
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var started = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// good are the claims of an assertion that is taken.
func good() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": string(id), "sub": string(id), "aud": audience, "jti": "once",
		"iat": started.Unix(), "exp": started.Add(time.Minute).Unix(),
	}
}

func sign(t testing.TB, method jwt.SigningMethod, k any, kid string, c jwt.MapClaims) string {
	t.Helper()
	tok := jwt.NewWithClaims(method, c)
	if kid != "" {
		tok.Header["kid"] = kid
	}
	raw, err := tok.SignedString(k)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// verify does what a caller does: it asks whose it is, and then checks it.
func verify(t testing.TB, v *assertion.Verifier, p *board.Platform, raw string) (board.Assertion, error) {
	t.Helper()
	if _, err := v.Claimed(raw); err != nil {
		return board.Assertion{}, err
	}
	return v.Verify(t.Context(), p, raw)
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if f, ok := fault.As(err); code == "" && err != nil || code != "" && (!ok || f.Code != code) {
		t.Fatalf("got %v, want %q", err, code)
	}
}

func platform(keys, address string) *board.Platform {
	p := &board.Platform{Keys: keys, KeysURL: address}
	p.ID = id
	return p
}

func TestEveryAlgorithmThatIsTaken(t *testing.T) {
	r, e256, e384 := rsaKey(t, 2048), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384())
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := platform(set(t, map[string]any{"r": r, "e2": e256, "e3": e384, "ed": ed}), "")
	v := assertion.New([]string{audience, "https://wall.example"}, func() time.Time { return started })
	for _, tc := range []struct {
		kid    string
		key    any
		method jwt.SigningMethod
	}{
		{"r", r, jwt.SigningMethodRS256}, {"r", r, jwt.SigningMethodRS384}, {"r", r, jwt.SigningMethodRS512}, {"r", r, jwt.SigningMethodPS256},
		{"e2", e256, jwt.SigningMethodES256}, {"e3", e384, jwt.SigningMethodES384}, {"ed", ed, jwt.SigningMethodEdDSA}, {"", ed, jwt.SigningMethodEdDSA},
	} {
		read, err := verify(t, v, p, sign(t, tc.method, tc.key, tc.kid, good()))
		if err != nil || read.ID != "once" || !read.Until.Equal(started.Add(2*time.Minute)) {
			t.Errorf("%s: %+v, %v", tc.method.Alg(), read, err)
		}
	}
	short := good()
	short["aud"] = []string{"https://wall.example"}
	if _, err := verify(t, v, p, sign(t, jwt.SigningMethodES256, e256, "e2", short)); err != nil {
		t.Error(err)
	}
}

func TestEveryAssertionThatIsRefused(t *testing.T) {
	ours, strangers, r := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256()), rsaKey(t, 2048)
	public := set(t, map[string]any{"k": ours, "r": r})
	p := platform(public, "")
	with := func(change func(jwt.MapClaims)) string {
		c := good()
		change(c)
		return sign(t, jwt.SigningMethodES256, ours, "k", c)
	}
	put := func(name string, value any) string { return with(func(c jwt.MapClaims) { c[name] = value }) }
	without := func(name string) string { return with(func(c jwt.MapClaims) { delete(c, name) }) }
	at := func(d time.Duration) int64 { return started.Add(d).Unix() }
	whole := with(func(jwt.MapClaims) {})
	critical := jwt.NewWithClaims(jwt.SigningMethodES256, good())
	critical.Header["kid"], critical.Header["crit"] = "k", []string{"b64"}
	asked, err := critical.SignedString(ours)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ raw, code string }{
		"nothing":                       {"", "assertion_malformed"},
		"no JWT":                        {"a.b.c", "assertion_malformed"},
		"two parts":                     {whole[:strings.LastIndexByte(whole, '.')], "assertion_malformed"},
		"too large":                     {put("x", strings.Repeat("x", 9000)), "assertion_malformed"},
		"what it asks is not known":     {asked, "assertion_malformed"},
		"none":                          {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "k", good()), "assertion_algorithm"},
		"the public key as a secret":    {sign(t, jwt.SigningMethodHS256, []byte(public), "k", good()), "assertion_algorithm"},
		"an algorithm not taken":        {sign(t, jwt.SigningMethodPS512, r, "r", good()), "assertion_algorithm"},
		"another's key":                 {sign(t, jwt.SigningMethodES256, strangers, "k", good()), "assertion_signature"},
		"another's key without its id":  {sign(t, jwt.SigningMethodES256, strangers, "", good()), "assertion_signature"},
		"a key that is not known":       {sign(t, jwt.SigningMethodES256, ours, "other", good()), "assertion_key"},
		"a key for another algorithm":   {sign(t, jwt.SigningMethodRS256, r, "k", good()), "assertion_key"},
		"changed after it was signed":   {whole[:len(whole)-5] + "AAAAA", "assertion_signature"},
		"no subject":                    {without("sub"), "assertion_subject"},
		"no issuer":                     {without("iss"), "assertion_subject"},
		"another issuer":                {put("iss", "01980000-0000-7000-8000-0000000000f2"), "assertion_subject"},
		"an issuer that is no id":       {with(func(c jwt.MapClaims) { c["iss"], c["sub"] = "moodle", "moodle" }), "platform_unknown"},
		"for somebody else":             {put("aud", "https://elsewhere.example"), "assertion_audience"},
		"for us and somebody else":      {put("aud", []string{audience, "https://elsewhere.example"}), "assertion_audience"},
		"for nobody":                    {without("aud"), "assertion_audience"},
		"no name":                       {without("jti"), "assertion_incomplete"},
		"a long name":                   {put("jti", strings.Repeat("j", 201)), "assertion_incomplete"},
		"no end":                        {without("exp"), "assertion_incomplete"},
		"no beginning":                  {without("iat"), "assertion_incomplete"},
		"an end that is a word":         {put("exp", "demain"), "assertion_malformed"},
		"expired a moment ago":          {with(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-70*time.Second), at(-10*time.Second) }), "assertion_expired"},
		"a clock two minutes behind":    {with(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-2*time.Minute), at(-time.Minute) }), "assertion_clock"},
		"a clock two minutes ahead":     {with(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(2*time.Minute), at(3*time.Minute) }), "assertion_clock"},
		"not yet valid":                 {put("nbf", at(2*time.Minute)), "assertion_clock"},
		"too long a life":               {put("exp", at(301*time.Second)), "assertion_too_long"},
		"too long a life from long ago": {put("iat", at(-200*time.Second)), ""},
		"a clock half a minute ahead":   {with(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(30*time.Second), at(330*time.Second) }), ""},
		"as it should be":               {whole, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := assertion.New([]string{audience, "https://wall.example"}, func() time.Time { return started })
			_, err := verify(t, v, p, tc.raw)
			wantCode(t, err, tc.code)
			if f, _ := fault.As(err); tc.code == "assertion_clock" && (f.Params["time"] != "2026-03-01T12:00:00Z" || f.Params["off"] != 120 && f.Params["off"] != -120) {
				t.Fatalf("it tells %v", f.Params)
			}
		})
	}
	other := platform(public, "")
	other.ID = "01980000-0000-7000-8000-0000000000f2"
	v := assertion.New([]string{audience}, func() time.Time { return started })
	_, err = v.Verify(t.Context(), other, whole)
	wantCode(t, err, "assertion_subject")
}

func TestWhatIsAKeySet(t *testing.T) {
	good := ecKey(t, elliptic.P256())
	private := func(k any) string {
		raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "k", Key: k}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	many := map[string]any{}
	for i := range 21 {
		many[fmt.Sprint(i)] = good
	}
	one := strings.TrimSuffix(strings.TrimPrefix(set(t, map[string]any{"k": good}), `{"keys":[`), `]}`)
	for name, tc := range map[string]struct{ keys, code string }{
		"one key":                     {set(t, map[string]any{"k": good}), ""},
		"beside a kind of tomorrow":   {`{"keys":[{"kty":"AKP","alg":"ML-DSA-44","pub":"x"},` + one + `]}`, ""},
		"beside a key to encrypt":     {`{"keys":[` + strings.Replace(one, `{`, `{"use":"enc",`, 1) + `,` + one + `]}`, ""},
		"no JSON":                     {"-----BEGIN PUBLIC KEY-----", "keys_malformed"},
		"no set":                      {one, "keys_malformed"},
		"a point that is on no curve": {`{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}`, "keys_malformed"},
		"nothing in it":               {`{"keys":[]}`, "keys_none"},
		"a key to encrypt only":       {`{"keys":[` + strings.Replace(one, `{`, `{"use":"enc",`, 1) + `]}`, "keys_none"},
		"a curve not taken":           {set(t, map[string]any{"k": ecKey(t, elliptic.P521())}), "keys_none"},
		"a short RSA key":             {set(t, map[string]any{"k": weakRSA}), "keys_weak"},
		"a private key":               {private(good), "keys_private"},
		"a private RSA key":           {private(rsaKey(t, 2048)), "keys_private"},
		"a secret":                    {private([]byte("shared by two, or by everybody")), "keys_private"},
		"too many":                    {set(t, many), "too_many"},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, assertion.New([]string{audience}, time.Now).Check(tc.keys), tc.code)
		})
	}
}

// weakRSA is of 1024 bits.
var weakRSA = &rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 1024), big.NewInt(105)), E: 65537}

// site publishes keys.
type site struct {
	*httptest.Server
	asked atomic.Int32
	serve atomic.Value // func(http.ResponseWriter, *http.Request)
}

func newSite(t *testing.T, serve http.HandlerFunc) *site {
	s := &site{}
	s.serve.Store(serve)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		s.serve.Load().(http.HandlerFunc)(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func TestKeysThatASitePublishes(t *testing.T) {
	first, second := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	s := newSite(t, says(set(t, map[string]any{"1": first})))
	now := started
	v := assertion.New([]string{audience}, func() time.Time { return now })
	p := platform("", s.URL)
	try := func(k any, kid string, asked int32, code string) {
		t.Helper()
		c := good()
		c["iat"], c["exp"] = now.Unix(), now.Add(time.Minute).Unix()
		_, err := verify(t, v, p, sign(t, jwt.SigningMethodES256, k, kid, c))
		wantCode(t, err, code)
		if n := s.asked.Load(); n != asked {
			t.Fatalf("the site was asked %d times, want %d", n, asked)
		}
	}
	try(first, "1", 1, "")
	try(first, "1", 1, "")
	now = now.Add(9 * time.Minute)
	try(first, "1", 1, "")
	// A key that nobody knows has the site asked once in a while, and no more.
	for range 5 {
		try(second, "2", 2, "assertion_key")
	}
	// The site changes its key.
	s.serve.Store(says(set(t, map[string]any{"1": first, "2": second})))
	try(second, "2", 2, "assertion_key")
	now = now.Add(30 * time.Second)
	try(second, "2", 3, "")
	s.serve.Store(says(set(t, map[string]any{"2": second})))
	now = now.Add(10 * time.Minute)
	try(second, "2", 4, "")
	try(first, "1", 4, "assertion_key")
	// The site is down: what was read is good for a while.
	s.serve.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	now = now.Add(11 * time.Minute)
	try(second, "2", 5, "")
	try(second, "2", 5, "")
	now = now.Add(23 * time.Hour)
	try(second, "2", 6, "")
	now = now.Add(time.Hour)
	try(second, "2", 7, "keys_unreachable")
	// It publishes them elsewhere.
	moved := newSite(t, says(set(t, map[string]any{"2": second})))
	p.KeysURL = moved.URL
	try(second, "2", 7, "")
}

func TestASiteThatPublishesNoKeys(t *testing.T) {
	ours := ecKey(t, elliptic.P256())
	keys := set(t, map[string]any{"k": ours})
	elsewhere := newSite(t, says(keys))
	down := newSite(t, says(keys))
	down.Close()
	within := newSite(t, nil)
	within.serve.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			says(keys)(w, r)
			return
		}
		http.Redirect(w, r, "/keys", http.StatusFound)
	}))
	at := func(serve http.HandlerFunc) string { return newSite(t, serve).URL }
	for name, tc := range map[string]struct{ address, code string }{
		"down":                   {down.URL, "keys_unreachable"},
		"not there":              {at(http.NotFound), "keys_unreachable"},
		"leads to another site":  {at(http.RedirectHandler(elsewhere.URL, http.StatusFound).ServeHTTP), "keys_unreachable"},
		"leads on within itself": {within.URL + "/old", ""},
		"too large":              {at(says(strings.Repeat(" ", 257<<10) + keys)), "keys_unreachable"},
		"a page":                 {at(says("<!doctype html>")), "keys_unusable"},
		"nothing in it":          {at(says(`{"keys":[]}`)), "keys_unusable"},
	} {
		t.Run(name, func(t *testing.T) {
			v := assertion.New([]string{audience}, func() time.Time { return started })
			_, err := verify(t, v, platform("", tc.address), sign(t, jwt.SigningMethodES256, ours, "k", good()))
			wantCode(t, err, tc.code)
			f, ok := fault.As(err)
			if !ok {
				return
			}
			switch why, _ := f.Params["why"].(string); {
			case why == "":
				t.Fatal("it does not say why")
			case strings.Contains(why, "127.0.0.1"):
				t.Fatalf("it tells addresses of the network within: %s", why)
			}
		})
	}
	if elsewhere.asked.Load() != 0 {
		t.Fatal("another site was asked")
	}
	// Keys that the operator was given go on when the site is down.
	v := assertion.New([]string{audience}, func() time.Time { return started })
	if _, err := verify(t, v, platform(keys, down.URL), sign(t, jwt.SigningMethodES256, ours, "k", good())); err != nil {
		t.Fatal(err)
	}
}

func FuzzAnAssertionOfAnybodys(f *testing.F) {
	ours := ecKey(f, elliptic.P256())
	keys := set(f, map[string]any{"k": ours})
	f.Add(sign(f, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "k", good()), keys)
	f.Add(sign(f, jwt.SigningMethodES256, ecKey(f, elliptic.P256()), "k", good()), `{"keys":[{"kty":"OKP"}]}`)
	v := assertion.New([]string{audience}, func() time.Time { return started })
	f.Fuzz(func(t *testing.T, raw, set string) {
		_ = v.Check(set)
		// Nobody but us has the key that would make it good.
		if _, err := verify(t, v, platform(keys, ""), raw); err == nil {
			t.Fatalf("it is taken: %q", raw)
		}
	})
}

// Package oidc signs people in by an OpenID provider: authorisation code with
// PKCE, state and nonce. What is under way is kept by the browser in a sealed
// cookie, so that any replica can finish what another began.
package oidc

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// askWithin bounds each question to the provider.
const askWithin = 10 * time.Second

// What signing in is refused with.
var (
	errCancelled   = fault.New(fault.Unauthenticated, "oidc_cancelled")
	errDenied      = fault.New(fault.Forbidden, "oidc_denied")
	errExpired     = fault.New(fault.Unauthenticated, "oidc_expired")
	errInvalid     = fault.New(fault.Unauthenticated, "oidc_invalid")
	errUnavailable = fault.New(fault.Unavailable, "oidc_unavailable")
)

func invalid(cause error) error { return fault.Wrap(errInvalid.Kind, errInvalid.Code, cause) }
func unavailable(cause error) error {
	return fault.Wrap(errUnavailable.Kind, errUnavailable.Code, cause)
}

// Config says which provider, and who of it may come.
type Config struct {
	// Issuer is its address, exactly as its tokens name it.
	Issuer string
	// ClientID and Secret are what it gave us; a public client has no secret.
	ClientID, Secret string
	// Scopes are asked for besides openid.
	Scopes []string
	// Allow are rules such as email=*@school.example or groups=trainers: of each
	// claim that is named, one of the values must be there.
	Allow []string
	// Name is what people call it.
	Name string
	// RedirectURL is where it sends people back, exactly as it knows it.
	RedirectURL string
	// Key seals what is under way, 32 bytes.
	Key []byte
	// Within is how long signing in may take.
	Within time.Duration
}

// Provider is an OpenID provider.
type Provider struct {
	cfg   Config
	rules map[string][]string
	seal  cipher.AEAD
	http  *http.Client
	now   func() time.Time

	asking singleflight.Group
	found  atomic.Pointer[found]
}

// found is what the provider says of itself.
type found struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	// leave is where people sign out; empty for nowhere.
	leave string
}

// New makes a provider. It is asked the first time that somebody signs in, so
// that its absence keeps nothing else from starting.
func New(cfg Config, now func() time.Time) (*Provider, error) {
	rules, err := ParseRules(cfg.Allow)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cfg.Key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	return &Provider{cfg: cfg, rules: rules, seal: seal, http: &http.Client{Timeout: askWithin}, now: now}, err
}

// ParseRules reads rules, each claim=value.
func ParseRules(rules []string) (map[string][]string, error) {
	out := make(map[string][]string)
	for _, rule := range rules {
		claim, value, ok := strings.Cut(rule, "=")
		if !ok || claim == "" || value == "" || value == "*" {
			return nil, fmt.Errorf("%q is not claim=value", rule)
		}
		out[claim] = append(out[claim], value)
	}
	return out, nil
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.cfg.Name }

// flow is one signing in that is under way.
type flow struct {
	State, Nonce, Verifier string
	Expires                time.Time
}

// Begin gives the address where somebody signs in, and what their browser
// keeps until they come back.
func (p *Provider) Begin(ctx context.Context) (address, kept string, err error) {
	f, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	going := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Expires: p.now().Add(p.cfg.Within)}
	kept, err = p.wrap(going)
	return f.oauth.AuthCodeURL(going.State, oidc.Nonce(going.Nonce), oauth2.S256ChallengeOption(going.Verifier)), kept, err
}

// Finish tells who came back from the provider, with what their browser kept
// and what the provider answered. leaving is for the browser to keep until they
// sign out.
func (p *Provider) Finish(ctx context.Context, kept string, answer url.Values) (who board.Identity, leaving string, err error) {
	going, err := p.unwrap(kept)
	if err != nil {
		return board.Identity{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(going.State), []byte(answer.Get("state"))) != 1 {
		return board.Identity{}, "", invalid(errors.New("another state"))
	}
	if iss := answer.Get("iss"); iss != "" && iss != p.cfg.Issuer {
		return board.Identity{}, "", invalid(errors.New("another issuer answers")) // RFC 9207
	}
	switch refused := answer.Get("error"); {
	case refused == "access_denied":
		return board.Identity{}, "", errCancelled
	case refused != "" || answer.Get("code") == "":
		return board.Identity{}, "", invalid(fmt.Errorf("the provider refuses: %s", word(refused)))
	}
	f, err := p.discover(ctx)
	if err != nil {
		return board.Identity{}, "", err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	tokens, err := f.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(going.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
			return board.Identity{}, "", invalid(fmt.Errorf("the provider refuses the code: %d %s", refused.Response.StatusCode, word(refused.ErrorCode)))
		}
		return board.Identity{}, "", unavailable(err)
	}
	claims, err := p.verify(ctx, f, tokens, going.Nonce)
	if err != nil {
		return board.Identity{}, "", err
	}
	if !p.allowed(claims) {
		return board.Identity{}, "", errDenied
	}
	raw, _ := tokens.Extra("id_token").(string)
	return identity(p.cfg.Issuer, claims), p.hint(raw), nil
}

// word is an error code of OAuth's as it may be logged: anything can come in its
// place.
func word(code string) string {
	if len(code) > 50 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "no code"
	}
	return code
}

// verify checks the ID token (OpenID Connect Core, 3.1.3.7), and adds what the
// provider tells of the person besides.
func (p *Provider) verify(ctx context.Context, f *found, tokens *oauth2.Token, nonce string) (map[string]any, error) {
	raw, _ := tokens.Extra("id_token").(string)
	id, err := f.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, invalid(err)
	}
	claims := make(map[string]any)
	if err := id.Claims(&claims); err != nil {
		return nil, invalid(err)
	}
	switch azp, stated := claims["azp"]; {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return nil, invalid(errors.New("another nonce"))
	case stated && azp != p.cfg.ClientID, !stated && len(id.Audience) > 1:
		return nil, invalid(errors.New("made for another client"))
	case id.Subject == "":
		return nil, invalid(errors.New("no subject"))
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, invalid(err)
		}
	}
	return claims, p.complete(ctx, f, tokens, id.Subject, claims)
}

// complete asks for what the ID token does not tell.
func (p *Provider) complete(ctx context.Context, f *found, tokens *oauth2.Token, subject string, claims map[string]any) error {
	if f.provider.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return unavailable(err)
	}
	if info.Subject != subject {
		return invalid(errors.New("told of somebody else"))
	}
	more := make(map[string]any)
	if err := info.Claims(&more); err != nil {
		return invalid(err)
	}
	for name, value := range more {
		if _, known := claims[name]; !known {
			claims[name] = value
		}
	}
	return nil
}

// allowed tells whether a person keeps every rule.
func (p *Provider) allowed(claims map[string]any) bool {
	for claim, values := range p.rules {
		if claim == "email" && slices.Contains(texts(claims["email_verified"]), "false") { // some send it as text
			return false
		}
		if !slices.ContainsFunc(texts(claims[claim]), func(have string) bool {
			return slices.ContainsFunc(values, func(want string) bool { return matches(want, have) })
		}) {
			return false
		}
	}
	return true
}

// matches compares a value with a rule's: a star at its beginning stands for
// anything.
func matches(want, have string) bool {
	if end, open := strings.CutPrefix(want, "*"); open {
		return strings.HasSuffix(strings.ToLower(have), strings.ToLower(end))
	}
	return want == have
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{fmt.Sprint(v)}
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, texts(one)...)
		}
		return out
	default:
		return nil
	}
}

func identity(issuer string, claims map[string]any) board.Identity {
	text := func(name string) string { s, _ := claims[name].(string); return strings.TrimSpace(s) }
	family := text("family_name")
	if family == "" {
		family = text("usual_name") // ProConnect's
	}
	name := text("name")
	for _, other := range []string{strings.TrimSpace(text("given_name") + " " + family), text("preferred_username"), text("email"), text("sub")} {
		if name == "" {
			name = other
		}
	}
	return board.Identity{Issuer: issuer, Subject: text("sub"), Name: name, Email: text("email")}
}

// discover asks the provider about itself, until it has answered once. All who
// come meanwhile wait for the same answer, and none longer than they may.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	if f := p.found.Load(); f != nil {
		return f, nil
	}
	answer := p.asking.DoChan("", func() (any, error) { return p.ask(context.WithoutCancel(ctx)) })
	select {
	case a := <-answer:
		f, _ := a.Val.(*found)
		return f, a.Err
	case <-ctx.Done():
		return nil, unavailable(ctx.Err())
	}
}

// ask asks the provider about itself. Its keys are fetched again later, with the
// same context, when the request that came first is long over.
func (p *Provider) ask(ctx context.Context) (*found, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.http), p.cfg.Issuer)
	if err != nil {
		return nil, unavailable(err)
	}
	var told struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Leave   string   `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&told); err != nil {
		return nil, unavailable(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if p.cfg.Secret == "" || len(told.Methods) > 0 && !slices.Contains(told.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	f := &found{
		provider: provider, leave: told.Leave,
		verifier: provider.Verifier(&oidc.Config{ClientID: p.cfg.ClientID, Now: p.now}),
		oauth: oauth2.Config{
			ClientID: p.cfg.ClientID, ClientSecret: p.cfg.Secret, Endpoint: endpoint,
			RedirectURL: p.cfg.RedirectURL, Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
		},
	}
	p.found.Store(f)
	return f, nil
}

const purpose = "fresque oidc flow"

func (p *Provider) wrap(f flow) (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return p.sealed(text, purpose), nil
}

func (p *Provider) unwrap(kept string) (flow, error) {
	var f flow
	sealed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return f, errExpired
	}
	text, err := p.unsealed(sealed, purpose)
	if err != nil || json.Unmarshal(text, &f) != nil || p.now().After(f.Expires) {
		return f, errExpired
	}
	return f, nil
}

// sealed seals a text for one purpose, for a browser to keep.
func (p *Provider) sealed(text []byte, purpose string) string {
	nonce := make([]byte, p.seal.NonceSize())
	_, _ = rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(p.seal.Seal(nonce, nonce, text, []byte(purpose)))
}

func (p *Provider) unsealed(sealed []byte, purpose string) ([]byte, error) {
	if len(sealed) < p.seal.NonceSize() {
		return nil, errExpired
	}
	return p.seal.Open(nil, sealed[:p.seal.NonceSize()], sealed[p.seal.NonceSize():], []byte(purpose))
}

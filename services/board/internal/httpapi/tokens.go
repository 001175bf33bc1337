package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/token"
)

const (
	// platformTTL is how long an access token of a platform's lasts.
	platformTTL = 5 * time.Minute
	// TokenPath is where platforms get their access tokens.
	TokenPath = Base + "/oauth/token"
	// tagPlatforms is the part of the document that platforms read.
	tagPlatforms = "For platforms"

	formType        = "application/x-www-form-urlencoded"
	grantByKey      = "client_credentials"
	assertionByJWT  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	paramClockTime  = "time"
	paramClockOff   = "off"
	allScopesJoined = scopeBoards + " " + scopeTickets + " " + scopeParticipation + " " + scopePrivacy
)

// AccessToken is what a platform calls with (RFC 6749, 5.1).
type AccessToken struct {
	Token     string `json:"access_token"`
	Type      string `json:"token_type" enum:"Bearer"`
	ExpiresIn int    `json:"expires_in" doc:"Seconds"`
	Scope     string `json:"scope" doc:"What it grants: words with spaces between"`
}

// TokenRefusal is a Problem that says besides what clients of OAuth read.
type TokenRefusal struct {
	Problem
	OAuthError  string `json:"error" enum:"invalid_request,invalid_client,unsupported_grant_type,invalid_scope,temporarily_unavailable,server_error" doc:"RFC 6749, 5.2"`
	Description string `json:"error_description" doc:"In English, for logs"`
	Time        string `json:"time,omitempty" doc:"With assertion_clock and assertion_expired: the service's time"`
	Off         int    `json:"off,omitempty" doc:"With them: by how many seconds the site's clock seems to be ahead; below 0: behind"`
}

type tokenInput struct {
	Type    string `header:"Content-Type" hidden:"true"`
	RawBody []byte `contentType:"application/x-www-form-urlencoded"`
}

type tokenOutput struct {
	CacheControl string `header:"Cache-Control"`
	Pragma       string `header:"Pragma"`
	Limit        int    `header:"RateLimit-Limit"`
	Remaining    int    `header:"RateLimit-Remaining"`
	Reset        int    `header:"RateLimit-Reset"`
	Body         AccessToken
}

// What a request for a token is refused with, besides its assertion.
var (
	errTokenRequest = fault.New(fault.Invalid, "token_request_invalid")
	errGrantType    = fault.New(fault.Invalid, "grant_type_unsupported")
	errUnknownScope = fault.New(fault.Invalid, "scope_unknown").With("scopes", allScopesJoined)
)

func (a *API) registerTokens() {
	huma.Register(a.huma, huma.Operation{
		OperationID: "createToken", Method: http.MethodPost, Path: TokenPath, Tags: []string{tagPlatforms},
		Summary: "Get an access token with an assertion that the platform has signed (private_key_jwt)",
	}, func(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
		out, err := a.grantToken(ctx, in)
		if err != nil {
			return nil, a.tokenRefusal(ctx, err)
		}
		return out, nil
	})
}

func (a *API) grantToken(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	form, err := readForm(in)
	if err != nil {
		return nil, err
	}
	switch {
	case form.Get("grant_type") == "":
		return nil, errTokenRequest.With("field", "grant_type")
	case form.Get("grant_type") != grantByKey:
		return nil, errGrantType
	case form.Get("client_assertion_type") != assertionByJWT:
		return nil, errTokenRequest.With("field", "client_assertion_type")
	case form.Get("client_assertion") == "":
		return nil, errTokenRequest.With("field", "client_assertion")
	}
	scope, err := grantable(form.Get("scope"))
	if err != nil {
		return nil, err
	}
	p, err := limitedBy(ctx, a, a.assertions, addressOf(ctx), func() (*board.Platform, error) {
		return a.Service.Recognise(ctx, form.Get("client_assertion"))
	})
	if err != nil {
		return nil, err
	}
	at, err := a.called(ctx, p)
	if err != nil {
		return nil, err
	}
	raw, _, err := a.Tokens.Sign(token.TypePlatform, token.AudiencePlatform, platformTTL, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: string(p.ID)}, Scope: scope,
	})
	if err != nil {
		return nil, err
	}
	return &tokenOutput{CacheControl: "no-store", Pragma: "no-cache", Limit: at.Limit, Remaining: at.Left, Reset: at.Reset, Body: AccessToken{
		Token: raw, Type: "Bearer", ExpiresIn: int(platformTTL.Seconds()), Scope: scope,
	}}, nil
}

// readForm reads a form in which nothing is said twice.
func readForm(in *tokenInput) (url.Values, error) {
	kind, _, _ := strings.Cut(in.Type, ";")
	form, err := url.ParseQuery(string(in.RawBody))
	if err != nil || !strings.EqualFold(strings.TrimSpace(kind), formType) {
		return nil, errTokenRequest.With("field", "Content-Type: "+formType)
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, errTokenRequest.With("field", name)
		}
	}
	return form, nil
}

// grantable gives the scopes that are asked for, in one order; all for none.
func grantable(asked string) (string, error) {
	words := strings.Fields(asked)
	if len(words) == 0 {
		return allScopesJoined, nil
	}
	all := strings.Fields(allScopesJoined)
	for _, word := range words {
		if !slices.Contains(all, word) {
			return "", errUnknownScope.With("scope", word)
		}
	}
	return strings.Join(slices.DeleteFunc(all, func(scope string) bool { return !slices.Contains(words, scope) }), " "), nil
}

// tokenRefusal is a refusal as OAuth has it: 401 for who is not recognised, and
// 400 for what is not understood.
func (a *API) tokenRefusal(ctx context.Context, err error) *TokenRefusal {
	p := a.refusal(ctx, err)
	out := &TokenRefusal{Problem: *p, Description: plainASCII(a.messages.Of(err, "en").Detail)}
	f, ok := fault.As(err)
	switch {
	case !ok:
		out.OAuthError = "server_error"
	case f.Kind == fault.Unauthenticated:
		out.OAuthError = "invalid_client"
	case f.Code == errGrantType.Code:
		out.OAuthError = "unsupported_grant_type"
	case f.Code == errUnknownScope.Code:
		out.OAuthError = "invalid_scope"
	case f.Kind == fault.RateLimited || f.Kind == fault.Unavailable:
		out.OAuthError = "temporarily_unavailable"
	case f.Kind == fault.Invalid:
		out.OAuthError = "invalid_request"
	default:
		out.OAuthError = "server_error"
	}
	if out.Status == http.StatusUnprocessableEntity {
		out.Status, out.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	}
	if ok {
		out.Time, _ = f.Params[paramClockTime].(string)
		out.Off, _ = f.Params[paramClockOff].(int)
	}
	return out
}

// plainASCII writes a sentence with the characters that RFC 6749 has for it.
func plainASCII(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return ' '
		}
		return r
	}, text)
}

// describeTokens says in the document what a request for a token is, and what it
// is refused with.
func (a *API) describeTokens() {
	doc := a.huma.OpenAPI()
	text := func(about string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: about} }
	body := doc.Paths[TokenPath].Post.RequestBody
	// It is, but Huma's refusal of an empty one is none of OAuth's.
	body.Required = false
	body.Content[formType].Schema = &huma.Schema{
		Type: huma.TypeObject, Required: []string{"grant_type", "client_assertion_type", "client_assertion"},
		Properties: map[string]*huma.Schema{
			"grant_type": text(grantByKey), "client_assertion_type": text(assertionByJWT),
			"client_assertion": text("A JWT: iss and sub the platform's id, aud this address, iat, exp within 5 minutes, jti; its header has kid"),
			"scope":            text("What is asked for, with spaces between; all when left out"),
		},
	}
	schema := doc.Components.Schemas.Schema(typeOf[TokenRefusal](), true, "TokenRefusal")
	doc.Paths[TokenPath].Post.Responses["default"] = &huma.Response{
		Description: "A refusal, as OAuth has it and as everywhere else",
		Content:     map[string]*huma.MediaType{(&Problem{}).ContentType(""): {Schema: schema}},
	}
}

package httpapi

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/internal/token"
)

// How an operation is opened; an operation that names none is open to all.
const (
	schemeSession  = "session"
	schemeOperator = "operator"
	schemeAccount  = "account"
	schemePlatform = "platform"
)

// The scopes: what a platform may ask for.
const (
	scopeBoards        = "boards"
	scopeTickets       = "tickets"
	scopeParticipation = "participation"
	scopePrivacy       = "privacy"
)

// scopes says what each is for, to whoever reads the document.
var scopes = map[string]string{
	scopeBoards:        "make, read, change and delete its boards, with their groups and members",
	scopeTickets:       "let its people onto its boards",
	scopeParticipation: "read who takes part, and how",
	scopePrivacy:       "export and erase what a person has left",
}

func needsSession() []map[string][]string { return []map[string][]string{{schemeSession: {}}} }
func needsAccount() []map[string][]string { return []map[string][]string{{schemeAccount: {}}} }
func needsPlatform(scopes ...string) []map[string][]string {
	return []map[string][]string{{schemePlatform: append([]string{}, scopes...)}}
}
func needsOperator() []map[string][]string { return []map[string][]string{{schemeOperator: {}}} }

type contextKey int

const (
	keyPrincipal contextKey = iota
	keyLanguage
	keyAccount
	keyCookie
	keyAddress
	keyPlatform
	keyAdminAct
)

func principalOf(ctx context.Context) (board.Principal, bool) {
	p, ok := ctx.Value(keyPrincipal).(board.Principal)
	return p, ok
}

// mustPrincipal is for operations that need a session: without one it gives a
// principal who may do nothing.
func mustPrincipal(ctx context.Context) board.Principal {
	p, _ := principalOf(ctx)
	return p
}

func languageOf(ctx context.Context) string {
	s, _ := ctx.Value(keyLanguage).(string)
	return s
}

// authenticate recognises who asks, as the operation demands.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	ctx = huma.WithValue(ctx, keyLanguage, ctx.Header("Accept-Language"))
	security := ctx.Operation().Security
	demands := func(scheme string) bool {
		return slices.ContainsFunc(security, func(s map[string][]string) bool { _, ok := s[scheme]; return ok })
	}
	credential := bearer(ctx.Header("Authorization"))
	switch {
	case demands(schemeSession):
		p, _, err := a.session(credential)
		if err == nil {
			var at callers.Pass
			at, err = a.boundSession(ctx.Context(), string(p.Participant), ctx.Method())
			at.Tell(ctx.SetHeader, err)
		}
		if err != nil {
			a.refuse(ctx, err)
			return
		}
		telemetry.OfPlatform(ctx.Context(), string(p.Platform))
		ctx = huma.WithValue(ctx, keyPrincipal, p)
	case demands(schemeAccount):
		account, err := a.account(ctx.Context(), credential)
		if err == nil {
			var at callers.Pass
			at, err = a.boundSession(ctx.Context(), string(account.ID), ctx.Method())
			at.Tell(ctx.SetHeader, err)
		}
		if err != nil {
			a.refuse(ctx, err)
			return
		}
		ctx = huma.WithValue(ctx, keyAccount, account)
	case demands(schemePlatform):
		platform, err := a.platform(ctx.Context(), credential, security)
		if err == nil {
			err = a.paced(ctx, platform)
		}
		if err != nil {
			a.refuse(ctx, err)
			return
		}
		telemetry.OfPlatform(ctx.Context(), string(platform.ID))
		ctx = huma.WithValue(ctx, keyPlatform, platform)
	case demands(schemeOperator):
		if !a.IsOperator(credential) {
			a.refuse(ctx, errOperatorKey)
			return
		}
		a.asOperator(ctx, credential, next)
		return
	}
	next(ctx)
}

var errOperatorKey = fault.New(fault.Unauthenticated, "operator_key_invalid")

func (a *API) refuse(ctx huma.Context, err error) {
	body := a.refusal(ctx.Context(), err)
	ctx.SetHeader("Content-Type", body.ContentType(""))
	ctx.SetHeader("WWW-Authenticate", "Bearer")
	ctx.SetStatus(body.Status)
	_ = a.huma.Marshal(ctx.BodyWriter(), "application/json", body)
}

// bearer takes the credential out of an Authorization header.
func bearer(header string) string {
	scheme, credential, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}

// session reads a session token.
func (a *API) session(raw string) (board.Principal, time.Time, error) {
	return a.read(raw, token.TypeSession)
}

func (a *API) read(raw, typ string) (board.Principal, time.Time, error) {
	claims, err := token.Verify(raw, typ, token.AudienceBoard, a.key, a.Now)
	if err != nil {
		return board.Principal{}, time.Time{}, err
	}
	return board.Principal{
		Board: board.ID(claims.Board), Participant: board.ID(claims.Subject), Name: claims.Name,
		Role: board.Role(claims.Role), Link: board.ID(claims.Link), Group: board.ID(claims.Group), Account: board.ID(claims.Account),
		Generation: claims.Generation, User: board.ID(claims.User), Platform: board.ID(claims.Platform),
	}, claims.ExpiresAt.Time, nil
}

func (a *API) key(id string) (ed25519.PublicKey, bool) {
	return a.Tokens.Key(id)
}

// IsOperator tells the operator's key. It compares in constant time; hashing hides the length. While the key is
// changed there are two.
func (a *API) IsOperator(credential string) bool {
	given, found := sha256.Sum256([]byte(credential)), 0
	for _, key := range []string{a.OperatorKey, a.OperatorKeyPrevious} {
		want := sha256.Sum256([]byte(key))
		if key != "" {
			found |= subtle.ConstantTimeCompare(given[:], want[:])
		}
	}
	return found == 1
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/semaphore"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/paper"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/internal/token"
)

// Base is where the API lives.
const Base = "/api/v1"

// Walls shows boards whole and live; the hub of package live.
type Walls interface {
	Attach(ctx context.Context, p board.Principal, cursor string, expires time.Time) (Stream, error)
	Snapshot(ctx context.Context, p board.Principal) (EncodedSnapshot, error)
	SetWriting(ctx context.Context, p board.Principal, writing bool) error
}

// EncodedSnapshot is a Snapshot as JSON.
type EncodedSnapshot interface {
	// Tag names the content, whatever its coding.
	Tag() string
	// Encoded gives the content in a coding: gzip, zstd, or plain for "".
	Encoded(coding string) []byte
}

// Stream is one browser's live stream: it is served or abandoned, once.
type Stream interface {
	Serve(conn net.Conn)
	Abandon()
	// WhenOver tells when the stream has ended, once.
	WhenOver(do func())
}

// Deps are what the API needs.
type Deps struct {
	Service *board.Service
	Walls   Walls
	View    *view.Renderer
	// Plain gives the text of HTML.
	Plain func(html string) string
	// Files hands out what uploads have become, for archives.
	Files  archive.Files
	Tokens *token.Signer
	// Guesses is nil where there is one replica.
	Guesses Guesses
	// Calls is nil where there is one replica.
	Calls callers.Shared
	// Provider is nil where nobody signs in by one.
	Provider Provider
	// OperatorKey opens what only the operator may do; empty closes it.
	OperatorKey string
	// OperatorKeyPrevious opens the same while the key is changed.
	OperatorKeyPrevious string
	// AuditFor is how long it is kept what was done with the operator's key.
	AuditFor time.Duration
	// EmbedSites are whose pages may show walls in a frame.
	EmbedSites []string
	// Proxies are those whose word is taken for where a request comes from.
	Proxies callers.Proxies
	// PublicURL is where browsers reach the wall, without a slash at the end.
	PublicURL string
	// UploadURL is where browsers send uploads.
	UploadURL string
	// Pace is how many comments one person may make in a minute, and how many
	// reactions.
	Pace int
	// Limits are those of whoever calls.
	Limits Limits
	// SessionLife is how long a session on a board lasts.
	SessionLife time.Duration
	// Tracer is nil where nobody follows requests.
	Tracer  *telemetry.Tracer
	Version string
	Log     *slog.Logger
	Now     func() time.Time
}

// API is the registered API.
type API struct {
	Deps
	huma     huma.API
	messages problem.Catalogue
	// secrets and codes bound how fast links are guessed at.
	secrets, codes *tries
	// passwords and logins bound how fast passwords are: from where, and whose.
	passwords, logins *tries
	// assertions bound how fast platforms are taken for others.
	assertions *tries
	// calls bounds how often platforms call, and callers everybody else.
	calls, callers *callers.Counter
	// streams are those that are open.
	streams *open
	// archives are those that are being written.
	archives *open
	// papers are those that press lays out.
	papers *open
	press  *paper.Press
	// importing gives imports their turn.
	importing *semaphore.Weighted
	// pace bounds how fast one person comments and reacts.
	pace *pace
}

// Register adds the API's routes to a Fiber app, everything below /api
// included, so that an unknown address there is a problem and not a page.
func Register(f *fiber.App, d Deps) *API {
	a := &API{Deps: d, messages: Messages(), secrets: newTries("link", wrongSecrets, d.Now), codes: newTries("code", wrongCodes, d.Now)}
	a.passwords, a.logins = newTries("address", wrongFromAddress, d.Now), newTries("account", wrongForAccount, d.Now)
	a.assertions = newTries("assertion", wrongAssertions, d.Now)
	a.pace = newPace(d.Pace, d.Now)
	a.calls = callers.OfFew(d.Calls, d.Now)
	a.callers, a.streams = callers.OfMany(d.Calls, d.Now), newOpen(d.Limits)
	config := huma.DefaultConfig("Fresque board service", d.Version)
	config.Info.Description = "Walls, posts and their live stream. Errors are RFC 9457 problems with a stable `code`."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/openapi", "", ""
	config.CreateHooks = nil
	config.Transformers = []huma.Transformer{a.localise}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeSession: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token of a session, from POST /api/v1/sessions"},
		schemeAccount: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token of an account, from POST /api/v1/account/sessions"},
		schemePlatform: {
			Type: "oauth2", Description: "The access token of a platform, from POST /api/v1/oauth/token (private_key_jwt)",
			Flows: &huma.OAuthFlows{ClientCredentials: &huma.OAuthFlow{TokenURL: Base + "/oauth/token", Scopes: scopes}},
		},
		schemeOperator: {Type: "http", Scheme: "bearer", Description: "The operator's key"},
	}
	f.Use("/api", a.rememberAddress, a.boundAddress, refuseForeign, refuseEncoded)
	a.huma = humafiber.New(f, config)
	a.huma.UseMiddleware(a.authenticate)
	a.registerSessions()
	a.registerAccounts(f)
	a.registerWalls()
	a.registerTemplates()
	a.registerTokens()
	a.registerPlatforms()
	a.registerPlatformItself()
	a.registerPlatformBoards()
	a.registerPlatformCopies()
	a.registerImports()
	a.registerTickets()
	a.registerParticipation()
	a.registerPrivacy()
	a.registerWebhooks()
	a.registerAdmin()
	a.registerBoards()
	a.registerLinks()
	a.registerSections()
	a.registerPeople()
	a.registerPosts()
	a.registerComments()
	a.registerBulk()
	a.registerModeration()
	a.registerHistory()
	a.registerRecords()
	a.registerArchive()
	a.registerPaper()
	a.registerMedia()
	a.registerPreviews()
	a.registerWall(f)
	a.describeProblems()
	a.describeTokens()
	a.describeTransfers()
	a.describeAbilities()
	registerDocs(f, d.PublicURL)
	f.Use("/api", func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return a
}

// OpenAPI is the document, as it is committed.
func (a *API) OpenAPI() ([]byte, error) {
	doc, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(doc, '\n'), err
}

// handle registers one operation; its faults become problems.
func handle[I, O any](a *API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.Path = Base + op.Path
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.refusal(ctx, err)
		}
		return out, nil
	})
}

// below makes the operations of one part of the API: all below a path, under one
// tag, and opened alike.
func below(base, tag string, security []map[string][]string) func(id, method, path, summary string) huma.Operation {
	return func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: base + path, Tags: []string{tag}, Security: security, Summary: summary}
	}
}

// with is an operation that answers with a status when all is well.
func with(status int, op huma.Operation) huma.Operation {
	op.DefaultStatus = status
	return op
}

// refusal makes the problem of a fault; only what is internal is logged.
func (a *API) refusal(ctx context.Context, err error) *Problem {
	body := &Problem{Problem: a.messages.Of(err, languageOf(ctx))}
	telemetry.Refused(ctx, body.Code)
	if f, ok := fault.As(err); ok {
		body.retryAfter, _ = f.Params[paramRetryAfter].(int)
	}
	var conflict *board.ConflictError
	if errors.As(err, &conflict) {
		body.Current = a.current(ctx, conflict.Current)
	}
	if body.Status >= http.StatusInternalServerError {
		a.Log.ErrorContext(ctx, "request failed", "code", body.Code, "error", err)
	}
	return body
}

// revisionTag is the ETag of a document.
func revisionTag(rev int64) string { return `"` + itoa(rev) + `"` }

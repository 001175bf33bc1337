package httpapi

import (
	"encoding/json"
	"log/slog"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	fiberrecover "github.com/gofiber/fiber/v2/middleware/recover"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/headers"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/bounds"
	"fresque.dev/services/media/internal/media"
)

// apiVersion is that of the contract, not of a build.
const apiVersion = "1.0.0"

// Bounds of the HTTP server. Requests have no body worth the name.
const (
	bodyLimit   = 1 << 10
	headerLimit = 8 << 10
	readWithin  = 10 * time.Second
	// sendWithin bounds each part of an answer, and not the whole: a video may
	// take an hour.
	sendWithin = 30 * time.Second
	idleWithin = 60 * time.Second
	// findWithin bounds how long the object store may think.
	findWithin = 10 * time.Second
)

// Deps are what the API needs.
type Deps struct {
	Objects media.Objects
	// Bounds are those of one address; nil for none.
	Bounds *bounds.Bounds
	// Health is what the service says of its engines.
	Health *probe.Health
	// Version is that of the build.
	Version string
	// PublicURL is where browsers reach the service.
	PublicURL string
	Messages  problem.Catalogue
	Log       *slog.Logger
	// Tracer follows requests; nil for nobody.
	Tracer *telemetry.Tracer
	// Seen is told of each request.
	Seen telemetry.Seen
}

// API is the registered API.
type API struct {
	Deps
	Fiber *fiber.App
	huma  huma.API
}

// New makes the server; it does not listen yet.
func New(d Deps) *API {
	a := &API{Deps: d}
	a.Fiber = fiber.New(fiber.Config{
		DisableStartupMessage: true,
		Immutable:             true,
		// One address for one file.
		StrictRouting:  true,
		CaseSensitive:  true,
		BodyLimit:      bodyLimit,
		ReadBufferSize: headerLimit,
		ReadTimeout:    readWithin,
		IdleTimeout:    idleWithin,
		ErrorHandler:   a.fail,
	})
	a.Fiber.Use(protect(headers.Of(headers.Files, d.PublicURL)))
	a.Fiber.Use(telemetry.Fiber(a.Log, a.Tracer, a.Seen))
	a.Fiber.Use(fiberrecover.New())
	a.Fiber.Use(filesPath, a.bound)
	config := huma.DefaultConfig("Fresque media service", apiVersion)
	config.Info.Description = "Files that are ready, and pictures in several sizes. Errors are RFC 9457 problems with a stable `code`. " +
		"Files are sent by the tus protocol (https://tus.io), at the address and with the ticket that the board service gives."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/openapi", "", ""
	config.CreateHooks = nil
	a.huma = humafiber.New(a.Fiber, config)
	a.registerFiles()
	probe.Register(a.Fiber, d.Health, probe.NewVersion(d.Version, apiVersion, 0))
	a.describeProblems()
	return a
}

// OpenAPI is the document, as it is committed.
func (a *API) OpenAPI() ([]byte, error) {
	doc, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(doc, '\n'), err
}

// bound counts a request for the address that it comes from. Those who watch over
// the service are always answered.
func (a *API) bound(c *fiber.Ctx) error {
	if err := a.Bounds.Request(c.UserContext(), a.Bounds.Address(callers.From(c))); err != nil {
		return err
	}
	return c.Next()
}

// protect is for every answer.
func protect(list []headers.Header) fiber.Handler {
	return func(c *fiber.Ctx) error {
		for _, h := range list {
			c.Set(h.Name, h.Value)
		}
		return c.Next()
	}
}

// describeProblems says in the document that every refusal is a problem.
func (a *API) describeProblems() {
	doc := a.huma.OpenAPI()
	answer := &huma.Response{
		Description: "A refusal, with a stable code and what to do",
		Content: map[string]*huma.MediaType{problem.ContentType: {
			Schema: doc.Components.Schemas.Schema(reflect.TypeFor[problem.Problem](), true, "Problem"),
		}},
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Head} {
			if op != nil {
				op.Responses["default"] = answer
			}
		}
	}
	// Huma's own shapes of errors are never sent.
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(doc.Components.Schemas.Map(), name)
	}
}

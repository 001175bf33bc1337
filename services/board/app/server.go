package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
	recoverer "github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/valyala/fasthttp"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/internal/headers"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/telemetry"
)

// Bounds of the HTTP server.
const (
	bodyLimit   = 1 << 20
	headerLimit = 16 << 10
	// answerWithin is the deadline of one request's work.
	answerWithin = 15 * time.Second
)

// newServer makes the Fiber app with what holds for every request.
// imports tells, by path, whose token may bring a whole board.
func newServer(cfg Config, log *slog.Logger, tracer *telemetry.Tracer, seen telemetry.Seen, imports map[string]func(token string) bool) *fiber.App {
	f := fiber.New(fiber.Config{
		DisableStartupMessage: true,
		// Values from a request outlive it: in documents, queues and logs.
		Immutable:      true,
		BodyLimit:      bodyLimit,
		ReadBufferSize: headerLimit,
		// One way to write an address: what goes by it is not gone round.
		CaseSensitive: true,
		ReadTimeout:   cfg.Waits.Read,
		WriteTimeout:  cfg.Waits.Write,
		IdleTimeout:   cfg.Waits.Idle,
		ErrorHandler:  httpapi.ErrorHandler,
	})
	// Some requests may be larger: a board that is brought back.
	f.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		bearer, found := strings.CutPrefix(string(h.Peek(fiber.HeaderAuthorization)), "Bearer ")
		if good := imports[path]; good == nil || !found || !good(bearer) {
			return fasthttp.RequestConfig{}
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: httpapi.ImportLimit}
	}
	protection := headers.Of(headers.API, cfg.PublicURL)
	f.Use(func(c *fiber.Ctx) error {
		for _, h := range protection {
			c.Set(h.Name, h.Value)
		}
		return c.Next()
	})
	f.Use(telemetry.Fiber(log, tracer, seen))
	f.Use(recoverer.New())
	api := f.Group("/api")
	api.Use(compress.New(compress.Config{Level: compress.LevelBestSpeed, Next: func(c *fiber.Ctx) bool { return httpapi.Packed(c.Path()) }}))
	api.Use(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), answerWithin)
		defer cancel()
		c.SetUserContext(ctx)
		return c.Next()
	})
	return f
}

// watch makes what the service says of its engines. Without NATS walls are read and
// written, and told later.
func (a *App) watch() *probe.Health {
	return probe.New(a.log,
		probe.Engine{Name: "store", Vital: true, Check: func(ctx context.Context) error {
			err := a.store.Check(ctx)
			if errors.Is(err, sqlitestore.ErrNewer) || errors.Is(err, mongostore.ErrNewer) {
				err = probe.Because(probe.Newer, err)
			}
			return err
		}},
		probe.Engine{Name: "events", Check: func(ctx context.Context) error {
			_, err := a.bus.Position(ctx, board.ID("readiness"))
			if err != nil && !a.bus.Connected() {
				err = probe.Because(probe.Unreachable, err)
			}
			return err
		}},
	)
}

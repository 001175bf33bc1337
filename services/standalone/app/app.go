// Package app runs the whole product in one process: both services, an
// embedded NATS server, SQLite, an S3 server and the web app.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	board "fresque.dev/services/board/app"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/telemetry"
	media "fresque.dev/services/media/app"
	"fresque.dev/services/standalone/events"
	"fresque.dev/services/standalone/objects"
	"fresque.dev/web"
)

// App is the running product.
type App struct {
	cfg   Config
	board *board.App
	media *media.App
	// metrics are those of both services, told by telling.
	metrics *metrics.Metrics
	telling *metrics.Server
	tracer  *telemetry.Tracer
	links   board.WallLinks
	// setup is where the first account is made; empty once it is.
	setup string
	// closers end the engines, the last opened first.
	closers []func()
}

// New starts the engines and both services. When it fails it leaves nothing
// running.
func New(ctx context.Context, cfg Config, log *slog.Logger, version string) (_ *App, err error) {
	a := &App{cfg: cfg, metrics: metrics.New(version)}
	defer func() {
		if err != nil {
			a.release()
		}
	}()
	if a.telling, err = a.metrics.Listen(ctx, cfg.Metrics); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.telling.Close)
	kept, unlock, err := openState(cfg.Data)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, unlock)
	tracer, end, err := cfg.Tracing.Open(ctx, "fresque", version, log)
	if err != nil {
		return nil, err
	}
	a.tracer, a.closers = tracer, append(a.closers, end)
	bus, err := events.Start(kept.path("nats"))
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, bus.Close)
	// The board answers for its keys before the media service asks for them.
	if err := a.startBoard(ctx, kept, bus, log, version); err != nil {
		return nil, fmt.Errorf("board service: %w", err)
	}
	if err := a.startMedia(ctx, kept, bus, log, version); err != nil {
		return nil, fmt.Errorf("media service: %w", err)
	}
	return a, a.firstWall(ctx, kept)
}

func (a *App) startBoard(ctx context.Context, kept state, bus *events.Server, log *slog.Logger, version string) error {
	master, err := kept.masterKey()
	if err != nil {
		return err
	}
	operator, err := kept.operatorKey()
	if err != nil {
		return err
	}
	nc, err := bus.Connect("board")
	if err != nil {
		return err
	}
	a.closers = append(a.closers, nc.Close)
	a.board, err = board.New(ctx, a.cfg.boardConfig("sqlite:"+kept.path("board.db"), master, operator), board.Deps{
		Log: log.With("service", "board"), NATS: nc, Version: version, Tracer: a.tracer, Metrics: a.metrics,
		Mount: func(f *fiber.App, frames board.Frames) {
			web.Register(f, web.Options{
				Origins: web.Origins{
					Media: origin(a.cfg.MediaURL), Upload: origin(a.cfg.UploadURL), Frames: frames.Sources,
					Secure: strings.HasPrefix(a.cfg.PublicURL, "https://"),
				}.Fixed(),
				Embedders: frames.Embedders,
			})
		},
	})
	return err
}

func (a *App) startMedia(ctx context.Context, kept state, bus *events.Server, log *slog.Logger, version string) error {
	s3, err := objects.Start(ctx, objects.Config{Dir: kept.path("objects"), Addr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, func() { _ = s3.Close() })
	nc, err := bus.Connect("media")
	if err != nil {
		return err
	}
	a.closers = append(a.closers, nc.Close)
	cfg := media.Default()
	cfg.Addr, cfg.UploadAddr, cfg.UploadURL = a.cfg.MediaAddr, a.cfg.UploadAddr, a.cfg.UploadURL
	cfg.AppOrigins = []string{origin(a.cfg.PublicURL)}
	cfg.Dir, cfg.Previews, cfg.Making = kept.path("quarantine"), a.cfg.Previews, a.cfg.Making
	cfg.Limits, cfg.TrustedProxies = a.cfg.MediaLimits, a.cfg.TrustedProxies
	cfg.S3.Endpoint, cfg.S3.AccessKey, cfg.S3.SecretKey = s3.Endpoint(), s3.AccessKey(), s3.SecretKey()
	a.media, err = media.New(cfg, media.Deps{Log: log.With("service", "media"), NATS: nc, Version: version, Tracer: a.tracer, Metrics: a.metrics})
	return err
}

// firstWall makes the wall that is there from the first start.
func (a *App) firstWall(ctx context.Context, kept state) error {
	id, err := kept.firstBoard()
	if err != nil {
		return err
	}
	if a.links, err = a.board.EnsureBoard(ctx, id, "Mon premier mur", ""); err != nil {
		return err
	}
	a.setup, err = a.board.OpenSetup(ctx, id)
	return err
}

// Run serves until the context ends or a service fails; then everything ends
// in order.
func (a *App) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.board.Run(ctx) })
	group.Go(func() error {
		a.telling.Serve(ctx)
		return nil
	})
	group.Go(func() error { return a.media.Run(ctx) })
	err := group.Wait()
	a.release()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (a *App) release() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
	a.closers = nil
}

// Welcome is what a person reads when all is ready.
func (a *App) Welcome() string {
	start := "Sign in       " + a.cfg.PublicURL + "/signin"
	if a.setup != "" {
		start = "First start   " + a.setup + "  (makes your account, once)"
	}
	first := "" // it may have been deleted
	if a.links.Moderator != "" {
		first = fmt.Sprintf("\n  Trainer       %s\n  Participants  %s", a.links.Moderator, a.links.Writer)
	}
	scan := "off"
	if a.cfg.Clamd != "" {
		scan = a.cfg.Clamd
	}
	return fmt.Sprintf(`Fresque is ready.

  %s%s

  API           %s/api/docs  (operator's key: %s)
  Data          %s
  Virus scan    %s

Stop with Ctrl+C; everything is kept.
`, start, first, a.cfg.PublicURL, state{dir: a.cfg.Data}.operatorKeyFile(), a.cfg.Data, scan)
}

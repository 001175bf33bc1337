// Package app serves the web app in a process of its own, for where the
// services run apart. What it serves and how is package web's, which the
// standalone process mounts too.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	recoverer "github.com/gofiber/fiber/v2/middleware/recover"

	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/web"
)

// Bounds of the HTTP server. It takes no bodies.
const (
	bodyLimit   = 1 << 10
	headerLimit = 16 << 10
	readWithin  = 10 * time.Second
	writeWithin = 60 * time.Second
	idleWithin  = 75 * time.Second
	// connections are how many it takes at a time.
	connections = 16 << 10
	closeWithin = 10 * time.Second
)

// serviceName is who tells metrics.
const serviceName = "web"

// App is the web server.
type App struct {
	cfg       Config
	log       *slog.Logger
	version   string
	rules     *rules
	fiber     *fiber.App
	listener  net.Listener
	health    *probe.Health
	endTraces func()
	telling   *metrics.Server
}

// New binds the address; Run serves. The board service may be out of reach: the
// server is ready once it has answered.
func New(ctx context.Context, cfg Config, log *slog.Logger, version string) (*App, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, err
	}
	tracer, end, err := cfg.Tracing.Open(ctx, "fresque-web", version, log)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	a := &App{cfg: cfg, log: log, version: version, endTraces: end, rules: newRules(cfg.BoardURL, log), listener: listener}
	a.fiber = fiber.New(fiber.Config{
		DisableStartupMessage: true, Immutable: true, BodyLimit: bodyLimit, ReadBufferSize: headerLimit,
		ReadTimeout: readWithin, WriteTimeout: writeWithin, IdleTimeout: idleWithin, Concurrency: connections,
	})
	seen := a.newMetrics(version)
	if a.telling, err = seen.Listen(ctx, cfg.Metrics); err != nil {
		end()
		return nil, errors.Join(err, listener.Close())
	}
	a.fiber.Use(telemetry.Fiber(log, tracer, seen.Requests(serviceName)))
	a.fiber.Use(recoverer.New())
	a.health = probe.New(log, probe.Engine{Name: "board", Check: a.rules.check})
	probe.Register(a.fiber, a.health, probe.NewVersion(version, "", 0))
	web.Register(a.fiber, web.Options{Origins: a.rules.origins, Embedders: a.rules.embedders})
	return a, nil
}

// newMetrics declares the metrics of a server whose parts need not be there yet.
func (a *App) newMetrics(version string) *metrics.Metrics {
	m := metrics.New(version)
	m.Engines(serviceName, func() map[string]bool { return a.health.Up(context.Background()) })
	return m
}

// MetricsReference writes what the server tells.
func MetricsReference(out io.Writer) error { return new(App).newMetrics("").Reference(out, "webd") }

// Addr is where the server listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run serves until the context ends; then it says that it is not ready, goes on
// for as long as requests may come still, and closes.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { a.rules.keep(background) })
	work.Go(func() { a.telling.Serve(background) })
	served := make(chan error, 1)
	go func() { served <- a.fiber.Listener(a.listener) }()
	a.log.Info("serving", "version", a.version, "address", a.Addr())
	var failed error
	select {
	case failed = <-served:
	case <-ctx.Done():
		a.log.Info("told to end", "drain_seconds", a.cfg.DrainSeconds)
		a.health.Drain()
		time.Sleep(a.cfg.drain())
	}
	closing, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	// Requests that take longer than this are cut off.
	_ = a.fiber.ShutdownWithContext(closing)
	_ = a.listener.Close()
	stop()
	work.Wait()
	a.endTraces()
	a.log.Info("ended")
	return failed
}

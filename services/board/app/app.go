// Package app makes the board service out of its parts. It is the only package
// of the service that others may import: main runs it, and so do the
// standalone process and the tests.
package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/nats-io/nats.go"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/assertion"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/board/internal/depot"
	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/board/internal/live"
	"fresque.dev/services/board/internal/password"
	"fresque.dev/services/board/internal/richtext"
	"fresque.dev/services/board/internal/store/observed"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/board/internal/webhook"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/internal/token"
)

const (
	// purgeEvery is how often tombstones are looked at.
	purgeEvery = time.Minute
	// closeWithin bounds an orderly end.
	closeWithin = 10 * time.Second
)

// Deps are what a process may share with the service; each may be left out.
type Deps struct {
	Log *slog.Logger
	// NATS is used instead of a connection of the service's own.
	NATS *nats.Conn
	// Mount adds what else the service's address serves, after the API: the
	// web app.
	Mount func(f *fiber.App, frames Frames)
	// Metrics are used instead of some of the service's own, which it tells at
	// MetricsAddr.
	Metrics *metrics.Metrics
	// Version is that of the build.
	Version string
	// Tracer follows requests and changes; nil for nobody.
	Tracer *telemetry.Tracer
	// Now tells the time, in UTC; nil for the machine's clock.
	Now func() time.Time
}

// Frames are those that the pages of walls show, and are shown in.
type Frames struct {
	// Sources are whose players a page may show.
	Sources []string
	// Embedders gives the sites that may show a board's page; an error when that
	// can't be told.
	Embedders func(ctx context.Context, board string) ([]string, error)
}

// App is the board service.
type App struct {
	cfg       Config
	log       *slog.Logger
	tracer    *telemetry.Tracer
	store     store
	nats      *nats.Conn
	ownNATS   bool
	bus       *bus.Bus
	publisher *bus.Publisher
	service   *board.Service
	hub       *live.Hub
	tokens    *token.Signer
	fiber     *fiber.App
	listener  net.Listener
	// connections are those of the listener that are not too many.
	connections *callers.Connections
	stopKeys    func()
	endTraces   func()
	health      *probe.Health
	numbers     numbers
	telling     *metrics.Server
	version     string
}

// New opens the engines and binds the address; Run serves. When it fails it
// leaves nothing open. NATS may be out of reach: the wall is then written and
// read, and goes live once NATS is there.
func New(ctx context.Context, cfg Config, deps Deps) (*App, error) {
	return newApp(ctx, cfg, deps, openStore)
}

// newApp is New with a store of the caller's making.
func newApp(ctx context.Context, cfg Config, deps Deps, open func(context.Context, Config, *slog.Logger) (store, error)) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: deps.Log, nats: deps.NATS, tracer: deps.Tracer, version: deps.Version}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			a.release()
		}
	}()
	if a.tracer == nil {
		if a.tracer, a.endTraces, err = cfg.Tracing.Open(ctx, "fresque-board", deps.Version, a.log); err != nil {
			return nil, err
		}
	}
	if a.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr); err != nil {
		return nil, err
	}
	seen := deps.Metrics
	if seen == nil {
		seen = metrics.New(deps.Version)
	}
	if a.telling, err = seen.Listen(ctx, cfg.Metrics); err != nil {
		return nil, err
	}
	a.numbers = a.newNumbers(seen)
	opened, err := open(ctx, cfg, a.log)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	a.store = observed.Wrap(opened, append(observers(a.tracer), a.numbers.store)...)
	if a.nats == nil {
		a.ownNATS = true
		if a.nats, err = cfg.NATS.Connect(subject.BoardService, a.log); err != nil {
			return nil, fmt.Errorf("connect to NATS: %w", err)
		}
	}
	if a.bus, err = bus.Open(ctx, a.nats, bus.Config{Replicas: cfg.Replicas, MaxAge: cfg.keep(), MaxPerBoard: int64(cfg.KeepEvents), Declared: cfg.NATS.Declared(), Tracer: a.tracer}, a.log); err != nil {
		return nil, fmt.Errorf("open the stream of events: %w", err)
	}
	return a, a.wire(deps, seen.Requests(serviceName))
}

// wire makes the service and its face.
func (a *App) wire(deps Deps, seen telemetry.Seen) error {
	clock := systemClock{deps.Now}
	roots, err := a.openKeys(clock.Now)
	if err != nil {
		return err
	}
	table, err := a.cfg.players()
	if err != nil {
		return err
	}
	proxies, err := callers.ParseProxies(a.cfg.TrustedProxies)
	if err != nil {
		return err
	}
	provider, err := a.cfg.provider(roots["signing in"], clock.Now)
	if err != nil {
		return err
	}
	aliases := board.NewAliasMaker(roots["aliases"])
	settle := func(ctx context.Context, doc board.Document) error { return a.service.SettleDeed(ctx, doc) }
	a.publisher = bus.NewPublisher(a.bus, a.store, settle, clock.Now)
	a.publisher.Swept = a.numbers.swept
	views := view.NewRenderer(a.cfg.MediaURL, a.cfg.policy(), players{table}, aliases)
	a.hub = live.NewHub(a.bus, a.store, bus.NewGatherings(a.nats, rand.Text()), views, a.log, clock.Now)
	if a.cfg.IOUring != ioUringOff {
		if err := a.hub.UseRings(); err != nil {
			a.log.Info("events are written to one browser after the other, which costs more processor time", "why", err)
		}
	}
	a.service = board.NewService(board.Deps{
		// The hub first: whoever is answered reads what they wrote.
		Store: a.store, Announce: announcers{a.hub, a.publisher}, Sanitize: richtext.New(), Links: table,
		Sealer: board.NewLinkSealer(roots["links"]), Passwords: password.NewHasher(), Clock: clock, IDs: uuidSource{},
		Uploads: a.cfg.policy(), Changes: a.bus, Forget: a.bus,
		Dispatch: a.bus, Courier: countedCourier{webhook.NewCourier(clock.Now), a.numbers}, Webhooks: board.NewWebhookSealer(roots["webhooks"]),
		Keys: assertion.New([]string{a.cfg.PublicURL + httpapi.TokenPath, a.cfg.PublicURL}, clock.Now),
	})
	if a.stopKeys, err = a.bus.ServeKeys(a.publicKeys); err != nil {
		return err
	}
	var api *httpapi.API
	a.fiber = newServer(a.cfg, a.log, a.tracer, seen, map[string]func(string) bool{
		httpapi.ImportPath:         a.verifies(token.TypePlatform, token.AudiencePlatform, clock.Now),
		httpapi.ImportOperatorPath: func(key string) bool { return api.IsOperator(key) },
		httpapi.ImportWallPath:     a.verifies(token.TypeAccount, token.AudienceAccount, clock.Now),
	})
	a.connections = callers.NewConnections(a.listener, a.cfg.Connections, a.cfg.AddressConnections, proxies)
	a.health = a.watch()
	probe.Register(a.fiber, a.health, probe.NewVersion(deps.Version, apiVersion, a.cfg.schema()))
	api = httpapi.Register(a.fiber, httpapi.Deps{
		Service: a.service, Walls: walls{a.hub}, View: views, Plain: richtext.New().PlainText, Files: depot.New(cmp.Or(a.cfg.MediaInternalURL, a.cfg.MediaURL)), Tokens: a.tokens, Provider: provider, Guesses: bus.NewGuesses(a.bus, roots["guesses"], httpapi.GuessWindow), Calls: bus.NewCalls(a.bus, roots["guesses"]),
		Proxies: proxies, OperatorKey: a.cfg.OperatorKey, OperatorKeyPrevious: a.cfg.OperatorKeyPrevious, AuditFor: time.Duration(a.cfg.AuditDays) * 24 * time.Hour, EmbedSites: a.cfg.EmbedSites, PublicURL: a.cfg.PublicURL, UploadURL: a.cfg.UploadURL,
		Version: apiVersion, Log: a.log, Now: clock.Now, Pace: a.cfg.Pace, Limits: a.cfg.Limits.limits(), Tracer: a.tracer, SessionLife: time.Duration(a.cfg.SessionSeconds) * time.Second,
	})
	frames := Frames{Sources: table.FrameSources(), Embedders: a.embedders}
	if deps.Mount != nil {
		deps.Mount(a.fiber, frames)
	} else {
		a.registerPages(frames)
	}
	return nil
}

// embedders gives whose pages may show a board: those of its platform, or else
// the sites that the operator has named.
func (a *App) embedders(ctx context.Context, id string) ([]string, error) {
	parsed, ok := board.ParseID(id)
	if !ok {
		return nil, nil
	}
	origins, owned, err := a.service.EmbeddersOf(ctx, parsed)
	if err != nil || owned {
		return origins, err
	}
	return a.cfg.EmbedSites, nil
}

// verifies tells tokens of a type that are good still. Whether whoever has one may
// do what they ask for is looked at later.
func (a *App) verifies(typ, audience string, now func() time.Time) func(raw string) bool {
	return func(raw string) bool {
		_, err := token.Verify(raw, typ, audience, a.tokens.Key, now)
		return err == nil
	}
}

// catchUp makes up for what was missed while events were away, both ways.
func (a *App) catchUp() {
	a.publisher.CatchUp()
	a.hub.Resync()
}

// Addr is where the service listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Run serves until the context ends, then closes in order: not ready, and a part
// of the streams after the other sent to other replicas; no new connections,
// streams told to come back, requests drained, events published, engines closed
// (rule S16).
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { a.publisher.Run(background) })
	work.Go(func() { a.bus.Keep(background, a.catchUp) })
	work.Go(func() { a.bus.FollowMedia(background, a.service) })
	work.Go(func() { a.bus.FollowChanges(background, a.cfg.Pacing, a.service) })
	work.Go(func() { a.bus.FollowDeliveries(background, a.cfg.Pacing, a.service) })
	work.Go(func() { a.hub.Run(background) })
	work.Go(func() { a.purge(background) })
	work.Go(func() { a.telling.Serve(background) })
	served := make(chan error, 1)
	go func() { served <- a.fiber.Listener(a.connections) }()
	a.log.Info("serving", "version", a.version, "address", a.Addr())

	var failed error
	select {
	case failed = <-served:
	case <-ctx.Done():
		a.log.Info("told to end", "drain_seconds", a.cfg.DrainSeconds)
		a.health.Drain()
		a.hub.Drain(background, time.Duration(a.cfg.DrainSeconds)*time.Second)
	}
	closing, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	_ = a.listener.Close()
	a.hub.Close(closing)
	if err := a.fiber.ShutdownWithContext(closing); err != nil && !errors.Is(err, net.ErrClosed) {
		a.log.Warn("requests were cut off", "error", err)
	}
	stop()
	work.Wait()
	a.release()
	a.log.Info("ended")
	return failed
}

// purge erases what can no longer be restored.
func (a *App) purge(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-a.service.Due():
		}
		if n, err := a.service.Purge(ctx, a.store); err != nil {
			a.log.Warn("purge did not end", "error", err)
		} else if n > 0 {
			a.log.Info("purged", "documents", n)
		}
	}
}

// release closes what was opened.
func (a *App) release() {
	if a.stopKeys != nil {
		a.stopKeys()
	}
	if a.ownNATS && a.nats != nil {
		natsconn.Close(a.nats)
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Error("store not closed cleanly", "error", err)
		}
	}
	if a.listener != nil {
		_ = a.listener.Close()
	}
	if a.endTraces != nil {
		a.endTraces()
	}
	a.telling.Close()
}

// WallLinks are the addresses that open a board.
type WallLinks struct{ Moderator, Writer string }

// EnsureBoard makes a board with this id unless it is there, and gives its
// links; none for one that was deleted.
func (a *App) EnsureBoard(ctx context.Context, id, title, description string) (WallLinks, error) {
	var out WallLinks
	parsed, err := parseID(id)
	if err != nil {
		return out, err
	}
	b, links, err := a.service.CreateBoard(ctx, board.NewBoard{ID: parsed, Title: title, Description: description})
	if err != nil || b.Deleted() {
		return out, err
	}
	for _, l := range links {
		address := httpapi.LinkURL(a.cfg.PublicURL, a.service.Sealer, l)
		switch l.Role {
		case board.RoleModerator:
			out.Moderator = address
		case board.RoleWriter:
			out.Writer = address
		}
	}
	return out, nil
}

// OpenSetup lets the first account be made, which gets a board, and gives the
// address to make it at; empty when it is there.
func (a *App) OpenSetup(ctx context.Context, wall string) (string, error) {
	id, err := parseID(wall)
	if err != nil {
		return "", err
	}
	if err := a.service.OpenSetup(ctx, id); err != nil {
		return "", err
	}
	open, _, err := a.service.SetupState(ctx)
	if err != nil || !open {
		return "", err
	}
	return httpapi.SetupURL(a.cfg.PublicURL, a.service.SetupCode()), nil
}

func parseID(text string) (board.ID, error) {
	id, ok := board.ParseID(text)
	if !ok {
		return "", fmt.Errorf("%q is not an id", text)
	}
	return id, nil
}

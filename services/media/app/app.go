package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/net/netutil"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/bounds"
	"fresque.dev/services/media/internal/bus"
	"fresque.dev/services/media/internal/clamav"
	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/httpapi"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/objects"
	"fresque.dev/services/media/internal/pipeline"
	"fresque.dev/services/media/internal/previews"
	"fresque.dev/services/media/internal/uploads"
	"fresque.dev/services/media/internal/wording"
	"fresque.dev/services/media/internal/worker"
	"fresque.dev/services/media/internal/workshop"
)

const (
	// closeWithin bounds an orderly end.
	closeWithin = 5 * time.Second
	sweepEvery  = time.Minute
	// measureEvery is how often the object store is counted anew.
	measureEvery = 6 * time.Hour
	retryFrom    = 250 * time.Millisecond
	retryTo      = 15 * time.Second
	// attempts is how often a file may kill its worker.
	attempts = 3
	// withdrawAfter is how long creating an upload may take, in all.
	withdrawAfter = 10 * time.Minute

	// Bounds of the upload server, against clients that dawdle. Within a body,
	// tusd extends them with every read.
	headersWithin = 10 * time.Second
	silence       = 30 * time.Second
	idleWithin    = 60 * time.Second
	headerLimit   = 16 << 10
)

// RunWorkerIfAsked turns this process into a worker or a confined tool, and ends
// it, when the service has started it as one. Every main whose process holds
// the service must call it first.
func RunWorkerIfAsked() {
	worker.RunIfAsked(os.Args)
	confine.RunIfAsked(os.Args)
}

// Deps are what a process may share with the service; each may be left out.
type Deps struct {
	Log *slog.Logger
	// NATS is used instead of a connection of the service's own.
	NATS *nats.Conn
	// Metrics are used instead of some of the service's own, which it tells at
	// MetricsAddr.
	Metrics *metrics.Metrics
	// Version is that of the build.
	Version string
	// Tracer follows requests, orders and uploads; nil for nobody.
	Tracer *telemetry.Tracer
	// Now tells in which minute callers are counted; time.Now when it is nil.
	Now func() time.Time
}

// App is the media service.
type App struct {
	cfg        Config
	log        *slog.Logger
	tracer     *telemetry.Tracer
	nats       *nats.Conn
	ownNATS    bool
	events     *bus.Bus
	proxies    callers.Proxies
	register   *bus.Register
	quarantine *uploads.Quarantine
	objects    *objects.Store
	pipeline   *pipeline.Pipeline
	previews   *previews.Maker
	api        *httpapi.API
	health     *probe.Health
	numbers    numbers
	telling    *metrics.Server
	received   func() uint64
	uploads    *http.Server
	delivery   net.Listener
	intake     net.Listener
	endTraces  func()
	version    string
}

// New opens the quarantine and binds the addresses; Run serves. NATS and S3
// need not be there yet. When it fails it leaves nothing open.
func New(cfg Config, deps Deps) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	a := &App{cfg: cfg, log: deps.Log, nats: deps.NATS, tracer: deps.Tracer, version: deps.Version}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.release())
		}
	}()
	if a.tracer == nil {
		if a.tracer, a.endTraces, err = cfg.Tracing.Open(context.Background(), "fresque-media", deps.Version, a.log); err != nil {
			return nil, err
		}
	}
	if err := a.bind(); err != nil {
		return nil, err
	}
	if a.quarantine, err = uploads.OpenQuarantine(cfg.Dir); err != nil {
		return nil, fmt.Errorf("open the quarantine: %w", err)
	}
	if a.nats == nil {
		a.ownNATS = true
		if a.nats, err = cfg.NATS.Connect(subject.MediaService, a.log); err != nil {
			return nil, fmt.Errorf("connect to NATS: %w", err)
		}
	}
	seen := deps.Metrics
	if seen == nil {
		seen = metrics.New(deps.Version)
	}
	if a.telling, err = seen.Listen(context.Background(), cfg.Metrics); err != nil {
		return nil, err
	}
	a.numbers = a.newNumbers(seen)
	return a, a.wire(deps, seen.Requests(serviceName))
}

// bind tells every busy address at once.
func (a *App) bind() error {
	var deliveryErr, intakeErr error
	var l net.ListenConfig
	a.delivery, deliveryErr = l.Listen(context.Background(), "tcp", a.cfg.Addr)
	a.intake, intakeErr = l.Listen(context.Background(), "tcp", a.cfg.UploadAddr)
	return errors.Join(deliveryErr, intakeErr)
}

// wire makes the service of its parts.
func (a *App) wire(deps Deps, seen telemetry.Seen) (err error) {
	if a.events, err = bus.New(a.nats, a.cfg.Replicas, a.cfg.NATS.Declared(), a.log, time.Now); err != nil {
		return err
	}
	a.events.Tracer = a.tracer
	if a.proxies, err = callers.ParseProxies(a.cfg.TrustedProxies); err != nil {
		return err
	}
	bounds := a.bounds(deps.Now)
	a.register = a.events.NewRegister(bus.RegisterConfig{
		Self: a.quarantine.Name(), URL: a.peerURL, Kept: streams.UploadsKept(a.cfg.stale()), GoneAfter: a.cfg.goneAfter(),
		Changed: func(e media.Entry) { a.pipeline.Heard(e) },
	})
	s3 := a.s3()
	s3.Stored = a.register.TellStored
	if a.objects, err = objects.New(s3); err != nil {
		return err
	}
	pool, err := worker.NewPool(worker.Config{
		Dir: a.quarantine.WorkDir(), Concurrency: a.cfg.Workers,
		Memory: int64(a.cfg.WorkerMiB) << 20, Timeout: time.Duration(a.cfg.WorkerSeconds) * time.Second,
	})
	if err != nil {
		return err
	}
	shop := workshop.New(workshop.Config{Pool: pool, Dir: a.quarantine.WorkDir(), Without: a.cfg.Without, Long: 60 * a.cfg.ConvertMinutes})
	a.tellOfTools(shop)
	scanner, err := a.scanner()
	if err != nil {
		return err
	}
	a.health = a.watch(scanner)
	a.pipeline = pipeline.New(pipeline.Config{
		Quarantine: a.quarantine, Register: a.register, Publisher: countedPublisher{a.events, a.numbers}, Objects: countedObjects{a.objects, a.numbers},
		Maker: countedMaker{shop, a.numbers}, Scanner: a.scannerOrNone(scanner),
		Secret: a.quarantine.Secret(), Concurrency: a.cfg.Workers, Slow: a.cfg.Converters, Attempts: attempts, StaleAfter: a.cfg.stale(), WithdrawAfter: withdrawAfter,
		SweepEvery: sweepEvery, RetryFrom: retryFrom, RetryTo: retryTo, Log: a.log, Tracer: a.tracer, Now: time.Now,
	})
	if err := a.wirePreviews(pool, a.log, deps.Version); err != nil {
		return err
	}
	a.api = httpapi.New(httpapi.Deps{
		Objects: a.objects, Version: deps.Version, PublicURL: a.cfg.UploadURL, Messages: wording.Messages(), Log: a.log,
		Bounds: bounds, Health: a.health, Tracer: a.tracer, Seen: seen,
	})
	return a.wireUploads(a.events, bounds, seen)
}

// scanner is the virus scanner; nil when there is to be none.
func (a *App) scanner() (*clamav.Scanner, error) {
	if a.cfg.Clamd == "" {
		return nil, nil
	}
	return clamav.New(a.cfg.Clamd)
}

// scannerOrNone is nothing at all where there is none, and no pointer to nothing.
func (a *App) scannerOrNone(s *clamav.Scanner) media.Scanner {
	if s == nil {
		return nil
	}
	return countedScanner{s, a.numbers}
}

// watch makes what the service says of its engines. None is vital: files are served
// without NATS, and taken without the object store.
func (a *App) watch(scanner *clamav.Scanner) *probe.Health {
	engines := []probe.Engine{
		{Name: "events", Check: func(ctx context.Context) error {
			err := a.events.Check(ctx)
			if err != nil && !a.nats.IsConnected() {
				err = probe.Because(probe.Unreachable, err)
			}
			return err
		}},
		{Name: "objects", Check: a.objects.Check},
		{Name: "disk", Check: func(context.Context) error {
			room, err := a.quarantine.Room(int64(a.cfg.ReserveMiB) << 20)
			if err == nil && !room {
				err = probe.Because(probe.Full, errors.New("no more room than RESERVE_MIB"))
			}
			return err
		}},
	}
	if scanner != nil {
		engines = append(engines, probe.Engine{Name: "scanner", Check: scanner.Check})
	}
	return probe.New(a.log, engines...)
}

// tellOfTools says what cannot be made here.
func (a *App) tellOfTools(shop *workshop.Workshop) {
	if missing := shop.Missing(); len(missing) > 0 {
		a.log.Warn("some tools are not installed: "+
			"without ffmpeg and ffprobe sounds and videos are served as they were sent, with their metadata and without posters, and MOV is refused; "+
			"without pdftoppm, pdfinfo and soffice documents show no first page", "missing", missing)
	}
	if !confine.Isolated() {
		a.log.Warn("tools run with the network: this system lets nobody but root take it away (user namespaces are off)")
	}
	if !confine.LockedIn() {
		a.log.Warn("tools can read what this service can read: this kernel has no Landlock")
	}
	if a.cfg.Clamd == "" {
		a.log.Info("uploads are not scanned for viruses")
	}
}

func (a *App) wireUploads(keys media.Keys, bounds *bounds.Bounds, seen telemetry.Seen) error {
	publicURL := a.cfg.UploadURL
	if publicURL == "" {
		publicURL = "http://" + a.UploadAddr() + uploads.Root
	}
	handler, err := uploads.NewHandler(uploads.Config{
		Quarantine: a.quarantine, Register: a.register, Keys: keys, Changed: a.pipeline.Changed,
		PublicURL: publicURL, Origins: a.cfg.AppOrigins,
		MaxBytes: int64(a.cfg.MaxMiB) << 20, Reserve: int64(a.cfg.ReserveMiB) << 20, Silence: silence,
		Store: int64(a.cfg.StoreMiB) << 20, Used: a.objects.Used, Each: a.cfg.UploadsEach, Bounds: bounds, Peers: a.shared("peers"),
		Messages: wording.Messages(), Log: a.log, Tracer: a.tracer, Seen: seen, Now: time.Now,
	})
	if err != nil {
		return err
	}
	a.received = handler.Received
	a.uploads = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headersWithin,
		ReadTimeout:       silence,
		WriteTimeout:      2 * silence,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    headerLimit,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	return nil
}

func (a *App) s3() objects.Config {
	s := a.cfg.S3
	return objects.Config{
		Endpoint: s.Endpoint, TLS: s.TLS, Region: s.Region, Bucket: s.Bucket, AccessKey: s.AccessKey, SecretKey: s.SecretKey,
	}
}

// peerURL is where other replicas reach the upload address of this one.
func (a *App) peerURL() (string, error) {
	if a.cfg.PeerURL != "" {
		return a.cfg.PeerURL, nil
	}
	at := a.intake.Addr().(*net.TCPAddr)
	if !at.IP.IsUnspecified() {
		return "http://" + at.String(), nil
	}
	return a.events.SeenAs(strconv.Itoa(at.Port))
}

// Addr is where pictures are served.
func (a *App) Addr() string { return a.delivery.Addr().String() }

// UploadAddr is where files are taken.
func (a *App) UploadAddr() string { return a.intake.Addr().String() }

// Run serves until the context ends, then closes. What it leaves half done
// goes on with the next start.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	// Who listens for events finds the stream before the first of them.
	work.Go(func() { a.untilThere(background, "the events", a.events.Check) })
	work.Go(func() {
		a.untilThere(background, "the object store", a.objects.EnsureBucket)
		a.measure(background)
	})
	work.Go(func() { a.telling.Serve(background) })
	work.Go(func() { a.register.Announce(background) })
	work.Go(func() { a.register.Listen(background) })
	deaf, err := a.register.HearStored(a.objects.Hear)
	if err != nil {
		a.log.Warn("what other replicas store is counted late", "error", err)
	} else {
		defer deaf()
	}
	work.Go(func() { a.pipeline.Run(background) })
	work.Go(func() {
		a.events.FollowOrders(background, bus.Followers{Unfurl: a.previews, Erase: a.pipeline, Copy: a.pipeline})
	})
	served := make(chan error, 2)
	work.Go(func() {
		served <- a.api.Fiber.Listener(httpapi.Patient(a.limited(a.delivery)))
	})
	work.Go(func() { served <- a.uploads.Serve(a.limited(a.intake)) })
	a.log.Info("serving", "version", a.version, "address", a.Addr(), "uploads", a.UploadAddr())

	var failed error
	select {
	case failed = <-served:
	case <-ctx.Done():
		a.log.Info("told to end")
	}
	a.shutdown()
	stop()
	work.Wait()
	failed = errors.Join(failed, a.release())
	a.log.Info("ended")
	return failed
}

// limited takes so many connections at a time, for the next of which one waits,
// and so many of one client's address.
func (a *App) limited(l net.Listener) net.Listener {
	return netutil.LimitListener(callers.NewConnections(l, a.cfg.Connections, a.cfg.AddressConnections, a.proxies), a.cfg.Connections)
}

// shutdown ends both servers. Uploads that are cut off resume.
func (a *App) shutdown() {
	a.health.Drain()
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	if err := a.uploads.Shutdown(ctx); err != nil {
		a.log.Info("uploads were interrupted", "error", err)
		_ = a.uploads.Close()
	}
	if err := a.api.Fiber.ShutdownWithContext(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
		a.log.Info("requests were cut off", "error", err)
	}
	// A server that had not begun to serve finds its address closed.
	_ = a.delivery.Close()
	_ = a.intake.Close()
}

// measure counts the object store, now and from time to time.
func (a *App) measure(ctx context.Context) {
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	for {
		a.untilThere(ctx, "the object store's size", a.objects.Measure)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// untilThere makes ready what the service needs of an engine, as soon as the
// engine answers.
func (a *App) untilThere(ctx context.Context, what string, ready func(context.Context) error) {
	for pause := retryFrom; ; pause = min(2*pause, retryTo) {
		err := ready(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.log.Warn("waiting for "+what, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// Close frees what New opened, for who does not come to Run.
func (a *App) Close() error { return a.release() }

func (a *App) release() error {
	a.telling.Close()
	var faults []error
	if a.ownNATS && a.nats != nil {
		natsconn.Close(a.nats)
	}
	if a.quarantine != nil {
		faults = append(faults, a.quarantine.Close())
		a.quarantine = nil
	}
	for _, l := range []net.Listener{a.delivery, a.intake} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			faults = append(faults, err)
		}
	}
	if a.endTraces != nil {
		a.endTraces()
	}
	return errors.Join(faults...)
}

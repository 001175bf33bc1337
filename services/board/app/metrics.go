package app

import (
	"context"
	"errors"
	"io"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/board/internal/store/observed"
	"fresque.dev/services/internal/metrics"
)

const (
	// serviceName is who tells.
	serviceName = "board"
	// readWithin bounds what is asked of engines for numbers.
	readWithin = 2 * time.Second
	// outboxSeen is how much of what waits to be published is looked at, and
	// outboxAfter how long it must have waited: what is younger is on its way.
	outboxSeen  = 1000
	outboxAfter = 5 * time.Second
)

// numbers are the metrics that the service counts itself.
type numbers struct {
	store observed.Observer
	carry func() (ended func(error))
	swept func(bus.Sweep)
}

// newNumbers declares all metrics of the service, of an app whose parts need not be
// there yet.
func (a *App) newNumbers(m *metrics.Metrics) numbers {
	store := m.Histogram(metrics.Family{
		Name: "fresque_board_store_seconds", Help: "How long operations on the store took. A conflict is answered by the rules of writing, and no fault",
		Labels: []string{"operation", "result"},
	}, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
	notices := m.Histogram(metrics.Family{
		Name: "fresque_board_notice_seconds", Help: "How long carrying a notice to a platform took. Failed: the site is away, and is tried again; refused: it says no to this one",
		Labels: []string{"result"},
	}, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
	documents := m.Counter(metrics.Family{
		Name: "fresque_board_documents_written_total", Help: "Documents written by this replica. A delivery inserted is a notice to a platform that was given up", Labels: []string{"kind", "change"},
	})
	sweeps := m.Histogram(metrics.Family{
		Name: "fresque_board_relay_seconds", Help: "How long the relay's looks for changes that were left untold took. Nothing: none was left; told: all that were found are told; left: some wait still; failed: the store could not say",
		Labels: []string{"result"},
	}, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60)
	for _, result := range []string{sweptNothing, sweptAll, sweptSome, sweptFailed} {
		sweeps.WithLabelValues(result) // 0 from the start: the first of a kind is one more
	}
	relayed := m.Counter(metrics.Family{
		Name: "fresque_board_relayed_total", Help: "Changes that the relay told, two seconds late or more: a replica was killed, or NATS was away or slow",
	}).WithLabelValues()
	m.Engines(serviceName, func() map[string]bool {
		ctx, cancel := context.WithTimeout(context.Background(), readWithin)
		defer cancel()
		return a.health.Up(ctx)
	})
	m.Read(a.readLive,
		metrics.Family{Name: "fresque_board_streams", Type: metrics.Gauge, Help: "Live streams that are open: people who have a wall before them"},
		metrics.Family{Name: "fresque_board_people", Type: metrics.Gauge, Help: "People who are on walls by this replica: each once on each wall, however many pages they have open"},
		metrics.Family{Name: "fresque_board_presence_frames_total", Type: metrics.Counter, Help: "Times that a stream was told who is here"},
		metrics.Family{Name: "fresque_board_boards", Type: metrics.Gauge, Help: "Boards that this replica holds in memory, for their streams"},
		metrics.Family{Name: "fresque_board_connections", Type: metrics.Gauge, Help: "Connections that are not live streams"},
		metrics.Family{Name: "fresque_board_events_total", Type: metrics.Counter, Help: "Changes that were handed to streams"},
		metrics.Family{Name: "fresque_board_deliveries_total", Type: metrics.Counter, Help: "Changes times the streams that each was handed to"},
		metrics.Family{Name: "fresque_board_arrivals_total", Type: metrics.Counter, Help: "Streams that began: resumed after their cursor, or sent to take a snapshot", Labels: []string{"how"}},
		metrics.Family{Name: "fresque_board_slow_streams_total", Type: metrics.Counter, Help: "Streams that were ended for taking too little; they come back with their cursor"},
		metrics.Family{Name: "fresque_board_snapshots_total", Type: metrics.Counter, Help: "Snapshots that were made, each for all readers of a class"},
	)
	m.Read(a.readOutbox,
		metrics.Family{Name: "fresque_board_outbox", Type: metrics.Gauge, Help: "Changes that are stored and have waited for over 5 s to be told, of all replicas; 1,000 at most"},
		metrics.Family{Name: "fresque_board_outbox_age_seconds", Type: metrics.Gauge, Help: "How long the longest of them has waited; 0 for none"},
	)
	m.Read(a.readNATS,
		metrics.Family{Name: "fresque_board_nats_connected", Type: metrics.Gauge, Help: "1 while NATS can be reached"},
		metrics.Family{Name: "fresque_board_nats_reconnects_total", Type: metrics.Counter, Help: "How often NATS was away"},
		metrics.Family{Name: "fresque_board_notices_waiting", Type: metrics.Gauge, Help: "Notices to platforms that wait or are under way, of all replicas"},
	)
	return numbers{
		store: func(ctx context.Context, op observed.Operation, kind board.Kind) (context.Context, func(error)) {
			start := time.Now()
			return ctx, func(err error) {
				store.WithLabelValues(string(op), outcome(err)).Observe(time.Since(start).Seconds())
				if err == nil && (op == observed.Insert || op == observed.Replace) {
					documents.WithLabelValues(string(kind), string(op)).Inc()
				}
			}
		},
		swept: func(s bus.Sweep) {
			sweeps.WithLabelValues(swept(s)).Observe(s.Took.Seconds())
			relayed.Add(float64(s.Published))
		},
		carry: func() func(error) {
			start := time.Now()
			return func(err error) { notices.WithLabelValues(carried(err)).Observe(time.Since(start).Seconds()) }
		},
	}
}

// How a sweep of the relay ends.
const (
	sweptNothing = "nothing"
	sweptAll     = "told"
	sweptSome    = "left"
	sweptFailed  = "failed"
)

// swept is how a sweep of the relay ended.
func swept(s bus.Sweep) string {
	switch {
	case s.Failed:
		return sweptFailed
	case s.Found == 0:
		return sweptNothing
	case s.Published < s.Found:
		return sweptSome
	}
	return sweptAll
}

// outcome is how an operation on the store ended: an answer that the rules of
// writing give is none of its faults.
func outcome(err error) string {
	switch {
	case err == nil, errors.Is(err, board.ErrNotFound):
		return "ok"
	case errors.Is(err, board.ErrConflict), errors.Is(err, board.ErrExists):
		return "conflict"
	case errors.Is(err, context.Canceled):
		return "left" // nobody waits for it any more
	}
	return "error"
}

// countedCourier is a courier whose ways are counted.
type countedCourier struct {
	board.Courier
	numbers
}

// Carry carries a notice.
func (c countedCourier) Carry(ctx context.Context, n board.Notice) error {
	ended := c.carry()
	err := c.Courier.Carry(ctx, n)
	ended(err)
	return err
}

// carried is how the way of a notice ended.
func carried(err error) string {
	var untaken *board.Untaken
	switch {
	case err == nil:
		return "taken"
	case errors.As(err, &untaken) && untaken.ThisOne:
		return "refused" // the site is well, and says no to this one
	}
	return "failed"
}

func (a *App) readLive(tell metrics.Tell) {
	s := a.hub.Stats()
	tell("fresque_board_streams", float64(s.Streams))
	tell("fresque_board_people", float64(s.People))
	tell("fresque_board_presence_frames_total", float64(s.PresenceFrames))
	tell("fresque_board_boards", float64(s.Boards))
	tell("fresque_board_connections", float64(a.connections.Count()))
	tell("fresque_board_events_total", float64(s.Events))
	tell("fresque_board_deliveries_total", float64(s.Deliveries))
	tell("fresque_board_arrivals_total", float64(s.Resumed), "resumed")
	tell("fresque_board_arrivals_total", float64(s.Anew), "anew")
	tell("fresque_board_slow_streams_total", float64(s.Slow))
	tell("fresque_board_snapshots_total", float64(s.Snapshots))
}

func (a *App) readOutbox(tell metrics.Tell) {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	now := time.Now()
	docs, err := a.store.Unpublished(ctx, now.Add(-outboxAfter), outboxSeen)
	if err != nil {
		return // the store's own metrics say so
	}
	age := 0.0
	if len(docs) > 0 {
		age = max(0, now.Sub(docs[0].Head().UpdatedAt).Seconds())
	}
	tell("fresque_board_outbox", float64(len(docs)))
	tell("fresque_board_outbox_age_seconds", age)
}

func (a *App) readNATS(tell metrics.Tell) {
	connected := 0.0
	if a.bus.Connected() {
		connected = 1
	}
	tell("fresque_board_nats_connected", connected)
	tell("fresque_board_nats_reconnects_total", float64(a.nats.Stats().Reconnects))
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	if waiting, err := a.bus.DeliveriesWaiting(ctx); err == nil {
		tell("fresque_board_notices_waiting", float64(waiting))
	}
}

// MetricsReference writes what the service tells.
func MetricsReference(out io.Writer) error {
	m := metrics.New("")
	(&App{}).newNumbers(m)
	return m.Reference(out, "boardd")
}

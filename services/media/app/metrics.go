package app

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/media/internal/media"
)

const (
	// serviceName is who tells.
	serviceName = "media"
	// readWithin bounds what is asked of engines for numbers.
	readWithin = 2 * time.Second
)

// numbers are the metrics that the service counts itself.
type numbers struct {
	steps *prometheus.HistogramVec
	ended *prometheus.CounterVec
}

// newNumbers declares all metrics of the service, of an app whose parts need not be
// there yet.
func (a *App) newNumbers(m *metrics.Metrics) numbers {
	m.Engines(serviceName, func() map[string]bool {
		ctx, cancel := context.WithTimeout(context.Background(), readWithin)
		defer cancel()
		return a.health.Up(ctx)
	})
	m.Read(a.readNumbers,
		metrics.Family{Name: "fresque_media_waiting", Type: metrics.Gauge, Help: "Uploads that have come and wait for their turn; slow: those that take long, as videos do", Labels: []string{"lane"}},
		metrics.Family{Name: "fresque_media_known", Type: metrics.Gauge, Help: "Uploads that wait or are worked on"},
		metrics.Family{Name: "fresque_media_replicas", Type: metrics.Gauge, Help: "Replicas of the media service that this one knows, itself among them; 0 while it cannot say that it is there"},
		metrics.Family{Name: "fresque_media_received_bytes_total", Type: metrics.Counter, Help: "Bytes of uploads that came"},
		metrics.Family{Name: "fresque_media_disk_free_bytes", Type: metrics.Gauge, Help: "Room on the disk where uploads come"},
		metrics.Family{Name: "fresque_media_objects_bytes", Type: metrics.Gauge, Help: "What is in the object store, as last counted"},
		metrics.Family{Name: "fresque_media_objects_limit_bytes", Type: metrics.Gauge, Help: "How much may be in it (STORE_MIB); none where there is no limit"},
		metrics.Family{Name: "fresque_media_nats_connected", Type: metrics.Gauge, Help: "1 while NATS can be reached"},
		metrics.Family{Name: "fresque_media_nats_reconnects_total", Type: metrics.Counter, Help: "How often NATS was away"},
	)
	return numbers{
		steps: m.Histogram(metrics.Family{
			Name: "fresque_media_step_seconds", Help: "How long steps took: scan, make (looked at, and what shows it made), put (one object stored). Crashed: the worker died of the file",
			Labels: []string{"step", "result"},
		}, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
		ended: m.Counter(metrics.Family{
			Name: "fresque_media_uploads_total", Help: "Uploads that are uploaded, ready or refused; the reason is a code of the API. After a crash one may be told twice",
			Labels: []string{"state", "reason"},
		}),
	}
}

func (a *App) readNumbers(tell metrics.Tell) {
	w := a.pipeline.Waiting()
	tell("fresque_media_waiting", float64(w.Quick), "quick")
	tell("fresque_media_waiting", float64(w.Slow), "slow")
	tell("fresque_media_known", float64(w.Known))
	tell("fresque_media_replicas", float64(a.register.There()))
	tell("fresque_media_received_bytes_total", float64(a.received()))
	if free, err := a.quarantine.Free(); err == nil {
		tell("fresque_media_disk_free_bytes", float64(free))
	}
	if used, known := a.objects.Used(); known {
		tell("fresque_media_objects_bytes", float64(used))
	}
	if a.cfg.StoreMiB > 0 {
		tell("fresque_media_objects_limit_bytes", float64(a.cfg.StoreMiB)*(1<<20))
	}
	connected := 0.0
	if a.nats.IsConnected() {
		connected = 1
	}
	tell("fresque_media_nats_connected", connected)
	tell("fresque_media_nats_reconnects_total", float64(a.nats.Stats().Reconnects))
}

// step measures one step.
func (n numbers) step(name string, do func() error) error {
	start := time.Now()
	err := do()
	result := "ok"
	switch {
	case errors.Is(err, media.ErrCrashed):
		result = "crashed"
	case errors.Is(err, context.Canceled):
		result = "left"
	case err != nil:
		result = "error"
	}
	n.steps.WithLabelValues(name, result).Observe(time.Since(start).Seconds())
	return err
}

// counted are the ports of the pipeline, measured.
type (
	countedMaker struct {
		media.Maker
		numbers
	}
	countedScanner struct {
		media.Scanner
		numbers
	}
	countedObjects struct {
		media.Objects
		numbers
	}
	countedPublisher struct {
		media.Publisher
		numbers
	}
)

// Make makes what shows a file.
func (c countedMaker) Make(ctx context.Context, u media.Upload, file *os.File) (made *media.Made, err error) {
	err = c.step("make", func() (err error) {
		made, err = c.Maker.Make(ctx, u, file)
		return err
	})
	return made, err
}

// Scan looks for viruses.
func (c countedScanner) Scan(ctx context.Context, r io.Reader) (code media.Code, err error) {
	err = c.step("scan", func() (err error) {
		code, err = c.Scanner.Scan(ctx, r)
		return err
	})
	return code, err
}

// Put stores an object.
func (c countedObjects) Put(ctx context.Context, key media.Key, r io.Reader, size int64) error {
	return c.step("put", func() error { return c.Objects.Put(ctx, key, r, size) })
}

// Publish tells how far an upload has come.
func (c countedPublisher) Publish(ctx context.Context, e media.Event) error {
	err := c.Publisher.Publish(ctx, e)
	if err == nil && (e.State == media.Uploaded || e.State == media.Ready || e.State == media.Refused) {
		c.ended.WithLabelValues(string(e.State), string(e.Outcome.Refusal)).Inc()
	}
	return err
}

// MetricsReference writes what the service tells.
func MetricsReference(out io.Writer) error {
	m := metrics.New("")
	(&App{}).newNumbers(m)
	return m.Reference(out, "mediad")
}

// Package metrics is what a service tells Prometheus: numbers in a registry of
// its own, at an address of its own. No series is about a board, a person or
// anything else that there can be many of.
package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Type is what the numbers of a family are.
type Type string

// The types: what only grows, what is now, and how what was measured is spread.
const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Family is a metric with all of its series.
type Family struct {
	Name string
	Type Type
	Help string
	// Labels have few values each, all known when this is compiled, or given by
	// the routes.
	Labels []string
}

// Metrics are those of one process. Services that share it share them.
type Metrics struct {
	registry *prometheus.Registry
	families []Family
	requests *prometheus.HistogramVec
}

// New has what every service tells: of itself, and of its requests.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.Read(func(tell Tell) { tell("fresque_build_info", 1, version) },
		Family{Name: "fresque_build_info", Type: Gauge, Help: "1; which build this is", Labels: []string{"version"}})
	m.requests = m.Histogram(Family{
		Name: "fresque_http_request_seconds", Help: "How long requests took, until the answer began; a live stream's, until it began",
		Labels: []string{"service", "method", "route", "status"},
	}, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
	return m
}

// methods that have a series of their own: clients can make up others.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Requests counts a service's requests, by the template of their route.
func (m *Metrics) Requests(service string) func(method, route string, status int, took time.Duration) {
	return func(method, route string, status int, took time.Duration) {
		if !slices.Contains(methods, method) {
			method = "other"
		}
		m.requests.WithLabelValues(service, method, route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
	}
}

// Engines tells whether what a service needs is there.
func (m *Metrics) Engines(service string, ask func() map[string]bool) {
	// Of several services in one process each tells its own.
	name := "fresque_" + service + "_engine_up"
	m.Read(func(tell Tell) {
		for engine, up := range ask() {
			value := 0.0
			if up {
				value = 1
			}
			tell(name, value, engine)
		}
	}, Family{Name: name, Type: Gauge, Help: "1 for an engine that is there, as /readyz says", Labels: []string{"engine"}})
}

// Counter makes a counter of its family.
func (m *Metrics) Counter(f Family) *prometheus.CounterVec {
	f.Type = Counter
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: f.Name, Help: f.Help}, f.Labels)
	m.add(c, f)
	return c
}

// Histogram makes a histogram of its family, with these upper bounds.
func (m *Metrics) Histogram(f Family, bounds ...float64) *prometheus.HistogramVec {
	f.Type = Histogram
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: f.Name, Help: f.Help, Buckets: bounds}, f.Labels)
	m.add(h, f)
	return h
}

// Tell gives one number of a family.
type Tell func(family string, value float64, labels ...string)

// Read asks for numbers that somebody has anyway, whenever they are wanted:
// together, quickly, and only those that can be had.
func (m *Metrics) Read(read func(Tell), families ...Family) {
	m.add(newReading(read, families), families...)
}

func (m *Metrics) add(c prometheus.Collector, families ...Family) {
	m.registry.MustRegister(c)
	m.families = append(m.families, families...)
}

// reading is a collector of what is read when it is asked for.
type reading struct {
	read  func(Tell)
	descs map[string]*prometheus.Desc
	types map[string]prometheus.ValueType
}

func newReading(read func(Tell), families []Family) *reading {
	r := &reading{read: read, descs: make(map[string]*prometheus.Desc), types: make(map[string]prometheus.ValueType)}
	for _, f := range families {
		r.descs[f.Name] = prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)
		r.types[f.Name] = prometheus.GaugeValue
		if f.Type == Counter {
			r.types[f.Name] = prometheus.CounterValue
		}
	}
	return r
}

// Describe tells the families.
func (r *reading) Describe(out chan<- *prometheus.Desc) {
	for _, d := range r.descs {
		out <- d
	}
}

// Collect reads the numbers.
func (r *reading) Collect(out chan<- prometheus.Metric) {
	r.read(func(family string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(r.descs[family], r.types[family], value, labels...)
	})
}

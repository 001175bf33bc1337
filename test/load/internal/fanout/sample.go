package fanout

import (
	"math"
	"slices"
	"time"

	"fresque.dev/test/load/internal/readers"
	"fresque.dev/test/load/internal/tally"
)

// Sample is what one run measured of one target.
type Sample struct {
	// KiBPerReader is what an idle reader adds to the server's resident memory:
	// their session, which is KiBPerSession, and their connection.
	KiBPerReader, KiBPerSession float64
	// Steady is the part with a fixed rate, nil when there was none.
	Steady *Part
	// Saturated are the parts where an event follows as soon as one is through,
	// one for each window.
	Saturated []*Part
	// Faults are counted from the first event to the last.
	Faults tally.Counts
}

// Part is one stretch of a run.
type Part struct {
	// CPU and BrokerCPU are processor seconds per million deliveries, of the
	// server and of NATS.
	CPU, BrokerCPU float64
	// PerSecond is how many deliveries there were in a second.
	PerSecond float64
	// P50, P99 and Max are milliseconds from publishing to a reader's having it.
	P50, P99, Max float64
	// BytesEach is the size of a delivery on the wire, framing included.
	BytesEach float64
}

// Faulty tells whether something did not arrive once and in order.
func Faulty(c tally.Counts) bool { return c.Lost+c.Doubled+c.Reordered+c.Closed > 0 }

// usage is what the processes had used at one moment.
type usage struct {
	at             time.Time
	server, broker time.Duration
	counts         tally.Counts
}

// part makes a Part of two moments.
func part(from, to usage, r readers.Reading) *Part {
	const million, milli = 1e6, 1e3
	n := float64(to.counts.Deliveries - from.counts.Deliveries)
	return &Part{
		CPU:       (to.server - from.server).Seconds() / n * million,
		BrokerCPU: (to.broker - from.broker).Seconds() / n * million,
		PerSecond: n / to.at.Sub(from.at).Seconds(),
		P50:       float64(r.Latency.ValueAtQuantile(50)) / milli,
		P99:       float64(r.Latency.ValueAtQuantile(99)) / milli,
		Max:       float64(r.Latency.Max()) / milli,
		BytesEach: float64(to.counts.Bytes-from.counts.Bytes) / n,
	}
}

// Median is the middle of some figures, not a number when there are none.
func Median(figures []float64) float64 {
	if len(figures) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// MedianOf is the median of one figure of each sample.
func MedianOf(samples []Sample, figure func(Sample) float64) float64 {
	figures := make([]float64, len(samples))
	for i, s := range samples {
		figures[i] = figure(s)
	}
	return Median(figures)
}

// Ratio is the median of a figure's ratio between two targets, run by run: the
// two of a run were measured under the same conditions.
func Ratio(of, to []Sample, figure func(Sample) float64) float64 {
	var ratios []float64
	for i := range min(len(of), len(to)) {
		ratios = append(ratios, figure(of[i])/figure(to[i]))
	}
	return Median(ratios)
}

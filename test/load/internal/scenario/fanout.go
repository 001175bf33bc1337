//go:build linux

package scenario

import (
	"context"
	"fmt"
	"time"

	"fresque.dev/test/load/internal/fanout"
	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/target"
)

const (
	// eventSize is the size of an event on the wire, in bytes.
	eventSize = 1 << 10
	// settle is how long servers are left alone before their memory is read.
	settle = 3 * time.Second
	// window is how many events of a wall are on their way in saturation.
	window = 256
)

// samples are a target's runs.
type samples map[target.Kind][]fanout.Sample

// compare measures every target, taking turns, so that what disturbs one run
// disturbs all of them.
func (s *Suite) compare(ctx context.Context, what string, kinds []target.Kind, runs int, l fanout.Load) (samples, error) {
	out := make(samples)
	for i := range runs {
		for _, kind := range kinds {
			t, err := target.New(kind, s.Programs)
			if err != nil {
				return nil, err
			}
			s.say("%s, %s, run %d of %d", what, kind, i+1, runs)
			sample, err := fanout.Measure(ctx, t, l)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
			out[kind] = append(out[kind], sample)
		}
	}
	return out, nil
}

// Figures of a sample.
func memory(s fanout.Sample) float64       { return s.KiBPerReader }
func session(s fanout.Sample) float64      { return s.KiBPerSession }
func connection(s fanout.Sample) float64   { return s.KiBPerReader - s.KiBPerSession }
func cpu(s fanout.Sample) float64          { return s.Steady.CPU }
func broker(s fanout.Sample) float64       { return s.Steady.BrokerCPU }
func p50(s fanout.Sample) float64          { return s.Steady.P50 }
func p99(s fanout.Sample) float64          { return s.Steady.P99 }
func slowest(s fanout.Sample) float64      { return s.Steady.Max }
func bytesEach(s fanout.Sample) float64    { return s.Steady.BytesEach }
func saturated(s fanout.Sample) float64    { return s.Saturated[0].PerSecond }
func saturatedCPU(s fanout.Sample) float64 { return s.Saturated[0].CPU }

// faults sums up the runs of one target.
func faults(runs []fanout.Sample) (lost, doubled, reordered, closed int64) {
	for _, s := range runs {
		lost, doubled = lost+s.Faults.Lost, doubled+s.Faults.Doubled
		reordered, closed = reordered+s.Faults.Reordered, closed+s.Faults.Closed
	}
	return lost, doubled, reordered, closed
}

// broken counts the faults of our own service: the others' are only shown.
func broken(all samples) int64 {
	lost, doubled, reordered, closed := faults(all[target.KindBoard])
	return lost + doubled + reordered + closed
}

// steadyTable compares the targets at a fixed rate.
func steadyTable(all samples) string { return steadyTableOf(all, target.Kinds()...) }

func steadyTableOf(all samples, kinds ...target.Kind) string {
	head := []string{
		"server", "CPU s per million deliveries", "× floor", "× centrifugo", "KiB a reader", "of it session", "p50 ms", "p99 ms", "max ms",
		"NATS, CPU s per million", "bytes each", "lost / doubled / reordered / cut off",
	}
	var rows [][]string
	for _, kind := range kinds {
		runs := all[kind]
		lost, doubled, reordered, closed := faults(runs)
		row := []string{string(kind)}
		for _, v := range []float64{
			fanout.MedianOf(runs, cpu), fanout.Ratio(runs, all[target.KindFloor], cpu), fanout.Ratio(runs, all[target.KindCentrifugo], cpu),
			fanout.MedianOf(runs, memory), fanout.MedianOf(runs, session), fanout.MedianOf(runs, p50), fanout.MedianOf(runs, p99), fanout.MedianOf(runs, slowest),
			fanout.MedianOf(runs, broker), fanout.MedianOf(runs, bytesEach),
		} {
			row = append(row, report.Figure(v))
		}
		rows = append(rows, append(row, fmt.Sprintf("%d / %d / %d / %d", lost, doubled, reordered, closed)))
	}
	return report.Table(head, rows)
}

// saturatedTable compares the targets at their limit.
func saturatedTable(all samples) string {
	var rows [][]string
	for _, kind := range target.Kinds() {
		runs := all[kind]
		row := []string{string(kind)}
		for _, v := range []float64{
			fanout.MedianOf(runs, saturated), fanout.Ratio(runs, all[target.KindFloor], saturated), fanout.Ratio(runs, all[target.KindCentrifugo], saturated),
			fanout.MedianOf(runs, saturatedCPU), fanout.Ratio(runs, all[target.KindFloor], saturatedCPU), fanout.Ratio(runs, all[target.KindCentrifugo], saturatedCPU),
		} {
			row = append(row, report.Figure(v))
		}
		rows = append(rows, row)
	}
	return report.Table([]string{"server", "deliveries a second", "× floor", "× centrifugo", "CPU s per million", "× floor", "× centrifugo"}, rows)
}

// oneWall is many readers of one wall, at a fixed rate and saturated.
func (s *Suite) oneWall(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	l := fanout.Load{
		Walls: 1, Readers: s.count(5000), PerSecond: 10, Size: eventSize, Settle: s.during(settle), Windows: []int{window},
		Warm: s.during(2 * time.Second), Steady: s.during(10 * time.Second), Saturated: s.during(6 * time.Second),
	}
	all, err := s.compare(ctx, "one wall", target.Kinds(), s.Runs, l)
	if err != nil {
		return report.Section{}, err
	}
	board, peer, floor := all[target.KindBoard], all[target.KindCentrifugo], all[target.KindFloor]
	body := fmt.Sprintf("%d readers of one wall, %d bytes an event, %.0f events a second; medians of %d runs of %v.\n\n%s\n"+
		"Saturated: as many events as get through, %d on their way at once, for %v.\n\n%s\n%s",
		l.Readers, l.Size, l.PerSecond, s.Runs, l.Steady, steadyTable(all), window, l.Saturated, saturatedTable(all), s.taken(began, load))
	return report.Section{Name: "one-wall", Body: body, Faults: broken(all), Goals: []report.Goal{
		{What: "CPU a delivery, × centrifugo's", Got: fanout.Ratio(board, peer, cpu), Limit: 0.5},
		{What: "CPU a delivery, × the floor's", Got: fanout.Ratio(board, floor, cpu), Limit: 1.4},
		// The peer keeps nothing of who reads; what a session takes stands in the table.
		{What: "KiB a connection, without the session", Got: fanout.MedianOf(board, connection), Limit: 5},
		{What: "p99, × centrifugo's", Got: fanout.Ratio(board, peer, p99), Limit: 1},
		{What: "deliveries a second when saturated, × centrifugo's", Got: fanout.Ratio(board, peer, saturated), Limit: 5, AtLeast: true},
		{What: "lost, doubled, reordered or cut off", Got: float64(broken(all)), Limit: 0},
	}}, nil
}

// manyWalls is a few readers on each of many walls.
func (s *Suite) manyWalls(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	const readersOfAWall = 10
	walls := s.count(500)
	l := fanout.Load{
		Walls: walls, Readers: walls * readersOfAWall, PerSecond: float64(walls), Size: eventSize, Settle: s.during(settle),
		Warm: s.during(2 * time.Second), Steady: s.during(8 * time.Second),
	}
	all, err := s.compare(ctx, "many walls", target.Kinds(), s.Runs, l)
	if err != nil {
		return report.Section{}, err
	}
	body := fmt.Sprintf("%d walls with %d readers each, one event a second on each wall; medians of %d runs of %v.\n\n%s\n%s",
		l.Walls, readersOfAWall, s.Runs, l.Steady, steadyTable(all), s.taken(began, load))
	return report.Section{Name: "many-walls", Body: body, Faults: broken(all), Goals: []report.Goal{
		{What: "CPU a delivery, × centrifugo's", Got: fanout.Ratio(all[target.KindBoard], all[target.KindCentrifugo], cpu), Limit: 0.7},
		{What: "lost, doubled, reordered or cut off", Got: float64(broken(all)), Limit: 0},
	}}, nil
}

// throughAPI is one wall whose events are real posts, one request each: the
// whole way from the writer's request by SQLite and NATS to the readers.
func (s *Suite) throughAPI(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	l := fanout.Load{
		Walls: 1, Readers: s.count(5000), PerSecond: 10, Size: eventSize, Settle: s.during(settle),
		Warm: s.during(2 * time.Second), Steady: s.during(10 * time.Second),
	}
	s.say("posts through the API")
	sample, err := fanout.Measure(ctx, target.NewBoard(s.Programs, target.BoardOptions{ThroughAPI: true}), l)
	if err != nil {
		return report.Section{}, err
	}
	all := samples{target.KindBoard: {sample}}
	body := fmt.Sprintf("%d readers of one wall, %.0f posts a second sent to the HTTP API, timed from before the request: "+
		"the write, its fsync and its way over NATS are in it.\n\n%s\n%s", l.Readers, l.PerSecond, steadyTableOf(all, target.KindBoard), s.taken(began, load))
	return report.Section{Name: "api", Body: body, Faults: broken(all), Goals: []report.Goal{
		{What: "lost, doubled, reordered or cut off", Got: float64(broken(all)), Limit: 0},
	}}, nil
}

//go:build linux

package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"fresque.dev/test/load/internal/fanout"
	"fresque.dev/test/load/internal/plot"
	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/target"
)

// curves are the samples of each target, one for each step of what grows.
func (s *Suite) curves(ctx context.Context, what string, steps []int, load func(step int) fanout.Load) (samples, error) {
	out := make(samples)
	for _, step := range steps {
		one, err := s.compare(ctx, fmt.Sprintf("%d %s", step, what), target.Kinds(), 1, load(step))
		if err != nil {
			return nil, err
		}
		for kind, runs := range one {
			out[kind] = append(out[kind], runs...)
		}
	}
	return out, nil
}

// draw writes a plot into the folder of pictures, and gives the Markdown that
// shows it.
func (s *Suite) draw(name string, c plot.Chart) (string, error) {
	svg, err := plot.SVG(c)
	if err != nil || s.Pictures == "" {
		return "", err
	}
	const mode = 0o644
	file := "bench-" + name + ".svg"
	return fmt.Sprintf("![%s](pictures/%s)\n\n", c.Title, file), os.WriteFile(filepath.Join(s.Pictures, file), []byte(svg), mode)
}

// drawTargets draws one figure of every target.
func (s *Suite) drawTargets(name string, c plot.Chart, steps []int, all samples, figure func(fanout.Sample) float64) (string, error) {
	for _, kind := range target.Kinds() {
		line := plot.Line{Name: string(kind)}
		for i, step := range steps {
			line.Points = append(line.Points, plot.Point{X: float64(step), Y: figure(all[kind][i])})
		}
		c.Lines = append(c.Lines, line)
	}
	return s.draw(name, c)
}

// growthTable tells our own figures, and the ratio of CPU, step by step.
func growthTable(what string, steps []int, all samples) string {
	var rows [][]string
	for i, step := range steps {
		board := all[target.KindBoard][i]
		rows = append(rows, []string{
			report.Figure(float64(step)), report.Figure(cpu(board)), report.Figure(cpu(board) / cpu(all[target.KindFloor][i])),
			report.Figure(cpu(board) / cpu(all[target.KindCentrifugo][i])), report.Figure(p99(board)),
			report.Figure(p99(board) / p99(all[target.KindCentrifugo][i])), report.Figure(memory(board)),
		})
	}
	return report.Table([]string{
		what, "CPU s per million deliveries", "× floor", "× centrifugo", "p99 ms", "p99, × centrifugo", "KiB a reader",
	}, rows)
}

// growthReaders is more and more readers of one wall.
func (s *Suite) growthReaders(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	const perSecond = 5
	steps := s.counts(100, 300, 1000, 3000, 10_000)
	all, err := s.curves(ctx, "readers", steps, func(step int) fanout.Load {
		return fanout.Load{
			Walls: 1, Readers: step, PerSecond: perSecond, Size: eventSize, Settle: s.during(time.Second), Warm: s.during(time.Second), Steady: s.during(5 * time.Second),
		}
	})
	if err != nil {
		return report.Section{}, err
	}
	x := plot.Axis{Label: "readers of one wall", Log: true}
	first, err := s.drawTargets("readers-cpu", plot.Chart{
		Title: "What a delivery costs, as readers come", X: x, Y: plot.Axis{Label: "CPU s per million deliveries", Log: true},
	}, steps, all, cpu)
	if err != nil {
		return report.Section{}, err
	}
	second, err := s.drawTargets("readers-p99", plot.Chart{
		Title: "How late the last hundredth is, as readers come", X: x, Y: plot.Axis{Label: "p99, ms", Log: true},
	}, steps, all, p99)
	body := fmt.Sprintf("One wall, %d events a second of %d bytes, one run each.\n\n%s%s%s\n%s", perSecond, eventSize, first, second,
		growthTable("readers", steps, all), s.taken(began, load))
	return report.Section{Name: "growth-readers", Body: body, Faults: broken(all)}, err
}

// growthWalls is the same number of events on more and more walls.
func (s *Suite) growthWalls(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	const perSecond, readersOfAWall = 200, 5
	steps := s.counts(1, 10, 100, 500, 2000)
	all, err := s.curves(ctx, "walls", steps, func(step int) fanout.Load {
		return fanout.Load{
			Walls: step, Readers: step * readersOfAWall, PerSecond: perSecond, Size: eventSize, Settle: s.during(time.Second),
			Warm: s.during(time.Second), Steady: s.during(5 * time.Second),
		}
	})
	if err != nil {
		return report.Section{}, err
	}
	x := plot.Axis{Label: "walls that are open", Log: true}
	first, err := s.drawTargets("walls-cpu", plot.Chart{
		Title: "What a delivery costs, as walls are opened", X: x, Y: plot.Axis{Label: "CPU s per million deliveries", Log: true},
	}, steps, all, cpu)
	if err != nil {
		return report.Section{}, err
	}
	second, err := s.drawTargets("walls-p99", plot.Chart{
		Title: "How late the last hundredth is, as walls are opened", X: x, Y: plot.Axis{Label: "p99, ms", Log: true},
	}, steps, all, p99)
	body := fmt.Sprintf("%d readers on each wall, %d events a second over all of them, one run each.\n\n%s%s%s\n%s",
		readersOfAWall, perSecond, first, second, growthTable("walls", steps, all), s.taken(began, load))
	return report.Section{Name: "growth-walls", Body: body, Faults: broken(all)}, err
}

// growthBacklog is saturation with more and more events on their way.
func (s *Suite) growthBacklog(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	l := fanout.Load{
		Walls: 1, Readers: s.count(5000), PerSecond: 10, Size: eventSize, Settle: s.during(time.Second),
		Warm: s.during(time.Second), Windows: []int{1, 4, 16, 64, 256}, Saturated: s.during(3 * time.Second),
	}
	all, err := s.compare(ctx, "backlog", target.Kinds(), 1, l)
	if err != nil {
		return report.Section{}, err
	}
	c := plot.Chart{
		Title: "Deliveries a second when saturated, as more events wait",
		X:     plot.Axis{Label: "events on their way at once", Log: true}, Y: plot.Axis{Label: "deliveries a second", Log: true},
	}
	for _, kind := range target.Kinds() {
		line := plot.Line{Name: string(kind)}
		for i, window := range l.Windows {
			line.Points = append(line.Points, plot.Point{X: float64(window), Y: all[kind][0].Saturated[i].PerSecond})
		}
		c.Lines = append(c.Lines, line)
	}
	picture, err := s.draw("backlog", c)
	body := fmt.Sprintf("%d readers of one wall; an event follows as soon as one has reached 99 of 100 readers.\n\n%s%s",
		l.Readers, picture, s.taken(began, load))
	return report.Section{Name: "growth-backlog", Body: body, Faults: broken(all)}, err
}

// grown is what a wall of so many posts takes.
type grown struct {
	posts         int
	made, served  float64 // ms: the first snapshot after a change, one that is there
	posting       float64 // ms
	plain, packed float64 // KiB, as it is and in zstd
	resident      float64 // MiB of the service
}

// growthPosts is one wall with more and more posts.
func (s *Suite) growthPosts(ctx context.Context) (section report.Section, err error) {
	began, load := time.Now(), busy()
	b := target.NewBoard(s.Programs, target.BoardOptions{})
	defer b.Close()
	if err := b.Open(ctx, 1); err != nil {
		return section, err
	}
	people, err := newCrowd(ctx, b, 0, 50)
	if err != nil {
		return section, err
	}
	defer func() { err = errors.Join(err, people.Close()) }()
	var all []grown
	for _, n := range s.counts(100, 1000, 5000, 20_000) {
		s.say("a wall of %d posts", n)
		if _, err := people.post(ctx, int64(n), time.Now().Add(time.Minute)); err != nil {
			return section, err
		}
		g, err := weigh(people, n)
		if err != nil {
			return section, err
		}
		all = append(all, g)
	}
	lost, doubled, err := people.check()
	if err != nil {
		return section, err
	}
	picture, err := s.drawPosts(all)
	body := fmt.Sprintf("One wall, up to 600 letters a post; one person posts and reads the wall; medians of %d.\n\n%s%s\n%s", weighings, picture,
		postsTable(all), s.taken(began, load))
	return report.Section{Name: "growth-posts", Body: body, Faults: lost + doubled}, err
}

// weighings is how often each figure of a wall is taken.
const weighings = 15

// weigh changes a wall and reads it, some times.
func weigh(people *crowd, n int) (grown, error) {
	g := grown{posts: n}
	posting, made, served := newTimes(), newTimes(), newTimes()
	p := people.people[0]
	zstd := people.board.SnapshotRequest(people.wall, p.session, acceptsAll, "")
	read := func(into *times) (int, error) {
		start := time.Now()
		a, err := p.client.Skim(zstd)
		into.add(time.Since(start))
		if err == nil && a.Status != http.StatusOK {
			err = fmt.Errorf("a snapshot was answered %d", a.Status)
		}
		return a.Length, err
	}
	for range weighings {
		err := people.one(p, people.posted.Load()+1, posting)
		_, madeErr := read(made)
		packed, servedErr := read(served)
		if err = errors.Join(err, madeErr, servedErr); err != nil {
			return g, err
		}
		g.packed = float64(packed) / kib
		time.Sleep(20 * time.Millisecond) // what a post sets going ends
	}
	plain, err := p.client.Skim(people.board.SnapshotRequest(people.wall, p.session, "identity", ""))
	if err != nil {
		return g, err
	}
	memory, err := people.board.Server().Memory()
	g.posting, g.made, g.served = posting.at(50), made.at(50), served.at(50)
	g.plain, g.resident = float64(plain.Length)/kib, float64(memory.Resident)/mib
	return g, err
}

const kib = 1 << 10

func postsTable(all []grown) string {
	var rows [][]string
	for _, g := range all {
		rows = append(rows, []string{
			report.Figure(float64(g.posts)), report.Figure(g.posting), report.Figure(g.made), report.Figure(g.served),
			report.Figure(g.plain), report.Figure(g.packed), report.Figure(g.resident),
		})
	}
	return report.Table([]string{
		"posts", "posting, ms", "snapshot after a change, ms", "snapshot again, ms", "JSON KiB", "zstd KiB", "service's MiB",
	}, rows)
}

func (s *Suite) drawPosts(all []grown) (string, error) {
	lines := []plot.Line{{Name: "after a change"}, {Name: "again"}, {Name: "posting"}}
	for _, g := range all {
		for i, y := range []float64{g.made, g.served, g.posting} {
			lines[i].Points = append(lines[i].Points, plot.Point{X: float64(g.posts), Y: y})
		}
	}
	return s.draw("posts", plot.Chart{
		Title: "A snapshot of the wall, and one more post, as posts come",
		X:     plot.Axis{Label: "posts on the wall", Log: true}, Y: plot.Axis{Label: "ms", Log: true}, Lines: lines,
	})
}

//go:build linux

package scenario

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"fresque.dev/test/load/internal/proc"
	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/target"
	"fresque.dev/test/load/internal/wire"
)

const (
	// What browsers accept: most of them, and some that know no zstd.
	acceptsAll, acceptsGzip = "gzip, deflate, br, zstd", "gzip, deflate, br"
	mib                     = 1 << 20
)

// arrivals are browsers that open a wall.
type arrivals struct {
	took    *times
	mu      sync.Mutex
	status  map[int]int
	codings map[string]int
	bytes   int64
	tags    []string
}

// arrive lets browsers come one after the other, evenly over a time, each with a
// connection of its own, and waits until all have their answer. Times count from
// when each is due.
func arrive(ctx context.Context, address string, requests [][]byte, within time.Duration) (*arrivals, error) {
	a := &arrivals{took: newTimes(), status: make(map[int]int), codings: make(map[string]int), tags: make([]string, len(requests))}
	start, fails := time.Now(), make(chan error, len(requests))
	var wg sync.WaitGroup
	for i, request := range requests {
		wg.Go(func() {
			due := start.Add(within * time.Duration(i) / time.Duration(len(requests)))
			time.Sleep(time.Until(due))
			if err := a.one(ctx, address, i, request, due); err != nil {
				fails <- err
			}
		})
	}
	wg.Wait()
	close(fails)
	return a, <-fails
}

func (a *arrivals) one(ctx context.Context, address string, i int, request []byte, due time.Time) error {
	c, err := wire.Dial(ctx, address)
	if err != nil {
		return err
	}
	answer, err := c.Skim(request)
	if err = errors.Join(err, c.Close()); err != nil {
		return err
	}
	a.took.add(time.Since(due))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status[answer.Status]++
	a.codings[answer.Coding]++
	a.bytes += int64(answer.Length)
	a.tags[i] = answer.ETag
	return nil
}

// all tells whether every answer had a status.
func (a *arrivals) all(status int) error {
	if len(a.status) != 1 || a.status[status] == 0 {
		return fmt.Errorf("answers by status: %v, not all %d", a.status, status)
	}
	return nil
}

// row is one line of the table.
func (a *arrivals) row(what string, floor float64, peak int64) []string {
	each := float64(a.bytes) / float64(len(a.tags)) / (1 << 10)
	memory := "–"
	if peak > 0 {
		memory = report.Figure(float64(peak) / mib)
	}
	return []string{
		what, report.Figure(a.took.at(50)), report.Figure(a.took.at(99)), report.Figure(a.took.at(100)),
		report.Figure(a.took.at(99) / floor), report.Figure(each), memory,
	}
}

// snapshot is a wall of many posts that a room opens at once.
func (s *Suite) snapshot(ctx context.Context) (section report.Section, err error) {
	began, load := time.Now(), busy()
	b := target.NewBoard(s.Programs, target.BoardOptions{})
	defer b.Close()
	if err := b.Open(ctx, 1); err != nil {
		return section, err
	}
	posts, browsers := int64(s.count(5000)), s.count(500)
	s.say("a wall of %d posts for %d browsers", posts, browsers)
	people, err := newCrowd(ctx, b, 0, 50)
	if err != nil {
		return section, err
	}
	defer func() { err = errors.Join(err, people.Close()) }()
	if _, err := people.post(ctx, posts, time.Now().Add(time.Minute)); err != nil {
		return section, err
	}
	room, err := newRoom(ctx, b, people, browsers)
	if err != nil {
		return section, err
	}
	rows, worst, copies, err := room.measure(ctx, s.Programs)
	if err != nil {
		return section, err
	}
	body := fmt.Sprintf("A wall of %d posts; %d browsers arrive within one second, each with a connection of its own, most of them "+
		"taking zstd, a quarter gzip. Nobody had the wall open: the first arrival loads it. Floor: Go's own HTTP server, sending the same "+
		"bytes to as many. Memory: a copy of the answer for each browser would be %s MiB more.\n\n%s\n%s", posts, browsers, report.Figure(copies),
		report.Table([]string{"arrivals", "p50 ms", "p99 ms", "max ms", "p99, × floor", "KiB each", "server's peak MiB"}, rows), s.taken(began, load))
	return report.Section{Name: "snapshot", Body: body, Goals: []report.Goal{
		{What: "p99 of the arrivals, ms, at worst", Got: worst, Limit: 1000},
	}}, nil
}

// room is a number of browsers with their sessions.
type room struct {
	board    *target.Board
	people   *crowd
	sessions []string
}

func newRoom(ctx context.Context, b *target.Board, people *crowd, n int) (*room, error) {
	sessions, err := b.Sessions(ctx, 0, n)
	return &room{board: b, people: people, sessions: sessions}, err
}

// measure lets the room arrive at a wall that nobody has open, come back with
// what it has, and arrive while somebody writes. It gives the rows of the table,
// the slowest p99, in milliseconds, and what was sent to a room, in MiB.
func (r *room) measure(ctx context.Context, p target.Programs) (rows [][]string, worst, copies float64, err error) {
	cold, coldPeak, err := r.arrive(ctx, nil, http.StatusOK)
	if err != nil {
		return nil, 0, 0, err
	}
	back, backPeak, err := r.arrive(ctx, cold.tags, http.StatusNotModified)
	if err != nil {
		return nil, 0, 0, err
	}
	busyCtx, stop := context.WithCancel(ctx)
	var writing sync.WaitGroup
	writing.Go(func() { err = r.write(busyCtx) })
	while, whilePeak, arriveErr := r.arrive(ctx, nil, http.StatusOK)
	stop()
	writing.Wait()
	if err = errors.Join(err, arriveErr); err != nil {
		return nil, 0, 0, err
	}
	floor, err := r.floor(ctx, p)
	if err != nil {
		return nil, 0, 0, err
	}
	under := floor.took.at(99)
	return [][]string{
		cold.row("nobody had the wall open", under, coldPeak),
		back.row("with the tag they have (304)", under, backPeak),
		while.row("while ten posts a second come", under, whilePeak),
		floor.row("floor", under, 0),
	}, max(cold.took.at(99), back.took.at(99), while.took.at(99)), float64(cold.bytes) / mib, nil
}

// arrive gives the arrivals, which must all be answered with a status, and the
// server's peak memory meanwhile, in bytes.
func (r *room) arrive(ctx context.Context, tags []string, status int) (*arrivals, int64, error) {
	requests := make([][]byte, len(r.sessions))
	for i, session := range r.sessions {
		codings, tag := acceptsAll, ""
		if i%4 == 3 {
			codings = acceptsGzip
		}
		if tags != nil {
			tag = tags[i]
		}
		requests[i] = r.board.SnapshotRequest(0, session, codings, tag)
	}
	if err := r.board.Server().ForgetPeak(); err != nil {
		return nil, 0, err
	}
	a, err := arrive(ctx, r.board.Address(), requests, time.Second)
	if err != nil {
		return nil, 0, err
	}
	memory, err := r.board.Server().Memory()
	return a, memory.Peak, errors.Join(err, a.all(status))
}

// write puts ten posts a second on the wall until the context ends.
func (r *room) write(ctx context.Context) error {
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	for {
		if err := r.people.one(r.people.people[0], r.people.posted.Load()+1, newTimes()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// floor sends the same bytes to as many, by Go's own server.
func (r *room) floor(ctx context.Context, p target.Programs) (_ *arrivals, err error) {
	first := r.people.people[0]
	a, err := first.client.Do(r.board.SnapshotRequest(0, first.session, acceptsAll, ""))
	if err != nil {
		return nil, err
	}
	var process *proc.Process
	process, address, err := target.StartStatic(ctx, p, a.Body)
	if err != nil {
		return nil, err
	}
	defer process.Stop()
	requests := make([][]byte, len(r.sessions))
	for i := range requests {
		requests[i] = wire.Request(http.MethodGet, "/", nil)
	}
	return arrive(ctx, address, requests, time.Second)
}

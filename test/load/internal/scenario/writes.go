//go:build linux

package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fresque.dev/test/load/internal/readers"
	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/target"
)

// writing is what a crowd that posts has measured.
type writing struct {
	perSecond     float64 // acknowledged
	took          *times
	cpu           float64 // seconds of the server's processor time for 1,000 posts
	lost, doubled int64
}

// writes is a crowd that posts at once on one wall.
func (s *Suite) writes(ctx context.Context) (report.Section, error) {
	began, load := time.Now(), busy()
	const postSize = 1 << 10
	floor, err := target.Syncs(s.Programs, postSize, s.during(2*time.Second))
	if err != nil {
		return report.Section{}, err
	}
	people := s.count(200)
	kinds := []struct {
		what    string
		store   string
		watched bool
	}{{"SQLite", "", false}, {"SQLite, everybody watching the wall", "", true}}
	if s.Mongo != "" {
		kinds = append(kinds, struct {
			what    string
			store   string
			watched bool
		}{"MongoDB", s.Mongo, false})
	}
	var rows [][]string
	section := report.Section{Name: "writes"}
	for _, k := range kinds {
		s.say("%d people post, %s", people, k.what)
		w, err := s.crowdWrites(ctx, target.BoardOptions{Store: k.store}, people, k.watched)
		if err != nil {
			return section, fmt.Errorf("%s: %w", k.what, err)
		}
		section.Faults += w.lost + w.doubled
		rows = append(rows, []string{
			k.what, report.Figure(w.perSecond), report.Figure(w.perSecond / floor), report.Figure(w.took.at(50)), report.Figure(w.took.at(99)),
			report.Figure(w.took.at(100)), report.Figure(w.cpu), fmt.Sprintf("%d / %d", w.lost, w.doubled),
		})
		section.Goals = append(section.Goals,
			report.Goal{What: k.what + ": acknowledged posts a second", Got: w.perSecond, Limit: 1000, AtLeast: true},
			report.Goal{What: k.what + ": p99, ms", Got: w.took.at(99), Limit: 250})
	}
	section.Body = fmt.Sprintf("%d people post on one wall, each as soon as the post before is acknowledged; each answer comes after an fsync. "+
		"Floor: a loop that writes %d bytes and syncs them, one after the other: %s a second on this disk.\n\n%s\n%s", people, postSize, report.Figure(floor),
		report.Table([]string{"store", "acknowledged a second", "× floor", "p50 ms", "p99 ms", "max ms", "CPU s per thousand", "lost / doubled"}, rows),
		s.taken(began, load))
	return section, nil
}

// crowdWrites measures one store.
func (s *Suite) crowdWrites(ctx context.Context, o target.BoardOptions, n int, watched bool) (w writing, err error) {
	b := target.NewBoard(s.Programs, o)
	defer b.Close()
	if err := b.Open(ctx, 1); err != nil {
		return w, err
	}
	people, err := newCrowd(ctx, b, 0, n)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, people.Close()) }()
	if watched {
		set, err := watch(ctx, b, n)
		if err != nil {
			return w, err
		}
		defer func() { err = errors.Join(err, set.Close()) }()
	}
	const enough = 1 << 40
	if _, err := people.post(ctx, enough, time.Now().Add(s.during(time.Second))); err != nil {
		return w, err
	}
	return measureWrites(ctx, b, people, s.during(8*time.Second))
}

func measureWrites(ctx context.Context, b *target.Board, people *crowd, during time.Duration) (w writing, err error) {
	const enough, thousand = 1 << 40, 1e3
	before, err := b.Server().CPU()
	if err != nil {
		return w, err
	}
	start, posted := time.Now(), people.posted.Load()
	if w.took, err = people.post(ctx, enough, start.Add(during)); err != nil {
		return w, err
	}
	n := float64(people.posted.Load() - posted)
	w.perSecond = n / time.Since(start).Seconds()
	after, err := b.Server().CPU()
	if err != nil {
		return w, err
	}
	w.cpu = (after - before).Seconds() / n * thousand
	w.lost, w.doubled, err = people.check()
	return w, err
}

// watch opens the streams of so many people, who take what comes.
func watch(ctx context.Context, b *target.Board, n int) (*readers.Set, error) {
	if err := b.Prepare(ctx, n); err != nil {
		return nil, err
	}
	set, err := readers.New(1, nil)
	if err != nil {
		return nil, err
	}
	for i := range n {
		socket, err := b.Connect(ctx, 0, i)
		if err == nil {
			err = set.Add(socket, 0, 0)
		}
		if err != nil {
			return nil, errors.Join(err, set.Close())
		}
	}
	set.Start()
	return set, nil
}

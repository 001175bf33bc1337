//go:build linux

// Package fanout measures how a target brings events to many readers.
package fanout

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/readers"
	"fresque.dev/test/load/internal/target"
)

const (
	// dialers open connections at once.
	dialers = 8
	// arriveWithin bounds the waiting for what has been published.
	arriveWithin = 20 * time.Second
)

// Load is what a target is put under.
type Load struct {
	// Walls and Readers, who are spread evenly over the walls.
	Walls, Readers int
	// PerSecond is how many events are published in a second, over all walls.
	PerSecond float64
	// Size of an event on the wire, framing included, in bytes.
	Size int
	// Settle is how long the server is left alone, once all are connected, before
	// its memory is read.
	Settle time.Duration
	// Warm is how long events flow before anything is measured.
	Warm time.Duration
	// Steady is how long the fixed rate is measured, Saturated how long each
	// saturation is; 0 for not at all.
	Steady, Saturated time.Duration
	// Windows are how many events of a wall may be on their way in saturation,
	// one measurement for each.
	Windows []int
}

// run is one measurement under way.
type run struct {
	Load
	target    target.Target
	set       *readers.Set
	published []uint32 // of each wall
	padding   int
	// through tells, in saturation, that an event has reached its readers.
	through chan int
}

// Measure opens the target, connects the readers, loads it and closes it.
func Measure(ctx context.Context, t target.Target, l Load) (s Sample, err error) {
	defer t.Close()
	r := &run{Load: l, target: t, published: make([]uint32, l.Walls), through: make(chan int, l.Walls*slices.Max(append(l.Windows, 1)))}
	if err := t.Open(ctx, l.Walls); err != nil {
		return s, err
	}
	if err := r.open(ctx, &s); err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, r.set.Close()) }()
	err = r.load(ctx, &s)
	return s, err
}

// open opens the readers' sessions, then their connections, and weighs both.
func (r *run) open(ctx context.Context, s *Sample) error {
	memory := r.target.Server().Memory
	before, err := memory()
	if err != nil {
		return err
	}
	if err := r.target.Prepare(ctx, r.Readers); err != nil {
		return err
	}
	time.Sleep(r.Settle)
	prepared, err := memory()
	if err != nil {
		return err
	}
	if err := r.connect(ctx); err != nil {
		return err
	}
	time.Sleep(r.Settle)
	after, err := memory()
	const kib = 1 << 10
	s.KiBPerSession = float64(prepared.Resident-before.Resident) / float64(r.Readers) / kib
	s.KiBPerReader = float64(after.Resident-before.Resident) / float64(r.Readers) / kib
	return err
}

// load publishes, in the order of a run.
func (r *run) load(ctx context.Context, s *Sample) (err error) {
	if err := r.calibrate(ctx); err != nil {
		return err
	}
	if err := r.pace(ctx, r.Warm); err != nil {
		return err
	}
	if r.Steady > 0 {
		s.Steady, err = r.measure(func() error { return errors.Join(r.pace(ctx, r.Steady), r.await(ctx)) })
		if err != nil {
			return err
		}
	}
	for _, window := range r.Windows {
		p, err := r.saturate(ctx, window)
		if err != nil {
			return err
		}
		s.Saturated = append(s.Saturated, p)
	}
	s.Faults = r.set.Counts()
	s.Faults.Lost += r.set.Missing(r.published)
	return nil
}

// connect opens every reader's connection.
func (r *run) connect(ctx context.Context) (err error) {
	r.set, err = readers.New(r.Walls, func(wall int) {
		select {
		case r.through <- wall:
		default: // nobody saturates
		}
	})
	if err != nil {
		return err
	}
	next := make(chan int, r.Readers)
	for i := range r.Readers {
		next <- i
	}
	close(next)
	fails := make(chan error, dialers)
	var wg sync.WaitGroup
	for range min(dialers, r.Readers) {
		wg.Go(func() {
			for i := range next {
				wall := i % r.Walls
				socket, err := r.target.Connect(ctx, wall, i)
				if err == nil {
					err = r.set.Add(socket, wall, 0)
				}
				if err != nil {
					fails <- fmt.Errorf("reader %d: %w", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(fails)
	r.set.Start()
	return <-fails
}

// calibrate finds the padding that gives an event its size: each protocol has
// its own framing, and each is to write the same number of bytes.
func (r *run) calibrate(ctx context.Context) error {
	before := r.set.Counts()
	if err := errors.Join(r.publish(0), r.await(ctx)); err != nil {
		return err
	}
	after := r.set.Counts()
	if after.Deliveries == before.Deliveries {
		return errors.New("nothing arrives")
	}
	each := (after.Bytes - before.Bytes) / (after.Deliveries - before.Deliveries)
	r.padding = max(0, r.Size-int(each))
	return nil
}

// publish sends the wall's next event.
func (r *run) publish(wall int) error {
	r.published[wall]++
	if r.published[wall] > mark.MaxSeq {
		return errors.New("a wall has too many events")
	}
	return r.target.Publish(wall, r.published[wall], r.padding)
}

// pace publishes at the fixed rate, to one wall after the other. What cannot be
// sent in time is sent as soon as it can be, so that no rate is missed unseen.
func (r *run) pace(ctx context.Context, during time.Duration) error {
	start, events := time.Now(), int(math.Ceil(during.Seconds()*r.PerSecond))
	for i := range events {
		time.Sleep(time.Until(start.Add(time.Duration(float64(i) / r.PerSecond * float64(time.Second)))))
		if err := errors.Join(ctx.Err(), r.publish(i%r.Walls)); err != nil {
			return err
		}
	}
	return nil
}

// await waits until all that has been published has arrived, or nothing more
// does: what is missing then is lost, which the counts tell.
func (r *run) await(ctx context.Context) error {
	for end := time.Now().Add(arriveWithin); r.set.Missing(r.published) > 0 && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// measure looks at the processes before and after something.
func (r *run) measure(do func() error) (*Part, error) {
	r.set.Reset()
	from, err := r.usage()
	if err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	to, err := r.usage()
	if err != nil {
		return nil, err
	}
	return part(from, to, r.set.Read()), nil
}

func (r *run) usage() (u usage, err error) {
	u.at, u.counts = time.Now(), r.set.Counts()
	if u.server, err = r.target.Server().CPU(); err != nil {
		return u, err
	}
	if b := r.target.Broker(); b != nil {
		u.broker, err = b.CPU()
	}
	return u, err
}

// saturate keeps a window of events on their way, and measures once it is full.
func (r *run) saturate(ctx context.Context, window int) (*Part, error) {
	for len(r.through) > 0 { // events of before
		<-r.through
	}
	for range window {
		for wall := range r.Walls {
			if err := r.publish(wall); err != nil {
				return nil, err
			}
		}
	}
	if err := r.follow(ctx, r.Warm); err != nil {
		return nil, err
	}
	p, err := r.measure(func() error { return r.follow(ctx, r.Saturated) })
	return p, errors.Join(err, r.await(ctx))
}

// follow publishes an event for each that has got through.
func (r *run) follow(ctx context.Context, during time.Duration) error {
	end := time.NewTimer(during)
	defer end.Stop()
	for {
		select {
		case <-end.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case wall := <-r.through:
			if err := r.publish(wall); err != nil {
				return err
			}
		}
	}
}

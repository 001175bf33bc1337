package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"fresque.dev/services/media/internal/media"
)

// Config is what the pipeline works with.
type Config struct {
	Quarantine media.Quarantine
	Publisher  media.Publisher
	Objects    media.Objects
	Renderer   media.Renderer
	// Secret makes object names unguessable.
	Secret []byte
	// Concurrency is how many files are worked on at a time.
	Concurrency int
	// Attempts is how often a file may kill its worker before it is refused.
	Attempts int
	// StaleAfter is how long an upload may rest unfinished, and how long it is
	// remembered how one ended.
	StaleAfter time.Duration
	// SweepEvery is how often the quarantine is looked at.
	SweepEvery time.Duration
	// RetryFrom and RetryTo bound the pause before what failed is tried again.
	RetryFrom, RetryTo time.Duration
	Log                *slog.Logger
	Now                func() time.Time
}

// Pipeline works on what lies in quarantine.
type Pipeline struct {
	Config
	mu      sync.Mutex
	waiting []media.ID
	// known are the uploads that wait or are being worked on; true when one was
	// asked for again meanwhile.
	known map[media.ID]bool
	wake  chan struct{}
}

// New makes a pipeline; Run starts it.
func New(cfg Config) *Pipeline {
	return &Pipeline{Config: cfg, known: map[media.ID]bool{}, wake: make(chan struct{}, 1)}
}

// Changed says that an upload has wholly come or was given up. It does not
// block.
func (p *Pipeline) Changed(id media.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.known[id]; known {
		p.known[id] = true
		return
	}
	p.known[id] = false
	p.waiting = append(p.waiting, id)
	p.signal()
}

// signal wakes one worker. One signal is kept for a worker that is not waiting
// yet.
func (p *Pipeline) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run works until the context ends. What it leaves half done goes on with the
// next Run.
func (p *Pipeline) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range p.Concurrency {
		wg.Go(func() { p.work(ctx) })
	}
	wg.Go(func() { p.sweepOnAndOn(ctx) })
	wg.Wait()
}

func (p *Pipeline) work(ctx context.Context) {
	for {
		id, ok := p.next()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-p.wake:
				continue
			}
		}
		err := p.process(ctx, id)
		p.done(id)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !errors.Is(err, media.ErrNotFound):
			p.Log.Error("upload not processed", "media", id, "error", err)
		}
	}
}

// next takes the first that waits and wakes another worker for the second.
func (p *Pipeline) next() (media.ID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		return "", false
	}
	id := p.waiting[0]
	p.waiting = p.waiting[1:]
	if len(p.waiting) > 0 {
		p.signal()
	}
	return id, true
}

func (p *Pipeline) done(id media.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	again := p.known[id]
	delete(p.known, id)
	if again {
		p.known[id] = false
		p.waiting = append(p.waiting, id)
		p.signal()
	}
}

// process takes one upload to its end. It comes back early only when the
// context ends or the upload is gone.
func (p *Pipeline) process(ctx context.Context, id media.ID) error {
	r, err := p.Quarantine.Find(id)
	if err != nil || !r.Held || r.Outcome == nil && !r.Arrived() {
		return err
	}
	if r.Outcome == nil {
		o, err := p.conclude(ctx, r.Upload)
		if err != nil {
			return err
		}
		r.Outcome = &o
	}
	if err := p.publish(ctx, media.Ended(r.Upload, *r.Outcome)); err != nil {
		return err
	}
	p.Log.Info("upload ended", "media", id, "board", r.Board, "refusal", string(r.Outcome.Refusal), "bytes", r.Size)
	return p.insist(ctx, "remove from quarantine", func() error { return p.Quarantine.Release(id) })
}

// conclude finds out how an upload ends, and writes it down.
func (p *Pipeline) conclude(ctx context.Context, u media.Upload) (media.Outcome, error) {
	if err := p.publish(ctx, media.Started(u)); err != nil {
		return media.Outcome{}, err
	}
	o, err := p.examine(ctx, u)
	if err != nil {
		return o, err
	}
	err = p.insist(ctx, "write the outcome down", func() (err error) {
		o, err = p.Quarantine.Decide(u.ID, o)
		return err
	})
	return o, err
}

func (p *Pipeline) publish(ctx context.Context, e media.Event) error {
	return p.insist(ctx, "publish", func() error { return p.Publisher.Publish(ctx, e) })
}

// examine renders and stores the picture, or finds why it is refused.
func (p *Pipeline) examine(ctx context.Context, u media.Upload) (media.Outcome, error) {
	if code := media.CheckDeclared(u.Declared); code != "" {
		return media.Outcome{Refusal: code}, nil
	}
	var o media.Outcome
	crashes := 0
	err := p.insist(ctx, "render and store", func() error {
		var err error
		o, err = p.attempt(ctx, u)
		if !errors.Is(err, media.ErrCrashed) {
			return err
		}
		if crashes++; crashes < p.Attempts {
			return err
		}
		p.Log.Warn("a file kills its worker", "media", u.ID, "board", u.Board, "error", err)
		o = media.Outcome{Refusal: media.Damaged}
		return nil
	})
	if err == nil && o.Refusal != "" {
		// An earlier attempt, before a crash, may have come further.
		err = p.insist(ctx, "clear objects", func() error { return p.Objects.Clear(ctx, u) })
	}
	return o, err
}

func (p *Pipeline) attempt(ctx context.Context, u media.Upload) (_ media.Outcome, err error) {
	f, err := p.Quarantine.Open(u.ID)
	if err != nil {
		return media.Outcome{}, err
	}
	defer f.Close()
	sum, err := sumOf(f)
	if err != nil {
		return media.Outcome{}, err
	}
	rendering, err := p.Renderer.Render(ctx, f)
	if err != nil {
		return media.Outcome{}, err
	}
	defer func() { err = errors.Join(err, rendering.Close()) }()
	if rendering.Refusal != "" {
		return media.Outcome{Refusal: rendering.Refusal}, nil
	}
	picture := rendering.Picture
	for _, file := range rendering.Files {
		key := media.NewKey(p.Secret, u, sum, file.Name)
		if err := p.Objects.Put(ctx, key, file.Body, file.Body.Size()); err != nil {
			return media.Outcome{}, err
		}
		picture.Variants = append(picture.Variants, media.Variant{
			Path: key.Path(), Type: file.Type, Width: file.Width, Height: file.Height, Bytes: file.Body.Size(),
		})
	}
	return media.Outcome{Picture: &picture}, nil
}

func sumOf(f *os.File) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// insist tries until it works or the context ends, with growing pauses.
func (p *Pipeline) insist(ctx context.Context, what string, do func() error) error {
	for pause := p.RetryFrom; ; pause = min(2*pause, p.RetryTo) {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.Log.Warn("to be tried again", "step", what, "pause", pause, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

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

	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/media"
)

// Config is what the pipeline works with.
type Config struct {
	Quarantine media.Quarantine
	Register   media.Register
	Publisher  media.Publisher
	Objects    media.Objects
	Maker      media.Maker
	// Scanner looks for viruses; nil when nobody is to.
	Scanner media.Scanner
	// Secret makes object names unguessable.
	Secret []byte
	// Concurrency is how many files are worked on at a time, and Slow how many
	// of those kinds that take long, besides.
	Concurrency, Slow int
	// Attempts is how often a file may kill its worker before it is refused.
	Attempts int
	// StaleAfter is how long an upload may rest unfinished, and how long it is
	// remembered how one ended.
	StaleAfter time.Duration
	// WithdrawAfter is how long creating one may take.
	WithdrawAfter time.Duration
	// SweepEvery is how often the quarantine is looked at.
	SweepEvery time.Duration
	// RetryFrom and RetryTo bound the pause before what failed is tried again.
	RetryFrom, RetryTo time.Duration
	Log                *slog.Logger
	// Tracer follows uploads; nil for nobody.
	Tracer *telemetry.Tracer
	Now    func() time.Time
}

// Pipeline works on what lies in quarantine.
type Pipeline struct {
	Config
	mu sync.Mutex
	// known are the uploads that wait or are being worked on; true when one was
	// asked for again meanwhile.
	known       map[media.ID]bool
	quick, slow *lane
}

// lane is where uploads wait for their turn.
type lane struct {
	waiting []media.ID
	wake    chan struct{}
}

func newLane() *lane { return &lane{wake: make(chan struct{}, 1)} }

// add puts one at the end and wakes a worker. The caller holds the lock.
func (l *lane) add(id media.ID) {
	l.waiting = append(l.waiting, id)
	l.signal()
}

// signal wakes one worker. One signal is kept for a worker that is not waiting
// yet.
func (l *lane) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// New makes a pipeline; Run starts it.
func New(cfg Config) *Pipeline {
	return &Pipeline{Config: cfg, known: map[media.ID]bool{}, quick: newLane(), slow: newLane()}
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
	p.quick.add(id)
}

// Run works until the context ends. What it leaves half done goes on with the
// next Run.
func (p *Pipeline) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range p.Concurrency {
		wg.Go(func() { p.work(ctx, p.quick) })
	}
	for range p.Slow {
		wg.Go(func() { p.work(ctx, p.slow) })
	}
	wg.Go(func() { p.sweepOnAndOn(ctx) })
	wg.Wait()
}

func (p *Pipeline) work(ctx context.Context, l *lane) {
	for {
		id, ok := p.next(l)
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-l.wake:
				continue
			}
		}
		if l == p.quick && p.steppedAside(id) {
			continue
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
func (p *Pipeline) next(l *lane) (media.ID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(l.waiting) == 0 {
		return "", false
	}
	id := l.waiting[0]
	l.waiting = l.waiting[1:]
	if len(l.waiting) > 0 {
		l.signal()
	}
	return id, true
}

// steppedAside puts an upload that takes long where it keeps no other waiting.
// What has an outcome already does not take long any more.
func (p *Pipeline) steppedAside(id media.ID) bool {
	r, err := p.Quarantine.Find(id)
	if err != nil || p.Slow == 0 || r.Outcome != nil || !r.Announced().Slow() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow.add(id)
	return true
}

// Waiting tells how many uploads there are to work on.
type Waiting struct {
	// Quick and Slow wait for their turn; Known are worked on besides.
	Quick, Slow, Known int
}

// Waiting tells what there is to do.
func (p *Pipeline) Waiting() Waiting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Waiting{len(p.quick.waiting), len(p.slow.waiting), len(p.known)}
}

func (p *Pipeline) done(id media.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	again := p.known[id]
	delete(p.known, id)
	if again {
		p.known[id] = false
		p.quick.add(id)
	}
}

// process takes one upload to its end. It comes back early only when the
// context ends, or when the upload is gone or another's.
func (p *Pipeline) process(ctx context.Context, id media.ID) error {
	r, err := p.Quarantine.Find(id)
	if err != nil || !r.Held {
		return err
	}
	e, err := p.standing(ctx, r.Upload)
	switch {
	case err != nil:
		return err
	case e.Standing == media.Barred:
		if r, err = p.barred(r); err != nil {
			return err
		}
	case !p.mine(e):
		return p.discard(ctx, r)
	}
	if r.Outcome == nil && !r.Arrived() {
		return nil
	}
	ctx, span := p.Tracer.Start(p.Tracer.Continue(ctx, r.Trace), telemetry.Internal, "upload")
	span.Text("fresque.board", string(r.Board))
	span.Text("fresque.media", string(r.ID))
	err = p.toItsEnd(ctx, r)
	span.End(err)
	return err
}

// toItsEnd takes an upload that has wholly come, or has an outcome, to its end.
func (p *Pipeline) toItsEnd(ctx context.Context, r media.Record) error {
	if r.Outcome == nil {
		o, err := p.conclude(ctx, r.Upload)
		if err != nil {
			return err
		}
		r.Outcome = &o
	}
	o, ours, err := p.seal(ctx, r, *r.Outcome)
	if err != nil {
		return err
	}
	if !ours {
		return p.discard(ctx, r)
	}
	return p.end(ctx, r, o)
}

// barred has an upload end here that is barred everywhere.
func (p *Pipeline) barred(r media.Record) (media.Record, error) {
	if err := p.Quarantine.Bar(r.Board, r.ID); err != nil {
		return r, err
	}
	return p.Quarantine.Find(r.ID)
}

// end does what follows from the end of an upload.
func (p *Pipeline) end(ctx context.Context, r media.Record, o media.Outcome) error {
	if o.Refusal != "" {
		// An attempt before a crash, or before the refusal came from elsewhere, may
		// have stored something.
		if err := p.insist(ctx, "clear objects", func() error { return p.Objects.Clear(ctx, r.Board, r.ID) }); err != nil {
			return err
		}
	}
	if err := p.publish(ctx, media.Ended(r.Upload, o)); err != nil {
		return err
	}
	if err := p.insist(ctx, "settle", func() error { return p.Register.Settle(ctx, r.Board, r.ID) }); err != nil {
		return err
	}
	p.Log.Info("upload ended", "media", r.ID, "board", r.Board, "refusal", string(o.Refusal), "bytes", r.Size)
	return p.insist(ctx, "remove from quarantine", func() error { return p.Quarantine.Release(r.ID) })
}

// conclude finds out how an upload ends, and writes it down.
func (p *Pipeline) conclude(ctx context.Context, u media.Upload) (media.Outcome, error) {
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

// examine takes an upload through its states, to what it became or the reason
// why it is refused. After a crash it begins anew: each state is told again,
// which changes nothing for those who were told.
func (p *Pipeline) examine(ctx context.Context, u media.Upload) (media.Outcome, error) {
	if err := p.publish(ctx, media.Reached(u, media.Uploaded)); err != nil {
		return media.Outcome{}, err
	}
	if p.Scanner != nil {
		if err := p.publish(ctx, media.Reached(u, media.Scanning)); err != nil {
			return media.Outcome{}, err
		}
		// A scanner that is away is waited for: nothing passes it unseen.
		code, err := p.scan(ctx, u)
		if err != nil || code != "" {
			return media.Outcome{Refusal: code}, err
		}
	}
	if err := p.publish(ctx, media.Reached(u, media.Processing)); err != nil {
		return media.Outcome{}, err
	}
	return p.make(ctx, u)
}

func (p *Pipeline) scan(ctx context.Context, u media.Upload) (code media.Code, err error) {
	err = p.insist(ctx, "scan for viruses", func() (err error) {
		f, err := p.Quarantine.Open(u.ID)
		if err != nil {
			return err
		}
		defer f.Close()
		code, err = p.Scanner.Scan(ctx, f)
		return err
	})
	if code != "" {
		p.Log.Warn("stopped by the virus scanner", "media", u.ID, "board", u.Board, "code", string(code), "bytes", u.Size)
	}
	return code, err
}

func (p *Pipeline) publish(ctx context.Context, e media.Event) error {
	return p.insist(ctx, "publish", func() error { return p.Publisher.Publish(ctx, e) })
}

// make makes and stores what shows the file, or finds why it is refused.
func (p *Pipeline) make(ctx context.Context, u media.Upload) (media.Outcome, error) {
	var o media.Outcome
	crashes := 0
	err := p.insist(ctx, "make and store", func() error {
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
	made, err := p.Maker.Make(ctx, u, f)
	if err != nil {
		return media.Outcome{}, err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	if made.Refusal != "" {
		return media.Outcome{Refusal: made.Refusal}, nil
	}
	return p.store(ctx, u, sum, made)
}

// store puts all that was made into the object store.
func (p *Pipeline) store(ctx context.Context, u media.Upload, sum [sha256.Size]byte, made *media.Made) (media.Outcome, error) {
	o := media.Outcome{Kind: made.Kind, Type: made.Type, Duration: made.Duration, Pages: made.Pages}
	if made.Image != nil {
		image := *made.Image
		for _, v := range made.Variants {
			key := media.NewKey(p.Secret, u, sum, v.Name)
			if err := p.put(ctx, key, v.Body); err != nil {
				return o, err
			}
			image.Variants = append(image.Variants, media.Variant{
				Path: key.Path(), Type: v.Type, Width: v.Width, Height: v.Height, Bytes: v.Body.Size(),
			})
		}
		o.Picture = &image
	}
	for _, whole := range []struct {
		role string
		made *media.MadeFile
		into **media.File
	}{{media.RoleFile, made.File, &o.File}, {media.RoleOriginal, made.Original, &o.Original}} {
		if whole.made == nil {
			continue
		}
		key := media.NewKey(p.Secret, u, sum, whole.role+"/"+media.FileName(u.Name, whole.made.Extension))
		if err := p.put(ctx, key, whole.made.Body); err != nil {
			return o, err
		}
		*whole.into = &media.File{Path: key.Path(), Type: key.Type().Name, Size: whole.made.Body.Size()}
	}
	return o, nil
}

// put stores one file, however long the object store is away: what took long to
// make is not made again for that.
func (p *Pipeline) put(ctx context.Context, key media.Key, body *io.SectionReader) error {
	return p.insist(ctx, "store", func() error {
		return p.Objects.Put(ctx, key, io.NewSectionReader(body, 0, body.Size()), body.Size())
	})
}

func sumOf(f *os.File) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// insist tries until it works or the context ends, with growing pauses.
func (p *Pipeline) insist(ctx context.Context, what string, do func() error) (err error) {
	_, span := p.Tracer.Start(ctx, telemetry.Internal, what)
	defer func() { span.End(err) }()
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

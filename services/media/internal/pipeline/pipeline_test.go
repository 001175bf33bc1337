package pipeline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/pipeline"
)

const (
	board = media.ID("0190a6a0-0000-7000-8000-000000000001")
	owner = media.ID("0190a6a0-0000-7000-8000-000000000002")
)

func upload(n int) media.Upload {
	return media.Upload{ID: media.ID(fmt.Sprintf("0190a6a0-0000-7000-8000-1%011d", n)), Board: board, Owner: owner, Size: 4}
}

// world is a quarantine, an object store, a bus and a renderer in memory that
// write down in which order they were used.
type world struct {
	mu      sync.Mutex
	dir     string
	records map[media.ID]media.Record
	events  []media.Event
	objects map[media.Key]bool
	steps   []string
	refuse  media.Code
	virus   media.Code
	scans   bool
	// during is called while something is made.
	during   func(media.Upload)
	fail     map[string][]error
	rendered int
	pipeline *pipeline.Pipeline
	register *register
}

func newWorld(t *testing.T) *world {
	return &world{
		dir: t.TempDir(), register: newRegister(), records: map[media.ID]media.Record{},
		objects: map[media.Key]bool{}, fail: map[string][]error{},
	}
}

// step notes a step and gives the failure that is due, if any.
func (w *world) step(name string) error {
	w.steps = append(w.steps, name)
	due := w.fail[name]
	if len(due) == 0 {
		return nil
	}
	w.fail[name] = due[1:]
	return due[0]
}

func (w *world) locked(do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return do()
}

func (w *world) add(t *testing.T, r media.Record) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, string(r.ID)), []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.Held = true
	w.records[r.ID] = r
}

func (w *world) Find(id media.ID) (media.Record, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.records[id]
	if !ok {
		return r, media.ErrNotFound
	}
	return r, nil
}

func (w *world) All() ([]media.Record, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []media.Record
	for _, r := range w.records {
		all = append(all, r)
	}
	return all, nil
}

func (w *world) Open(id media.ID) (*os.File, error) { return os.Open(filepath.Join(w.dir, string(id))) }

func (w *world) Decide(id media.ID, o media.Outcome) (media.Outcome, error) {
	err := w.locked(func() error {
		if err := w.step("decide"); err != nil {
			return err
		}
		r := w.records[id]
		if r.Outcome == nil {
			first := o
			r.Outcome = &first
		}
		o = *r.Outcome
		w.records[id] = r
		return nil
	})
	return o, err
}

func (w *world) Release(id media.ID) error {
	return w.locked(func() error {
		if err := w.step("release"); err != nil {
			return err
		}
		r := w.records[id]
		r.Held = false
		w.records[id] = r
		return nil
	})
}

func (w *world) Forget(id media.ID) error {
	return w.locked(func() error { delete(w.records, id); return nil })
}

func (w *world) Publish(_ context.Context, e media.Event) error {
	return w.locked(func() error {
		if err := w.step("publish " + string(e.State)); err != nil {
			return err
		}
		w.events = append(w.events, e)
		return nil
	})
}

func (w *world) Put(_ context.Context, key media.Key, _ io.Reader, _ int64) error {
	return w.locked(func() error {
		if err := w.step("put"); err != nil {
			return err
		}
		w.objects[key] = true
		return nil
	})
}

func (w *world) Clear(_ context.Context, board, id media.ID) error {
	return w.locked(func() error {
		for key := range w.objects {
			if strings.HasPrefix(string(key), string(board)+"/"+string(id)) {
				delete(w.objects, key)
			}
		}
		return w.step("clear")
	})
}

func (w *world) Discard(_ context.Context, folder media.Folder) error {
	return w.locked(func() error {
		for key := range w.objects {
			if strings.HasPrefix(string(key), string(folder)) {
				delete(w.objects, key)
			}
		}
		return w.step("discard")
	})
}

func (w *world) Copy(_ context.Context, from, to media.Upload) (n int, err error) {
	return n, w.locked(func() error {
		prefix := string(from.Board) + "/" + string(from.ID) + "/"
		for key := range w.objects {
			if rest, found := strings.CutPrefix(string(key), prefix); found {
				w.objects[media.Key(string(to.Board)+"/"+string(to.ID)+"/"+rest)] = true
				n++
			}
		}
		return w.step("copy")
	})
}

func (w *world) Size(context.Context, media.Key) (int64, error) { return 0, media.ErrNoObject }

func (w *world) Read(context.Context, media.Key, int64, int64) (io.ReadCloser, error) {
	return nil, media.ErrNoObject
}

func (w *world) Make(_ context.Context, u media.Upload, _ *os.File) (*media.Made, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rendered++
	if err := w.step("make"); err != nil {
		return nil, err
	}
	if w.refuse != "" {
		return &media.Made{Refusal: w.refuse}, nil
	}
	if w.during != nil {
		w.during(u)
	}
	body := io.NewSectionReader(bytes.NewReader([]byte("variant")), 0, 7)
	return &media.Made{
		Kind: u.Announced(), Type: "image/jpeg", Image: &media.Image{Width: 10, Height: 5, Colour: "#000000", Placeholder: "data:,"},
		Variants: []media.MadeVariant{{Name: "w10.webp", Type: "image/webp", Width: 10, Height: 5, Body: body}},
	}, nil
}

func (w *world) Scan(_ context.Context, r io.Reader) (media.Code, error) {
	body, err := io.ReadAll(r)
	if err != nil || string(body) != "data" {
		return "", errors.Join(err, errors.New("not the file"))
	}
	return w.virus, w.locked(func() error { return w.step("scan") })
}

func (w *world) Bar(_, id media.ID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.records[id]
	if r.Outcome == nil {
		r.Outcome = &media.Outcome{Refusal: media.Erased}
		w.records[id] = r
	}
	return nil
}

// run runs the pipeline until nothing moves any more, in a time of its own.
func (w *world) run(t *testing.T, how time.Duration) {
	t.Helper()
	cfg := pipeline.Config{
		Quarantine: w, Register: w.register, WithdrawAfter: 10 * time.Minute, Publisher: w, Objects: w, Maker: w, Secret: []byte("secret"),
		Concurrency: 2, Slow: 1, Attempts: 3, StaleAfter: 24 * time.Hour, SweepEvery: time.Minute,
		RetryFrom: time.Second, RetryTo: 30 * time.Second, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
	if w.scans {
		cfg.Scanner = w
	}
	w.pipeline = pipeline.New(cfg)
	ctx, cancel := context.WithTimeout(t.Context(), how)
	defer cancel()
	w.pipeline.Run(ctx)
}

func arrived(n int) media.Record {
	return media.Record{Upload: upload(n), Offset: 4, TouchedAt: time.Now()}
}

func TestStepsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add(t, arrived(1))
		w.run(t, 10*time.Second)
		want := []string{"publish uploaded", "publish processing", "make", "put", "decide", "publish ready", "release"}
		if !slices.Equal(w.steps, want) {
			t.Errorf("steps %q", w.steps)
		}
		p := w.events[2].Outcome.Picture
		if len(p.Variants) != 1 || !w.objects[media.Key(p.Variants[0].Path[len("/m/"):])] || p.Variants[0].Bytes != 7 {
			t.Errorf("picture %+v, objects %v", p, w.objects)
		}
	})
}

// TestEveryStepIsRepeated: whatever fails for a while, nothing is lost, and the
// file is removed only when the outcome has been told.
func TestEveryStepIsRepeated(t *testing.T) {
	away := errors.New("away")
	for _, step := range []string{"publish uploaded", "publish processing", "make", "put", "decide", "publish ready", "release"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.add(t, arrived(1))
				w.fail[step] = []error{away, away, away, away, away}
				w.run(t, 10*time.Minute)
				if len(w.events) != 3 || w.events[2].State != media.Ready {
					t.Errorf("events %+v", w.events)
				}
				if w.records[upload(1).ID].Held {
					t.Error("the file is still in quarantine")
				}
			})
		})
	}
}

// TestEveryInterruptionIsResumed stops after each step and starts again.
func TestEveryInterruptionIsResumed(t *testing.T) {
	away := errors.New("away")
	for _, step := range []string{"publish uploaded", "publish processing", "make", "put", "decide", "publish ready", "release"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.add(t, arrived(1))
				w.fail[step] = slices.Repeat([]error{away}, 1000)
				w.run(t, 2*time.Second)
				if !w.records[upload(1).ID].Held {
					t.Error("the file left the quarantine too early")
				}
				delete(w.fail, step)
				w.run(t, 10*time.Second)
				last := w.events[len(w.events)-1]
				if last.State != media.Ready || w.records[upload(1).ID].Held || len(w.objects) != 1 {
					t.Errorf("events %+v, objects %v", w.events, w.objects)
				}
			})
		})
	}
}

// TestWhatIsMadeIsNotMadeAgain while the object store is away.
func TestWhatIsMadeIsNotMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.add(t, arrived(1))
		w.fail["put"] = slices.Repeat([]error{errors.New("away")}, 9)
		w.run(t, time.Hour)
		if w.rendered != 1 || len(w.objects) != 1 {
			t.Errorf("made %d times, objects %v", w.rendered, w.objects)
		}
	})
}

func TestRefusalIsToldBeforeTheFileGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.refuse = media.NotAPicture
		w.add(t, arrived(1))
		w.run(t, 10*time.Second)
		want := []string{"publish uploaded", "publish processing", "make", "decide", "clear", "publish refused", "release"}
		if !slices.Equal(w.steps, want) {
			t.Errorf("steps %q", w.steps)
		}
		if w.events[2].Outcome.Refusal != media.NotAPicture {
			t.Errorf("events %+v", w.events)
		}
	})
}

func TestCrashingWorkerIsARefusalInTheEnd(t *testing.T) {
	crashed := fmt.Errorf("%w: killed", media.ErrCrashed)
	for name, c := range map[string]struct {
		failures []error
		state    media.State
		refusal  media.Code
		renders  int
	}{
		"twice, then well": {[]error{crashed, crashed}, media.Ready, "", 3},
		"each time":        {[]error{crashed, crashed, crashed, crashed}, media.Refused, media.Damaged, 3},
		"not its fault":    {slices.Repeat([]error{errors.New("no disk")}, 6), media.Ready, "", 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.fail["make"] = c.failures
				w.add(t, arrived(1))
				w.run(t, time.Hour)
				last := w.events[len(w.events)-1]
				if last.State != c.state || last.Outcome.Refusal != c.refusal || w.rendered != c.renders {
					t.Errorf("%+v after %d renders", last, w.rendered)
				}
			})
		})
	}
}

// TestNothingPassesTheScannerUnseen: one that is away is waited for.
func TestNothingPassesTheScannerUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.scans = true
		w.add(t, arrived(1))
		w.fail["scan"] = slices.Repeat([]error{errors.New("away")}, 1000)
		w.run(t, time.Minute)
		if last := w.events[len(w.events)-1]; last.State != media.Scanning || w.rendered > 0 {
			t.Fatalf("%+v after %d", last, w.rendered)
		}
		delete(w.fail, "scan")
		w.run(t, time.Minute)
		if last := w.events[len(w.events)-1]; last.State != media.Ready {
			t.Fatalf("%+v", last)
		}
		w.virus = media.Infected
		w.add(t, arrived(2))
		w.run(t, time.Minute)
		if last := w.events[len(w.events)-1]; last.Outcome.Refusal != media.Infected || w.rendered != 1 {
			t.Fatalf("%+v after %d", last, w.rendered)
		}
	})
}

// TestWhatTakesLongKeepsNoOtherWaiting: more videos than anybody works on.
func TestWhatTakesLongKeepsNoOtherWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for n := range 5 {
			r := arrived(n)
			r.Kinds = []media.Kind{media.Video}
			w.add(t, r)
		}
		w.add(t, arrived(9))
		w.during = func(u media.Upload) {
			if u.Announced() != media.Video {
				return
			}
			w.mu.Unlock()
			time.Sleep(time.Hour)
			w.mu.Lock()
		}
		w.run(t, 6*time.Hour)
		first := slices.IndexFunc(w.events, func(e media.Event) bool { return e.State == media.Ready })
		if first < 0 || w.events[first].Media != upload(9).ID {
			t.Fatalf("%+v", w.events)
		}
		if len(w.objects) != 6 {
			t.Fatalf("%d objects", len(w.objects))
		}
	})
}

// TestErasedWhileItIsMade: nothing is left, whoever was first.
func TestErasedWhileItIsMade(t *testing.T) {
	for name, named := range map[string]bool{"by name": true, "with its board": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.add(t, arrived(1))
				w.during = func(u media.Upload) {
					go func() {
						w.mu.Lock()
						w.during = nil
						w.mu.Unlock()
						var ids []media.ID
						if named {
							ids = []media.ID{u.ID}
						}
						if err := w.pipeline.Erase(t.Context(), u.Board, ids); err != nil {
							t.Error(err)
						}
					}()
				}
				w.run(t, time.Minute)
				last := w.events[len(w.events)-1]
				if len(w.objects) > 0 || last.Outcome.Refusal != media.Erased && last.State != media.Ready || w.records[upload(1).ID].Held {
					t.Fatalf("%+v, objects %v", last, w.objects)
				}
			})
		})
	}
}

func TestUnfinishedUploadIsGivenUpAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := arrived(1)
		r.Offset = 2
		w.add(t, r)
		w.run(t, 23*time.Hour)
		if len(w.events) > 0 {
			t.Fatalf("too early: %+v", w.events)
		}
		w.run(t, 2*time.Hour)
		if len(w.events) != 1 || w.events[0].Outcome.Refusal != media.Abandoned || w.rendered > 0 {
			t.Fatalf("events %+v", w.events)
		}
		if r := w.records[upload(1).ID]; r.Held {
			t.Error("the file is still there")
		}
		w.run(t, 24*time.Hour)
		if len(w.records) > 0 {
			t.Error("still remembered")
		}
	})
}

func TestManyUploads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for n := range 50 {
			w.add(t, arrived(n))
		}
		w.run(t, time.Minute-time.Second)
		if len(w.events) != 150 || len(w.objects) != 50 {
			t.Errorf("%d events, %d objects", len(w.events), len(w.objects))
		}
	})
}

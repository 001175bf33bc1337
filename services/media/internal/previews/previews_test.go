package previews_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/previews"
)

// faulty stands for everything that a maker works with, to fail on demand.
type faulty struct {
	reads, published int
	page             media.Page
	readErr          error
	renderErr        error
	rendering        media.Made
	last             media.Event
	now              time.Time
}

func (f *faulty) Read(context.Context, media.Lookup) (media.Page, error) {
	f.reads++
	return f.page, f.readErr
}

func (f *faulty) Picture(context.Context, string) ([]byte, error) { return []byte("picture"), nil }

// pictures makes what the test wants of a picture.
type pictures struct{ *faulty }

func (p pictures) Picture(context.Context, *os.File) (*media.Made, error) {
	return &p.rendering, p.renderErr
}

func (f *faulty) Publish(_ context.Context, e media.Event) error {
	f.published++
	f.last = e
	return nil
}

func (f *faulty) maker(t *testing.T, log *slog.Logger) *previews.Maker {
	t.Helper()
	return previews.New(previews.Config{
		Reader: f, Pictures: pictures{f}, Publisher: f, Dir: t.TempDir(), Log: log, Now: func() time.Time { return f.now },
	})
}

const secret = "https://pod.example/video/1-x/0123456789abcdef/"

func order() media.Unfurl {
	return media.Unfurl{Media: "m", Board: "b", Turn: 4, Lookup: media.Lookup{URL: secret}}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestWhatComesOfAPage(t *testing.T) {
	for name, c := range map[string]struct {
		f       faulty
		title   string
		refused media.Code
	}{
		"a title":                       {faulty{page: media.Page{Link: media.Link{Title: "T"}}}, "T", ""},
		"a picture that is not taken":   {faulty{page: media.Page{Link: media.Link{Title: "T"}, Picture: "x"}, rendering: media.Made{Refusal: media.TypeUnsupported}}, "T", ""},
		"one that kills its worker":     {faulty{page: media.Page{Link: media.Link{Title: "T"}, Picture: "x"}, renderErr: media.ErrCrashed}, "T", ""},
		"nothing but such a picture":    {faulty{page: media.Page{Picture: "x"}, renderErr: media.ErrCrashed}, "", media.Unreadable},
		"nothing that could be reached": {faulty{readErr: errors.New("no route")}, "", media.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.f.maker(t, quiet()).Make(t.Context(), order()); err != nil {
				t.Fatal(err)
			}
			e := c.f.last
			if e.Turn != 4 || e.Media != "m" || e.Outcome.Refusal != c.refused || c.refused == "" && (e.Outcome.Link.Title != c.title || e.State != media.Ready || e.Outcome.Picture != nil) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestARestrictedPageIsToldAsThat(t *testing.T) {
	f := faulty{page: media.Page{Link: media.Link{Title: "Secret"}}, readErr: media.ErrRestricted}
	if err := f.maker(t, quiet()).Make(t.Context(), order()); err != nil {
		t.Fatal(err)
	}
	if f.last.State != media.Ready || *f.last.Outcome.Link != (media.Link{Host: "pod.example", Restricted: true}) {
		t.Errorf("got %+v", f.last.Outcome.Link)
	}
}

// What fails on our side is no answer: it is asked for again, and then read from
// what was kept.
func TestOurOwnFaultsAreNoAnswer(t *testing.T) {
	f := faulty{page: media.Page{Link: media.Link{Title: "T"}, Picture: "x"}, renderErr: errors.New("no room")}
	m := f.maker(t, quiet())
	if err := m.Make(t.Context(), order()); err == nil || f.published > 0 {
		t.Fatalf("told all the same: %v", err)
	}
	f.renderErr, f.rendering = nil, media.Made{Refusal: media.Damaged}
	if err := m.Make(t.Context(), order()); err != nil || f.reads != 1 || f.last.Outcome.Link.Title != "T" {
		t.Errorf("read %d times, %+v, %v", f.reads, f.last, err)
	}
}

func TestWhatWasReadIsKeptForAWhile(t *testing.T) {
	f := faulty{readErr: errors.New("no route"), now: time.Unix(1000, 0)}
	m := f.maker(t, quiet())
	again := func(in media.Unfurl, reads int) {
		t.Helper()
		if err := m.Make(t.Context(), in); err != nil || f.reads != reads {
			t.Errorf("read %d times, want %d: %v", f.reads, reads, err)
		}
	}
	again(order(), 1)
	again(order(), 2) // a failure is not kept
	f.readErr, f.page = nil, media.Page{Link: media.Link{Title: "T"}}
	again(order(), 3)
	again(order(), 3)
	other := order()
	other.Board = "c"
	again(other, 4) // each board by itself
	for i := range 10 {
		another := order()
		another.URL += strings.Repeat("x", i+1)
		f.now = f.now.Add(time.Second) // the oldest goes first
		again(another, 5+i)
	}
	again(order(), 15) // it had to make room
	f.now = f.now.Add(time.Hour)
	again(order(), 16)
}

// An address may open what is not for all: no log has it.
func TestNoLogHasAnAddress(t *testing.T) {
	var log strings.Builder
	f := faulty{readErr: errors.New("no route")}
	if err := f.maker(t, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))).Make(t.Context(), order()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "media=m") || strings.Contains(log.String(), "pod.example") || strings.Contains(log.String(), "0123456789abcdef") {
		t.Errorf("logged %s", log.String())
	}
}

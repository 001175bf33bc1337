package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/store/sqlitestore"
)

var began = time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)

func open(t *testing.T) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "board.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func id(n int) board.ID { return board.ID(fmt.Sprintf("01980000-0000-7000-8000-%012d", n)) }

func meta(n int, rev board.Rev, at time.Time) board.Meta {
	return board.Meta{ID: id(n), Board: id(1), Rev: rev, CreatedAt: at, UpdatedAt: at}
}

// during writes something between two pages of a scan.
type during struct {
	*sqlitestore.Store
	write func()
}

func (d *during) Scan(ctx context.Context, above board.Key, _ int) ([]board.Kept, error) {
	page, err := d.Store.Scan(ctx, above, page)
	if above == (board.Key{}) {
		d.write()
	}
	return page, err
}

func everything(dir string) (map[board.Key]board.Kept, error) {
	out := map[board.Key]board.Kept{}
	_, err := read(dir, func(one board.Kept) error {
		if key := board.KeyOf(one.Doc); out[key].Doc != nil {
			return fmt.Errorf("%v is there twice", key)
		} else {
			out[key] = one
		}
		return nil
	})
	return out, err
}

// Comments and media are read before posts: of what is made in between, whatever
// a post or a comment needs comes along, and a wall that is too new does not.
func TestNothingIsHalf(t *testing.T) {
	s := open(t)
	put := func(docs ...board.Document) {
		for _, doc := range docs {
			if err := s.Insert(t.Context(), doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := &board.Board{Meta: meta(1, 1, began.Add(-time.Hour))}
	put(b)
	for n := range page - 2 { // the first page ends before the posts
		put(&board.Comment{Meta: meta(1000+n, 1, began.Add(-time.Hour)), Post: id(2)})
	}
	put(&board.Post{Meta: meta(2, 1, began.Add(-time.Hour))}, &board.Post{Meta: meta(3, 1, began.Add(-time.Hour))})
	from := &during{Store: s, write: func() {
		put(&board.Media{Meta: meta(4, 1, began), State: board.MediaReady}, &board.Media{Meta: meta(5, 1, began), State: board.MediaReady, Post: id(7)})
		put(&board.Post{Meta: meta(6, 1, began), Attachments: []board.Attachment{{Type: board.AttachmentMedia, Media: id(4)}}})
		put(&board.Comment{Meta: meta(8, 1, began), Post: id(6)})
		put(&board.Reactions{Meta: meta(9, 1, began), Post: id(6)})
		late := &board.Board{Meta: meta(20, 1, began.Add(time.Second))}
		late.Board = late.ID
		put(late)
	}}
	dir := t.TempDir()
	m, err := Write(t.Context(), from, dir, func() time.Time { return began })
	if err != nil {
		t.Fatal(err)
	}
	got, err := everything(dir)
	if err != nil || len(got) != m.Documents {
		t.Fatalf("%d of %d: %v", len(got), m.Documents, err)
	}
	for key, one := range got {
		for _, needs := range board.References(one.Doc) {
			if _, err := s.Get(t.Context(), needs); err == nil && got[needs].Doc == nil {
				t.Errorf("%v is there without %v", key, needs)
			}
		}
		if key.Board != id(1) {
			t.Errorf("%v is of a board that is too new", key)
		}
	}
	if got[board.Key{Board: id(1), Kind: board.KindMedia, ID: id(4)}].Doc == nil {
		t.Error("what a new post shows is missing")
	}
}

func TestWhatIsDamagedIsTold(t *testing.T) {
	s, into := open(t), open(t)
	if err := s.Insert(t.Context(), &board.Post{Meta: meta(2, 1, began), Title: "Bonjour"}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := Verify(dir); !errors.Is(err, errDamaged) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Write(t.Context(), s, dir, time.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, documentsFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte(nil), whole...)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{"a bit": flipped, "the end": whole[:len(whole)-4], "more": append(append([]byte(nil), whole...), 'x'), "nothing": nil} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), dir, into, false, nil); err == nil {
			t.Errorf("%s: restored", name)
		}
		if some, err := into.Scan(t.Context(), board.Key{}, 1); err != nil || len(some) > 0 {
			t.Errorf("%s: something was put in: %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, manifestFile), []byte(`{"version":2}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(dir); err == nil {
		t.Error("a version of later was read")
	}
}

func TestUploadsWithoutTheirFilesAreTold(t *testing.T) {
	long := began.Add(-2 * board.ToldAgain)
	ready := func(n int, path string) *board.Media {
		return &board.Media{Meta: meta(n, 3, long), State: board.MediaReady, Post: id(2), File: &board.File{Path: path}}
	}
	preview := ready(6, "/m/gone")
	preview.Preview, preview.File, preview.Picture = &board.Preview{}, nil, &board.Picture{Variants: []board.Variant{{Path: "/m/gone"}}}
	there := func(path string) bool { return path == "/m/there" }
	for name, c := range map[string]struct {
		m       *board.Media
		state   board.MediaState
		refusal string
		rev     board.Rev
		marked  bool
	}{
		"whole":               {ready(3, "/m/there"), board.MediaReady, "", 3, false},
		"erased meanwhile":    {ready(4, "/m/gone"), board.MediaRefused, "media_erased", 4, true},
		"on its way":          {&board.Media{Meta: meta(5, 1, long), State: board.MediaUploading}, board.MediaRefused, "media_abandoned", 2, true},
		"preview, no picture": {preview, board.MediaReady, "", 4, true},
		"preview asked for":   {&board.Media{Meta: meta(7, 1, long), State: board.MediaProcessing, Preview: &board.Preview{}}, board.MediaProcessing, "", 1, true},
		"copy ordered":        {&board.Media{Meta: meta(8, 1, long), State: board.MediaProcessing, Source: &board.MediaSource{}}, board.MediaProcessing, "", 1, true},
	} {
		got := board.Kept{Doc: c.m}.Revive(began, there)
		m := got.Doc.(*board.Media)
		if m.State != c.state || m.Refusal != c.refusal || m.Rev != c.rev || got.Marked != c.marked {
			t.Errorf("%s: %s %q at %d, marked %v", name, m.State, m.Refusal, m.Rev, got.Marked)
		}
		if m.State == board.MediaRefused && len(m.Paths()) > 0 || c.m == preview && m.Picture != nil {
			t.Errorf("%s shows files that are not there", name)
		}
	}
	if late := (board.Kept{Doc: &board.Post{Meta: meta(9, 1, began.Add(-time.Minute))}}).Revive(began, there); !late.Marked {
		t.Error("what had just changed is not told again")
	}
}

package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// shelf serves files of one byte over and over. breaks says after how many bytes
// each attempt ends; the last for all that follow, 0 for at the end.
type shelf struct {
	size   map[string]int64
	breaks []int64
	asked  []int64
}

var errGone = errors.New("gone")

func (s *shelf) Open(_ context.Context, path string, from int64) (io.ReadCloser, error) {
	s.asked = append(s.asked, from)
	size, there := s.size[path]
	if !there {
		return nil, errGone
	}
	left := size - from
	if len(s.breaks) > 0 {
		if s.breaks[0] > 0 {
			left = min(left, s.breaks[0])
		}
		if len(s.breaks) > 1 {
			s.breaks = s.breaks[1:]
		}
	}
	return io.NopCloser(io.LimitReader(same('x'), left)), nil
}

type same byte

func (s same) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// board with one document on it.
func holding(path string, size int64) *board.Archive {
	m := &board.Media{Content: board.ContentFile, Name: "a.pdf", File: &board.File{Path: path, Type: "application/pdf", Size: size}}
	m.ID = "m"
	return &board.Archive{
		Records:  &board.Records{Uploads: map[board.ID]*board.Media{"m": m}},
		Transfer: &board.Transfer{Version: board.TransferVersion, SavedAt: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Media: []board.TransferMedia{{ID: "m"}}},
	}
}

func noPage(t *board.Transfer) Page {
	return Page{Title: "Mur", Missing: t.Without, SavedAt: t.SavedAt}
}

func TestAFileThatBreaksOffGoesOnWhereItDid(t *testing.T) {
	s := &shelf{size: map[string]int64{"p": 10}, breaks: []int64{4, 3, 0}}
	a := holding("p", 10)
	var out bytes.Buffer
	if err := Write(t.Context(), &out, s, a, noPage); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("media/m.pdf")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	want := strings.Repeat("x", 10)
	sum := sha256.Sum256([]byte(want))
	if err != nil || string(got) != want || a.Transfer.Media[0].SHA256 != hex.EncodeToString(sum[:]) || a.Transfer.Media[0].Size != 10 {
		t.Errorf("%q %v %+v", got, err, a.Transfer.Media[0])
	}
	if len(s.asked) != 3 || s.asked[1] != 4 || s.asked[2] != 7 {
		t.Errorf("asked from %v", s.asked)
	}
}

// Whoever fetches slowly has each file broken off again and again.
func TestAFileMayBreakOffAsOftenAsItGetsOn(t *testing.T) {
	const size = 10 * worthIt
	s := &shelf{size: map[string]int64{"p": size}, breaks: []int64{worthIt}}
	a := holding("p", size)
	if err := Write(t.Context(), io.Discard, s, a, noPage); err != nil || a.Transfer.Media[0].Size != size || len(s.asked) < 9 {
		t.Errorf("%v %+v, asked %d times", err, a.Transfer.Media[0], len(s.asked))
	}
}

func TestWhatCannotBeReadIsSaidAndTheRestIsThere(t *testing.T) {
	for name, s := range map[string]*shelf{
		"there is none":           {},
		"it breaks off each time": {size: map[string]int64{"p": 100}, breaks: []int64{1}},
		"it is longer":            {size: map[string]int64{"p": 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			a := holding("p", 100)
			var out bytes.Buffer
			if err := Write(t.Context(), &out, s, a, noPage); err != nil {
				t.Fatal(err)
			}
			if m := a.Transfer.Media[0]; m.Missing != board.MissingUnreadable || m.File != "" || a.Transfer.Without != 1 {
				t.Errorf("%+v", a.Transfer)
			}
			z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatal(err)
			}
			page, err := z.Open(PageName)
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := io.ReadAll(page); !bytes.Contains(text, []byte("Un fichier manque")) {
				t.Errorf("%s", text)
			}
		})
	}
}

// A large file goes through, and what it takes is its buffers.
func TestMemoryDoesNotGrowWithTheFiles(t *testing.T) {
	const size = 48 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := new(counter)
	if err := Write(t.Context(), n, &shelf{size: map[string]int64{"p": size}}, holding("p", size), noPage); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 || *n < size {
		t.Errorf("%d bytes were allocated for an archive of %d", took, *n)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func TestAWriterThatFailsEndsIt(t *testing.T) {
	s := &shelf{size: map[string]int64{"p": 1 << 20}}
	err := Write(t.Context(), failing{}, s, holding("p", 1<<20), noPage)
	if !errors.Is(err, errGone) || len(s.asked) != 1 {
		t.Errorf("%v after %d attempts", err, len(s.asked))
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errGone }

func TestWordsOfBothLanguagesAreThere(t *testing.T) {
	for key := range languages["fr"] {
		if languages["en"][key] == "" {
			t.Errorf("%q is not said in English", key)
		}
	}
	if len(languages["fr"]) != len(languages["en"]) {
		t.Error("English says more")
	}
	p := Post{Scale: "stars", Given: 3, Average: 4.5}
	if got := WordsOf("fr").Given(p); got != "4,5 étoiles sur 5 (3 avis)" {
		t.Error(got)
	}
	if got := WordsOf("fr").Date(time.Date(2026, 8, 1, 23, 0, 0, 0, time.UTC)); got != "1er août 2026" {
		t.Error(got)
	}
	if got := WordsOf("en").Size(1_540_000); got != "1.5\u00a0MB" {
		t.Error(got)
	}
}

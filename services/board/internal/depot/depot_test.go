package depot_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/depot"
	"fresque.dev/services/internal/fault"
)

func TestAFileIsReadFromAByteOn(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a", time.Time{}, strings.NewReader("0123456789 "+r.URL.EscapedPath()))
	}))
	defer s.Close()
	for from, want := range map[int64]string{0: "0123456789 /m/b/m/x/file/un%20bilan.pdf", 9: "9 /m/b/m/x/file/un%20bilan.pdf"} {
		f, err := depot.New(s.URL+"/").Open(t.Context(), "m/b/m/x/file/un%20bilan.pdf", from)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != want || f.Close() != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestWhatIsNotTheFileIsUnreadable(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it went elsewhere") }))
	defer elsewhere.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case "/whole":
			_, _ = w.Write([]byte("all of it, whatever was asked for"))
		default:
			http.NotFound(w, r)
		}
	}))
	for path, from := range map[string]int64{"none": 0, "moved": 0, "whole": 3} {
		if _, err := depot.New(s.URL).Open(t.Context(), path, from); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", path, err)
		}
	}
	s.Close()
	if _, err := depot.New(s.URL).Open(t.Context(), "none", 0); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
}

package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/carlos7ags/folio/reader"
)

// onPaper is the text of a document, without the space between words; what is
// none is there as it is, to be looked at all the same.
func onPaper(t *testing.T, raw string) string {
	t.Helper()
	r, err := reader.Parse([]byte(raw))
	if err != nil {
		return raw
	}
	var out strings.Builder
	for i := range r.PageCount() {
		p, err := r.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.ExtractText()
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(strings.Join(strings.Fields(text), ""))
	}
	return out.String()
}

func TestATrainerTakesAWallAwayOnPaper(t *testing.T) {
	s := startNew(t)
	eve, ada := s.moderator("Eve"), s.writer("Ada & Co")
	section := s.call("POST", wall+"/sections", eve, map[string]any{"title": "Volcans"}).wants(t, 201, "").str("id")
	s.call("POST", wall+"/posts", ada, map[string]any{"title": "Etna <b>", "body": "<p>Un <strong>mot</strong></p>", "sectionId": section}).wants(t, 201, "")
	got := s.call("GET", wall+"/wall.pdf?lang=en", eve, nil).wants(t, 200, "")
	if got.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("served as %v", got.header)
	}
	text := onPaper(t, got.raw)
	for _, want := range []string{"Copyof", "Volcans", "Etna<b>", "Unmot", "Ada&Co"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	s.call("GET", wall+"/wall.pdf", ada, nil).wants(t, 403, "forbidden")
	s.call("GET", wall+"/wall.pdf?lang=de", eve, nil).wants(t, 422, "invalid_input")
}

func TestADocumentShowsAFileAndSaysWhichItCouldNotRead(t *testing.T) {
	s, eve := withFile(t, 5, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
	text := onPaper(t, s.call("GET", wall+"/wall.pdf?lang=en", eve, nil).wants(t, 200, "").raw)
	if !strings.Contains(text, "File:bilan.pdf(5B)") {
		t.Error(text)
	}
}

package app_test

import (
	"encoding/csv"
	"strings"
	"testing"
)

func TestATrainerTakesAWallAwayAsASheet(t *testing.T) {
	s := startNew(t)
	eve := s.moderator("Eve")
	ada := s.writer("=Ada()")
	post := s.call("POST", wall+"/posts", ada, map[string]any{
		"title": "=1+1", "body": "<p>Un <strong>mot</strong></p><p>Deux</p>",
		"attachments": []any{map[string]any{"type": "link", "url": "https://podeduc.apps.education.fr/video/0042-decouvrir/"}},
	}).wants(t, 201, "").str("id")
	s.call("POST", wall+"/posts/"+post+"/comments", eve, map[string]any{"body": "<p>Bien</p>"}).wants(t, 201, "")
	got := s.call("GET", wall+"/records.csv", eve, nil).wants(t, 200, "")
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("served as %s, %s", kind, got.header.Get("Content-Disposition"))
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.raw, "\uFEFF")))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v: %s", err, got.raw)
	}
	for i, want := range map[int]string{1: post, 5: "'=Ada()", 6: "'=1+1", 7: "Un mot\nDeux", 8: "https://podeduc.apps.education.fr/video/0042-decouvrir/", 10: "publiée"} {
		if rows[1][i] != want {
			t.Errorf("column %s is %q, want %q", rows[0][i], rows[1][i], want)
		}
	}
	if rows[2][2] != post || rows[2][5] != "Eve" || rows[2][7] != "Bien" {
		t.Errorf("the comment: %q", rows[2])
	}
	s.call("GET", wall+"/records.csv", ada, nil).wants(t, 403, "forbidden")
}

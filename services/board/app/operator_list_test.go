package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// TestTheOperatorListsEveryWall: of whom, since when, over more than a page, and
// nothing of what is on them.
func TestTheOperatorListsEveryWall(t *testing.T) {
	s := startNew(t)
	s.call("POST", wall+"/posts", s.writer("Zoé"), map[string]any{"title": "Un mot à nous"}).wants(t, 201, "")
	platform := s.connect("site", nil)
	theirs := s.board(s.platformToken(platform, everyScope), map[string]any{"title": "Leur mur"})
	for n := range 201 {
		s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": fmt.Sprint("Mur ", n)}).wants(t, 201, "")
	}
	code, out, errs := s.fresquectl(nil, "board", "create", "-title", "Le dernier", "-o", "json")
	var made struct{ Board struct{ ID string } }
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != 0 || made.Board.ID == "" {
		t.Fatalf("exits with %d, %v: %s%s", code, err, out, errs)
	}
	if code, out, _ := s.fresquectl(nil, "board", "create", "-title", "Le dernier", "-id", made.Board.ID); code != 0 || !strings.Contains(out, "writer") {
		t.Errorf("again it exits with %d: %s", code, out)
	}
	if code, _, errs := s.fresquectl(nil, "board", "create"); code != 1 || !strings.Contains(errs, "title:") {
		t.Errorf("without a title it exits with %d: %s", code, errs)
	}
	s.fresquectl(nil, "board", "archive", wallID)
	s.fresquectl(nil, "board", "delete", theirs)

	code, out, errs = s.fresquectl(nil, "board", "list")
	if code != 0 || strings.Contains(out, "Un mot") || strings.Contains(out, "Zoé") {
		t.Errorf("exits with %d: %s%s", code, out, errs)
	}
	line := func(id string) string {
		for _, one := range strings.Split(out, "\n") {
			if strings.HasPrefix(one, id) {
				return one
			}
		}
		return ""
	}
	for id, says := range map[string][]string{
		wallID: {"archived"}, theirs: {"platform " + platform, "trash", "Leur mur"}, made.Board.ID: {"nobody", "open", "Le dernier"},
	} {
		for _, word := range says {
			if !strings.Contains(line(id), word) {
				t.Errorf("it tells %q of %s, without %q", line(id), id, word)
			}
		}
	}
	code, out, _ = s.fresquectl(nil, "board", "list", "-o", "json")
	var told struct{ Boards []struct{ ID string } }
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 {
		t.Fatal(code, err, out)
	}
	seen := map[string]bool{}
	for _, b := range told.Boards {
		seen[b.ID] = true
	}
	if len(seen) != len(told.Boards) || len(seen) != 204 {
		t.Errorf("%d walls in %d lines, want 204", len(seen), len(told.Boards))
	}
}

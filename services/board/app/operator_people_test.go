package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheOperatorLooksAfterASitesPeople: lists them without names, reads and keeps what
// one of them left and nothing of others, keeps them out, and erases them.
func TestTheOperatorLooksAfterASitesPeople(t *testing.T) {
	s := newSchool(t, nil)
	zoe := s.come("ref-zoe", map[string]any{"name": "Zoé"})
	s.call("POST", s.path("/posts"), zoe.str("token"), map[string]any{"title": "mirabelle"}).wants(t, 201, "")
	tom := s.come("ref-tom", map[string]any{"name": "Tom"})
	s.call("POST", s.path("/posts"), tom.str("token"), map[string]any{"title": "quetsche"}).wants(t, 201, "")
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, append([]string{"person"}, args...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	if list := wants(0, "ref-zoe", "list", s.id); strings.Contains(list, "Zoé") || strings.Count(list, "\n") != 3 {
		t.Errorf("the list tells %s", list)
	}
	var told struct{ People []struct{ ID, User string } }
	if err := json.Unmarshal([]byte(wants(0, "ref-zoe", "list", s.id, "-o", "json")), &told); err != nil {
		t.Fatal(err)
	}
	person := ""
	for _, p := range told.People {
		if p.User == "ref-zoe" {
			person = p.ID
		}
	}
	if out := wants(0, "Zoé", "show", s.id, "-person", person); !strings.Contains(out, s.board) || strings.Contains(out, "mirabelle") {
		t.Errorf("it shows %s", out)
	}
	file := filepath.Join(t.TempDir(), "zoe.json")
	wants(0, file, "export", s.id, "-person", person, "-out", file)
	wants(1, "exists", "export", s.id, "-person", person, "-out", file)
	if raw, err := os.ReadFile(file); err != nil || !json.Valid(raw) || !strings.Contains(string(raw), "mirabelle") || strings.Contains(string(raw), "quetsche") {
		t.Errorf("%v: the copy has %s", err, raw)
	}
	watching, stays := s.watchBoard(zoe.str("token")), s.watchBoard(tom.str("token"))
	for range 2 {
		wants(0, "suspended by the operator", "suspend", s.id, "-person", person)
	}
	for event, _ := watching.next(); event != "expired"; event, _ = watching.next() {
		if event == "end" {
			t.Fatal("the stream of who is kept out ends without saying so")
		}
	}
	s.call("POST", s.path("/posts"), tom.str("token"), map[string]any{"title": "reine-claude"}).wants(t, 201, "")
	for stays.post()["title"] != "reine-claude" {
	}
	s.take(s.ticket("ref-zoe", nil), nil).wants(t, 403, "user_held")
	s.renew(zoe).wants(t, 403, "user_held")
	s.renew(tom).wants(t, 201, "")
	if out := wants(0, "ref-zoe", "restore", s.id, "-person", person); strings.Contains(out, "by the operator") {
		t.Errorf("restored, it shows %s", out)
	}
	s.come("ref-zoe", nil)

	wants(2, "-yes", "erase", s.id, "-person", person)
	var op struct{ Operation string }
	if err := json.Unmarshal([]byte(wants(0, "queued", "erase", s.id, "-person", person, "-yes", "-o", "json")), &op); err != nil {
		t.Fatal(err)
	}
	s.finished(op.Operation)
	if list := wants(0, "ref-tom", "list", s.id); strings.Contains(list, "ref-zoe") {
		t.Errorf("who was erased is listed: %s", list)
	}
	wants(1, "not_found", "show", s.id, "-person", person)
	wants(1, "not_found", "list", "01980000-0000-7000-8000-00000000dead")
	wants(2, "-person", "show", s.id)
	wants(2, "platform by its id", "list")
	if _, out, _ := s.fresquectl(nil, "audit"); strings.Count(out, "suspendPerson") != 3 || !strings.Contains(out, "erasePerson") || !strings.Contains(out, "exportPerson") || strings.Contains(out, "ref-zoe") {
		t.Errorf("it is written down as %s", out)
	}
}

package app_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// acts reads the log of what was done with the operator's key.
func (s *service) acts() (all []map[string]any, raw string) {
	s.t.Helper()
	a := s.call("GET", "/api/v1/operator/acts", app.OperatorKey, nil).wants(s.t, 200, "")
	for _, one := range a.json["acts"].([]any) {
		all = append(all, one.(map[string]any))
	}
	return all, a.raw
}

func TestWhatIsDoneWithTheOperatorsKeyIsKept(t *testing.T) {
	cfg := app.LocalConfig(t)
	events := natstest.Start(t)
	s := start(t, cfg, events)
	if all, _ := s.acts(); len(all) != 0 {
		t.Fatalf("before anything was done: %v", all)
	}
	made := s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": "Un titre secret"}).wants(t, 201, "")
	id := made.json["board"].(map[string]any)["id"].(string)
	request := made.header.Get("X-Request-ID")
	platform := s.connect("secret", nil)
	s.call("PATCH", "/api/v1/platforms/"+platform, app.OperatorKey, map[string]any{"closed": true}).wants(t, 200, "")
	s.call("GET", "/api/v1/platforms/"+platform+"/webhook", app.OperatorKey, nil).wants(t, 200, "")
	s.call("GET", "/api/v1/platforms", app.OperatorKey, nil).wants(t, 200, "") // changes nothing and tells no secret
	s.call("PATCH", "/api/v1/platforms/"+id, app.OperatorKey, map[string]any{"closed": true}).wants(t, 404, "not_found")
	s.call("POST", "/api/v1/boards", "guessed", map[string]any{"title": "x"}).wants(t, 401, "operator_key_invalid")
	check := func() {
		t.Helper()
		all, raw := s.acts()
		want := []struct {
			what, on string
			status   float64
		}{{"editPlatform", id, 404}, {"readWebhook", platform, 200}, {"editPlatform", platform, 200}, {"connectPlatform", platform, 201}, {"createBoard", id, 201}}
		if len(all) != len(want) {
			t.Fatalf("%d acts: %s", len(all), raw)
		}
		for i, w := range want {
			if got := all[i]; got["what"] != w.what || got["on"] != w.on || got["status"] != w.status || got["from"] != "127.0.0.1" {
				t.Errorf("act %d is %v, want %v", i, got, w)
			}
		}
		if first := all[len(all)-1]; first["request"] != request || first["key"] != all[0]["key"] || len(first["key"].(string)) != 12 {
			t.Errorf("the first is %v, of request %s", first, request)
		}
		for _, secret := range []string{"secret", app.OperatorKey, "guessed"} {
			if strings.Contains(raw, secret) {
				t.Errorf("it tells %q: %s", secret, raw)
			}
		}
	}
	check()
	// Nobody changes it, and it is there after a restart.
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if a := s.call(method, "/api/v1/operator/acts", app.OperatorKey, map[string]any{}); a.status != 404 && a.status != 405 {
			t.Errorf("%s answers %d", method, a.status)
		}
	}
	s.stop()
	s = start(t, cfg, events)
	check()

	code, out, errs := s.fresquectl(nil, "audit", "-since", "1h")
	if code != 0 || strings.Count(out, "\n") != 5 || !strings.Contains(out, "editPlatform") {
		t.Errorf("exits with %d: %s%s", code, out, errs)
	}
	code, out, _ = s.fresquectl(nil, "audit", "-o", "json", "-since", time.Now().Add(time.Hour).Format(time.RFC3339))
	var told struct{ Acts []any }
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 || told.Acts == nil || len(told.Acts) != 0 {
		t.Errorf("exits with %d: %s", code, out)
	}
	if code, _, errs := s.fresquectl(nil, "audit", "-since", "yesterday"); code != 2 || !strings.Contains(errs, "neither a day") {
		t.Errorf("exits with %d: %s", code, errs)
	}
}

// TestTheOperatorPutsAWallAwayAndBringsItBack, an account's or nobody's and a
// platform's, without seeing what is on it.
func TestTheOperatorPutsAWallAwayAndBringsItBack(t *testing.T) {
	s := startNew(t)
	writer := s.writer("Zoé")
	s.call("POST", wall+"/posts", writer, map[string]any{"title": "Un mot à nous"}).wants(t, 201, "")
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, append([]string{"board"}, args...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	if out := wants(0, "1 posts, 0 files", "show", wallID); strings.Contains(out, "Un mot") || strings.Contains(out, "Zoé") {
		t.Errorf("it tells what is on a wall: %s", out)
	}
	wants(0, "archived", "archive", wallID)
	s.call("POST", wall+"/posts", writer, map[string]any{"title": "x"}).wants(t, 423, "board_archived")
	if out := wants(0, "title", "archive", wallID, "-back"); strings.Contains(out, "archived") {
		t.Errorf("it is still away: %s", out)
	}
	for range 2 {
		wants(0, "erased at", "delete", wallID)
	}
	if a := s.call("GET", wall, writer, nil); a.status/100 != 4 {
		t.Errorf("a wall in the trash answers %d", a.status)
	}
	for range 2 {
		if out := wants(0, "1 posts", "restore", wallID); strings.Contains(out, "erased at") {
			t.Errorf("it is still in the trash: %s", out)
		}
	}
	s.call("POST", wall+"/posts", writer, map[string]any{"title": "x"}).wants(t, 201, "")
	wants(1, "not_found", "show", "01980000-0000-7000-8000-00000000dead")

	id := s.connect("site", nil)
	token := s.platformToken(id, everyScope)
	theirs := s.board(token, map[string]any{"title": "Leur mur"})
	wants(0, id, "show", theirs)
	wants(0, "erased at", "delete", theirs)
	s.call("GET", platformBoards+"/"+theirs, token, nil).wants(t, 404, "not_found")
	wants(0, id, "restore", theirs)
	s.call("GET", platformBoards+"/"+theirs, token, nil).wants(t, 200, "")
}

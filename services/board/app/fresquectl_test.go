package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/board/internal/ctl"
)

// fresquectl runs the operator's command, and gives what it says.
func (s *service) fresquectl(env map[string]string, args ...string) (code int, out, errs string) {
	s.t.Helper()
	given := map[string]string{"FRESQUE_URL": s.base, "FRESQUE_OPERATOR_KEY": app.OperatorKey}
	for name, value := range env {
		given[name] = value
	}
	var o, e bytes.Buffer
	code = ctl.Run(s.t.Context(), args, func(name string) string { return given[name] }, &o, &e)
	return code, o.String(), e.String()
}

func TestTheOperatorConnectsASiteByCommand(t *testing.T) {
	s := startNew(t)
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(aKeySet), 0o600); err != nil {
		t.Fatal(err)
	}
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, args...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	wants(0, "No site is connected yet", "platform", "list")
	const id = "01980000-0000-7000-8000-0000000000c1"
	add := []string{"platform", "add", "-id", id, "-name", "Moodle", "-issuer", "https://moodle.example", "-keys", keys, "-origin", "https://moodle.example", "-origin", "https://m.example", "-boards", "7", "-erase-after", "400"}
	wants(0, "id of the platform      "+id, add...)
	wants(0, id, add...) // repeating makes one
	list := wants(0, id, "platform", "list", "-json")
	var told struct{ Platforms []map[string]any }
	if err := json.Unmarshal([]byte(list), &told); err != nil || len(told.Platforms) != 1 || len(told.Platforms[0]["origins"].([]any)) != 2 {
		t.Fatalf("%v: %s", err, list)
	}
	wants(0, "400", "platform", "show", id)
	// What is not named stays.
	edited := wants(0, "École", "platform", "edit", id, "-name", "École", "-media-mib", "100")
	for _, kept := range []string{"100", "7", "400", "https://m.example", "given by hand"} {
		if !strings.Contains(edited, kept) {
			t.Fatalf("%q is gone: %s", kept, edited)
		}
	}
	wants(0, "https://moodle.example/hook", "platform", "edit", id, "-webhook", "https://moodle.example/hook")
	told1, told2 := wants(0, "whsec_", "platform", "webhook", id), wants(0, "whsec_", "platform", "webhook", id, "-renew")
	if told1 == told2 || told2 != wants(0, "https://moodle.example/hook", "platform", "webhook", id) {
		t.Fatalf("%s and %s", told1, told2)
	}
	wants(0, "0 in all", "platform", "deliveries", id)
	wants(0, "0 in all", "platform", "deliveries", id, "-waiting")
	wants(0, "Nothing was done", "platform", "operations", id)
	asked := s.call("POST", "/api/v1/platform/erasures", s.platformToken(id, everyScope), map[string]any{"users": []string{"one of theirs"}}).wants(t, 202, "")
	operation := asked.json["operations"].([]any)[0].(map[string]any)["operation"].(string)
	if out := wants(0, operation, "platform", "operations", id); !strings.Contains(out, "erasure") || strings.Contains(out, "one of theirs") {
		t.Fatal(out)
	}
	wants(1, "not_found", "platform", "replay", id, "-delivery", id)
	wants(2, "-delivery", "platform", "replay", id)
	wants(0, "closed", "platform", "close", id)
	if out := wants(0, id, "-json", "platform", "open", id); strings.Contains(out, `"closed":true`) {
		t.Fatal(out)
	}
}

func TestACommandThatIsNotAsItShouldBe(t *testing.T) {
	s := startNew(t)
	const id = "01980000-0000-7000-8000-0000000000c1"
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	for name, tc := range map[string]struct {
		env  map[string]string
		args []string
		code int
		says string
	}{
		"nothing":              {nil, nil, 2, "platform add"},
		"help":                 {nil, []string{"-h"}, 0, "FRESQUE_OPERATOR_KEY_FILE"},
		"help on a command":    {nil, []string{"platform", "add", "-h"}, 0, "-keys-url"},
		"no such command":      {nil, []string{"platform", "remove", id}, 2, "no command platform remove"},
		"no such flag":         {nil, []string{"platform", "list", "-key", "secret"}, 2, "-key"},
		"no id":                {nil, []string{"platform", "show"}, 2, "by its id"},
		"an id that is a path": {nil, []string{"platform", "show", "../accounts"}, 2, "by its id"},
		"too much":             {nil, []string{"platform", "list", "more"}, 2, "unexpected"},
		"nobody's id":          {nil, []string{"platform", "show", id}, 1, "not_found"},
		"what is wrong":        {nil, []string{"platform", "add", "-name", "x", "-issuer", "http://x.example"}, 1, "issuer: This address must begin with https://."},
		"in French":            {map[string]string{"LANG": "fr_FR.UTF-8"}, []string{"platform", "add", "-name", "x"}, 1, "Ce champ est obligatoire."},
		"another key":          {map[string]string{"FRESQUE_OPERATOR_KEY": "guessed"}, []string{"platform", "list"}, 1, "operator_key_invalid"},
		"no key":               {map[string]string{"FRESQUE_OPERATOR_KEY": ""}, []string{"platform", "list"}, 1, "FRESQUE_OPERATOR_KEY"},
		"no such file":         {nil, []string{"-key-file", "/nonexistent", "platform", "list"}, 1, "/nonexistent"},
		"no address":           {map[string]string{"FRESQUE_URL": "fresque.example"}, []string{"platform", "list"}, 1, "https://"},
		"nobody there":         {map[string]string{"FRESQUE_URL": "http://127.0.0.1:1"}, []string{"platform", "list"}, 1, "refused"},
		"no service":           {map[string]string{"FRESQUE_URL": elsewhere.URL}, []string{"platform", "list"}, 1, "is this the address"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := s.fresquectl(tc.env, tc.args...)
			if code != tc.code || !strings.Contains(out+errs, tc.says) || code != 0 && out != "" {
				t.Fatalf("exits with %d, want %d and %q:\n%s\n%s", code, tc.code, tc.says, out, errs)
			}
			if strings.Contains(out+errs, app.OperatorKey) {
				t.Fatal("it tells the key")
			}
		})
	}
}

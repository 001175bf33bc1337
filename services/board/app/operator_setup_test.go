package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// TestTheFirstAccountIsMadeByAnAddressOfTheOperators: where the services run apart,
// nobody reads it off the process.
func TestTheFirstAccountIsMadeByAnAddressOfTheOperators(t *testing.T) {
	s := startNew(t)
	tell := func(want int, says string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, "account", "setup", "-o", "json")
		if got != want || !strings.Contains(out+errs, says) {
			t.Fatalf("exits with %d, want %d and %q:\n%s%s", got, want, says, out, errs)
		}
		return out
	}
	var made struct{ URL string }
	if err := json.Unmarshal([]byte(tell(0, "/setup#")), &made); err != nil {
		t.Fatal(err)
	}
	if again := tell(0, made.URL); again == "" {
		t.Error("it is not the same the second time")
	}
	_, code, _ := strings.Cut(made.URL, "#")
	me := s.setUp(code)
	s.account("POST", "/invitations", me.str("token"), map[string]any{"name": "Grace"}).wants(t, 201, "")
	s.account("POST", "/sessions", "", map[string]any{"login": "ada", "password": "wrong and long enough"}).wants(t, 401, "sign_in_refused")
	if walls := s.account("GET", "/walls", me.str("token"), nil).wants(t, 200, ""); len(walls.json["walls"].([]any)) != 0 {
		t.Errorf("they are given %s", walls.raw)
	}
	tell(1, "setup_done")
	if _, audit, _ := s.fresquectl(nil, "audit"); !strings.Contains(audit, "beginSetup") || strings.Contains(audit, code) {
		t.Errorf("the audit tells %s", audit)
	}
	s.call("POST", "/api/v1/operator/setup", app.OperatorKey+"x", nil).wants(t, 401, "operator_key_invalid")
}

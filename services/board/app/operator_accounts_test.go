package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// TestTheOperatorListsAccountsAndLetsOneChooseAPassword: without names, and a wall is
// listed as its owner's.
func TestTheOperatorListsAccountsAndLetsOneChooseAPassword(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	me := s.setUp(code).str("token")
	mine := s.account("POST", "/walls", me, map[string]any{"title": "Mon mur"}).wants(t, 201, "")
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, args...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	if list := wants(0, "ada", "account", "list"); strings.Contains(list, "Ada") || strings.Contains(list, "argon2") {
		t.Errorf("the list tells %s", list)
	}
	var told struct{ Accounts []struct{ ID, Login string } }
	if err := json.Unmarshal([]byte(wants(0, "ada", "account", "list", "-o", "json")), &told); err != nil || len(told.Accounts) != 1 {
		t.Fatalf("%v: %v", err, told)
	}
	for line := range strings.Lines(wants(0, "Mon mur", "board", "list")) {
		if strings.Contains(line, "Mon mur") && !strings.Contains(line, "account "+told.Accounts[0].ID) {
			t.Errorf("%s is listed as %s", mine.raw, line)
		}
	}
	var made struct{ URL string }
	if err := json.Unmarshal([]byte(wants(0, "#", "account", "reset", "-login", "ADA", "-o", "json")), &made); err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(made.URL, "#")
	s.account("POST", "/invitation/password", "", map[string]any{"code": secret, "password": "une autre phrase longue"}).wants(t, 201, "")
	s.account("POST", "/sessions", "", map[string]any{"login": "ada", "password": "une autre phrase longue"}).wants(t, 201, "")
	wants(0, "until", "account", "reset", "-login", "ada")
	wants(1, "not_found", "account", "reset", "-login", "personne")
	wants(2, "-login", "account", "reset")
	if audit := wants(0, "resetPasswordOf", "audit"); strings.Contains(audit, secret) {
		t.Errorf("the audit tells the secret: %s", audit)
	}
}

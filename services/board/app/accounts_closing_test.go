package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// TestAnAccountIsClosedByItsOwnerOrByTheOperator: in two weeks, until which who signs in
// keeps it; at once by command only, and with all that was its owner's.
func TestAnAccountIsClosedByItsOwnerOrByTheOperator(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	admin := s.setUp(code).str("token")
	invited := s.account("POST", "/invitations", admin, nil).wants(t, 201, "")
	_, secret, _ := strings.Cut(invited.str("url"), "#")
	joined := s.account("POST", "/invitation/account", "", map[string]any{"code": secret, "login": "bob", "name": "Bob", "password": "une phrase assez longue"}).wants(t, 201, "")
	bob := joined.str("token")
	wallID := s.account("POST", "/walls", bob, map[string]any{"title": "quetsche"}).wants(t, 201, "").str("id")

	s.account("PUT", "/closing", admin, map[string]any{"password": password}).wants(t, 412, "account_last_admin")
	s.account("PUT", "/closing", bob, map[string]any{"password": "une autre phrase"}).wants(t, 422, "password_wrong")
	s.account("PUT", "/closing", bob, map[string]any{}).wants(t, 422, "password_wrong")
	s.account("PUT", "/closing", "", map[string]any{}).wants(t, 401, "account_signed_out")
	closed := s.account("PUT", "/closing", bob, map[string]any{"password": "une phrase assez longue"}).wants(t, 200, "")
	if closed.str("closesAt") == "" {
		t.Errorf("it says %s", closed.raw)
	}
	s.account("GET", "", bob, nil).wants(t, 401, "account_signed_out")
	again := s.account("POST", "/sessions", "", map[string]any{"login": "bob", "password": "une phrase assez longue"}).wants(t, 201, "")
	if !strings.Contains(again.raw, closed.str("closesAt")) {
		t.Errorf("signed in again, it says %s", again.raw)
	}
	bob = again.str("token")
	if kept := s.account("DELETE", "/closing", bob, nil).wants(t, 200, ""); kept.str("closesAt") != "" {
		t.Errorf("kept, it says %s", kept.raw)
	}

	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, args...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	var told struct{ Accounts []struct{ ID, Login string } }
	if err := json.Unmarshal([]byte(wants(0, "bob", "account", "list", "-o", "json")), &told); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, one := range told.Accounts {
		if one.Login == "bob" {
			id = one.ID
		}
	}
	wants(0, "administrator  yes", "account", "promote", id)
	wants(2, "-yes", "account", "close", id, "-now")
	wants(0, "closes         20", "account", "close", id)
	wants(0, "closes         no", "account", "keep", id)
	wants(0, "bob", "account", "close", id, "-now", "-yes")
	within(t, "it is erased", func() bool {
		_, out, _ := s.fresquectl(nil, "account", "list")
		_, walls, _ := s.fresquectl(nil, "board", "list")
		return !strings.Contains(out, "bob") && !strings.Contains(walls, "quetsche")
	})
	wants(1, "not_found", "account", "close", id)
	wants(1, "not_found", "account", "promote", id)
	wants(2, "fresquectl account list", "account", "keep")
	s.account("POST", "/sessions", "", map[string]any{"login": "bob", "password": "une phrase assez longue"}).wants(t, 401, "sign_in_refused")
	s.account("GET", "/walls", bob, nil).wants(t, 401, "account_signed_out")
	if left := s.call("GET", "/api/v1/operator/boards/"+wallID, app.OperatorKey, nil); strings.Contains(left.raw, "quetsche") {
		t.Errorf("of the wall is left %s", left.raw)
	}
	if audit := wants(0, "closeOperatorAccount", "audit"); !strings.Contains(audit, id) {
		t.Errorf("the audit does not say whose: %s", audit)
	}
}

package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// TestTheOperatorMakesAndEndsAWayOntoAWall: an address is told once, and nobody comes
// by it once it is revoked.
func TestTheOperatorMakesAndEndsAWayOntoAWall(t *testing.T) {
	s := startNew(t)
	trainer := s.moderator("Eve")
	named := s.call("POST", wall+"/links", trainer, map[string]any{"role": "reader", "name": "Groupe de Zoé"}).wants(t, 201, "")
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, out, errs := s.fresquectl(nil, append([]string{"link"}, args...)...)
		if got != code || !strings.Contains(out+errs, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s%s", args, got, code, says, out, errs)
		}
		return out
	}
	word := filepath.Join(t.TempDir(), "word")
	if err := os.WriteFile(word, []byte("mot de passe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const id = "01980000-0000-7000-8000-0000000000d1"
	create := []string{"create", wallID, "-id", id, "-role", "writer", "-uses", "1", "-expires", "7d", "-password-file", word, "-o", "json"}
	var made struct{ ID, URL, ExpiresAt string }
	for range 2 { // repeating makes one
		if err := json.Unmarshal([]byte(wants(0, id, create...)), &made); err != nil || !strings.Contains(made.URL, "#") || made.ExpiresAt == "" {
			t.Fatalf("%v: %v", err, made)
		}
	}
	enter := func() answer {
		return s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "secret": app.SecretOf(made.URL), "password": "mot de passe", "name": "Zoé"})
	}
	inside := enter().wants(t, 201, "").str("token")

	list := wants(0, "1 of 1", "list", wallID)
	told := wants(0, id, "list", wallID, "-o", "json")
	if strings.Count(list, id) != 1 || !strings.Contains(list, "yes") || strings.Contains(list, "0001-") {
		t.Errorf("it is listed as %s", list)
	}
	for _, secret := range []string{app.SecretOf(made.URL), app.SecretOf(named.str("url")), app.SecretOf(s.links.Moderator), "Groupe de Zoé", "argon2", "/w/"} {
		if strings.Contains(list+told, secret) {
			t.Errorf("the list tells %q: %s%s", secret, list, told)
		}
	}
	for range 2 {
		wants(0, "opens nothing", "revoke", wallID, "-link", id)
	}
	s.call("GET", wall, inside, nil).wants(t, 401, "link_invalid")
	enter().wants(t, 401, "link_invalid")
	if list := wants(0, id, "list", wallID, "-o", "json"); !strings.Contains(list, "revokedAt") {
		t.Errorf("it is listed as %s", list)
	}

	wants(1, "not_found", "revoke", wallID, "-link", "01980000-0000-7000-8000-00000000dead")
	wants(1, "not_found", "list", "01980000-0000-7000-8000-00000000dead")
	wants(2, "-link", "revoke", wallID)
	wants(1, "role: ", "create", wallID, "-role", "owner")
	wants(2, "-expires", "create", wallID, "-expires", "soon")
	wants(2, "name the wall", "list")
	if code, out, _ := s.fresquectl(nil, "audit"); code != 0 || strings.Count(out, "revokeOperatorLink") != 3 || !strings.Contains(out, "createOperatorLink") {
		t.Errorf("it is written down as %s", out)
	}
}

package app_test

import (
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// invited is the code in an invitation's link.
func invited(t *testing.T, a answer) string {
	t.Helper()
	link := a.wants(t, 201, "").str("url")
	if !strings.HasPrefix(link, "https://wall.example/invited#") || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the invitation is %s", link)
	}
	return app.SecretOf(link)
}

func TestColleaguesAreInvitedResetAndGivenWalls(t *testing.T) {
	s, setup := started(t, app.LocalConfig(t))
	ada := s.setUp(setup).str("token")

	code := invited(t, s.account("POST", "/invitations", ada, nil))
	s.account("POST", "/invitation", "", map[string]any{"code": "no"}).wants(t, 401, "invitation_invalid")
	if told := s.account("POST", "/invitation", "", map[string]any{"code": code}).wants(t, 200, ""); told.str("to") != "account" || told.str("by") != "Ada" {
		t.Fatal(told.raw)
	}
	s.account("POST", "/invitation/account", "", map[string]any{"code": code, "login": "ada", "name": "Eve", "password": password}).wants(t, 422, "invalid_input")
	made := s.account("POST", "/invitation/account", "", map[string]any{"code": code, "login": "bob", "name": "Bob", "password": password}).wants(t, 201, "")
	bob := made.str("token")
	if c := cookieOf(t, made); c.Value == "" {
		t.Fatal("no cookie")
	}
	s.account("POST", "/invitation/account", "", map[string]any{"code": code, "login": "eve", "name": "Eve", "password": password}).wants(t, 409, "invitation_used")
	s.account("GET", "/people", bob, nil).wants(t, 403, "forbidden")
	people := s.account("GET", "/people", ada, nil).wants(t, 200, "").json["accounts"].([]any)
	if len(people) != 2 {
		t.Fatalf("there are %v", people)
	}

	t.Run("a seat on a wall", func(t *testing.T) {
		seat := invited(t, s.account("POST", "/walls/"+wallID+"/team", ada, map[string]any{"role": "moderator"}))
		if w := s.account("POST", "/invitation/wall", bob, map[string]any{"code": seat}).wants(t, 200, ""); w.str("role") != "moderator" {
			t.Fatal(w.raw)
		}
		session := s.account("POST", "/walls/"+wallID+"/session", bob, map[string]any{}).wants(t, 201, "")
		s.call("GET", wall+"/activity", session.str("token"), nil).wants(t, 200, "")
		team := s.account("GET", "/walls/"+wallID+"/team", ada, nil).wants(t, 200, "").json["team"].([]any)
		id := team[0].(map[string]any)["id"].(string)
		s.account("DELETE", "/walls/"+wallID+"/team/"+id, ada, nil).wants(t, 204, "")
		s.call("GET", wall+"/activity", session.str("token"), nil).wants(t, 401, "link_invalid")
	})

	t.Run("the wall itself", func(t *testing.T) {
		owner := s.account("POST", "/walls/"+wallID+"/session", ada, map[string]any{}).wants(t, 201, "")
		b := s.watch(owner.str("token"), "")
		hand := invited(t, s.account("POST", "/walls/"+wallID+"/team", ada, map[string]any{"role": "owner"}))
		if w := s.account("POST", "/invitation/wall", bob, map[string]any{"code": hand}).wants(t, 200, ""); w.str("role") != "owner" {
			t.Fatal(w.raw)
		}
		// Rule S17: her stream ends, and she comes back as what she is now.
		for event := ""; event != "end"; event, _ = b.next() {
			continue
		}
		s.account("DELETE", "/walls/"+wallID, ada, nil).wants(t, 403, "forbidden")
		again := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "renewal": owner.str("renewal")}).wants(t, 201, "")
		if again.str("role") != "moderator" {
			t.Fatalf("she is %s", again.str("role"))
		}
	})

	t.Run("a lost password", func(t *testing.T) {
		s.account("POST", "/resets", "", map[string]any{"login": "bob"}).wants(t, 401, "operator_key_invalid")
		s.account("POST", "/resets", app.OperatorKey, map[string]any{"login": "personne"}).wants(t, 404, "not_found")
		code := invited(t, s.account("POST", "/resets", app.OperatorKey, map[string]any{"login": "BOB"}))
		s.account("POST", "/invitation/password", "", map[string]any{"code": code, "password": "une autre phrase longue"}).wants(t, 201, "")
		s.account("GET", "", bob, nil).wants(t, 401, "account_signed_out")
		s.account("POST", "/sessions", "", map[string]any{"login": "bob", "password": "une autre phrase longue"}).wants(t, 201, "")
	})

	t.Run("a password is changed by who knows it", func(t *testing.T) {
		s.account("PUT", "/password", ada, map[string]any{"current": "faux", "password": "une autre phrase longue"}).wants(t, 422, "password_wrong")
		changed := s.account("PUT", "/password", ada, map[string]any{"current": password, "password": "une autre phrase longue"}).wants(t, 200, "")
		s.account("GET", "", ada, nil).wants(t, 401, "account_signed_out")
		s.account("GET", "", changed.str("token"), nil).wants(t, 200, "")
	})

	if log := s.log.String(); strings.Contains(log, code) || strings.Contains(log, password) {
		t.Fatal("a secret is in the log")
	}
}

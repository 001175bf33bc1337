package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// isolated says, of every operation for platforms, what a second platform is told
// that names what is the first's: "404" of a board, a user or anything else by its
// address; "own" of what is about the asker alone, whatever it names, since a
// reference of a user means somebody else to each platform. What is in no row
// fails the test. A body is what the least form of a request does not say.
var isolated = map[string]struct {
	told string
	body map[string]any
}{
	"readPlatformItself":  {told: "own"},
	"readPlatformBoards":  {told: "own"},
	"createPlatformBoard": {told: "own", body: map[string]any{"title": "Le leur", "externalId": "cm 1"}},
	"importPlatformBoard": {told: "own", body: map[string]any{"version": 1, "board": map[string]any{"title": "Le leur"}}},
	"readPlatformBoard":   {told: "404"},
	"editPlatformBoard":   {told: "404", body: map[string]any{"title": "Volé", "externalId": "x"}},
	"deletePlatformBoard": {told: "404"},
	"clonePlatformBoard":  {told: "404", body: map[string]any{"contributions": true}},
	"resetPlatformBoard":  {told: "404", body: map[string]any{"contributions": true, "groups": true}},
	"exportPlatformBoard": {told: "404"},
	"readPlatformArchive": {told: "404"},
	"setMembers":          {told: "404", body: map[string]any{"groups": []any{}, "members": []any{}}},
	"createTicket":        {told: "404", body: map[string]any{"user": "ada", "role": "owner"}},
	"readParticipation":   {told: "404"},
	"exportUser":          {told: "404"},
	"eraseUser":           {told: "own"},
	"eraseUserOnBoard":    {told: "404"},
	"eraseUsers":          {told: "own", body: map[string]any{"users": []string{"ada", "bob"}}},
	"readOperation":       {told: "404"},
}

// state is all that a platform can read of what is its own, by where it is read.
func (s *site) state() map[string]string {
	s.t.Helper()
	out := make(map[string]string)
	for _, path := range []string{"/boards", "/boards/" + s.board + "/export", "/boards/" + s.board + "/participation", "/users/ada", "/users/bob"} {
		out[path] = s.call("GET", "/api/v1/platform"+path, s.token, nil).wants(s.t, 200, "").raw
	}
	return out
}

// unchanged fails the test when something of a platform's is not as it was.
func (s *site) unchanged(before map[string]string, by string) {
	s.t.Helper()
	for path, now := range s.state() {
		if now != before[path] {
			s.t.Fatalf("%s changed %s from\n%s\nto\n%s", by, path, before[path], now)
		}
	}
}

// erased has somebody erased, and waits until that is done.
func (s *site) erased(user string) (operation string) {
	s.t.Helper()
	s.come(user, nil)
	operation = s.call("DELETE", platformBoards+"/"+s.board+"/users/"+user, s.token, nil).wants(s.t, 202, "").str("operation")
	for strings.Contains(s.call("GET", platformBoards+"/"+s.board+"/participation", s.token, nil).raw, `"user":"`+user+`"`) {
		select {
		case <-s.t.Context().Done():
			s.t.Fatal("it is not erased")
		case <-time.After(5 * time.Millisecond):
		}
	}
	for s.call("GET", "/api/v1/platform/operations/"+operation, s.token, nil).wants(s.t, 200, "").json["counts"].(map[string]any)["participant"] == nil {
		select {
		case <-s.t.Context().Done():
			s.t.Fatal("it is not counted")
		case <-time.After(5 * time.Millisecond):
		}
	}
	return operation
}

// TestNothingOfAPlatformIsThereForAnother walks every operation for platforms.
func TestNothingOfAPlatformIsThereForAnother(t *testing.T) {
	own, _ := peopled(t)
	operation := own.erased("gone")
	id := own.connect("theirs", map[string]any{"origins": []string{moodle}})
	theirs := &site{service: own.service, id: id, token: own.platformToken(id, everyScope)}
	ids := map[string]string{"board": own.board, "user": "ada", "operation": operation}
	doc, before := readDocument(t), own.state()
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if _, platform := schemesOf(op)["platform"]; !platform {
				continue
			}
			row, there := isolated[op.OperationID]
			if !there {
				t.Errorf("%s %s (%s) is in no row of this test", method, path, op.OperationID)
				continue
			}
			address := path
			for name, value := range ids {
				address = strings.ReplaceAll(address, "{"+name+"}", value)
			}
			if strings.Contains(address, "{") {
				t.Errorf("%s: say what of the first platform's goes into %s", op.OperationID, address)
				continue
			}
			_, body := doc.example(path, op)
			if row.body != nil {
				body = row.body
			}
			got := theirs.call(strings.ToUpper(method), address, theirs.token, body)
			if row.told == "404" && (got.status != 404 || got.str("code") != "not_found") || row.told == "own" && got.status/100 != 2 {
				t.Errorf("%s answers %d %s, want %s", op.OperationID, got.status, got.raw, row.told)
			}
			for _, secret := range []string{own.board, operation, "Etna", "Curie"} {
				if strings.Contains(got.raw, secret) {
					t.Errorf("%s tells %q: %s", op.OperationID, secret, got.raw)
				}
			}
			own.unchanged(before, op.OperationID)
		}
	}
	// What a body may name is the asker's as well.
	theirs.call("POST", "/api/v1/platform/erasures", theirs.token, map[string]any{"users": []string{"ada"}, "board": own.board}).wants(t, 404, "not_found")
	own.unchanged(before, "an erasure")
	// Of what is there and what is not it is told the same.
	for _, of := range []string{"", "/export", "/participation"} {
		there := theirs.call("GET", platformBoards+"/"+own.board+of, theirs.token, nil)
		none := theirs.call("GET", platformBoards+"/01980000-0000-7000-8000-00000000dead"+of, theirs.token, nil)
		if there.raw != none.raw {
			t.Fatalf("%q: %s and %s", of, there.raw, none.raw)
		}
	}
}

// schemesOf are those that open an operation.
func schemesOf(op operation) map[string]bool {
	out := map[string]bool{}
	for _, demand := range op.Security {
		for scheme := range demand {
			out[scheme] = true
		}
	}
	return out
}

// TestASessionOfAPlatformsUserOpensNothingOfAnothers walks every operation on a
// board.
func TestASessionOfAPlatformsUserOpensNothingOfAnothers(t *testing.T) {
	own, _ := peopled(t)
	id := own.connect("theirs", map[string]any{"origins": []string{moodle}})
	theirs := &site{service: own.service, id: id, token: own.platformToken(id, everyScope)}
	theirs.board = theirs.newBoard("fr")
	before := own.state()
	// The same user, as strong as can be, on a board of the second platform's.
	session := theirs.come("ada", map[string]any{"role": "owner"})
	doc, tried := readDocument(t), 0
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if !schemesOf(op)["session"] || !strings.Contains(path, "{board}") {
				continue
			}
			tried++
			address, body := doc.example(strings.ReplaceAll(path, "{board}", own.board), op)
			got := own.call(strings.ToUpper(method), address, session.str("token"), body, "If-Match", `"1"`)
			if got.status != 401 && got.status != 403 && got.status != 404 || strings.Contains(got.raw, "Etna") {
				t.Errorf("%s answers %d %s", op.OperationID, got.status, got.raw)
			}
		}
	}
	if tried < 30 {
		t.Fatalf("only %d operations were tried", tried)
	}
	own.unchanged(before, "a session")
	// Nor does what renews it, nor a ticket.
	for name, body := range map[string]map[string]any{
		"renewal": {"renewal": session.str("renewal")}, "ticket": {"ticket": theirs.ticket("ada", nil), "embedder": moodle},
	} {
		body["boardId"] = own.board
		if got := own.call("POST", "/api/v1/sessions", "", body); got.status != 401 {
			t.Errorf("a %s of another platform's answers %s", name, fmt.Sprint(got.status, got.raw))
		}
	}
}

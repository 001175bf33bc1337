package app_test

import (
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/app"
)

// TestWhereNoNamesAreSentNobodyIsNamed goes through all that people of a wall,
// and whoever reads the service's log, get to read of a platform that sends no
// names: a pseudonym, and never the reference or what it leads to. The platform
// reads its own references, and nobody else's.
func TestWhereNoNamesAreSentNobodyIsNamed(t *testing.T) {
	s := newSchool(t, nil)
	const ref, word = "kq81-hash-of-somebody", "mirabelle"
	zoe, tom, eve := s.come(ref, nil), s.come("kq82-another", nil), s.come("kq83-trainer", map[string]any{"role": "moderator"})
	_, name := who(zoe)
	if !strings.HasPrefix(name, "Participant ") {
		t.Fatalf("who has no name is called %q", name)
	}
	cursor := s.call("GET", s.path("/snapshot"), eve.str("token"), nil).wants(t, 200, "").str("cursor")
	post := s.call("POST", s.path("/posts"), zoe.str("token"), map[string]any{"title": word}).wants(t, 201, "").str("id")
	s.call("PATCH", s.path("/posts/"+post), zoe.str("token"), map[string]any{"title": word + " deux"}, "If-Match", `"1"`).wants(t, 200, "")
	comment := s.call("POST", s.path("/posts/"+post+"/comments"), zoe.str("token"), map[string]any{"body": "<p>" + word + "</p>"}).wants(t, 201, "").str("id")
	gone := s.call("POST", s.path("/posts"), zoe.str("token"), map[string]any{"title": word}).wants(t, 201, "").str("id")
	s.call("DELETE", s.path("/posts/"+gone), zoe.str("token"), nil).wants(t, 200, "")
	s.call("POST", s.path("/posts/"+post+"/reports"), tom.str("token"), map[string]any{"reason": word}).wants(t, 201, "")

	said := map[string]string{"session": zoe.raw}
	read := map[string][]string{
		"a participant": {"", "/snapshot", "/posts/" + post, "/posts/" + post + "/comments", "/comments/" + comment},
		"a trainer":     {"", "/snapshot", "/posts/" + post, "/posts/" + post + "/comments", "/comments/" + comment, "/activity", "/trash", "/posts/" + post + "/versions"},
	}
	for as, token := range map[string]string{"a participant": tom.str("token"), "a trainer": eve.str("token")} {
		for _, path := range read[as] {
			said[as+" "+path] = s.call("GET", s.path(path), token, nil).wants(t, 200, "").raw
		}
	}
	said["the stream"] = s.streamFrom(eve.str("token"), cursor, post)
	said["the stream of events"] = s.streamed()
	for where, text := range s.kept() {
		if strings.HasPrefix(where, s.board) {
			said["stored "+where] = text
		}
	}
	said["operations"] = s.call("GET", "/api/v1/platforms/"+s.id+"/operations", app.OperatorKey, nil).wants(t, 200, "").raw
	user := ""
	for where, text := range s.kept() {
		if kind, id, _ := strings.Cut(strings.TrimPrefix(where, s.id+" "), " "); kind == "user" && strings.Contains(text, ref) {
			user = id
		}
	}
	if user == "" {
		t.Fatal("the user is not there: the test looks in the wrong place")
	}
	for where, text := range said {
		if strings.Contains(text, ref) {
			t.Errorf("%s tells the reference: %s", where, text)
		}
		// Where it stands in the board's own partition, it is the key of a visit.
		if strings.Contains(text, user) && !strings.HasPrefix(where, "stored") {
			t.Errorf("%s tells whose it is: %s", where, text)
		}
	}
	if !strings.Contains(said["a trainer /snapshot"], name) || !strings.Contains(said["the stream"], name) {
		t.Error("the pseudonym is not told: the test looks in the wrong place")
	}
	exported := s.call("GET", usersPath+ref, s.token, nil).wants(t, 200, "").raw
	if !strings.Contains(exported, ref) || strings.Contains(exported, "kq82") || strings.Contains(exported, "kq83") {
		t.Errorf("the export is %s", exported)
	}

	// The longest lives of data pass: all of it is logged by what it is alone.
	s.call("PATCH", "/api/v1/platforms/"+s.id, app.OperatorKey, map[string]any{"retention": map[string]any{"suspendAfter": 10, "eraseAfter": 20, "wallsAfter": 40, "ends": "anonymise"}}).wants(t, 200, "")
	s.pass(12 * 24 * time.Hour)
	s.sees("suspension", time.Hour)
	s.pass(9 * 24 * time.Hour)
	for n := 0; s.call("GET", usersPath+ref, s.token, nil).status != 404; n++ {
		if n == 500 {
			t.Fatal("never erased")
		}
		s.pass(time.Hour)
		time.Sleep(20 * time.Millisecond)
	}
	done := s.sees("anonymise", 24*time.Hour)
	for where, text := range map[string]string{"the log": s.log.String(), "operations": done} {
		for _, secret := range []string{ref, user, name, word, "kq82", "kq83"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s says %q: %.2000s", where, secret, text)
			}
		}
	}
}

// sees lets time pass, step by step, until the operations of the platform have
// one of a kind, and gives their list.
func (s *school) sees(what string, step time.Duration) string {
	s.t.Helper()
	for range 200 {
		s.pass(step)
		listed := s.call("GET", "/api/v1/platforms/"+s.id+"/operations", app.OperatorKey, nil).wants(s.t, 200, "").raw
		if strings.Contains(listed, `"`+what+`"`) {
			return listed
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%s is never begun", what)
	return ""
}

// streamFrom is all that somebody's stream tells from a cursor on until it has
// told of a post.
func (s *school) streamFrom(token, cursor, post string) string {
	s.t.Helper()
	b := s.watchFrom(token, cursor)
	var all strings.Builder
	for b.lines.Scan() {
		all.WriteString(b.lines.Text() + "\n")
		if strings.Contains(b.lines.Text(), post) && strings.Contains(b.lines.Text(), " deux") {
			return all.String()
		}
	}
	s.t.Fatalf("the stream ended: %s", all.String())
	return ""
}

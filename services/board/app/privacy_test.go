package app_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// school is a site whose time passes as the test says.
type school struct {
	*site
	events *natstest.Server
	file   string
	mu     sync.Mutex
	late   time.Duration
}

func newSchool(t *testing.T, retention map[string]any) *school {
	t.Helper()
	out := &school{events: natstest.Start(t)}
	cfg := app.LocalConfig(t)
	out.file = strings.TrimPrefix(cfg.Store, "sqlite:")
	s := startWith(t, cfg, out.events, app.Deps{Now: out.now})
	more := map[string]any{}
	if retention != nil {
		more["retention"] = retention
	}
	id := s.connect("moodle", more)
	out.site = &site{service: s, id: id}
	out.sign()
	out.board = out.newBoard("fr")
	return out
}

// sign makes the platform's token anew: it would run out as the time passes.
func (s *school) sign() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = s.platformTokenAt(s.id, everyScope, func() time.Time { return time.Now().Add(s.late) })
}

func (s *school) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().UTC().Add(s.late)
}

// pass lets time pass, and has the service look at what is due.
func (s *school) pass(d time.Duration) {
	s.t.Helper()
	s.mu.Lock()
	s.late += d
	s.mu.Unlock()
	s.sign()
	s.call("DELETE", usersPath+"nobody", s.token, nil).wants(s.t, 202, "")
}

const usersPath = "/api/v1/platform/users/"

// finished waits until an operation is done.
func (s *school) finished(op string) answer {
	s.t.Helper()
	for range 100 {
		s.pass(90 * time.Second)
		if a := s.call("GET", "/api/v1/platform/operations/"+op, s.token, nil).wants(s.t, 200, ""); a.str("state") == "done" {
			return a
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%s is never done: %s", op, s.log.String())
	return answer{}
}

// kept is all that is kept, and all that was said: the store's rows, the stream
// of events, the log of the process.
func (s *school) kept() map[string]string {
	s.t.Helper()
	out := map[string]string{"log": s.log.String()}
	db, err := sql.Open("sqlite", s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(s.t.Context(), `SELECT board || ' ' || kind || ' ' || id, ifnull(parent, '') || ' ' || doc FROM document`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var where, text string
		if err := rows.Scan(&where, &text); err != nil {
			s.t.Fatal(err)
		}
		out[where] = text
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	out["events"] = s.streamed()
	return out
}

// streamed is all that the stream of events keeps.
func (s *school) streamed() string {
	s.t.Helper()
	js, err := jetstream.New(s.events.Connect())
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	stream, err := js.Stream(ctx, subject.BoardStream)
	if err != nil {
		s.t.Fatal(err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	var all bytes.Buffer
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		if m, err := stream.GetMsg(ctx, seq); err == nil {
			all.Write(m.Data)
		}
	}
	return all.String()
}

func (s *school) wantNoTrace(words ...string) {
	s.t.Helper()
	for where, text := range s.kept() {
		for _, word := range words {
			if strings.Contains(text, word) {
				s.t.Errorf("%s still has %q: %.600s", where, word, text)
			}
		}
	}
}

// watchBoard follows the platform's board.
func (s *school) watchBoard(token string) *browser {
	s.t.Helper()
	return s.watchFrom(token, "")
}

func (s *school) watchFrom(token, cursor string) *browser {
	s.t.Helper()
	res := s.stream(s.path("/events"), token, cursor)
	if res.StatusCode != 200 {
		s.t.Fatalf("the stream answers %d", res.StatusCode)
	}
	b := &browser{t: s.t, body: res.Body, lines: bufio.NewScanner(res.Body)}
	b.lines.Buffer(nil, 1<<20)
	return b
}

func TestWhoIsErasedIsGoneFromEverywhere(t *testing.T) {
	s := newSchool(t, nil)
	ref := "réf/zoé 1%"
	person := usersPath + url.PathEscape(ref)
	s.call("PUT", platformBoards+"/"+s.board+"/members", s.token, map[string]any{
		"groups": []any{map[string]any{"ref": "g", "name": "Groupe"}}, "members": []any{map[string]any{"user": ref, "name": "Zoé Marchand", "groups": []string{"g"}}, map[string]any{"user": "tom"}},
	}).wants(t, 200, "")
	zoe := s.come(ref, map[string]any{"name": "Zoé Marchand"})
	tom, eve := s.come("tom", map[string]any{"name": "Tom"}), s.come("eve", map[string]any{"name": "Eve", "role": "moderator"})
	post := s.call("POST", s.path("/posts"), zoe.str("token"), map[string]any{"title": "mirabelle", "body": "<p>mirabelle</p>"}).wants(t, 201, "")
	peers := s.call("POST", s.path("/posts"), tom.str("token"), map[string]any{"title": "du voisin"}).wants(t, 201, "")
	s.call("POST", s.path("/posts/"+peers.str("id")+"/comments"), zoe.str("token"), map[string]any{"body": "<p>mirabelle</p>"}).wants(t, 201, "")
	s.call("POST", s.path("/posts/"+post.str("id")+"/reject"), eve.str("token"), map[string]any{"reason": "Non, Zoé Marchand"}).wants(t, 200, "")
	left := s.call("GET", person, s.token, nil).wants(t, 200, "")
	for _, of := range []string{ref, "Zoé Marchand", "mirabelle", "Groupe"} {
		if data, _ := json.Marshal(of); !strings.Contains(left.raw, strings.Trim(string(data), `"`)) {
			t.Errorf("%q is not in the export: %s", of, left.raw)
		}
	}
	for _, of := range []string{"Tom", "du voisin", "Eve"} {
		if strings.Contains(left.raw, `"`+of+`"`) {
			t.Errorf("%q of another is in the export: %s", of, left.raw)
		}
	}
	hers, his := s.watchBoard(zoe.str("token")), s.watchBoard(tom.str("token"))
	op := s.call("DELETE", person, s.token, nil).wants(t, 202, "")
	if again := s.call("DELETE", person, s.token, nil).wants(t, 202, ""); again.str("operation") != op.str("operation") {
		t.Error("asked for again, it is another")
	}
	for event := ""; event != "end"; event, _ = hers.next() {
	}
	for {
		event, data := his.next()
		if event == "end" {
			t.Fatal("the other's stream ended")
		}
		if counts, ok := data["counts"].(map[string]any); ok && counts["id"] == peers.str("id") && counts["comments"] == 0.0 {
			break
		}
	}
	s.call("GET", s.path("/snapshot"), zoe.str("token"), nil).wants(t, 401, "user_erased")
	s.call("POST", s.path("/posts"), zoe.str("token"), map[string]any{"title": "x"}).wants(t, 401, "user_erased")
	s.renew(zoe).wants(t, 401, "user_erased")
	s.call("GET", person, s.token, nil).wants(t, 404, "not_found")
	done := s.finished(op.str("operation"))
	if counts := done.json["counts"].(map[string]any); counts["post"] != 1.0 || counts["comment"] != 1.0 || counts["roster"] != 1.0 {
		t.Errorf("counts are %v", counts)
	}
	id, _ := who(zoe)
	s.wantNoTrace("Zoé", "réf/zoé", url.PathEscape(ref), "mirabelle")
	if listed := s.call("GET", "/api/v1/platforms/"+s.id+"/operations", app.OperatorKey, nil).wants(t, 200, ""); strings.Contains(listed.raw, id) {
		t.Errorf("the list names somebody: %s", listed.raw)
	}
	back := s.come(ref, map[string]any{"name": "Zoé Marchand"})
	if now, _ := who(back); now == id {
		t.Error("they are back as who they were")
	}
	s.call("POST", s.path("/posts"), back.str("token"), map[string]any{"title": "du neuf"}).wants(t, 201, "")
	if wall := s.call("GET", s.path("/snapshot"), back.str("token"), nil).wants(t, 200, ""); strings.Contains(wall.raw, "mirabelle") || !strings.Contains(wall.raw, "du neuf") || !strings.Contains(wall.raw, "du voisin") {
		t.Errorf("the wall is %s", wall.raw)
	}
}

func TestErasuresArePerPlatformAndMayBeAskedForAgain(t *testing.T) {
	s := startNew(t)
	us := s.connect("ours", nil)
	ours, theirs := s.platformToken(us, everyScope), s.platformToken(s.connect("theirs", nil), everyScope)
	odd := usersPath + url.PathEscape("a/b ü%?")
	s.call("GET", odd, ours, nil).wants(t, 404, "not_found")
	s.call("DELETE", odd, s.platformToken(us, "boards"), nil).wants(t, 403, "scope_insufficient")
	op := s.call("DELETE", odd, ours, nil).wants(t, 202, "")
	if op.str("state") != "queued" || op.str("what") != "erasure" {
		t.Errorf("of nobody: %s", op.raw)
	}
	at := "/api/v1/platform/operations/" + op.str("operation")
	s.call("GET", at, ours, nil).wants(t, 200, "")
	s.call("GET", at, theirs, nil).wants(t, 404, "not_found")
	s.call("DELETE", "/api/v1/platform/boards/"+wallID+"/users/x", ours, nil).wants(t, 404, "not_found")
	// Ids that are written otherwise name no board: least of all every one.
	mine := s.board(ours, map[string]any{"title": "ours"})
	for _, other := range []string{strings.ReplaceAll(mine, "-", ""), "urn:uuid:" + mine, "00000000-0000-0000-0000-000000000000"} {
		s.call("DELETE", "/api/v1/platform/boards/"+other+"/users/x", ours, nil).wants(t, 404, "not_found")
		s.call("POST", "/api/v1/platform/erasures", ours, map[string]any{"users": []string{"x"}, "board": other}).wants(t, 404, "not_found")
	}
	s.call("POST", "/api/v1/platform/erasures", ours, map[string]any{"users": []string{}}).wants(t, 422, "invalid_input")
	several := s.call("POST", "/api/v1/platform/erasures", ours, map[string]any{"users": []string{"a", "b"}}).wants(t, 202, "")
	if len(several.json["operations"].([]any)) != 2 {
		t.Errorf("%s", several.raw)
	}
	listed := s.call("GET", "/api/v1/platforms/"+us+"/operations", app.OperatorKey, nil).wants(t, 200, "")
	if len(listed.json["operations"].([]any)) != 3 {
		t.Errorf("%s", listed.raw)
	}
	s.call("GET", "/api/v1/platforms/"+wallID+"/operations", app.OperatorKey, nil).wants(t, 404, "not_found")
}

package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

// board makes a board of a platform's, and gives its id.
func (s *service) board(token string, body map[string]any, headers ...string) string {
	s.t.Helper()
	return idOf(s.call("POST", platformBoards, token, body, headers...).wants(s.t, 201, ""))
}

// idOf is that of the board in an answer.
func idOf(a answer) string { return a.json["board"].(map[string]any)["id"].(string) }

// ids are those of the boards in a list.
func (a answer) ids() []string {
	var out []string
	for _, one := range a.json["boards"].([]any) {
		out = append(out, one.(map[string]any)["board"].(map[string]any)["id"].(string))
	}
	return out
}

func TestAPlatformListsItsBoards(t *testing.T) {
	s := startNew(t)
	ours, theirs := s.platformToken(s.connect("ours", nil), everyScope), s.platformToken(s.connect("theirs", nil), everyScope)
	var made []string
	for i := range 7 {
		made = append(made, s.board(ours, map[string]any{"title": fmt.Sprint("Mur ", i), "externalId": fmt.Sprint("cm ", i/3)}))
	}
	s.board(theirs, map[string]any{"title": "Autre", "externalId": "cm 1"})
	pages := func(query string) (all []string) {
		t.Helper()
		for cursor, n := "", 0; ; n++ {
			page := s.call("GET", platformBoards+"?limit=2"+query+"&cursor="+cursor, ours, nil).wants(t, 200, "")
			all = append(all, page.ids()...)
			if cursor = page.str("next"); cursor == "" {
				return all
			}
			if n > 10 {
				t.Fatal("it does not end")
			}
		}
	}
	same := func(got, want []string) {
		t.Helper()
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	same(pages(""), made)
	same(pages("&externalId=cm%200"), made[:3])
	same(pages("&externalId=cm%204"), nil)
	s.call("DELETE", platformBoards+"/"+made[1], ours, nil).wants(t, 204, "")
	s.call("PATCH", platformBoards+"/"+made[6], ours, map[string]any{"externalId": "cm 0"}).wants(t, 200, "")
	same(pages("&externalId=cm%200"), []string{made[0], made[2], made[6]})
	same(pages("&externalId=cm%202"), nil)
	same(pages(""), slices.Delete(slices.Clone(made), 1, 2))
	s.call("GET", platformBoards+"?limit=201", ours, nil).wants(t, 422, "invalid_input")
}

func TestAPlatformChangesAndDeletesItsBoards(t *testing.T) {
	s := startNew(t)
	ours, theirs := s.platformToken(s.connect("ours", map[string]any{"language": "en", "defaults": map[string]any{"moderation": "all", "layout": "stream"}}), everyScope), s.platformToken(s.connect("theirs", nil), everyScope)
	id := s.board(ours, map[string]any{"title": "Mur", "externalId": "cm 12"})
	one := platformBoards + "/" + id
	read := s.call("GET", one, ours, nil).wants(t, 200, "")
	told := read.json["board"].(map[string]any)
	if settings := told["settings"].(map[string]any); settings["moderation"] != "all" || settings["layout"] != "stream" || told["language"] != "en" {
		t.Fatal(read.raw)
	}
	changed := s.call("PATCH", one, ours, map[string]any{"title": "Autre", "settings": map[string]any{"layout": "columns"}, "completion": map[string]any{"rules": []any{map[string]any{"measure": "posts", "least": 2}}}}).wants(t, 200, "")
	told = changed.json["board"].(map[string]any)
	if told["title"] != "Autre" || told["settings"].(map[string]any)["layout"] != "columns" || changed.str("externalId") != "cm 12" || !strings.Contains(changed.raw, `"least":2`) {
		t.Fatal(changed.raw)
	}
	s.call("PATCH", one, ours, map[string]any{"title": "Trop tard"}, "If-Match", read.header.Get("ETag")).wants(t, 412, "revision_conflict")
	s.call("PATCH", one, ours, map[string]any{"title": " "}).wants(t, 422, "invalid_input")
	s.call("PATCH", one, ours, map[string]any{"externalId": strings.Repeat("x", 201)}).wants(t, 422, "invalid_input")
	s.call("PATCH", one, theirs, map[string]any{"title": "Volé"}).wants(t, 404, "not_found")
	s.call("DELETE", one, theirs, nil).wants(t, 404, "not_found")
	s.call("DELETE", platformBoards+"/"+wallID, ours, nil).wants(t, 404, "not_found")
	s.call("DELETE", one, ours, nil).wants(t, 204, "")
	s.call("DELETE", one, ours, nil).wants(t, 204, "")
	s.call("GET", one, ours, nil).wants(t, 404, "not_found")
	s.call("PATCH", one, ours, map[string]any{"title": "Autre"}).wants(t, 404, "not_found")
}

func TestABoardOfAPlatformFromATemplate(t *testing.T) {
	s := startNew(t)
	token := s.platformToken(s.connect("ours", map[string]any{"defaults": map[string]any{"moderation": "all"}}), everyScope)
	a := s.call("POST", platformBoards, token, map[string]any{"title": "Mur", "template": "kwl", "language": "en"})
	if a.status == 422 {
		t.Fatalf("choose another template: %s", a.raw)
	}
	board := a.wants(t, 201, "").json["board"].(map[string]any)
	if settings := board["settings"].(map[string]any); settings["moderation"] != "all" || settings["layout"] != "columns" || board["description"] == "" {
		t.Fatal(a.raw)
	}
	s.call("POST", platformBoards, token, map[string]any{"title": "Mur", "template": "none"}).wants(t, 422, "invalid_input")
}

func TestARequestThatIsRepeated(t *testing.T) {
	s := startNew(t)
	token := s.platformToken(s.connect("ours", nil), everyScope)
	body := map[string]any{"title": "Mur", "settings": map[string]any{"layout": "columns"}}
	id := s.board(token, body, "Idempotency-Key", "k")
	if again := s.board(token, body, "Idempotency-Key", "k"); again != id {
		t.Fatal("two boards for one key")
	}
	// It answers as the first did even when the board has changed since.
	s.call("PATCH", platformBoards+"/"+id, token, map[string]any{"title": "Autre"}).wants(t, 200, "")
	if again := s.board(token, body, "Idempotency-Key", "k"); again != id {
		t.Fatal("two boards for one key")
	}
	for name, other := range map[string]map[string]any{
		"another title":   {"title": "Autre", "settings": map[string]any{"layout": "columns"}},
		"another setting": {"title": "Mur", "settings": map[string]any{"layout": "wall"}},
		"one more field":  {"title": "Mur", "settings": map[string]any{"layout": "columns"}, "externalId": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			s.call("POST", platformBoards, token, other, "Idempotency-Key", "k").wants(t, 422, "idempotency_key_reused")
		})
	}
	if one, two := s.board(token, body), s.board(token, body); one == two {
		t.Fatal("one board for two requests without a key")
	}
	s.call("DELETE", platformBoards+"/"+id, token, nil).wants(t, 204, "")
	s.call("POST", platformBoards, token, body, "Idempotency-Key", "k").wants(t, 404, "not_found")
}

func TestWhatAPlatformMayHave(t *testing.T) {
	s := startNew(t)
	platform := s.connect("ours", map[string]any{"quotas": map[string]any{"boards": 2, "mediaMib": 3, "callsPerMinute": 0}})
	token := s.platformToken(platform, everyScope)
	body := map[string]any{"title": "Mur"}
	first, second := s.board(token, body, "Idempotency-Key", "1"), s.board(token, body)
	s.call("POST", platformBoards, token, body).wants(t, 412, "too_many_boards")
	if again := s.board(token, body, "Idempotency-Key", "1"); again != first {
		t.Fatal("what is there is counted twice")
	}
	s.call("DELETE", platformBoards+"/"+second, token, nil).wants(t, 204, "")
	second = s.board(token, body)

	const mib = 1 << 20
	n := 0
	upload := func(board string, size int) answer {
		n++
		session := s.craftOn(board, "01980000-0000-7000-8000-0000000000aa", "Zoé", "writer")
		return s.call("POST", "/api/v1/boards/"+board+"/media", session, map[string]any{"id": fmt.Sprintf("01980000-0000-7000-9100-%012d", n), "size": size, "type": "image/png"})
	}
	upload(first, mib).wants(t, 201, "")
	upload(second, mib).wants(t, 201, "")
	if full := upload(second, mib+1).wants(t, 413, "platform_full"); !strings.Contains(full.raw, "1 MiB remain") {
		t.Fatal(full.raw)
	}
	upload(first, mib).wants(t, 201, "")
	upload(first, 1).wants(t, 413, "platform_full")
	itself := s.call("GET", "/api/v1/platform", s.platformToken(platform, ""), nil).wants(t, 200, "")
	if used := itself.json["used"].(map[string]any); used["boards"] != 2.0 || used["mediaMib"] != 3.0 || itself.str("time") == "" || itself.str("version") == "" || itself.str("name") != "ours" {
		t.Fatal(itself.raw)
	}
	// A larger quota is good at once.
	s.call("PATCH", "/api/v1/platforms/"+platform, app.OperatorKey, map[string]any{"quotas": map[string]any{"boards": 0, "mediaMib": 4, "callsPerMinute": 0}}).wants(t, 200, "")
	upload(second, mib).wants(t, 201, "")
}

func TestAPlatformIsToldOfItsPace(t *testing.T) {
	s := startNew(t)
	w := s.newSigner("ours")
	if a := s.ask(formOf(w.sign(nil))).wants(t, 200, ""); a.header.Get("RateLimit-Limit") != "600" {
		t.Errorf("without a quota: %v", a.header)
	}
	s.call("PATCH", "/api/v1/platforms/"+w.id, app.OperatorKey, map[string]any{"quotas": map[string]any{"boards": 0, "mediaMib": 0, "callsPerMinute": 5}}).wants(t, 200, "")
	token := s.ask(formOf(w.sign(nil))).wants(t, 200, "").str("access_token")
	headers := func(a answer) bool {
		return a.header.Get("RateLimit-Limit") == "5" && a.header.Get("RateLimit-Remaining") != "" && a.header.Get("RateLimit-Reset") != ""
	}
	// At the worst a minute ends in between.
	for n := 0; ; n++ {
		a := s.call("GET", platformBoards+"/01980000-0000-7000-8000-00000000dead", token, nil)
		if !headers(a) {
			t.Fatalf("%d %v", a.status, a.header)
		}
		if a.status == 429 {
			if a.wants(t, 429, "rate_limited").header.Get("Retry-After") == "" || a.header.Get("RateLimit-Remaining") != "0" {
				t.Fatal(a.header)
			}
			break
		}
		a.wants(t, 404, "not_found")
		if n > 10 {
			t.Fatal("it calls as often as it likes")
		}
	}
	other := s.newSigner("theirs")
	if a := s.ask(formOf(other.sign(nil))).wants(t, 200, ""); a.header.Get("RateLimit-Limit") != "600" {
		t.Fatal(a.header)
	}
	for n := 0; s.ask(formOf(w.sign(nil))).status != 429; n++ {
		if n > 10 {
			t.Fatal("it gets as many tokens as it likes")
		}
	}
}

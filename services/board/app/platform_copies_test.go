package app_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// peopled is a site whose board has a section, a group, and what three people
// have said there.
func peopled(t *testing.T) (own *site, ada answer) {
	t.Helper()
	own = startNew(t).site("moodle")
	trainer := own.come("teacher", map[string]any{"role": "owner", "name": "Mme Curie"}).str("token")
	ada, bob := own.come("ada", map[string]any{"name": "Ada", "group": map[string]any{"ref": "g1", "name": "Rouge"}}), own.come("bob", nil).str("token")
	section := own.call("POST", own.path("/sections"), trainer, map[string]any{"title": "Un"}).wants(t, 201, "").str("id")
	own.call("PATCH", platformBoards+"/"+own.board, own.token, map[string]any{
		"settings":   map[string]any{"reactions": "like", "anonymity": "peers"},
		"completion": map[string]any{"rules": []any{map[string]any{"measure": "posts", "section": section, "least": 1}}},
	}).wants(t, 200, "")
	post := own.call("POST", own.path("/posts"), ada.str("token"), map[string]any{
		"title": "Etna", "body": "<p>Un <strong>volcan</strong></p>", "sectionId": section,
		"attachments": []any{map[string]any{"type": "link", "url": "https://example.org/etna", "caption": "Voir"}},
	}).wants(t, 201, "").str("id")
	own.call("POST", own.path("/posts"), trainer, map[string]any{"title": "Consigne"}).wants(t, 201, "")
	said := own.call("POST", own.path("/posts/"+post+"/comments"), bob, map[string]any{"body": "Beau"}).wants(t, 201, "").str("id")
	own.call("POST", own.path("/posts/"+post+"/comments"), ada.str("token"), map[string]any{"body": "Merci", "replyTo": said}).wants(t, 201, "")
	own.call("PUT", own.path("/posts/"+post+"/reaction"), bob, map[string]any{"value": 1}).wants(t, 200, "")
	gone := own.call("POST", own.path("/posts"), bob, map[string]any{"title": "Supprimé"}).wants(t, 201, "").str("id")
	own.call("DELETE", own.path("/posts/"+gone), bob, nil).wants(t, 200, "")
	return own, ada
}

// whole is what a trainer sees of a board, in words.
func (s *site) whole(board string) []string {
	s.t.Helper()
	on := &site{service: s.service, id: s.id, token: s.token, board: board}
	token := on.come("looker", map[string]any{"role": "owner"}).str("token")
	a := s.call("GET", "/api/v1/boards/"+board+"/snapshot", token, nil).wants(s.t, 200, "")
	var out []string
	names := map[string]string{}
	each := func(kind string, say func(map[string]any) string) {
		all, _ := a.json[kind].([]any)
		for _, one := range all {
			out = append(out, kind+" "+say(one.(map[string]any)))
		}
	}
	title := func(m map[string]any) string {
		names[m["id"].(string)] = m["title"].(string)
		return m["title"].(string)
	}
	each("sections", title)
	each("groups", func(m map[string]any) string { return m["name"].(string) })
	each("posts", func(m map[string]any) string {
		var links []string
		attachments, _ := m["attachments"].([]any)
		for _, at := range attachments {
			links = append(links, fmt.Sprint(at.(map[string]any)["url"], at.(map[string]any)["caption"]))
		}
		counts, _ := m["counts"].(map[string]any)
		return fmt.Sprint(m["title"], m["body"], " by ", m["author"].(map[string]any)["name"], " in ", names[fmt.Sprint(m["sectionId"])], links, " comments ", counts["comments"])
	})
	slices.Sort(out)
	return out
}

func sameWords(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Who is to post where is asked for by the sections' ids, also on a copy.
func TestAPlatformReadsTheSectionsOfABoard(t *testing.T) {
	own, _ := peopled(t)
	trainer := own.come("teacher", map[string]any{"role": "owner"}).str("token")
	second := own.call("POST", own.path("/sections"), trainer, map[string]any{"title": "Deux"}).wants(t, 201, "").str("id")
	read := func(board string) (titles []string, first string) {
		t.Helper()
		for _, one := range own.call("GET", platformBoards+"/"+board, own.token, nil).wants(t, 200, "").json["sections"].([]any) {
			titles = append(titles, one.(map[string]any)["title"].(string))
			first = cmp.Or(first, one.(map[string]any)["id"].(string))
		}
		return titles, first
	}
	titles, first := read(own.board)
	sameWords(t, titles, []string{"Un", "Deux"})
	copied := own.call("POST", platformBoards+"/"+own.board+"/clone", own.token, map[string]any{}, "Idempotency-Key", "copy").wants(t, 201, "")
	titles, there := read(idOf(copied))
	sameWords(t, titles, []string{"Un", "Deux"})
	if asked := fmt.Sprint(copied.json["board"].(map[string]any)["completion"]); there == first || !strings.Contains(asked, there) {
		t.Fatalf("the copy of %s is asked for %s", first, asked)
	}
	own.call("DELETE", own.path("/sections/"+second+"?posts=keep"), trainer, nil).wants(t, 200, "")
	titles, _ = read(own.board)
	sameWords(t, titles, []string{"Un"})
	empty := own.service.board(own.token, map[string]any{"title": "Vide"})
	if _, told := own.call("GET", platformBoards+"/"+empty, own.token, nil).wants(t, 200, "").json["sections"]; told {
		t.Fatal("a board without sections tells some")
	}
}

func TestACloneWithAndWithoutWhatPeopleHaveLeft(t *testing.T) {
	own, _ := peopled(t)
	original := own.whole(own.board)
	clone := func(body map[string]any, key string) string {
		t.Helper()
		return idOf(own.call("POST", platformBoards+"/"+own.board+"/clone", own.token, body, "Idempotency-Key", key).wants(t, 201, ""))
	}
	full := clone(map[string]any{"externalId": "cm 2", "contributions": true}, "a")
	bare := clone(map[string]any{"title": "Vide"}, "b")
	if again := clone(map[string]any{"title": "Vide"}, "b"); again != bare || full == bare || full == own.board {
		t.Fatal(again, bare, full)
	}
	own.call("POST", platformBoards+"/"+own.board+"/clone", own.token, map[string]any{"title": "Autre"}, "Idempotency-Key", "b").wants(t, 422, "idempotency_key_reused")
	own.call("POST", platformBoards, own.token, map[string]any{"title": "Vide"}, "Idempotency-Key", "b").wants(t, 422, "idempotency_key_reused")
	sameWords(t, own.whole(full), original)
	sameWords(t, own.whole(bare), slices.DeleteFunc(slices.Clone(original), func(s string) bool { return strings.HasPrefix(s, "posts") }))
	// What is hers there is hers, and the rules count it.
	on := &site{service: own.service, id: own.id, token: own.token, board: full}
	hers := on.come("ada", nil)
	posts := own.call("GET", on.path("/snapshot"), hers.str("token"), nil).wants(t, 200, "").json["posts"].([]any)
	i := slices.IndexFunc(posts, func(p any) bool { return p.(map[string]any)["title"] == "Etna" })
	etna := posts[i].(map[string]any)
	own.call("PATCH", on.path("/posts/"+etna["id"].(string)), hers.str("token"), map[string]any{"title": "Vésuve"}, "If-Match", `"1"`).wants(t, 200, "")
	part := own.call("GET", platformBoards+"/"+full+"/participation", own.token, nil).wants(t, 200, "")
	if !strings.Contains(part.raw, `"complete":true`) || !strings.Contains(part.raw, `"user":"bob"`) {
		t.Fatal(part.raw)
	}
	// And the original does not know of it.
	sameWords(t, own.whole(own.board), original)
	own.call("GET", own.path(""), hers.str("token"), nil).wants(t, 403, "forbidden")
}

func TestAResetLeavesTheBoardAndNothingOfAnybodys(t *testing.T) {
	own, ada := peopled(t)
	one := platformBoards + "/" + own.board
	original := own.whole(own.board)
	got := own.call("POST", one+"/reset", own.token, map[string]any{"contributions": true}).wants(t, 200, "")
	// Four came: the three, and who looked.
	if got.json["posts"] != 3.0 || got.json["comments"] != 2.0 || got.json["participants"] != 4.0 || got.json["groups"] != 0.0 || got.json["more"] != nil {
		t.Fatal(got.raw)
	}
	bare := slices.DeleteFunc(slices.Clone(original), func(s string) bool { return strings.HasPrefix(s, "posts") })
	sameWords(t, own.whole(own.board), bare)
	own.call("GET", own.path("/snapshot"), ada.str("token"), nil).wants(t, 401, "user_erased")
	again := own.come("ada", map[string]any{"name": "Ada"})
	own.call("POST", own.path("/posts"), again.str("token"), map[string]any{"title": "De nouveau"}).wants(t, 201, "")
	trainer := own.come("teacher", map[string]any{"role": "owner"}).str("token")
	for _, path := range []string{"/activity", "/trash"} {
		if told := own.call("GET", own.path(path), trainer, nil).wants(t, 200, "").raw; strings.Contains(told, "Etna") || strings.Contains(told, "Supprim") {
			t.Fatal(told)
		}
	}
	got = own.call("POST", one+"/reset", own.token, map[string]any{"groups": true}).wants(t, 200, "")
	if got.json["posts"] != 0.0 || got.json["groups"] != 1.0 {
		t.Fatal(got.raw)
	}
	if left := own.whole(own.board); strings.Contains(strings.Join(left, " "), "Rouge") || !strings.Contains(strings.Join(left, " "), "De nouveau") {
		t.Fatal(left)
	}
}

func TestABackupBringsABoardBack(t *testing.T) {
	own, _ := peopled(t)
	original := own.whole(own.board)
	export := own.call("GET", platformBoards+"/"+own.board+"/export", own.token, nil).wants(t, 200, "")
	if ct := export.header.Get("Content-Type"); ct != "application/json" {
		t.Fatal(ct)
	}
	path := platformBoards + "/import?externalId=cm%203"
	made := own.call("POST", path, own.token, export.raw, "Idempotency-Key", "i").wants(t, 201, "")
	if made.str("externalId") != "cm 3" || idOf(own.call("POST", path, own.token, export.raw, "Idempotency-Key", "i").wants(t, 201, "")) != idOf(made) {
		t.Fatal(made.raw)
	}
	sameWords(t, own.whole(idOf(made)), original)
	if part := own.call("GET", platformBoards+"/"+idOf(made)+"/participation", own.token, nil).wants(t, 200, ""); !strings.Contains(part.raw, `"complete":true`) {
		t.Fatal(part.raw)
	}
	// On another site it is the same, but nobody's there.
	id := own.connect("theirs", map[string]any{"origins": []string{moodle}})
	theirs := &site{service: own.service, id: id, token: own.platformToken(id, everyScope)}
	there := own.call("POST", path, theirs.token, export.raw).wants(t, 201, "")
	sameWords(t, theirs.whole(idOf(there)), original)
	bare := own.call("GET", platformBoards+"/"+own.board+"/export?contributions=false", own.token, nil).wants(t, 200, "")
	if strings.Contains(bare.raw, "Etna") || strings.Contains(bare.raw, "Ada") || !strings.Contains(bare.raw, "Rouge") {
		t.Fatal(bare.raw)
	}
	own.call("GET", platformBoards+"/"+own.board+"/export", theirs.token, nil).wants(t, 404, "not_found")
}

func TestABackupThatIsNotInOrderIsRefusedWhole(t *testing.T) {
	own, _ := peopled(t)
	raw := own.call("GET", platformBoards+"/"+own.board+"/export", own.token, nil).wants(t, 200, "").raw
	one := func(kind string, field string, value any) func(map[string]any) {
		return func(e map[string]any) { e[kind].([]any)[0].(map[string]any)[field] = value }
	}
	for name, tc := range map[string]struct {
		change      func(map[string]any)
		field, code string
	}{
		"another version":          {func(e map[string]any) { e["version"] = 2 }, "", "transfer_version"},
		"no title":                 {func(e map[string]any) { e["board"].(map[string]any)["title"] = "" }, "title", "required"},
		"a layout of its own":      {func(e map[string]any) { e["board"].(map[string]any)["settings"].(map[string]any)["layout"] = "spiral" }, "settings.layout", "unknown_layout"},
		"a rule about no section":  {func(e map[string]any) { e["sections"] = []any{} }, "posts[0].section", "reference_unknown"},
		"a section without a name": {one("sections", "title", ""), "sections[0].title", "required"},
		"a group without an order": {one("groups", "order", "!"), "groups[0].order", "order_invalid"},
		"a post without an author": {one("posts", "author", map[string]any{}), "posts[0].author.name", "required"},
		"a post of nothing":        {one("posts", "id", ""), "posts[0].id", "required"},
		"a state of its own":       {one("posts", "state", "loud"), "posts[0].state", "unknown_choice"},
		"a link that is none":      {one("posts", "attachments", []any{map[string]any{"type": "link", "url": "javascript:alert(1)"}}), "posts[0].attachments[0].url", "url_not_allowed"},
		"a long title":             {one("posts", "title", strings.Repeat("x", 1000)), "posts[0].title", "too_long"},
		"a comment on nothing":     {one("comments", "post", "x"), "comments[0].post", "reference_unknown"},
		"a reply to nothing":       {one("comments", "replyTo", "x"), "comments[0].replyTo", "reference_unknown"},
		"an empty comment":         {one("comments", "body", " "), "comments[0].body", "required"},
		"the same twice":           {func(e map[string]any) { e["posts"] = append(e["posts"].([]any), e["posts"].([]any)[0]) }, "posts[2].id", "duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			e := map[string]any{}
			if err := json.Unmarshal([]byte(raw), &e); err != nil {
				t.Fatal(err)
			}
			tc.change(e)
			got := own.call("POST", platformBoards+"/import", own.token, e)
			if tc.field == "" {
				got.wants(t, 422, tc.code)
				return
			}
			for _, told := range got.wants(t, 422, "invalid_input").json["errors"].([]any) {
				if f := told.(map[string]any); f["field"] == tc.field && f["code"] == tc.code {
					return
				}
			}
			t.Fatal(got.raw)
		})
	}
	own.call("POST", platformBoards+"/import", own.token, "{").wants(t, 422, "transfer_malformed")
	if n := len(own.call("GET", platformBoards, own.token, nil).wants(t, 200, "").ids()); n != 1 {
		t.Fatalf("there are %d boards", n)
	}
	// What is written in it is cleaned.
	e := map[string]any{}
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatal(err)
	}
	one("posts", "body", `<p onclick="x()">Bien<script>alert(1)</script></p>`)(e)
	one("comments", "body", `<img src=x onerror=alert(1)>Bien`)(e)
	// And it may be larger than any other request.
	big := e["posts"].([]any)[0].(map[string]any)
	for i := range 200 {
		more := map[string]any{}
		for k, v := range big {
			more[k] = v
		}
		more["id"], more["body"] = fmt.Sprint("more ", i), "<p>"+strings.Repeat("Bien ", 1500)+"</p>"
		e["posts"] = append(e["posts"].([]any), more)
	}
	made := idOf(own.call("POST", platformBoards+"/import", own.token, e).wants(t, 201, ""))
	if all := strings.Join(own.whole(made), " "); strings.Contains(all, "script") || strings.Contains(all, "onclick") || !strings.Contains(all, "Bien") {
		t.Fatal(all)
	}
	if head := own.announce("POST", platformBoards+"/import", "nonsense", 2<<20); !strings.Contains(head, " 413 ") {
		t.Fatalf("anybody may send a large body: %s", head)
	}
	for path, size := range map[string]int{platformBoards: 2 << 20, platformBoards + "/import": 17 << 20} {
		if head := own.announce("POST", path, own.token, size); !strings.Contains(head, " 413 ") {
			t.Fatalf("%s of %d bytes: %s", path, size, head)
		}
	}
}

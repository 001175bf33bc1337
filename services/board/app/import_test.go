package app_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
)

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// same is a transfer with its ids replaced by the order in which they appear, and
// its parts in an order that does not come from ids.
func same(t *testing.T, raw string) string {
	t.Helper()
	var kept map[string]any
	if err := json.Unmarshal([]byte(raw), &kept); err != nil {
		t.Fatal(err)
	}
	delete(kept, "savedAt")
	for _, part := range []string{"groups", "posts", "comments"} {
		of, _ := kept[part].([]any)
		text := func(v any) string {
			m := v.(map[string]any)
			return fmt.Sprint(m["name"], m["title"], anyID.ReplaceAllString(fmt.Sprint(m["body"], m["createdAt"]), ""))
		}
		slices.SortFunc(of, func(a, b any) int { return cmp.Compare(text(a), text(b)) })
	}
	out, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]string)
	return anyID.ReplaceAllStringFunc(string(out), func(id string) string {
		if known[id] == "" {
			known[id] = fmt.Sprintf("#%d", len(known)+1)
		}
		return known[id]
	})
}

// unlike are the lines in which two texts differ, as many as anybody reads.
func unlike(was, is string) string {
	a, b, out := strings.Split(was, "\n"), strings.Split(is, "\n"), ""
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] && len(out) < 2000 {
			out += fmt.Sprintf("%d: %s\n   and is: %s\n", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%s(%d lines, then %d)", out, len(a), len(b))
}

// importing is an account, and a wall with everything on it.
type importing struct {
	*service
	owner, eve string
}

func newImporting(t *testing.T) *importing {
	t.Helper()
	s, code := started(t, app.LocalConfig(t))
	im := &importing{service: s, owner: s.setUp(code).str("token"), eve: s.moderator("Eve")}
	im.set(map[string]any{"reactions": "stars", "layout": "columns", "moderation": "off", "groups": "visible", "words": []string{"zut"}, "postsEach": 9})
	return im
}

func (im *importing) set(settings map[string]any) {
	im.t.Helper()
	etag := im.call("GET", wall, im.eve, nil).wants(im.t, 200, "").header.Get("ETag")
	im.call("PATCH", wall, im.eve, map[string]any{"settings": settings}, "If-Match", etag).wants(im.t, 200, "")
}

// fill puts onto the wall what people can leave there, in every state.
func (im *importing) fill() {
	im.t.Helper()
	t, ada, bob := im.t, im.session(im.links.Writer, "Ada"), im.session(im.links.Writer, "Bob")
	section := im.call("POST", wall+"/sections", im.eve, map[string]any{"title": "Un", "colour": "teal", "description": "d"}).wants(t, 201, "").str("id")
	im.call("POST", wall+"/sections", im.eve, map[string]any{"title": "Deux", "hidden": true}).wants(t, 201, "")
	group := im.call("POST", wall+"/groups", im.eve, map[string]any{"name": "Rouge"}).wants(t, 201, "").str("id")
	im.call("PUT", wall+"/participants/"+ada.id+"/group", im.eve, map[string]any{"groupId": group}).wants(t, 200, "")
	etna := im.call("POST", wall+"/posts", ada.token, map[string]any{
		"title": "Etna", "body": "<p>Un <strong>volcan</strong></p>", "sectionId": section, "colour": "red",
		"attachments": []any{map[string]any{"type": "link", "url": "https://example.org/etna", "caption": "Voir"}},
	}).wants(t, 201, "")
	link := etna.json["attachments"].([]any)[0].(map[string]any)["id"]
	said := im.call("POST", wall+"/posts/"+etna.str("id")+"/comments", bob.token, map[string]any{"body": "<p>Beau</p>", "attachmentId": link}).wants(t, 201, "").str("id")
	im.call("POST", wall+"/posts/"+etna.str("id")+"/comments", ada.token, map[string]any{"body": "<p>Merci</p>", "replyTo": said}).wants(t, 201, "")
	im.call("PUT", wall+"/posts/"+etna.str("id")+"/reaction", bob.token, map[string]any{"value": 4}).wants(t, 200, "")
	im.call("PUT", wall+"/posts/"+etna.str("id")+"/reaction", im.eve, map[string]any{"value": 5}).wants(t, 200, "")
	no := im.call("POST", wall+"/posts", bob.token, map[string]any{"title": "Refusée"}).wants(t, 201, "").str("id")
	im.call("POST", wall+"/posts/"+no+"/reject", im.eve, map[string]any{"reason": "hors sujet"}).wants(t, 200, "")
	im.set(map[string]any{"moderation": "all"})
	im.call("POST", wall+"/posts", bob.token, map[string]any{"title": "En attente"}).wants(t, 201, "")
	im.call("POST", wall+"/posts/"+etna.str("id")+"/comments", bob.token, map[string]any{"body": "<p>À voir</p>"}).wants(t, 201, "")
	im.set(map[string]any{"moderation": "off"})
	im.call("POST", wall+"/posts", im.eve, map[string]any{"title": "Consigne"}).wants(t, 201, "")
}

func (im *importing) archive(board, token string) map[string]string {
	im.t.Helper()
	return unzipped(im.t, im.call("GET", "/api/v1/boards/"+board+"/archive.zip", token, nil).wants(im.t, 200, "").raw)
}

func (im *importing) take(kept, query string) answer {
	im.t.Helper()
	return im.account("POST", "/walls/import"+query, im.owner, kept)
}

// again imports a wall, and gives what it is then exported as.
func (im *importing) again(kept string) (board string, again map[string]string) {
	im.t.Helper()
	board = im.take(kept, "").wants(im.t, 201, "").json["wall"].(map[string]any)["id"].(string)
	token := im.account("POST", "/walls/"+board+"/session", im.owner, map[string]any{}).wants(im.t, 201, "").str("token")
	return board, im.archive(board, token)
}

// copiedAt is when a page was made.
var copiedAt = regexp.MustCompile(`Copie du <time datetime="[^"]*">`)

func TestAnArchiveMakesTheSameWallAgain(t *testing.T) {
	for name, anonymity := range map[string]string{"named": "named", "anonymous to peers": "peers", "anonymous to everyone": "everyone"} {
		t.Run(name, func(t *testing.T) {
			im := newImporting(t)
			im.set(map[string]any{"anonymity": anonymity})
			im.fill()
			first := im.archive(wallID, im.eve)
			_, second := im.again(first["board.json"])
			if was, is := same(t, first["board.json"]), same(t, second["board.json"]); was != is {
				t.Errorf("it was\n%s", unlike(was, is))
			}
			if strings.Contains(first["board.json"], "Ada") != (anonymity != "everyone") {
				t.Errorf("names under %s: %s", anonymity, first["board.json"])
			}
			if anonymity == "named" {
				text := func(page string) string {
					return copiedAt.ReplaceAllString(anyID.ReplaceAllString(page, ""), "")
				}
				if text(first["index.html"]) != text(second["index.html"]) {
					t.Errorf("people read\n%s", unlike(text(first["index.html"]), text(second["index.html"])))
				}
			}
		})
	}
}

// What was written by one person under a promise stays one stranger's, and two
// exports have nothing by which to find who that is.
func TestStrangersOfTwoArchivesAreNotTheSame(t *testing.T) {
	im := newImporting(t)
	im.set(map[string]any{"anonymity": "everyone"})
	ada := im.session(im.links.Writer, "Ada Lovelace")
	for _, title := range []string{"Une", "Deux"} {
		im.call("POST", wall+"/posts", ada.token, map[string]any{"title": title}).wants(t, 201, "")
	}
	strangers := func() []string {
		kept := im.archive(wallID, im.eve)["board.json"]
		if strings.Contains(kept, ada.id) || strings.Contains(kept, "Lovelace") {
			t.Errorf("she is named: %s", kept)
		}
		var b struct {
			Posts []struct{ Author struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(kept), &b); err != nil {
			t.Fatal(err)
		}
		return []string{b.Posts[0].Author.ID, b.Posts[1].Author.ID}
	}
	one, other := strangers(), strangers()
	if one[0] != one[1] || other[0] != other[1] || one[0] == other[0] {
		t.Errorf("%v, then %v", one, other)
	}
}

func TestAnImportIsRepeatedAndNeverMixed(t *testing.T) {
	im := newImporting(t)
	im.fill()
	kept := im.archive(wallID, im.eve)["board.json"]
	wallOf := func(a answer) string { return a.wants(t, 201, "").json["wall"].(map[string]any)["id"].(string) }
	const id = "?id=01980000-0000-7000-8000-0000000000b1"
	one := wallOf(im.take(kept, id))
	if again := wallOf(im.take(kept, id)); again != one {
		t.Errorf("%s, then %s", one, again)
	}
	if other := wallOf(im.take(strings.Replace(kept, "Etna", "Vésuve", 1), id)); other == one {
		t.Error("another wall under the same id")
	}
	if more := wallOf(im.take(kept, "")); more == one {
		t.Error("who asks for another gets the same")
	}
	if titled := im.take(kept, "?title=Autre").wants(t, 201, ""); titled.json["wall"].(map[string]any)["title"] != "Autre" {
		t.Error(titled.raw)
	}
	im.account("DELETE", "/walls/"+one, im.owner, nil).wants(t, 200, "")
	im.take(kept, id).wants(t, 404, "not_found")
	im.call("POST", "/api/v1/account/walls/import", "", kept).wants(t, 401, "account_signed_out")
}

// media is an entry of a transfer, with what is wrong with it.
func mediaOf(what map[string]any) map[string]any {
	m := map[string]any{"id": "m", "kind": "file", "name": "a.pdf", "type": "application/pdf", "size": 5, "file": "media/m.pdf"}
	maps.Copy(m, what)
	return m
}

func TestAnImportAsksForItsFilesAndSaysWhatIsNotTaken(t *testing.T) {
	im := newImporting(t)
	author := map[string]any{"id": "a", "name": "Ada"}
	shows := func(ids ...string) (out []any) {
		for _, id := range ids {
			out = append(out, map[string]any{"id": "at " + id, "type": "media", "media": id})
		}
		return out
	}
	transfer := func(media []any, posts ...any) string {
		raw, err := json.Marshal(map[string]any{"version": 1, "board": map[string]any{"title": "Mur"}, "media": media, "posts": posts})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	good := map[string]any{"id": "p", "author": author, "title": "Avec", "attachments": shows("m", "exe", "big", "gone")}
	got := im.take(transfer([]any{
		mediaOf(nil), mediaOf(map[string]any{"id": "exe", "name": "a.exe", "type": "application/x-msdownload", "file": "media/exe.bin"}),
		mediaOf(map[string]any{"id": "big", "size": int64(1) << 30, "file": "media/big.pdf"}), map[string]any{"id": "gone", "missing": "unreadable"},
	}, good, map[string]any{"id": "q", "author": author, "attachments": shows("gone")}), "").wants(t, 201, "")
	media := got.json["media"].([]any)
	states := map[string]string{}
	for _, m := range media {
		m := m.(map[string]any)
		states[m["file"].(string)] = fmt.Sprint(m["state"], " ", m["refusal"])
		if upload, _ := m["upload"].(map[string]any); (upload != nil) != (m["state"] == "uploading") || upload != nil && (upload["token"] == "" || upload["maxBytes"] != 5.0) {
			t.Errorf("%v", m)
		}
	}
	want := map[string]string{"media/m.pdf": "uploading <nil>", "media/exe.bin": "refused media_type_unsupported", "media/big.pdf": "refused media_too_large"}
	if !maps.Equal(states, want) {
		t.Errorf("files: %v", states)
	}
	if without := got.json["without"].(map[string]any); without["pictures"] != 1.0 || without["posts"] != 1.0 {
		t.Errorf("without: %v", without)
	}

	before := im.account("GET", "/walls", im.owner, nil).raw
	for name, tc := range map[string]struct {
		kept  string
		field string
	}{
		"a path that climbs":     {transfer([]any{mediaOf(map[string]any{"file": "media/../../etc/passwd"})}), "media[0].file"},
		"a path from the root":   {transfer([]any{mediaOf(map[string]any{"file": "/etc/passwd"})}), "media[0].file"},
		"one file twice":         {transfer([]any{mediaOf(nil), mediaOf(map[string]any{"id": "n"})}), "media[1].file"},
		"one id twice":           {transfer([]any{mediaOf(nil), mediaOf(map[string]any{"file": "media/n.pdf"})}), "media[1].id"},
		"no bytes":               {transfer([]any{mediaOf(map[string]any{"size": 0})}), "media[0].size"},
		"a file that is nowhere": {transfer(nil, map[string]any{"id": "p", "author": author, "title": "t", "attachments": shows("m")}), "posts[0].attachments[0].media"},
		"one file in two posts": {transfer([]any{mediaOf(nil)}, map[string]any{"id": "p", "author": author, "title": "t", "attachments": shows("m")},
			map[string]any{"id": "q", "author": author, "title": "t", "attachments": shows("m")}), "posts[1].attachments[0].media"},
		"captions of nothing": {transfer([]any{mediaOf(nil)}, map[string]any{"id": "p", "author": author, "title": "t", "attachments": []any{
			map[string]any{"id": "x", "type": "media", "media": "m", "captionsOf": "y", "language": "fr"},
		}}), "posts[0].attachments[0].captionsOf"},
		"reactions where there are none": {transfer(nil, map[string]any{"id": "p", "author": author, "title": "t", "reactions": []int{1}}), "posts[0].reactions"},
	} {
		refused := im.take(tc.kept, "").wants(t, 422, "invalid_input")
		if !strings.Contains(refused.raw, `"field":"`+tc.field+`"`) {
			t.Errorf("%s: %s", name, refused.raw)
		}
	}
	im.take(strings.Replace(transfer(nil), `"version":1`, `"version":2`, 1), "").wants(t, 422, "transfer_version")
	im.take("{", "").wants(t, 422, "transfer_malformed")
	// More than any other request may have is taken from who is signed in.
	im.take(strings.Repeat(" ", 2<<20)+"{", "").wants(t, 422, "transfer_malformed")
	var many []any
	for i := range 50 {
		many = append(many, mediaOf(map[string]any{"id": fmt.Sprint(i), "size": 100 << 20, "file": fmt.Sprintf("media/%d.pdf", i)}))
	}
	im.take(transfer(many), "").wants(t, 413, "transfer_too_large")
	if after := im.account("GET", "/walls", im.owner, nil).raw; after != before {
		t.Errorf("something was made: %s", after)
	}
}

package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// secrecy is a wall with Ada, who writes, and those who must not read what.
type secrecy struct {
	*service
	ada, bob, guest, eve, olga session
	posts                      map[string]string // by title
	comments                   []string
	media                      string
}

func newSecrecy(t *testing.T) *secrecy {
	s := &secrecy{service: startNew(t), posts: make(map[string]string)}
	s.eve = s.session(s.links.Moderator, "Eve")
	_, readers := s.link(s.eve.token, "reader")
	s.ada, s.bob, s.guest = s.session(s.links.Writer, "Ada Lovelace"), s.session(s.links.Writer, "Bob"), s.session(readers, "Guest")
	s.olga = session{"01980000-0000-7000-8000-0000000000aa", s.craft("01980000-0000-7000-8000-0000000000aa", "Olga", "owner")}
	return s
}

func (s *secrecy) set(settings map[string]any) {
	s.t.Helper()
	etag := s.call("GET", wall, s.eve.token, nil).wants(s.t, 200, "").header.Get("ETag")
	s.call("PATCH", wall, s.eve.token, map[string]any{"settings": settings}, "If-Match", etag).wants(s.t, 200, "")
}

func (s *secrecy) post(title string, more ...map[string]any) {
	s.t.Helper()
	body := map[string]any{"title": title, "body": "<p>mot</p>"}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	s.posts[title] = s.call("POST", wall+"/posts", s.ada.token, body).wants(s.t, 201, "").str("id")
	if title == "SECRET" || strings.Contains(title, "personne") || strings.Contains(title, "pairs") {
		s.comment(title, "SECRET mot")
		s.call("PUT", wall+"/posts/"+s.posts[title]+"/reaction", s.ada.token, map[string]any{"value": 1})
	}
}

// comment has Ada say something to a post.
func (s *secrecy) comment(title, body string) {
	s.t.Helper()
	s.comments = append(s.comments, s.call("POST", wall+"/posts/"+s.posts[title]+"/comments", s.ada.token, map[string]any{"body": body}).wants(s.t, 201, "").str("id"))
}

// listener keeps all that a stream says.
type listener struct {
	t     *testing.T
	lines chan string
	text  strings.Builder
}

func (s *secrecy) listen(who session, cursor string) *listener {
	s.t.Helper()
	in := s.watch(who.token, cursor).lines
	l := &listener{t: s.t, lines: make(chan string, 10_000)}
	go func() {
		for in.Scan() {
			l.lines <- in.Text()
		}
		close(l.lines)
	}()
	return l
}

// until reads on until a text was told, and gives all that was told so far but
// changes of participants, who are trainers' to read.
func (l *listener) until(mark string) string {
	l.t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-l.lines:
			if !open {
				l.t.Fatalf("the stream ended before %q: %s", mark, l.text.String())
			}
			if !strings.HasPrefix(line, `data: {"kind":"participant"`) {
				l.text.WriteString(line + "\n")
			}
			if strings.Contains(line, mark) {
				return l.text.String()
			}
		case <-late:
			l.t.Fatalf("%q was never told: %s", mark, l.text.String())
		}
	}
}

// surfaces is all that somebody gets to read of the wall, by where. Nothing is
// left out but the list of participants, who are trainers' to read.
func (s *secrecy) surfaces(who session) map[string]string {
	s.t.Helper()
	out := make(map[string]string)
	get := func(name, path string) { out[name] = s.call("GET", wall+path, who.token, nil).raw }
	get("board", "")
	get("activity", "/activity?limit=200")
	get("trash", "/trash")
	get("links", "/links")
	get("sheet", "/records.csv")
	out["paper"] = onPaper(s.t, s.call("GET", wall+"/wall.pdf", who.token, nil).raw)
	for name, text := range unzipped(s.t, s.call("GET", wall+"/archive.zip", who.token, nil).raw) {
		out["archive "+name] = text
	}
	snapshot := s.call("GET", wall+"/snapshot", who.token, nil)
	delete(snapshot.json, "participants")
	text, err := json.Marshal(snapshot.json)
	if err != nil {
		s.t.Fatal(err)
	}
	out["snapshot"] = string(text)
	for title, id := range s.posts {
		get("post "+title, "/posts/"+id)
		get("versions "+title, "/posts/"+id+"/versions")
		out["conflict "+title] = s.call("PATCH", wall+"/posts/"+id, who.token, map[string]any{"title": "autre"}, "If-Match", `"99"`).raw
		out["report "+title] = s.call("POST", wall+"/posts/"+id+"/reports", who.token, map[string]any{"reason": "x"}).raw
		out["move "+title] = s.call("POST", wall+"/moves", who.token, map[string]any{"moves": []any{map[string]any{"postId": id, "order": "V"}}}).raw
	}
	for title, id := range s.posts {
		get("comments "+title, "/posts/"+id+"/comments")
		out["reaction "+title] = s.call("PUT", wall+"/posts/"+id+"/reaction", who.token, map[string]any{"value": 1}).raw
	}
	for i, id := range s.comments {
		n := fmt.Sprint(" ", i)
		get("comment"+n, "/comments/"+id)
		out["comment conflict"+n] = s.call("PATCH", wall+"/comments/"+id, who.token, map[string]any{"body": "autre"}, "If-Match", `"99"`).raw
		out["comment report"+n] = s.call("POST", wall+"/comments/"+id+"/reports", who.token, map[string]any{"reason": "x"}).raw
	}
	if s.media != "" {
		get("media", "/media/"+s.media)
	}
	out["arrival"] = s.listen(who, "").until("event: reset")
	return out
}

func (s *secrecy) none(who string, surfaces map[string]string, secrets ...string) {
	s.t.Helper()
	for surface, text := range surfaces {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				s.t.Errorf("%s reads %q at %s:\n%s", who, secret, surface, text)
			}
		}
	}
}

// author is who somebody reads as the author of a post.
func (s *secrecy) author(who session, title string) map[string]any {
	s.t.Helper()
	author, _ := s.call("GET", wall+"/posts/"+s.posts[title], who.token, nil).wants(s.t, 200, "").json["author"].(map[string]any)
	return author
}

// TestNobodyReadsWhoAnAnonymousAuthorIs follows Ada through both promises and
// back, and searches all that the others get for her id and her name.
func TestNobodyReadsWhoAnAnonymousAuthorIs(t *testing.T) {
	s := newSecrecy(t)
	s.post("nommée")
	if s.author(s.bob, "nommée")["name"] != "Ada Lovelace" {
		t.Fatal("a named wall names nobody")
	}
	cursor := s.call("GET", wall+"/snapshot", s.bob.token, nil).str("cursor")
	s.set(map[string]any{"anonymity": "peers", "editOthers": "writer", "postsEach": 50, "reactions": "like"})
	peers, trainers := s.listen(s.bob, cursor), s.listen(s.eve, "")
	s.listen(s.ada, "") // she is there to be named
	s.call("PUT", wall+"/writing", s.ada.token, map[string]any{"writing": true}).wants(t, 204, "")
	media := s.call("POST", wall+"/media", s.ada.token, map[string]any{"size": 1, "type": "image/png"}).wants(t, 201, "")
	s.media = media.json["media"].(map[string]any)["id"].(string)
	s.post("aux pairs", map[string]any{"attachments": []any{map[string]any{"type": "media", "mediaId": s.media}}})
	s.post("aux pairs aussi")

	for name, who := range map[string]session{"a peer": s.bob, "a guest": s.guest} {
		s.none(name, s.surfaces(who), s.ada.id, "Lovelace")
	}
	s.none("a peer", map[string]string{"stream": peers.until("aux pairs aussi")}, s.ada.id, "Lovelace")
	one, two, before := s.author(s.bob, "aux pairs"), s.author(s.bob, "aux pairs aussi"), s.author(s.bob, "nommée")
	if one["id"] != two["id"] || one["anonymous"] != true {
		t.Errorf("two posts of one person under one promise: %v, %v", one, two)
	}
	if before["id"] == one["id"] || before["name"] == "Ada Lovelace" {
		t.Errorf("what was named before leads to her: %v, %v", before, one)
	}
	if s.author(s.eve, "aux pairs")["name"] != "Ada Lovelace" {
		t.Error("trainers are not told who is anonymous to peers alone")
	}

	s.set(map[string]any{"anonymity": "everyone"})
	s.post("à personne")
	s.call("PATCH", wall+"/posts/"+s.posts["à personne"], s.ada.token, map[string]any{"title": "à personne, deux"}, "If-Match", `"1"`).wants(t, 200, "")
	deleted := s.posts["aux pairs aussi"]
	s.call("DELETE", wall+"/posts/"+deleted, s.ada.token, nil).wants(t, 200, "")
	for name, who := range map[string]session{"a peer": s.bob, "a guest": s.guest, "a trainer": s.eve, "the owner": s.olga} {
		s.none(name, s.surfaces(who), s.ada.id, "Lovelace")
	}
	s.none("a trainer", map[string]string{"stream": after(trainers.until("à personne, deux"), `"anonymity":"everyone"`)}, s.ada.id, "Lovelace")
	if s.author(s.eve, "à personne")["id"] == one["id"] {
		t.Error("one pseudonym under both promises: trainers know whose it is")
	}
	s.call("POST", wall+"/posts/"+s.posts["à personne"]+"/block-author", s.eve.token, nil).wants(t, 412, "author_sealed")
	s.call("POST", wall+"/posts/"+s.posts["à personne"]+"/unseal", s.eve.token, map[string]any{"reason": "x"}).wants(t, 403, "forbidden")
	unsealed := s.call("POST", wall+"/posts/"+s.posts["à personne"]+"/unseal", s.olga.token, map[string]any{"reason": "menaces"}).wants(t, 200, "")
	if unsealed.str("id") != s.ada.id || unsealed.header.Get("Cache-Control") != "no-store" {
		t.Errorf("unsealed %s", unsealed.raw)
	}
	acts := s.call("GET", wall+"/activity", s.eve.token, nil).wants(t, 200, "")
	if !strings.Contains(acts.raw, "menaces") || !strings.Contains(acts.raw, "author.unsealed") || strings.Contains(acts.raw, "Lovelace") {
		t.Errorf("the log says %s", acts.raw)
	}

	s.set(map[string]any{"anonymity": "named"})
	s.post("de nouveau nommée")
	etag := s.call("GET", wall+"/posts/"+s.posts["à personne"], s.ada.token, nil).wants(t, 200, "").header.Get("ETag")
	s.call("PATCH", wall+"/posts/"+s.posts["à personne"], s.ada.token, map[string]any{"title": "à personne, trois"}, "If-Match", etag).wants(t, 200, "")
	for title, want := range map[string]string{"nommée": "everybody", "de nouveau nommée": "everybody", "aux pairs": "trainers", "à personne": "nobody"} {
		for level, who := range map[string]session{"everybody": s.bob, "trainers": s.eve} {
			is := s.author(who, title)["name"] == "Ada Lovelace"
			may := want == "everybody" || want == level
			if is != may {
				t.Errorf("%q names her to %s: %v", title, level, is)
			}
		}
	}
	for _, act := range s.call("GET", wall+"/activity?limit=200", s.eve.token, nil).json["acts"].([]any) {
		act := act.(map[string]any)
		if text := fmt.Sprint(act["actor"]); act["targetId"] == s.posts["à personne"] && (strings.Contains(text, "Lovelace") || strings.Contains(text, s.ada.id)) {
			t.Errorf("after the promise the log names her: %v", act)
		}
	}
}

func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// TestNobodyReadsWhatIsNotTheirs searches all that peers and guests get for
// what is in a post that they do not see.
func TestNobodyReadsWhatIsNotTheirs(t *testing.T) {
	type setting struct {
		name string
		hide func(s *secrecy)
		// trainers tells whether those see it all the same.
		trainers bool
	}
	section := func(s *secrecy) string {
		return s.call("POST", wall+"/sections", s.eve.token, map[string]any{"title": "Coulisses"}).wants(s.t, 201, "").str("id")
	}
	into := func(s *secrecy, section string) {
		s.call("POST", wall+"/moves", s.ada.token, map[string]any{"moves": []any{map[string]any{"postId": s.posts["SECRET"], "sectionId": section}}}).wants(s.t, 200, "")
	}
	for _, tc := range []setting{
		{"pending", func(s *secrecy) {
			s.set(map[string]any{"moderation": "all"})
			s.call("PATCH", wall+"/posts/"+s.posts["SECRET"], s.ada.token, map[string]any{"body": "<p>SECRET encore</p>"}, "If-Match", `"1"`).wants(s.t, 200, "")
		}, true},
		{"rejected", func(s *secrecy) {
			s.call("POST", wall+"/posts/"+s.posts["SECRET"]+"/reject", s.eve.token, map[string]any{"reason": "SECRET motif"}).wants(s.t, 200, "")
		}, true},
		{"held", func(s *secrecy) {
			s.set(map[string]any{"words": []string{"SECRET"}})
			s.call("PATCH", wall+"/posts/"+s.posts["SECRET"], s.ada.token, map[string]any{"body": "<p>SECRET encore</p>"}, "If-Match", `"1"`).wants(s.t, 200, "")
		}, true},
		{"in a hidden section", func(s *secrecy) {
			id := section(s)
			into(s, id)
			s.call("PATCH", wall+"/sections/"+id, s.eve.token, map[string]any{"hidden": true, "title": "SECRET section"}).wants(s.t, 200, "")
		}, true},
		{"in a section removed with its posts", func(s *secrecy) {
			id := section(s)
			into(s, id)
			s.call("DELETE", wall+"/sections/"+id+"?posts=delete", s.eve.token, nil).wants(s.t, 200, "")
		}, false},
		{"in a section removed into a hidden one", func(s *secrecy) {
			id, hidden := section(s), section(s)
			into(s, id)
			s.call("PATCH", wall+"/sections/"+hidden, s.eve.token, map[string]any{"hidden": true}).wants(s.t, 200, "")
			s.call("DELETE", wall+"/sections/"+id+"?posts=keep&movedTo="+hidden, s.eve.token, nil).wants(s.t, 200, "")
		}, true},
		{"deleted", func(s *secrecy) {
			s.call("DELETE", wall+"/posts/"+s.posts["SECRET"], s.ada.token, nil).wants(s.t, 200, "")
		}, true},
		{"of another group", func(s *secrecy) { s.set(map[string]any{"groups": "separate"}) }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSecrecy(t)
			s.set(map[string]any{"editOthers": "writer", "reactions": "like"})
			group := s.call("POST", wall+"/groups", s.eve.token, map[string]any{"name": "SECRET groupe"}).wants(t, 201, "").str("id")
			s.call("PUT", wall+"/participants/"+s.ada.id+"/group", s.eve.token, map[string]any{"groupId": group}).wants(t, 200, "")
			s.post("SECRET", map[string]any{"body": "<p>SECRET</p>"})
			before := s.call("GET", wall+"/snapshot", s.bob.token, nil).str("cursor")
			tc.hide(s)
			watches := map[string]*listener{"from now on": s.listen(s.bob, s.call("GET", wall+"/snapshot", s.bob.token, nil).str("cursor")), "from before": s.listen(s.bob, before)}
			etag := s.call("GET", wall+"/posts/"+s.posts["SECRET"], s.ada.token, nil).header.Get("ETag")
			if etag != "" { // it is still hers
				s.call("PATCH", wall+"/posts/"+s.posts["SECRET"], s.ada.token, map[string]any{"body": "<p>SECRET de plus</p>"}, "If-Match", etag)
			}
			s.posts["marque"] = s.call("POST", wall+"/posts", s.eve.token, map[string]any{"title": "marque"}).wants(t, 201, "").str("id")
			for from, watch := range watches {
				s.none("a peer", map[string]string{"stream " + from: watch.until("marque")}, "SECRET", s.ada.id)
			}
			s.none("a peer", s.surfaces(s.bob), "SECRET", s.ada.id)
			s.none("a guest", s.surfaces(s.guest), "SECRET", s.ada.id)
			trainers := s.surfaces(s.eve)
			if reads := strings.Contains(trainers["snapshot"]+trainers["trash"], `"title":"SECRET"`); reads != tc.trainers {
				t.Errorf("trainers read it: %v", reads)
			}
			onWall := strings.Contains(trainers["snapshot"], `"title":"SECRET"`)
			if away := strings.Contains(trainers["archive index.html"], ">SECRET</h3>"); away != onWall {
				t.Errorf("trainers take it away: %v, and see it: %v", away, onWall)
			}
			if away := strings.Contains(trainers["paper"], "SECRETAda"); away != onWall {
				t.Errorf("it is on their paper: %v, and seen: %v\n%s", away, onWall, trainers["paper"])
			}
			if away := strings.Contains(trainers["archive board.json"], `"title": "SECRET"`); away != onWall {
				t.Errorf("it is imported again: %v, and seen: %v", away, onWall)
			}
		})
	}
}

package app_test

import (
	"bufio"
	"fmt"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// twoReplicas are a wall of an account's and one of a platform's, at two replicas: what is
// done is done at one, and who is there is at the other.
type twoReplicas struct {
	*testing.T
	here  *site // at which all is done
	there *site // at which people are
	owner string
	// trainer moderates the wall.
	trainer string
	n       int
}

// guest is somebody at the other replica, and what can be done to them.
type guest struct {
	board, id, token string
	link, seat       string
	user, person     string
}

func newTwoReplicas(t *testing.T) *twoReplicas {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	one := start(t, cfg, events)
	setup, err := one.app.OpenSetup(t.Context(), wallID)
	if err != nil {
		t.Fatal(err)
	}
	w := &twoReplicas{T: t, here: one.site("moodle"), owner: one.setUp(app.SecretOf(setup)).str("token"), trainer: one.moderator("Tom")}
	w.there = &site{service: start(t, cfg, events), id: w.here.id, token: w.here.token, board: w.here.board}
	return w
}

// byLink is somebody who has come by a link of their own.
func (w *twoReplicas) byLink() guest {
	link := w.here.call("POST", wall+"/links", w.trainer, map[string]any{"role": "writer"}).wants(w.T, 201, "")
	in := w.there.enter(link.str("url"), w.name())
	id, _ := who(in)
	return guest{board: wallID, id: id, token: in.str("token"), link: link.str("id")}
}

// bySeat is a colleague who moderates the wall.
func (w *twoReplicas) bySeat() guest {
	w.n++
	code := invited(w.T, w.here.account("POST", "/invitations", w.owner, nil))
	account := w.here.account("POST", "/invitation/account", "", map[string]any{"code": code, "login": fmt.Sprint("c", w.n), "name": "Col", "password": password}).wants(w.T, 201, "").str("token")
	code = invited(w.T, w.here.account("POST", "/walls/"+wallID+"/team", w.owner, map[string]any{"role": "moderator"}))
	w.here.account("POST", "/invitation/wall", account, map[string]any{"code": code}).wants(w.T, 200, "")
	team := w.here.account("GET", "/walls/"+wallID+"/team", w.owner, nil).wants(w.T, 200, "").json["team"].([]any)
	in := w.there.account("POST", "/walls/"+wallID+"/session", account, map[string]any{}).wants(w.T, 201, "")
	id, _ := who(in)
	return guest{board: wallID, id: id, token: in.str("token"), user: account, seat: team[len(team)-1].(map[string]any)["id"].(string)}
}

// byTicket is somebody whom the platform let in.
func (w *twoReplicas) byTicket() guest {
	user := w.name()
	in := w.there.come(user, map[string]any{"name": user})
	id, _ := who(in)
	g := guest{board: w.here.board, id: id, token: in.str("token"), user: user}
	people := w.here.call("GET", "/api/v1/platforms/"+w.here.id+"/people", app.OperatorKey, nil).wants(w.T, 200, "").json["people"].([]any)
	for _, one := range people {
		if p := one.(map[string]any); p["user"] == user {
			g.person = p["id"].(string)
		}
	}
	return g
}

func (w *twoReplicas) name() string { w.n++; return fmt.Sprint("Personne ", w.n) }

// at is the path of what is on a guest's board.
func (g guest) at(of string) string { return "/api/v1/boards/" + g.board + of }

// follows opens their stream at the other replica.
func (w *twoReplicas) follows(g guest) *browser {
	res := w.there.stream(g.at("/events"), g.token, "")
	if res.StatusCode != 200 {
		w.Fatalf("the stream answers %d", res.StatusCode)
	}
	b := &browser{t: w.T, body: res.Body, lines: bufio.NewScanner(res.Body)}
	b.lines.Buffer(nil, 1<<20)
	if event, _ := b.next(); event != "hello" {
		w.Fatalf("it begins with %s", event)
	}
	return b
}

// do is done at the first replica.
func (w *twoReplicas) do(method, path, token string, body any) {
	w.Helper()
	if a := w.here.call(method, path, token, body); a.status/100 != 2 {
		w.Fatalf("%s %s answers %d %s", method, path, a.status, a.raw)
	}
}

// TestS17_LeaveThatIsTakenAwayOnOneReplicaIsGoneOnTheOther: whatever ends it. Each
// way ends the stream of whom it is about at the other replica, and of nobody else,
// and all that they ask of it is refused. A new way is a row.
func TestS17_LeaveThatIsTakenAwayOnOneReplicaIsGoneOnTheOther(t *testing.T) {
	w := newTwoReplicas(t)
	group := w.here.call("POST", wall+"/groups", w.trainer, map[string]any{"name": "Bleu"}).wants(t, 201, "").str("id")
	link := func(body map[string]any) func(guest) {
		return func(g guest) { w.do("PATCH", wall+"/links/"+g.link, w.trainer, body) }
	}
	ticket := func(more map[string]any) func(guest) {
		return func(g guest) { w.here.come(g.user, more) }
	}
	member := func(groups ...any) func(guest) {
		return func(g guest) {
			w.do("PUT", platformBoards+"/"+g.board+"/members", w.here.token, map[string]any{
				"groups":  []any{map[string]any{"ref": "g1", "name": "Rouge"}, map[string]any{"ref": "g2", "name": "Vert"}},
				"members": []any{map[string]any{"user": g.user, "groups": groups}},
			})
		}
	}
	for name, row := range map[string]struct {
		comes func() guest
		act   func(guest)
		// stays tells that their session goes on, as of what they are now.
		stays bool
	}{
		"their link is revoked": {w.byLink, func(g guest) { w.do("DELETE", wall+"/links/"+g.link, w.trainer, nil) }, false},
		"their link is revoked by command": {w.byLink, func(g guest) {
			w.do("DELETE", "/api/v1/operator/boards/"+wallID+"/links/"+g.link, app.OperatorKey, nil)
		}, false},
		"their link has another role": {w.byLink, link(map[string]any{"role": "reader"}), false},
		"their link is raised":        {w.byLink, link(map[string]any{"role": "moderator"}), false},
		"their link has run out":      {w.byLink, link(map[string]any{"expiresAt": "2020-01-01T00:00:00Z"}), false},
		"their link is of a group":    {w.byLink, link(map[string]any{"groupId": group}), true},
		"they are put into a group": {w.byLink, func(g guest) {
			w.do("PUT", wall+"/participants/"+g.id+"/group", w.trainer, map[string]any{"groupId": group})
		}, true},
		"they are blocked": {w.byLink, func(g guest) {
			w.do("PUT", wall+"/participants/"+g.id+"/blocked", w.trainer, map[string]any{"blocked": true})
		}, false},
		"their seat is taken away": {w.bySeat, func(g guest) { w.do("DELETE", "/api/v1/account/walls/"+wallID+"/team/"+g.seat, w.owner, nil) }, false},
		"they leave the wall":      {w.bySeat, func(g guest) { w.do("DELETE", "/api/v1/account/walls/"+wallID+"/seat", g.user, nil) }, false},
		"the operator suspends them": {w.byTicket, func(g guest) {
			w.do("PUT", "/api/v1/platforms/"+w.here.id+"/people/"+g.person+"/suspended", app.OperatorKey, map[string]any{"suspended": true})
		}, false},
		"their platform erases them":       {w.byTicket, func(g guest) { w.do("DELETE", "/api/v1/platform/users/"+g.user, w.here.token, nil) }, false},
		"their platform erases them there": {w.byTicket, func(g guest) { w.do("DELETE", platformBoards+"/"+g.board+"/users/"+g.user, w.here.token, nil) }, false},
		"the operator erases them": {w.byTicket, func(g guest) {
			w.do("DELETE", "/api/v1/platforms/"+w.here.id+"/people/"+g.person, app.OperatorKey, nil)
		}, false},
		"they come under another role":        {w.byTicket, ticket(map[string]any{"role": "reader"}), false},
		"they come as a trainer":              {w.byTicket, ticket(map[string]any{"role": "moderator"}), false},
		"they come with a group":              {w.byTicket, ticket(map[string]any{"group": map[string]any{"ref": "g2", "name": "Vert"}}), true},
		"their platform lists them elsewhere": {w.byTicket, member("g1"), true},
	} {
		t.Run(name, func(t *testing.T) {
			w.T, w.here.t, w.there.t = t, t, t
			g := row.comes()
			other := row.comes() // before, for what names all members
			theirs, stays := w.follows(g), w.follows(other)
			w.there.call("GET", g.at("/snapshot"), g.token, nil).wants(t, 200, "")
			row.act(g)
			for event := ""; event != "expired"; event, _ = theirs.next() {
				if event == "end" {
					t.Fatal("it ends without a word")
				}
			}
			asks := []string{"", "/snapshot", "/events"}
			if row.stays {
				asks = nil
			}
			for _, path := range asks {
				if a := w.there.call("GET", g.at(path), g.token, nil); a.status != 401 && a.status != 403 {
					t.Errorf("GET %s is answered %d", path, a.status)
				}
			}
			w.do("POST", g.at("/posts"), other.token, map[string]any{"title": name})
			for stays.post()["title"] != name {
			}
		})
	}
}

// TestS5_NobodyTakesAnothersPlaceInTheStream: ids are made by clients, and what has
// the id of something else, here or on a wall of one's own, is something else.
func TestS5_NobodyTakesAnothersPlaceInTheStream(t *testing.T) {
	w := newTwoReplicas(t)
	g := w.byLink()
	theirs := w.follows(g)
	w.do("POST", wall+"/posts", g.token, map[string]any{"id": g.id, "title": "0"})
	for rev := 1; rev < 6; rev++ {
		w.here.call("PATCH", wall+"/posts/"+g.id, g.token, map[string]any{"title": fmt.Sprint(rev)}, "If-Match", fmt.Sprintf(`"%d"`, rev)).wants(t, 200, "")
	}
	for theirs.post()["title"] != "5" {
	}
	w.do("PUT", wall+"/participants/"+g.id+"/blocked", w.trainer, map[string]any{"blocked": true})
	w.do("POST", wall+"/posts", w.trainer, map[string]any{"title": "sans eux"})
	for event := ""; event != "expired"; {
		var data map[string]any
		if event, data = theirs.next(); event == "end" || data["post"] != nil {
			t.Fatalf("who was blocked is told %s %v", event, data)
		}
	}
}

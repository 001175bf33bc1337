//go:build faults

package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// actor is one who acts on the wall, and what they have made.
type actor struct {
	*crew
	n     int
	id    string
	token string
	rand  *rand.Rand
	own   []*post
}

// acked is a post as it was last acknowledged.
type acked struct {
	rev         int64
	title, body string
}

// enter makes somebody of a link; those who are no trainers are to stay unknown.
func (c *crew) enter(n int, link, name string) *actor {
	c.t.Helper()
	a := &actor{crew: c, n: n, rand: rand.New(rand.NewPCG(c.seed, uint64(n)))}
	a.sign(byLink(link, name))
	if strings.HasPrefix(name, "NOM-") {
		c.real[a.id] = true
	}
	return a
}

func (a *actor) sign(by map[string]any) (renewal string) {
	a.t.Helper()
	session := openSession(a.t, a.replicas[0].base(), by)
	a.id, a.token = session.Participant.ID, session.Token
	return session.Renewal
}

// act does something again and again, until the time is over.
func (a *actor) act(something func(), pause time.Duration) {
	for time.Now().Before(a.until) {
		something()
		time.Sleep(time.Duration(a.rand.Int64N(int64(2 * pause))))
	}
}

// ask sends a request to either replica. What a server fails at is a fault;
// what it refuses is not.
func (a *actor) ask(what, method, path, match string, body any) map[string]any {
	base := a.replicas[a.rand.IntN(2)].base()
	for range 20 {
		status, answer, err := request(a.t.Context(), method, base+wall+path, a.token, match, body)
		if status == http.StatusServiceUnavailable {
			continue
		}
		if err != nil || status >= http.StatusInternalServerError {
			a.t.Errorf("%s: %d %s %v", what, status, answer, err)
			return nil
		}
		var out map[string]any
		if err := json.Unmarshal(answer, &out); len(answer) > 0 && err != nil {
			a.t.Errorf("%s: %v in %s", what, err, answer)
		}
		code, _ := out["code"].(string)
		a.mu.Lock()
		a.count[strings.TrimSpace(what+" "+code)]++
		a.mu.Unlock()
		if status >= http.StatusBadRequest {
			if current, ok := out["current"].(map[string]any); ok && method == "PATCH" {
				return map[string]any{"current": current["post"]}
			}
			return nil
		}
		return out
	}
	a.t.Errorf("%s: too busy", what)
	return nil
}

func (a *actor) must(method, path, match string, body any) map[string]any {
	a.t.Helper()
	out := a.ask(method+" "+path, method, path, match, body)
	if out == nil {
		a.t.Fatalf("%s %s was refused", method, path)
	}
	return out
}

// keep notes a post as it was acknowledged; what was refused is none.
func (a *actor) keep(doc map[string]any) {
	id, _ := doc["id"].(string)
	rev, _ := doc["rev"].(float64)
	title, _ := doc["title"].(string)
	body, _ := doc["body"].(string)
	deleted, _ := doc["deleted"].(bool)
	if id == "" || doc["author"] == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if deleted {
		title, body = "", ""
	}
	if int64(rev) > a.acked[id].rev {
		a.acked[id] = acked{int64(rev), title, body}
	}
}

func (a *actor) section() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rand.IntN(3) == 0 {
		return ""
	}
	return a.sections[a.rand.IntN(len(a.sections))]
}

func (a *actor) anyPost() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.posts) == 0 {
		return faultyWall
	}
	return a.posts[max(0, len(a.posts)-1-a.rand.IntN(60))]
}

// participate does what a participant does.
func (a *actor) participate() {
	if len(a.own) == 0 || a.rand.IntN(10) < 3 {
		a.create()
		return
	}
	if a.rand.IntN(2) == 0 {
		a.talk()
		return
	}
	p := a.own[a.rand.IntN(len(a.own))]
	switch a.rand.IntN(8) {
	case 0, 1, 2:
		a.edit(p)
	case 3:
		a.move(p.id)
	case 4:
		a.keep(a.ask("delete", "DELETE", "/posts/"+p.id, "", nil))
	case 5:
		a.keep(a.ask("restore", "POST", "/posts/"+p.id+"/restore", "", nil))
	case 6:
		a.ask("report", "POST", "/posts/"+a.anyPost()+"/reports", "", map[string]any{"reason": "gênant"})
	case 7:
		a.edit(&post{id: a.anyPost(), rev: 1})
	}
}

func (a *actor) create() {
	a.setting.RLock()
	defer a.setting.RUnlock()
	doc := a.ask("create", "POST", "/posts", "", map[string]any{"title": fmt.Sprintf("t%d-%d", a.n, len(a.own)), "body": "<p>mot</p>", "sectionId": a.section()})
	if doc == nil {
		return
	}
	id := doc["id"].(string)
	a.mu.Lock()
	a.promised[id] = a.now
	a.posts = append(a.posts, id)
	a.mu.Unlock()
	a.keep(doc)
	a.own = append(a.own, &post{id: id, rev: 1})
}

func (a *actor) edit(p *post) {
	words := []string{"mot", "zut", "encore"}[a.rand.IntN(3)]
	doc := a.ask("edit", "PATCH", "/posts/"+p.id, fmt.Sprintf("%q", fmt.Sprint(p.rev)), map[string]any{"body": fmt.Sprintf("<p>%s %d</p>", words, a.rand.IntN(1000))})
	if current, ok := doc["current"].(map[string]any); ok {
		rev, _ := current["rev"].(float64)
		p.rev = int64(rev)
		return
	}
	if doc != nil {
		a.keep(doc)
		p.rev = int64(doc["rev"].(float64))
	}
}

func (a *actor) move(id string) {
	order := string("123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[a.rand.IntN(61)])
	doc := a.ask("move", "POST", "/moves", "", map[string]any{"moves": []any{map[string]any{"postId": id, "sectionId": a.section(), "order": order}}})
	moved, _ := doc["posts"].([]any)
	for _, one := range moved {
		a.keep(one.(map[string]any))
	}
}

// moderate does what a trainer does.
func (a *actor) moderate() {
	who := a.people[5+a.rand.IntN(actors-5)]
	switch a.rand.IntN(18) {
	case 0:
		if a.rand.IntN(2) == 0 {
			a.settings()
		}
	case 1, 2:
		a.shape()
	case 3, 4:
		a.keep(a.ask("approve", "POST", "/posts/"+a.anyPost()+"/approve", "", nil))
	case 5:
		a.keep(a.ask("reject", "POST", "/posts/"+a.anyPost()+"/reject", "", map[string]any{"reason": "non"}))
	case 6:
		a.ask("block", "PUT", "/participants/"+who.id+"/blocked", "", map[string]any{"blocked": a.rand.IntN(3) == 0})
	case 7:
		a.ask("group", "PUT", "/participants/"+who.id+"/group", "", map[string]any{"groupId": append(a.groups, "")[a.rand.IntN(3)]})
	case 8, 9, 10:
		a.undo()
	case 11:
		a.keep(a.ask("trainer deletes", "DELETE", "/posts/"+a.anyPost(), "", nil))
	case 12:
		a.keep(a.ask("trainer restores", "POST", "/posts/"+a.anyPost()+"/restore", "", nil))
	case 13:
		a.move(a.anyPost())
	case 14:
		a.ask("settle", "POST", "/posts/"+a.anyPost()+"/reports/settle", "", nil)
	case 15:
		a.edit(&post{id: a.anyPost(), rev: 1})
	case 16, 17:
		a.judgeComment()
	}
}

// settings changes one setting, and gives it time to stand.
func (a *actor) settings() {
	a.setting.Lock()
	defer a.setting.Unlock()
	pick := func(among ...any) any { return among[a.rand.IntN(len(among))] }
	frozen := ""
	if a.rand.IntN(4) == 0 {
		frozen = time.Now().Add(-time.Minute).Format(time.RFC3339)
	}
	change := []map[string]any{
		{"anonymity": pick("named", "peers", "everyone")}, {"groups": pick("none", "visible", "separate")},
		{"moderation": pick("off", "all")}, {"editOthers": pick("writer", "moderator")}, {"freezeAt": frozen},
		{"words": pick([]string{"zut"}, []string{})}, {"postsEach": pick(0, 30)}, {"reactions": pick("off", "like", "stars", "votes", "votes", "votes")},
	}[a.rand.IntN(8)]
	current := a.ask("read", "GET", "", "", nil)
	if current == nil {
		return
	}
	doc := a.ask("settings", "PATCH", "", fmt.Sprintf("%q", fmt.Sprint(int64(current["rev"].(float64)))), map[string]any{"settings": change})
	if settings, ok := doc["settings"].(map[string]any); ok {
		a.now = settings["anonymity"].(string)
	}
}

// shape makes, changes, deletes or restores a section.
func (a *actor) shape() {
	a.mu.Lock()
	id := a.sections[a.rand.IntN(len(a.sections))]
	to := a.sections[a.rand.IntN(len(a.sections))]
	many := len(a.sections) > 12
	a.mu.Unlock()
	switch a.rand.IntN(7) {
	case 0:
		if made := a.ask("section", "POST", "/sections", "", map[string]any{"title": "Partie"}); made != nil && !many {
			a.mu.Lock()
			a.sections = append(a.sections, made["id"].(string))
			a.mu.Unlock()
		}
	case 1, 2:
		a.ask("hide", "PATCH", "/sections/"+id, "", map[string]any{"hidden": a.rand.IntN(2) == 0})
	case 3:
		a.ask("lock", "PATCH", "/sections/"+id, "", map[string]any{"locked": a.rand.IntN(3) == 0})
	case 4:
		a.ask("remove", "DELETE", "/sections/"+id+"?posts="+[]string{"keep", "delete"}[a.rand.IntN(2)]+"&movedTo="+[]string{"", to}[a.rand.IntN(2)], "", nil)
	default:
		a.ask("bring back", "POST", "/sections/"+id+"/restore", "", nil)
	}
}

// undo takes something back that was done a moment ago. The wall's settings are
// left: what authors are promised must be known here.
func (a *actor) undo() {
	list := a.ask("activity", "GET", "/activity?limit=20", "", nil)
	acts, _ := list["acts"].([]any)
	if len(acts) == 0 {
		return
	}
	act := acts[a.rand.IntN(len(acts))].(map[string]any)
	if act["kind"] == "board" || act["kind"] == "link" {
		return
	}
	if done := a.ask("undo", "POST", "/activity/"+act["id"].(string)+"/undo", "", nil); done["kind"] == "post" {
		a.keep(done["post"].(map[string]any))
	}
}

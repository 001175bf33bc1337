//go:build faults

package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/wallcheck"
)

const (
	actors = 20
	// settled is how long a setting must have stood before every replica has it:
	// what is in flight while the sight changes may be milliseconds late
	// (docs/adr/0010).
	settled = 3 * time.Second
)

// randomFor is how long the test goes on: a minute, or FAULTS_MINUTES.
func randomFor() time.Duration {
	if minutes, err := strconv.Atoi(os.Getenv("FAULTS_MINUTES")); err == nil {
		return time.Duration(minutes) * time.Minute
	}
	if testing.Short() {
		return 15 * time.Second
	}
	return time.Minute
}

// crew is all who act on the wall, and what is known to be true of it.
type crew struct {
	*cluster
	seed     uint64
	trainers []*actor
	people   []*actor
	groups   []string
	until    time.Time
	// setting is held while the anonymity changes, and shared while a post is
	// made: so what each author was promised is known exactly.
	setting sync.RWMutex
	now     string // the anonymity

	mu       sync.Mutex
	real     map[string]bool   // the ids of those who are not trainers
	promised map[string]string // posts
	acked    map[string]acked
	posts    []string
	sections []string
	count    map[string]int
	// standing is the wall as the store has had it for a while.
	standing standing
}

type acked struct {
	rev         int64
	title, body string
}

// standing is when the present revision of a document was first seen.
type standing struct {
	boardRev board.Rev
	since    time.Time
	settings board.Settings
	sections map[string]sectionStanding
}

type sectionStanding struct {
	rev    board.Rev
	since  time.Time
	hidden bool
}

type actor struct {
	*crew
	n     int
	id    string
	token string
	rand  *rand.Rand
	own   []*post
}

// TestRandomActsThroughTwoReplicas lets two trainers and twenty participants do
// anything at all, while browsers of every class watch. FAULTS_SEED repeats a
// run as far as chance allows.
func TestRandomActsThroughTwoReplicas(t *testing.T) {
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("FAULTS_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("FAULTS_SEED=%d", seed)
	c := newCrew(t, seed)
	browsers := c.audience()
	var work sync.WaitGroup
	for _, a := range c.trainers {
		work.Go(func() { a.act(a.moderate, 60*time.Millisecond) })
	}
	for _, a := range c.people {
		work.Go(func() { a.act(a.participate, 150*time.Millisecond) })
	}
	work.Go(c.stand)
	work.Wait()
	c.mu.Lock()
	t.Logf("%d posts, %d sections: %v", len(c.posts), len(c.sections), c.count)
	c.mu.Unlock()
	c.agree(browsers)
	c.nothingLost()
	c.allLogged()
}

func newCrew(t *testing.T, seed uint64) *crew {
	c := &crew{
		cluster: newCluster(t, 2), seed: seed, now: "named", real: make(map[string]bool), promised: make(map[string]string),
		acked: make(map[string]acked), count: make(map[string]int), standing: standing{sections: make(map[string]sectionStanding)},
	}
	links, err := c.replicas[0].app.EnsureBoard(t.Context(), faultyWall, "Mur", "")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		c.trainers = append(c.trainers, c.enter(n, links.Moderator, fmt.Sprint("Trainer ", n)))
	}
	for _, name := range []string{"A", "B"} {
		c.groups = append(c.groups, c.trainers[0].must("POST", "/groups", "", map[string]any{"name": name})["id"].(string))
	}
	for n := range actors {
		c.people = append(c.people, c.enter(10+n, links.Writer, fmt.Sprint("NOM-", n)))
	}
	for range 4 {
		made := c.trainers[0].must("POST", "/sections", "", map[string]any{"title": "Partie"})
		c.sections = append(c.sections, made["id"].(string))
	}
	c.until = time.Now().Add(randomFor())
	return c
}

// enter makes somebody of a link; those who are no trainers are to stay unknown.
func (c *crew) enter(n int, link, name string) *actor {
	c.t.Helper()
	_, secret, _ := strings.Cut(link, "#")
	a := &actor{crew: c, n: n, rand: rand.New(rand.NewPCG(c.seed, uint64(n)))}
	a.sign(map[string]any{"boardId": faultyWall, "secret": secret, "name": name})
	if strings.HasPrefix(name, "NOM-") {
		c.real[a.id] = true
	}
	return a
}

func (a *actor) sign(by map[string]any) (renewal string) {
	a.t.Helper()
	status, body, err := request(a.t.Context(), "POST", a.replicas[0].base()+"/api/v1/sessions", "", "", by)
	var session struct {
		Token, Renewal string
		Participant    struct{ ID string }
	}
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &session) != nil {
		a.t.Fatalf("no session: %d %s %v", status, body, err)
	}
	a.id, a.token = session.Participant.ID, session.Token
	return session.Renewal
}

// audience is a browser of every class on each replica; an author's is among
// them.
func (c *crew) audience() map[*browser]*actor {
	c.t.Helper()
	a, b := c.replicas[0], c.replicas[1]
	readers := c.trainers[0].must("POST", "/links", "", map[string]any{"role": "reader"})["url"].(string)
	writers := c.trainers[0].must("POST", "/links", "", map[string]any{"role": "writer"})["url"].(string)
	watchers := map[string]*actor{"trainer": c.trainers[0], "author": c.people[0], "reader": c.enter(90, readers, "Reader"), "member": c.enter(91, writers, "Member")}
	groupOf := make(map[string]string)
	for n, name := range []string{"group A", "group B"} {
		_, secret, _ := strings.Cut(writers, "#")
		w := c.enter(92+n, writers, "Watcher "+name)
		renewal := w.sign(map[string]any{"boardId": faultyWall, "secret": secret, "name": "Watcher " + name})
		c.trainers[0].must("PUT", "/participants/"+w.id+"/group", "", map[string]any{"groupId": c.groups[n]})
		w.sign(map[string]any{"boardId": faultyWall, "renewal": renewal})
		watchers[name], groupOf[name] = w, c.groups[n]
	}
	out := make(map[*browser]*actor)
	for name, who := range watchers {
		for n, order := range [][]string{bases(a, b), bases(b, a)} {
			browser := c.look(fmt.Sprintf("%s %d", name, n), who, order, groupOf[name])
			out[browser] = who
		}
	}
	for browser := range out {
		browser.opened()
	}
	return out
}

// look starts a browser that is told nothing it may not be told.
func (c *crew) look(name string, who *actor, order []string, group string) *browser {
	moderates := strings.HasPrefix(name, "trainer")
	return watchInspecting(c.t, name, who.token, order, func(kind string, doc map[string]any) string {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.inspect(kind, doc, moderates, group)
	})
}

// inspect names what a class must not be told.
func (c *crew) inspect(kind string, doc map[string]any, moderates bool, group string) string {
	own, _ := doc["own"].(bool)
	stands := func() bool {
		return time.Since(c.standing.since) > settled && c.is(board.KindBoard, faultyWall, c.standing.boardRev)
	}
	switch kind {
	case "participant", "report":
		if !moderates {
			return "what is for trainers"
		}
	case "media":
		if doc["ownerId"] != nil && doc["ownerId"] != "" && doc["own"] == nil {
			return "an owner"
		}
	case "board":
		settings, _ := doc["settings"].(map[string]any)
		if settings["words"] != nil && !moderates {
			return "the words"
		}
	case "post":
		author, _ := doc["author"].(map[string]any)
		named, _ := author["id"].(string)
		name, _ := author["name"].(string)
		covers := func(anonymity string) bool { return anonymity == "everyone" || anonymity == "peers" && !moderates }
		id, _ := doc["id"].(string)
		if (c.real[named] || strings.HasPrefix(name, "NOM-")) && (covers(c.promised[id]) || covers(string(c.standing.settings.Anonymity)) && stands()) {
			return "who wrote it: " + name
		}
		if moderates || own {
			return ""
		}
		section, _ := doc["sectionId"].(string)
		in := c.standing.sections[section]
		of, _ := doc["groupId"].(string)
		switch {
		case doc["state"] != "published", doc["held"] != nil, doc["reason"] != nil:
			return fmt.Sprint("its state: ", doc["state"])
		case in.hidden && time.Since(in.since) > settled && c.is(board.KindSection, section, in.rev):
			return "what is in a hidden section"
		case of != "" && of != group && c.standing.settings.Groups == board.GroupsSeparate && stands():
			return "what is another group's"
		}
	}
	return ""
}

// is tells whether a document is still at a revision: browsers may be told of a
// newer one before it is noted here.
func (c *crew) is(kind board.Kind, id string, rev board.Rev) bool {
	doc, err := c.replicas[0].app.store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: kind, ID: board.ID(id)})
	return err == nil && doc.Head().Rev == rev
}

// stand looks at the store, and notes since when things are as they are.
func (c *crew) stand() {
	store := c.replicas[0].app.store
	for time.Now().Before(c.until) {
		doc, err := store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: board.KindBoard, ID: faultyWall})
		sections, err2 := store.List(c.t.Context(), faultyWall, board.KindSection)
		if err != nil || err2 != nil {
			c.t.Errorf("look at the store: %v %v", err, err2)
			return
		}
		c.mu.Lock()
		b := doc.(*board.Board)
		if b.Rev != c.standing.boardRev {
			c.standing.boardRev, c.standing.since, c.standing.settings = b.Rev, time.Now(), b.Settings
		}
		for _, doc := range sections {
			sec := doc.(*board.Section)
			if c.standing.sections[string(sec.ID)].rev != sec.Rev {
				c.standing.sections[string(sec.ID)] = sectionStanding{rev: sec.Rev, since: time.Now(), hidden: sec.Hidden && !sec.Removed()}
			}
		}
		c.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
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

// keep notes a post as it was acknowledged.
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
	p := a.own[a.rand.IntN(len(a.own))]
	switch a.rand.IntN(8) {
	case 0, 1, 2:
		a.edit(p)
	case 3:
		a.move(p.id)
	case 4:
		a.keepAll(a.ask("delete", "DELETE", "/posts/"+p.id, "", nil))
	case 5:
		a.keepAll(a.ask("restore", "POST", "/posts/"+p.id+"/restore", "", nil))
	case 6:
		a.ask("report", "POST", "/posts/"+a.anyPost()+"/reports", "", map[string]any{"reason": "gênant"})
	case 7:
		a.edit(&post{id: a.anyPost(), rev: 1})
	}
}

func (a *actor) keepAll(doc map[string]any) {
	if doc != nil {
		a.keep(doc)
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
	switch a.rand.IntN(16) {
	case 0:
		if a.rand.IntN(2) == 0 {
			a.settings()
		}
	case 1, 2:
		a.shape()
	case 3, 4:
		a.keepAll(a.ask("approve", "POST", "/posts/"+a.anyPost()+"/approve", "", nil))
	case 5:
		a.keepAll(a.ask("reject", "POST", "/posts/"+a.anyPost()+"/reject", "", map[string]any{"reason": "non"}))
	case 6:
		a.ask("block", "PUT", "/participants/"+who.id+"/blocked", "", map[string]any{"blocked": a.rand.IntN(3) == 0})
	case 7:
		a.ask("group", "PUT", "/participants/"+who.id+"/group", "", map[string]any{"groupId": append(a.groups, "")[a.rand.IntN(3)]})
	case 8, 9, 10:
		a.undo()
	case 11:
		a.keepAll(a.ask("trainer deletes", "DELETE", "/posts/"+a.anyPost(), "", nil))
	case 12:
		a.keepAll(a.ask("trainer restores", "POST", "/posts/"+a.anyPost()+"/restore", "", nil))
	case 13:
		a.move(a.anyPost())
	case 14:
		a.ask("settle", "POST", "/posts/"+a.anyPost()+"/reports/settle", "", nil)
	case 15:
		a.edit(&post{id: a.anyPost(), rev: 1})
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
		{"words": pick([]string{"zut"}, []string{})}, {"postsEach": pick(0, 30)},
	}[a.rand.IntN(7)]
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

// agree waits until every browser shows what one shows that has just come, on
// either replica.
func (c *crew) agree(browsers map[*browser]*actor) {
	c.t.Helper()
	end := time.Now()
	fresh := make(map[*actor][]*browser)
	for _, who := range browsers {
		if fresh[who] == nil {
			for _, r := range c.replicas {
				fresh[who] = append(fresh[who], watch(c.t, "fresh", who.token, bases(r)).opened())
			}
		}
	}
	told := make(map[string]bool)
	for {
		var problems []string
		shown := 0
		for b, who := range browsers {
			shown += b.wall.Count()
			for _, one := range fresh[who] {
				for _, f := range wallcheck.Same(one.wall, b.wall) {
					if f.Kind == wallcheck.Leaked || f.Kind == wallcheck.Diverged && strings.Contains(f.What, "two contents") || f.Kind == wallcheck.Unordered {
						if !told[f.String()] {
							c.t.Error(f)
						}
						told[f.String()] = true
						continue
					}
					problems = append(problems, f.String())
				}
			}
		}
		if len(problems) == 0 || c.t.Failed() {
			c.t.Logf("%d browsers agree %.1f s after the end, on %d posts in all", len(browsers), time.Since(end).Seconds(), shown)
			return
		}
		if time.Since(end) > recoverWithin {
			c.t.Fatalf("%d problems:\n%s", len(problems), strings.Join(problems[:min(20, len(problems))], "\n"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// nothingLost holds the store to what was acknowledged.
func (c *crew) nothingLost() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, want := range c.acked {
		doc, err := c.replicas[0].app.store.Get(c.t.Context(), board.Key{Board: faultyWall, Kind: board.KindPost, ID: board.ID(id)})
		if err != nil {
			c.t.Errorf("%s: %v", id, err)
			continue
		}
		p := doc.(*board.Post)
		if int64(p.Rev) < want.rev || int64(p.Rev) == want.rev && !p.Deleted() && (p.Title != want.title || p.Body != want.body) {
			c.t.Errorf("acknowledged at revision %d as %q %q, it is %d %q %q", want.rev, want.title, want.body, p.Rev, p.Title, p.Body)
		}
		if promise := c.promised[id]; promise != "named" && string(p.Sealed) != promise {
			c.t.Errorf("%s was promised %s, it says %q", id, promise, p.Sealed)
		}
	}
}

// allLogged looks for every revision of every post in the log.
func (c *crew) allLogged() {
	c.t.Helper()
	for _, id := range c.posts {
		key := board.Key{Board: faultyWall, Kind: board.KindPost, ID: board.ID(id)}
		eventually(c.t, "everything that was done to a post is in the log", func() bool {
			doc, err := c.replicas[0].app.store.Get(c.t.Context(), key)
			acts, err2 := c.replicas[0].app.store.ListUnder(c.t.Context(), key.Board, board.KindAct, key.ID)
			return err == nil && err2 == nil && board.Rev(len(acts)) == doc.Head().Rev
		})
	}
}

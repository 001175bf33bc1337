package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// hasty tells platforms at once, and gives up late.
func hasty(t *testing.T) app.Config {
	cfg := app.LocalConfig(t)
	cfg.Pacing = app.Pacing{
		Every: 20 * time.Millisecond, Quiet: 50 * time.Millisecond, First: 20 * time.Millisecond, Last: 100 * time.Millisecond,
		Patience: time.Hour, Look: 10 * time.Millisecond, Hold: 3 * time.Second,
	}
	return cfg
}

// receiver is a site's end of a webhook. It believes nothing that is not signed
// with its secret, and forgets what it was told before.
type receiver struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	secret []byte
	status int
	header http.Header
	// known is what was told last of each user, ids which notices were taken.
	known map[string]map[string]any
	ids   []string
	tries int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, status: 200, known: make(map[string]map[string]any)}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	if r.status/100 != 2 || !r.believes(req.Header, text) {
		return
	}
	var body struct {
		Type string
		Data map[string]any
	}
	if err := json.Unmarshal(text, &body); err != nil || body.Type != "participation.changed" {
		r.t.Errorf("told %s: %v", text, err)
		return
	}
	if id := req.Header.Get("webhook-id"); !slices.Contains(r.ids, id) {
		r.ids = append(r.ids, id)
		r.known[body.Data["user"].(string)] = body.Data
	}
}

// believes checks a signature as a site does.
func (r *receiver) believes(h http.Header, text []byte) bool {
	id, at := h.Get("webhook-id"), h.Get("webhook-timestamp")
	mac := hmac.New(sha256.New, r.secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, text)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute || !slices.Contains(strings.Fields(h.Get("webhook-signature")), want) {
		r.t.Errorf("signed %q at %q", h.Get("webhook-signature"), at)
		return false
	}
	return true
}

func (r *receiver) answers(status int, header http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.header = status, header
}

// await waits until something holds of what the receiver has seen.
func (r *receiver) await(what string, holds func() bool) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		ok := holds()
		r.mu.Unlock()
		if ok {
			return
		}
	}
	r.t.Fatalf("%s did not come; known %v", what, r.known)
}

// knows waits until the receiver was told a number of somebody.
func (r *receiver) knows(user, measure string, n int) {
	r.t.Helper()
	r.await(fmt.Sprintf("%s with %d %s", user, n, measure), func() bool {
		told, there := r.known[user][measure].(float64)
		return there && int(told) == n
	})
}

// tried waits until the receiver was asked once more.
func (r *receiver) tried() {
	r.t.Helper()
	r.mu.Lock()
	before := r.tries
	r.mu.Unlock()
	r.await("another try", func() bool { return r.tries > before })
}

// listening is a platform with a board, which has a webhook.
func (s *service) listening(name string, r *receiver) *site {
	s.t.Helper()
	id := s.connect(name, map[string]any{"webhook": r.server.URL + "/hook", "origins": []string{moodle}})
	own := &site{service: s, id: id, token: s.platformToken(id, everyScope)}
	own.board = own.newBoard("fr")
	hook := s.call("GET", "/api/v1/platforms/"+id+"/webhook", app.OperatorKey, nil).wants(s.t, 200, "")
	r.takes(hook.str("secret"))
	return own
}

func (r *receiver) takes(secret string) {
	r.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(raw) != 32 {
		r.t.Fatalf("the secret is %q", secret)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = raw
}

func (s *site) posts(user string) (post, session string) {
	s.t.Helper()
	session = s.come(user, nil).str("token")
	return s.call("POST", s.path("/posts"), session, map[string]any{"title": "un"}).wants(s.t, 201, "").str("id"), session
}

func (s *site) deliveries(state string) []any {
	s.t.Helper()
	return s.call("GET", "/api/v1/platforms/"+s.id+"/deliveries?state="+state, app.OperatorKey, nil).wants(s.t, 200, "").json["deliveries"].([]any)
}

func TestAPlatformIsToldWhatChanged(t *testing.T) {
	r := newReceiver(t)
	s := start(t, hasty(t), natstest.Start(t)).listening("moodle", r)
	s.call("PATCH", platformBoards+"/"+s.board, s.token, map[string]any{
		"externalId": "cm 7", "completion": map[string]any{"rules": []any{map[string]any{"measure": "posts", "least": 2}}},
	}).wants(t, 200, "")
	post, ada := s.posts("ada")
	r.knows("ada", "posts", 1)
	told := r.known["ada"]
	rules := told["rules"].([]any)[0].(map[string]any)
	if told["platform"] != s.id || told["board"] != s.board || told["externalId"] != "cm 7" || rules["have"] != 1.0 || told["complete"] != false {
		t.Fatalf("told %v", told)
	}
	s.call("POST", s.path("/posts"), ada, map[string]any{"title": "deux"}).wants(t, 201, "")
	r.knows("ada", "posts", 2)
	if r.known["ada"]["complete"] != true {
		t.Fatalf("told %v", r.known["ada"])
	}

	// Numbers that fall are told too; what changes none is not.
	s.call("DELETE", s.path("/posts/"+post), ada, nil, "If-Match", `"1"`).wants(t, 200, "")
	r.knows("ada", "posts", 1)
	ids := len(r.ids)
	s.come("bob", nil)
	s.posts("cy")
	r.knows("cy", "posts", 1)
	if len(r.ids) != ids+1 || r.known["bob"] != nil {
		t.Fatalf("told %d more, of bob %v", len(r.ids)-ids, r.known["bob"])
	}

	// Another secret: both sign until the next turn.
	old := r.secret
	renew := "/api/v1/platforms/" + s.id + "/webhook/secret"
	fresh := s.call("POST", renew, app.OperatorKey, nil).wants(t, 200, "")
	s.posts("di")
	r.knows("di", "posts", 1)
	r.takes(fresh.str("secret"))
	if string(old) == string(r.secret) {
		t.Fatal("the secret is the same")
	}
	s.posts("ed")
	r.knows("ed", "posts", 1)
}

func TestASiteThatIsDownIsToldLaterAndHoldsUpNobody(t *testing.T) {
	up, down := newReceiver(t), newReceiver(t)
	svc := start(t, hasty(t), natstest.Start(t))
	ours, theirs := svc.listening("up", up), svc.listening("down", down)
	down.answers(503, http.Header{"Retry-After": {"0"}})
	for i := range 12 {
		theirs.posts(fmt.Sprint("u", i))
	}
	down.tried()
	post, ada := ours.posts("ada")
	up.knows("ada", "posts", 1)
	ours.call("DELETE", ours.path("/posts/"+post), ada, nil, "If-Match", `"1"`).wants(t, 200, "")
	up.knows("ada", "posts", 0)
	down.tried()
	waiting := theirs.deliveries("waiting")
	if len(waiting) != 12 || len(ours.deliveries("waiting")) > 0 || waiting[0].(map[string]any)["user"] == "" {
		t.Fatalf("waiting: %v", waiting)
	}
	// Of what changes again meanwhile, the last state is told.
	theirs.posts("u0")
	down.tried()
	down.answers(200, nil)
	down.knows("u0", "posts", 2)
	for i := 1; i < 12; i++ {
		down.knows(fmt.Sprint("u", i), "posts", 1)
	}
	down.await("an empty queue", func() bool { return len(theirs.deliveries("waiting")) == 0 })
}

func TestANoticeThatIsNeverTakenIsGivenUpAndSentAgain(t *testing.T) {
	r, cfg := newReceiver(t), hasty(t)
	cfg.Pacing.Patience = 100 * time.Millisecond
	s := start(t, cfg, natstest.Start(t)).listening("moodle", r)
	r.answers(410, nil)
	s.posts("ada")
	var dead []any
	r.await("a dead delivery", func() bool {
		dead = s.deliveries("dead")
		return len(dead) > 0
	})
	one := dead[0].(map[string]any)
	if one["user"] != "ada" || one["board"] != s.board || one["why"] != "status 410" || one["state"] != "dead" {
		t.Fatalf("dead: %v", one)
	}
	if waiting := s.deliveries("waiting"); len(waiting) > 0 {
		t.Fatalf("waiting still: %v", waiting)
	}
	replay := "/api/v1/platforms/" + s.id + "/deliveries/" + one["id"].(string) + "/replay"
	other := s.connect("autre", nil)
	s.call("POST", strings.Replace(replay, s.id, other, 1), app.OperatorKey, nil).wants(t, 404, "not_found")
	r.answers(200, nil)
	s.call("POST", replay, app.OperatorKey, nil).wants(t, 204, "")
	r.knows("ada", "posts", 1)
	s.call("POST", replay, app.OperatorKey, nil).wants(t, 404, "not_found")
	if dead := s.deliveries("dead"); len(dead) > 0 {
		t.Fatalf("dead still: %v", dead)
	}
}

func TestNothingIsUntoldWhenReplicasAndNATSGo(t *testing.T) {
	r, cfg, events := newReceiver(t), hasty(t), natstest.Start(t)
	one := start(t, cfg, events)
	s := one.listening("moodle", r)
	r.answers(503, nil)
	s.posts("ada")
	r.tried()
	two := start(t, cfg, events)
	s.posts("bob")
	one.stop()
	second := &site{service: two, id: s.id, token: s.token, board: s.board}
	second.posts("cy")
	events.Stop()
	// Written while events are away.
	second.posts("di")
	events.Restart()
	r.answers(204, nil)
	for _, user := range []string{"ada", "bob", "cy", "di"} {
		r.knows(user, "posts", 1)
	}
}

func TestAWallThatNamesNobodyIsToldOfInSpans(t *testing.T) {
	r, cfg := newReceiver(t), hasty(t)
	s := start(t, cfg, natstest.Start(t)).listening("moodle", r)
	s.call("PATCH", platformBoards+"/"+s.board, s.token, map[string]any{"settings": map[string]any{"anonymity": "everyone"}}).wants(t, 200, "")
	s.posts("ada")
	r.knows("ada", "posts", 1)
	if at, err := time.Parse(time.RFC3339, r.known["ada"]["changedAt"].(string)); err != nil || !at.Equal(at.Truncate(24*time.Hour)) {
		t.Fatalf("told when: %v %v", at, err)
	}
}

// askedEvery keeps a test that asks again and again within what a platform may
// call in a minute (600), however long it takes.
const askedEvery = 150 * time.Millisecond

func TestSinceMissesNobodyOnARealStream(t *testing.T) {
	s := start(t, app.LocalConfig(t), natstest.Start(t)).site("moodle")
	read := func(since string) (users map[string]float64, now string) {
		t.Helper()
		users = make(map[string]float64)
		got := s.call("GET", platformBoards+"/"+s.board+"/participation?since="+since, s.token, nil).wants(t, 200, "")
		for _, one := range got.json["participants"].([]any) {
			p := one.(map[string]any)
			users[p["user"].(string)] = p["posts"].(float64)
		}
		return users, got.str("now")
	}
	// Everybody is asked after as a site does: with what the last answer said.
	known, now := map[string]float64{}, ""
	follow := func(user string, want float64) {
		t.Helper()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); {
			var changed map[string]float64
			changed, now = read(now)
			for who, posts := range changed {
				known[who] = posts
			}
			if known[user] == want {
				return
			}
			time.Sleep(askedEvery)
		}
		t.Fatalf("%s has %v, want %v", user, known[user], want)
	}
	post, ada := s.posts("ada")
	s.posts("bob")
	follow("ada", 1)
	follow("bob", 1)
	s.posts("ada")
	follow("ada", 2)
	s.call("DELETE", s.path("/posts/"+post), ada, nil, "If-Match", `"1"`).wants(t, 200, "")
	follow("ada", 1)
	// The stream forgets with an erasure what it had.
	s.posts("ada")
	s.call("DELETE", platformBoards+"/"+s.board+"/users/bob", s.token, nil).wants(t, 202, "")
	s.posts("cy")
	follow("cy", 1)
	follow("ada", 2)
	for end := time.Now().Add(time.Minute); ; {
		if all, _ := read(""); len(all) == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("who was erased is still there")
		}
		time.Sleep(askedEvery)
	}
}

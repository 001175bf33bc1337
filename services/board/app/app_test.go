package app_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

func TestTheMainJob(t *testing.T) {
	s := startNew(t)
	ada, bob := s.writer("Ada"), s.writer("Bob")
	snapshot := s.call("GET", wall+"/snapshot", bob, nil).wants(t, 200, "")
	watch := s.watch(bob, snapshot.str("cursor"))
	created := s.call("POST", wall+"/posts", ada, map[string]any{
		"id": "01980000-0000-7000-8000-0000000000AA", "title": " Bonjour ", "body": "<p>Un <b>mot</b><script>x</script></p>",
		"attachments": []any{
			map[string]any{"type": "link", "url": "https://podeduc.apps.education.fr/video/0042-cours/?start=9&x=1"},
			map[string]any{"type": "link", "url": "https://example.org/a"},
		},
	}).wants(t, 201, "")
	if created.header.Get("ETag") != `"1"` || created.str("title") != "Bonjour" || created.str("body") != "<p>Un <strong>mot</strong></p>" {
		t.Fatalf("created %s", created.raw)
	}
	seen := watch.post()
	if seen["title"] != "Bonjour" || seen["rev"] != 1.0 {
		t.Fatalf("the other browser saw %v", seen)
	}
	attachments := seen["attachments"].([]any)
	embed, _ := attachments[0].(map[string]any)["embed"].(map[string]any)
	if embed["src"] != "https://podeduc.apps.education.fr/video/0042-cours/?is_iframe=true&start=9" {
		t.Fatalf("embed is %v", embed)
	}
	if _, has := attachments[1].(map[string]any)["embed"]; has {
		t.Fatal("a plain link has a player")
	}
	path := wall + "/posts/" + created.str("id")
	s.call("PATCH", path, ada, map[string]any{"title": "Salut"}, "If-Match", `"1"`).wants(t, 200, "")
	if seen := watch.post(); seen["title"] != "Salut" || seen["rev"] != 2.0 {
		t.Fatalf("the edit was seen as %v", seen)
	}
	s.call("PATCH", path, bob, map[string]any{"title": "Non"}, "If-Match", `"2"`).wants(t, 403, "forbidden")
	s.call("DELETE", path, s.moderator("Eve"), nil).wants(t, 200, "")
	if seen := watch.post(); seen["deleted"] != true || seen["title"] != "" {
		t.Fatalf("the deletion was seen as %v", seen)
	}
	again := s.call("GET", wall+"/snapshot", ada, nil).wants(t, 200, "")
	if posts := again.json["posts"].([]any); len(posts) != 0 {
		t.Fatalf("%d posts left", len(posts))
	}
}

func TestS2_EditsNameTheirRevision(t *testing.T) {
	s := startNew(t)
	ada := s.writer("Ada")
	path := wall + "/posts/" + s.call("POST", wall+"/posts", ada, map[string]any{"title": "un"}).wants(t, 201, "").str("id")
	s.call("PATCH", path, ada, map[string]any{"title": "deux"}).wants(t, 428, "if_match_required")
	s.call("PATCH", path, ada, map[string]any{"title": "deux"}, "If-Match", "x").wants(t, 422, "if_match_invalid")
	s.call("PATCH", path, ada, map[string]any{"title": "deux"}, "If-Match", `"1"`).wants(t, 200, "")
	refused := s.call("PATCH", path, ada, map[string]any{"title": "trois"}, "If-Match", `"1"`).wants(t, 412, "revision_conflict")
	current := refused.json["current"].(map[string]any)["post"].(map[string]any)
	if current["title"] != "deux" || current["rev"] != 2.0 {
		t.Fatalf("current is %v", current)
	}
}

func TestS3_RetriesAreSafe(t *testing.T) {
	s := startNew(t)
	ada := s.writer("Ada")
	body := map[string]any{"id": "01980000-0000-7000-8000-000000000010", "title": "un"}
	for range 3 {
		s.call("POST", wall+"/posts", ada, body).wants(t, 201, "")
	}
	path := wall + "/posts/01980000-0000-7000-8000-000000000010"
	for range 2 {
		if rev := s.call("DELETE", path, ada, nil).wants(t, 200, "").rev(); rev != 2 {
			t.Fatalf("rev %v", rev)
		}
	}
	for range 2 {
		if rev := s.call("POST", path+"/restore", ada, nil).wants(t, 200, "").rev(); rev != 3 {
			t.Fatalf("rev %v", rev)
		}
	}
}

func TestS8_S9_ABrowserComesBackAndMissesNothing(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	s := start(t, cfg, events)
	ada := s.writer("Ada")
	post := func(title string) {
		t.Helper()
		s.call("POST", wall+"/posts", ada, map[string]any{"title": title}).wants(t, 201, "")
	}
	first := s.watch(ada, s.call("GET", wall+"/snapshot", ada, nil).str("cursor"))
	post("un")
	if got := first.post()["title"]; got != "un" {
		t.Fatalf("saw %v", got)
	}
	_ = first.body.Close()
	post("deux")
	second := s.watch(ada, first.last)
	if got := second.post()["title"]; got != "deux" {
		t.Fatalf("after coming back: %v", got)
	}
	s.stop() // the next replica knows nothing from memory
	s = start(t, cfg, events)
	post("trois")
	third := s.watch(ada, first.last)
	if a, b := third.post()["title"], third.post()["title"]; a != "deux" || b != "trois" {
		t.Fatalf("after a restart: %v, %v", a, b)
	}
	if event, _ := s.watch(ada, "old-1").next(); event != "hello" {
		t.Fatalf("got %s", event)
	}
}

func TestS16_ShutdownTellsBrowsersToComeBack(t *testing.T) {
	s := startNew(t)
	watch := s.watch(s.writer("Ada"), "")
	go s.stop()
	for {
		event, data := watch.next()
		if event == "end" {
			t.Fatal("the stream ended without a word")
		}
		if event == "bye" {
			if _, ok := data["retryMs"].(float64); !ok {
				t.Fatalf("bye says %v", data)
			}
			return
		}
	}
}

func TestSessions(t *testing.T) {
	s := startNew(t)
	first := s.enter(s.links.Writer, "Ada")
	if first.header.Get("Cache-Control") != "no-store" || first.str("role") != "writer" {
		t.Fatalf("session: %s", first.raw)
	}
	me := func(a answer) any { return a.json["participant"].(map[string]any)["id"] }
	renewed := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "renewal": first.str("renewal"), "name": "Ada L."}).wants(t, 201, "")
	if me(renewed) != me(first) || renewed.json["participant"].(map[string]any)["name"] != "Ada L." {
		t.Fatalf("renewed as %s", renewed.raw)
	}
	both := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "renewal": first.str("renewal"), "secret": app.SecretOf(s.links.Moderator)}).wants(t, 201, "")
	if me(both) != me(first) || both.str("role") != "moderator" {
		t.Fatalf("the same person by another link: %s", both.raw)
	}
	other := "01980000-0000-7000-8000-0000000000ff"
	for name, body := range map[string]map[string]any{
		"link_invalid":    {"boardId": wallID, "secret": "wrong"},
		"session_missing": {"boardId": wallID},
		"session_invalid": {"boardId": wallID, "renewal": first.str("token")},
	} {
		s.call("POST", "/api/v1/sessions", "", body).wants(t, 401, name)
	}
	s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": other, "renewal": first.str("renewal")}).wants(t, 401, "session_invalid")
	s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": other, "secret": app.SecretOf(s.links.Writer)}).wants(t, 401, "link_invalid")
	s.call("GET", wall+"/snapshot", first.str("renewal"), nil).wants(t, 401, "session_invalid")
	nameless := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "secret": app.SecretOf(s.links.Writer)}).wants(t, 201, "").str("token")
	s.call("GET", wall+"/snapshot", nameless, nil).wants(t, 200, "")
	s.call("POST", wall+"/posts", nameless, map[string]any{"title": "x"}).wants(t, 422, "name_required")
}

func TestGuessingLinksIsSlowedDown(t *testing.T) {
	s := startNew(t)
	wrong := map[string]any{"boardId": wallID, "secret": "wrong"}
	for range 60 {
		s.call("POST", "/api/v1/sessions", "", wrong).wants(t, 401, "link_invalid")
	}
	limited := s.call("POST", "/api/v1/sessions", "", wrong).wants(t, 429, "rate_limited")
	if limited.header.Get("Retry-After") == "" {
		t.Fatal("it does not say when to try again")
	}
}

func TestGuessingCodesIsSlowedDownSooner(t *testing.T) {
	s := startNew(t)
	trainer := s.moderator("Eve")
	link := s.call("POST", wall+"/links", trainer, map[string]any{"role": "writer", "password": "sésame"}).wants(t, 201, "").str("id")
	code, _ := s.call("POST", wall+"/links/"+link+"/code", trainer, nil).json["code"].(string)
	enter := func(code, password string) answer {
		return s.call("POST", "/api/v1/sessions", "", map[string]any{"code": code, "password": password})
	}
	// A class that is asked for the password guesses nothing.
	for range 30 {
		enter(code, "").wants(t, 401, "link_password_required")
	}
	typed := strings.ToLower(code[:3] + " " + code[3:])
	if in := enter(typed, "sésame").wants(t, 201, ""); in.str("boardId") != wallID || in.str("role") != "writer" {
		t.Fatalf("entered as %s", in.raw)
	}
	for range 5 {
		enter("222222", "").wants(t, 401, "code_invalid")
		enter(code, "faux").wants(t, 401, "link_password")
	}
	limited := enter(code, "sésame").wants(t, 429, "rate_limited")
	if limited.header.Get("Retry-After") == "" {
		t.Fatal("it does not say when to try again")
	}
	// Links go on.
	s.enter(s.links.Writer, "Ada")
}

// document is the part of the OpenAPI document that tests read.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID string
	Security    []map[string][]string
	Parameters  []struct {
		Name, In string
		Required bool
	}
	RequestBody struct {
		Content map[string]struct{ Schema *schema }
	} `json:"requestBody"`
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Format     string
	Enum       []any
	Required   []string
	Properties map[string]*schema
}

func readDocument(t *testing.T) *document {
	t.Helper()
	raw, err := os.ReadFile("../../../proto/openapi/board.json")
	if err != nil {
		t.Fatal(err)
	}
	doc := new(document)
	if err := json.Unmarshal(raw, doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// stranger is a session of another board.
func (s *service) stranger() string {
	s.t.Helper()
	made := s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": "Autre"}).wants(s.t, 201, "").json
	link := made["links"].([]any)[0].(map[string]any)["url"].(string)
	id := made["board"].(map[string]any)["id"]
	return s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": id, "secret": app.SecretOf(link), "name": "X"}).wants(s.t, 201, "").str("token")
}

// example is a request that has the form an operation asks for.
func (d *document) example(path string, op operation) (address string, body any) {
	address = path
	var query []string
	for _, p := range op.Parameters {
		switch {
		case p.In == "path":
			address = strings.ReplaceAll(address, "{"+p.Name+"}", wallID)
		case p.In == "query" && p.Required:
			query = append(query, p.Name+"=keep")
		}
	}
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	for _, content := range op.RequestBody.Content {
		body = d.value(content.Schema)
	}
	return address, body
}

// value is the least that a schema takes.
func (d *document) value(s *schema) any {
	if name, isRef := strings.CutPrefix(s.Ref, "#/components/schemas/"); isRef {
		return d.value(d.Components.Schemas[name])
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "uuid":
		return wallID
	}
	switch s.Type {
	case "object":
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = d.value(s.Properties[name])
		}
		return out
	case "array":
		return []any{}
	case "integer", "number":
		return 1
	case "boolean":
		return true
	default:
		return "x"
	}
}

// TestDenyByDefault tries every operation of the document without a session,
// with a session of another board, and with a credential of another kind.
func TestDenyByDefault(t *testing.T) {
	s := startNew(t)
	doc, stranger := readDocument(t), s.stranger()
	var open []string
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if len(op.Security) == 0 {
				open = append(open, strings.ToUpper(method)+" "+path)
				continue
			}
			method = strings.ToUpper(method)
			address, body := doc.example(path, op)
			for _, credential := range []string{"", "nonsense", stranger} {
				got := s.call(method, address, credential, body, "If-Match", `"1"`)
				if got.status != 401 && got.status != 403 {
					t.Errorf("%s %s with %.8q answers %d %s", method, path, credential, got.status, got.raw)
				}
			}
		}
	}
	// Entering a board, and the ways into an account: an invitation's code is
	// what opens it.
	want := []string{
		"DELETE /api/v1/account/sessions", "GET /api/v1/account/options",
		"POST /api/v1/account/invitation", "POST /api/v1/account/invitation/account", "POST /api/v1/account/invitation/password",
		"POST /api/v1/account/sessions", "POST /api/v1/account/sessions/renewal", "POST /api/v1/account/setup", "POST /api/v1/oauth/token", "POST /api/v1/sessions",
	}
	if slices.Sort(open); !slices.Equal(open, want) {
		t.Errorf("open to all are %v, want %v", open, want)
	}
}

func TestRefusalsBeforeAnyHandlerAreProblemsToo(t *testing.T) {
	s := startNew(t)
	ada := s.writer("Ada")
	s.call("GET", "/api/v1/nothing", "", nil).wants(t, 404, "not_found")
	s.call("POST", wall+"/posts", ada, "{not json").wants(t, 400, "bad_request")
	if head := s.announce("POST", wall+"/posts", ada, 2<<20); !strings.HasPrefix(head, "HTTP/1.1 413") || !strings.Contains(head, "Connection: close") {
		t.Fatalf("a body that is too large gets\n%s", head)
	}
	malformed := s.call("POST", wall+"/posts", ada, map[string]any{"id": "x", "attachments": []any{map[string]any{"type": "poem"}}}).wants(t, 422, "invalid_input")
	if items := malformed.json["errors"].([]any); len(items) != 2 {
		t.Fatalf("faults: %v", items)
	}
	french := s.call("POST", wall+"/posts", ada, map[string]any{}, "Accept-Language", "fr").wants(t, 422, "invalid_input")
	if french.str("detail") != "Certains champs sont à corriger." {
		t.Fatalf("in French: %s", french.raw)
	}
}

func TestUploadsBeginWithATicket(t *testing.T) {
	s := startNew(t)
	ada := s.writer("Ada")
	body := map[string]any{"id": "01980000-0000-7000-8000-000000000020", "size": 1000, "type": "image/jpeg"}
	got := s.call("POST", wall+"/media", ada, body).wants(t, 201, "")
	upload := got.json["upload"].(map[string]any)
	if upload["url"] != "https://up.example/uploads/" || upload["token"] == "" {
		t.Fatalf("upload: %v", upload)
	}
	s.call("GET", wall+"/snapshot", upload["token"].(string), nil).wants(t, 401, "session_invalid")
	s.call("GET", wall+"/media/01980000-0000-7000-8000-000000000020", s.writer("Bob"), nil).wants(t, 404, "not_found")
	s.call("POST", wall+"/media", ada, map[string]any{"size": 31 << 20, "type": "image/jpeg"}).wants(t, 413, "media_too_large")
	s.call("POST", wall+"/media", ada, map[string]any{"size": 1, "type": "image/svg+xml"}).wants(t, 422, "invalid_input")
}

func TestOnlyTheOperatorMakesBoards(t *testing.T) {
	s := startNew(t)
	s.call("POST", "/api/v1/boards", s.moderator("Eve"), map[string]any{"title": "x"}).wants(t, 401, "operator_key_invalid")
	made := s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": "x"}).wants(t, 201, "")
	if links := made.json["links"].([]any); len(links) != 2 {
		t.Fatalf("links: %v", links)
	}
	cfg := app.LocalConfig(t)
	cfg.OperatorKey = ""
	closed := start(t, cfg, natstest.Start(t))
	closed.call("POST", "/api/v1/boards", "", map[string]any{"title": "x"}).wants(t, 401, "operator_key_invalid")
}

func TestS7_TwoReplicasTellWhoIsHereAndWhoIsWriting(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	here := start(t, cfg, events)
	there := start(t, cfg, events)
	ada, bob := here.writer("Ada"), there.writer("Bob")
	watch := here.watch(ada, "")
	there.watch(bob, "")
	there.call("PUT", wall+"/writing", bob, map[string]any{"writing": true}).wants(t, 204, "")
	for {
		event, data := watch.next()
		if event == "end" {
			t.Fatal("the stream ended")
		}
		if event != "presence" || data["count"] != 2.0 {
			continue
		}
		first := data["people"].([]any)[0].(map[string]any)
		if first["name"] == "Bob" && first["writing"] == true {
			return
		}
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	s := startNew(t)
	session := s.enter(s.links.Writer, "Ada Lovelace")
	s.call("GET", wall+"/snapshot?token=inquery", session.str("token"), nil)
	s.call("POST", wall+"/posts", session.str("token"), map[string]any{"title": "Confidentiel"}).wants(t, 201, "")
	s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": "x"}).wants(t, 201, "")
	log := s.log.String()
	if !strings.Contains(log, "/snapshot") {
		t.Fatal("requests are not logged at all")
	}
	for _, secret := range []string{app.SecretOf(s.links.Writer), session.str("token"), session.str("renewal"), app.OperatorKey, "Lovelace", "Confidentiel", "inquery"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %.12q…", secret)
		}
	}
}

func TestEveryFaultOfTheConfigurationIsTold(t *testing.T) {
	cfg := app.Default()
	cfg.Store, cfg.MediaURL, cfg.UploadURL, cfg.OperatorKey = "redis:x", cfg.PublicURL, "ftp://x", "short"
	_, err := app.New(t.Context(), cfg, app.Deps{})
	if err == nil {
		t.Fatal("no fault")
	}
	for _, name := range []string{"STORE", "MEDIA_URL", "UPLOAD_URL", "OPERATOR_KEY", "MASTER_KEY"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not told in:\n%v", name, err)
		}
	}
}

func TestOnlyExactSitesMayFrameWalls(t *testing.T) {
	for site, good := range map[string]bool{
		"https://moodle.example.org": true, "https://moodle.example.org:8443": true,
		"http://moodle.example.org": false, "https://*.example.org": false, "https://moodle.example.org/": false, "https://": false,
		"*": false, "moodle.example.org": false, "https://a.example; script-src *": false, "https://u@a.example": false, "https://A.example": false,
		"https://a.example?x": false, "https://a.example#": false, "'self'": false,
	} {
		cfg := app.LocalConfig(t)
		cfg.EmbedSites = []string{site}
		if err := cfg.Check(); (err == nil) != good {
			t.Errorf("%s: %v", site, err)
		}
	}
}

func TestTrainersAreToldWhichSitesMayFrameTheWall(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.EmbedSites = []string{"https://moodle.example.org"}
	s := start(t, cfg, natstest.Start(t))
	told := s.call("GET", wall+"/links", s.moderator("Eve"), nil).wants(t, 200, "").json["embedSites"].([]any)
	if len(told) != 1 || told[0] != "https://moodle.example.org" {
		t.Fatalf("told %v", told)
	}
}

func TestHealthAndDocumentation(t *testing.T) {
	s := startNew(t)
	for path, want := range map[string]string{
		"/livez": `"ok"`, "/readyz": `"events":"ok"`, "/version": `"test"`,
		"/api/openapi.json": `"openapi"`, "/api/docs": "swagger-ui-bundle.js", "/api/docs/swagger-ui-bundle.js": "SwaggerUIBundle", "/api/docs/init.js": "/api/openapi.json",
	} {
		if got := s.call("GET", path, "", nil); got.status != 200 || !strings.Contains(got.raw, want) {
			t.Errorf("%s answers %d without %s", path, got.status, want)
		}
	}
	if page := s.call("GET", "/api/docs", "", nil); strings.Contains(page.raw, "https://") {
		t.Error("the documentation page names another host")
	}
}

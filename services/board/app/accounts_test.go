package app_test

import (
	"net/http"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

const password = "une phrase assez longue"

// started is a service whose first account can be made.
func started(t *testing.T, cfg app.Config) (*service, string) {
	t.Helper()
	s := start(t, cfg, natstest.Start(t))
	link, err := s.app.OpenSetup(t.Context(), wallID)
	if err != nil || !strings.HasPrefix(link, cfg.PublicURL+"/setup#") {
		t.Fatalf("got %q, %v", link, err)
	}
	return s, app.SecretOf(link)
}

func (s *service) account(method, path, token string, body any, headers ...string) answer {
	s.t.Helper()
	return s.call(method, "/api/v1/account"+path, token, body, append([]string{"Fresque-Account", "1"}, headers...)...)
}

// setUp makes the first account.
func (s *service) setUp(code string) answer {
	s.t.Helper()
	return s.account("POST", "/setup", "", map[string]any{"code": code, "login": "ada", "name": "Ada", "password": password}).wants(s.t, 201, "")
}

func cookieOf(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnAccountFromFirstStartToSigningOutEverywhere(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	if o := s.account("GET", "/options", "", nil).wants(t, 200, "").json; o["setup"] != true || o["local"] != false {
		t.Fatalf("options: %v", o)
	}
	s.account("POST", "/setup", "", map[string]any{"code": "no", "login": "ada", "name": "Ada", "password": password}).wants(t, 401, "setup_code_invalid")
	s.account("POST", "/setup", "", map[string]any{"code": code, "login": "ada", "name": "Ada", "password": "court"}).wants(t, 422, "invalid_input")
	first := s.setUp(code)
	s.account("POST", "/setup", "", map[string]any{"code": code, "login": "bob", "name": "Bob", "password": password}).wants(t, 409, "setup_done")
	if o := s.account("GET", "/options", "", nil).json; o["setup"] != false || o["local"] != true {
		t.Fatalf("options: %v", o)
	}

	wrong := s.account("POST", "/sessions", "", map[string]any{"login": "ada", "password": "autre"}).wants(t, 401, "sign_in_refused")
	nobody := s.account("POST", "/sessions", "", map[string]any{"login": "personne", "password": "autre"}).wants(t, 401, "sign_in_refused")
	if wrong.raw != nobody.raw {
		t.Fatalf("%s tells more than %s", wrong.raw, nobody.raw)
	}
	signedIn := s.account("POST", "/sessions", "", map[string]any{"login": "Ada", "password": password}).wants(t, 201, "")
	if signedIn.header.Get("Cache-Control") != "no-store" {
		t.Fatal("a session may be cached")
	}
	c := cookieOf(t, signedIn)
	if c.Name != "__Host-fresque-account" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Fatalf("the cookie is %+v", c)
	}

	// Only a script of the page renews, and only with the cookie.
	sent := c.Name + "=" + c.Value
	s.call("POST", "/api/v1/account/sessions/renewal", "", nil, "Cookie", sent).wants(t, 422, "invalid_input")
	s.account("POST", "/sessions/renewal", "", nil).wants(t, 401, "account_signed_out")
	renewed := s.account("POST", "/sessions/renewal", "", nil, "Cookie", "a=b; "+sent).wants(t, 200, "")
	s.account("GET", "", c.Value, nil).wants(t, 401, "account_signed_out")          // a renewal is no session
	s.account("GET", "", s.writer("Eve"), nil).wants(t, 401, "account_signed_out")  // nor is a board's
	s.call("GET", wall, renewed.str("token"), nil).wants(t, 401, "session_invalid") // nor the other way round
	if got := s.account("GET", "", renewed.str("token"), nil).wants(t, 200, "").str("name"); got != "Ada" {
		t.Fatal(got)
	}
	if gone := cookieOf(t, s.account("DELETE", "/sessions", "", nil).wants(t, 200, "")); gone.MaxAge >= 0 || gone.Name != c.Name {
		t.Fatalf("the cookie stays: %+v", gone)
	}

	owner := s.account("POST", "/walls/"+wallID+"/session", first.str("token"), map[string]any{}).wants(t, 201, "")
	s.account("DELETE", "/sessions/all", renewed.str("token"), nil).wants(t, 200, "")
	s.account("GET", "", first.str("token"), nil).wants(t, 401, "account_signed_out")
	s.account("POST", "/sessions/renewal", "", nil, "Cookie", sent).wants(t, 401, "account_signed_out")
	s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "renewal": owner.str("renewal")}).wants(t, 401, "account_signed_out")
	if strings.Contains(s.log.String(), password) || strings.Contains(s.log.String(), code) || strings.Contains(s.log.String(), c.Value) {
		t.Fatal("a secret is in the log")
	}
	if strings.Contains(s.log.String(), "not published") {
		t.Fatal("what is no event was to be published")
	}
}

func TestPasswordsAreGuessedSlowly(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	s.setUp(code)
	for range 10 {
		s.account("POST", "/sessions", "", map[string]any{"login": "ada", "password": "autre"}).wants(t, 401, "sign_in_refused")
	}
	for _, spelling := range []string{" ADA", "a\ufeffda", "ad\u202ea\n"} { // all of them are hers
		a := s.account("POST", "/sessions", "", map[string]any{"login": spelling, "password": password}).wants(t, 429, "rate_limited")
		if a.header.Get("Retry-After") == "" {
			t.Fatal("no word of when to come back")
		}
	}
	// The account's bound says nothing of whether there is one.
	for range 9 {
		s.account("POST", "/sessions", "", map[string]any{"login": "personne", "password": "autre"}).wants(t, 401, "sign_in_refused")
	}
	s.account("POST", "/sessions", "", map[string]any{"login": "x", "password": "autre"}).wants(t, 401, "sign_in_refused")
	s.account("POST", "/sessions", "", map[string]any{"login": "y", "password": "autre"}).wants(t, 429, "rate_limited")
}

func TestOverPlainHTTPTheCookieIsStillTheAPIs(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.PublicURL = "http://localhost:8080"
	s, code := started(t, cfg)
	c := cookieOf(t, s.setUp(code))
	if c.Name != "fresque-account" || !c.HttpOnly || c.Secure || c.Path != "/api/v1/account" {
		t.Fatalf("the cookie is %+v", c)
	}
}

func TestMyWalls(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	me := s.setUp(code).str("token")
	s.account("GET", "/walls", "", nil).wants(t, 401, "account_signed_out")
	made := s.account("POST", "/walls", me, map[string]any{"id": "01980000-0000-7000-8000-0000000000aa", "title": "Volcans", "settings": map[string]any{"layout": "columns"}}).wants(t, 201, "")
	again := s.account("POST", "/walls", me, map[string]any{"id": "01980000-0000-7000-8000-0000000000aa", "title": "Volcans"}).wants(t, 201, "")
	if made.str("id") != again.str("id") || made.str("layout") != "columns" {
		t.Fatalf("%s and %s", made.raw, again.raw)
	}
	s.account("POST", "/walls", me, map[string]any{"title": " "}).wants(t, 422, "invalid_input")
	one := "/walls/" + made.str("id")
	list := func() string { return s.account("GET", "/walls", me, nil).wants(t, 200, "").raw }
	if !strings.Contains(list(), `"Volcans"`) || !strings.Contains(list(), `"Mur"`) {
		t.Fatal(list())
	}
	if raw := s.account("GET", "/walls?q=volcán", me, nil).wants(t, 200, "").raw; strings.Contains(raw, `"Mur"`) || !strings.Contains(raw, "Volcans") {
		t.Fatal(raw)
	}

	owner := s.account("POST", one+"/session", me, map[string]any{}).wants(t, 201, "")
	board := "/api/v1/boards/" + made.str("id")
	if owner.str("role") != "owner" || !strings.Contains(owner.raw, "board.delete") || !strings.Contains(owner.raw, "author.unseal") {
		t.Fatal(owner.raw)
	}
	s.call("POST", board+"/posts", owner.str("token"), map[string]any{"title": "Etna"}).wants(t, 201, "")
	renewed := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": made.str("id"), "renewal": owner.str("renewal")}).wants(t, 201, "")
	if renewed.str("role") != "owner" {
		t.Fatal(renewed.raw)
	}
	if got := s.account("GET", one+"/moderators", me, nil).wants(t, 200, "").raw; !strings.Contains(got, `"moderators":[]`) {
		t.Fatal(got)
	}
	if a := s.account("PUT", one+"/archived", me, map[string]any{"archived": true}).wants(t, 200, ""); a.str("archivedAt") == "" {
		t.Fatal(a.raw)
	}
	s.call("POST", board+"/posts", owner.str("token"), map[string]any{"title": "Trop tard"}).wants(t, 423, "board_archived")
	if a := s.account("DELETE", one, me, nil).wants(t, 200, ""); a.str("deletedAt") == "" || a.str("erasedAt") == "" {
		t.Fatal(a.raw)
	}
	s.call("GET", board, owner.str("token"), nil).wants(t, 404, "not_found")
	s.account("POST", one+"/session", me, map[string]any{}).wants(t, 401, "link_invalid")
	if a := s.account("POST", one+"/restore", me, nil).wants(t, 200, ""); a.str("deletedAt") != "" || a.str("archivedAt") == "" {
		t.Fatal(a.raw)
	}
	s.account("DELETE", "/walls/01980000-0000-7000-8000-0000000000bb", me, nil).wants(t, 404, "not_found")
}

func TestAFirstWallThatWasDeletedIsNotHandedOut(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	s.account("DELETE", "/walls/"+wallID, s.setUp(code).str("token"), nil).wants(t, 200, "")
	links, err := s.app.EnsureBoard(t.Context(), wallID, "Mur", "")
	if err != nil || links != (app.WallLinks{}) {
		t.Fatalf("got %+v, %v", links, err)
	}
	if link, err := s.app.OpenSetup(t.Context(), wallID); link != "" || err != nil {
		t.Fatalf("got %q, %v", link, err)
	}
}

func TestAStreamEndsWhenItsWallIsDeleted(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	me := s.setUp(code).str("token")
	b := s.watch(s.writer("Eve"), "")
	if event, _ := b.next(); event != "hello" {
		t.Fatal(event)
	}
	s.account("DELETE", "/walls/"+wallID, me, nil).wants(t, 200, "")
	for event := ""; event != "end"; event, _ = b.next() {
	}
}

func TestWhoHasSignedInEntersByLinkAsTheirAccount(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	me := s.setUp(code).str("token")
	enter := func(account string) answer {
		return s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "secret": app.SecretOf(s.links.Writer), "account": account})
	}
	a := enter(me).wants(t, 201, "")
	b := enter(me).wants(t, 201, "")
	if a.json["participant"].(map[string]any)["id"] != b.json["participant"].(map[string]any)["id"] || !strings.Contains(a.raw, `"name":"Ada"`) || a.str("role") != "writer" {
		t.Fatalf("%s\n%s", a.raw, b.raw)
	}
	enter("x").wants(t, 401, "account_signed_out")
}

func TestTemplatesAndDuplicates(t *testing.T) {
	s, code := started(t, app.LocalConfig(t))
	me := s.setUp(code).str("token")
	if raw := s.call("GET", "/api/v1/templates", me, nil).wants(t, 200, "").raw; !strings.Contains(raw, "Exit ticket") {
		t.Fatal(raw)
	}
	made := s.account("POST", "/walls", me, map[string]any{"title": "Bilan", "template": "retrospective", "language": "fr"}).wants(t, 201, "")
	if made.str("layout") != "columns" || made.str("description") == "" {
		t.Fatal(made.raw)
	}
	if a := s.account("POST", "/walls", me, map[string]any{"title": "Bilan", "template": "none"}).wants(t, 422, "invalid_input"); !strings.Contains(a.raw, "unknown_template") {
		t.Fatal(a.raw)
	}
	again := s.account("POST", "/walls/"+made.str("id")+"/duplicates", me, map[string]any{"posts": true}).wants(t, 201, "")
	if wall, _ := again.json["wall"].(map[string]any); wall["title"] != "Bilan (copie)" {
		t.Fatal(again.raw)
	}
	elsewhere := s.call("POST", "/api/v1/boards", app.OperatorKey, map[string]any{"title": "Autre"}).wants(t, 201, "").json
	id := elsewhere["board"].(map[string]any)["id"].(string)
	s.account("POST", "/walls/"+id+"/duplicates", me, map[string]any{"posts": true}).wants(t, 403, "forbidden")
	secret := ""
	for _, l := range elsewhere["links"].([]any) {
		if link := l.(map[string]any); link["role"] == "moderator" {
			secret = app.SecretOf(link["url"].(string))
		}
	}
	mod := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": id, "secret": secret}).wants(t, 201, "")
	s.account("POST", "/walls/"+id+"/duplicates", me, map[string]any{"posts": true, "session": mod.str("token")}).wants(t, 201, "")
}

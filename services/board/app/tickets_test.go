package app_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/token"
)

const moodle = "https://moodle.example"

// site is a platform with a board of its own.
type site struct {
	*service
	id, token, board string
}

func (s *service) site(name string) *site {
	s.t.Helper()
	id := s.connect(name, nil)
	own := &site{service: s, id: id, token: s.platformToken(id, everyScope)}
	own.board = own.newBoard("fr")
	return own
}

func (s *site) newBoard(language string) string {
	s.t.Helper()
	made := s.call("POST", platformBoards, s.token, map[string]any{"title": "Mur", "language": language}).wants(s.t, 201, "")
	return made.json["board"].(map[string]any)["id"].(string)
}

// ask asks for a ticket; more is what is not usual about it.
func (s *site) ask(user string, more map[string]any) answer {
	s.t.Helper()
	body := map[string]any{"user": user, "role": "writer", "origin": moodle}
	for key, value := range more {
		body[key] = value
	}
	return s.call("POST", platformBoards+"/"+s.board+"/tickets", s.token, body)
}

func (s *site) ticket(user string, more map[string]any) string {
	s.t.Helper()
	return s.ask(user, more).wants(s.t, 201, "").str("ticket")
}

// take exchanges a ticket for a session.
func (s *site) take(ticket string, more map[string]any) answer {
	s.t.Helper()
	body := map[string]any{"boardId": s.board, "ticket": ticket, "embedder": moodle}
	for key, value := range more {
		body[key] = value
	}
	return s.call("POST", "/api/v1/sessions", "", body)
}

func (s *site) renew(session answer) answer {
	s.t.Helper()
	return s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": s.board, "renewal": session.str("renewal")})
}

// come is the session of a user.
func (s *site) come(user string, more map[string]any) answer {
	s.t.Helper()
	return s.take(s.ticket(user, more), nil).wants(s.t, 201, "")
}

func (s *site) path(of string) string { return "/api/v1/boards/" + s.board + of }

func who(a answer) (id, name string) {
	person, _ := a.json["participant"].(map[string]any)
	id, _ = person["id"].(string)
	name, _ = person["name"].(string)
	return id, name
}

func TestATicketOpensABoardOnce(t *testing.T) {
	s := startNew(t).site("moodle")
	asked := s.ask("u1", map[string]any{"name": "Ada", "language": "en_GB", "theme": "dark"}).wants(t, 201, "")
	ticket := asked.str("ticket")
	if asked.str("url") != "https://wall.example/w/"+s.board+"#ticket="+ticket || len(ticket) > 900 {
		t.Fatalf("%s", asked.raw)
	}
	in := s.take(ticket, nil).wants(t, 201, "")
	around := in.json["site"].(map[string]any)
	if in.str("role") != "writer" || around["origin"] != moodle || around["language"] != "en" || around["theme"] != "dark" {
		t.Fatalf("%s", in.raw)
	}
	id, name := who(in)
	if name != "Ada" {
		t.Fatalf("comes as %q", name)
	}
	s.call("POST", s.path("/posts"), in.str("token"), map[string]any{"title": "Bonjour"}).wants(t, 201, "")
	s.take(ticket, nil).wants(t, 401, "ticket_used")
	again := s.come("u1", map[string]any{"name": "Ada"})
	if same, _ := who(again); same != id {
		t.Fatal("the same user is another participant")
	}
	if other, _ := who(s.come("u2", nil)); other == id {
		t.Fatal("another user is the same participant")
	}
	s.board = s.newBoard("fr")
	if other, _ := who(s.come("u1", nil)); other == id {
		t.Fatal("one participant for two boards")
	}
}

// TestATicketIsTakenByOne of many who have it, at two replicas.
func TestATicketIsTakenByOne(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	one := start(t, cfg, events).site("moodle")
	two := &site{service: start(t, cfg, events), id: one.id, token: one.token, board: one.board}
	ticket := one.ticket("u1", nil)
	codes := make(chan string, 10)
	var work sync.WaitGroup
	for i := range cap(codes) {
		work.Go(func() {
			got := []*site{one, two}[i%2].take(ticket, nil)
			codes <- fmt.Sprint(got.status, got.str("code"))
		})
	}
	work.Wait()
	close(codes)
	in := 0
	for code := range codes {
		switch code {
		case "201":
			in++
		case "401ticket_used":
		default:
			t.Errorf("answered %s", code)
		}
	}
	if in != 1 {
		t.Fatalf("%d came in", in)
	}
	one.stop()
	two.stop()
	again := &site{service: start(t, cfg, events), id: one.id, token: one.token, board: one.board}
	again.take(ticket, nil).wants(t, 401, "ticket_used")
}

func TestATicketThatOpensNothingSaysWhy(t *testing.T) {
	s := startNew(t).site("moodle")
	elsewhere := s.newBoard("fr")
	signed := func(typ string, life time.Duration) string {
		raw, _, err := ourSigner(t).Sign(typ, token.AudienceBoard, life, token.Claims{
			RegisteredClaims: jwt.RegisteredClaims{ID: "x"}, Board: s.board, Platform: s.id, User: s.id, Role: "owner", Origin: moodle,
		})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, tc := range map[string]struct {
		ticket, code string
		more         map[string]any
	}{
		"no token":                    {"x", "ticket_invalid", nil},
		"a session's":                 {signed(token.TypeSession, time.Minute), "ticket_invalid", nil},
		"expired":                     {signed(token.TypeTicket, -time.Minute), "ticket_expired", nil},
		"of nobody":                   {signed(token.TypeTicket, time.Minute), "user_erased", nil},
		"another board's":             {s.ticket("u", nil), "ticket_other_board", map[string]any{"boardId": elsewhere}},
		"another origin's":            {s.ticket("u", nil), "ticket_other_origin", map[string]any{"embedder": "https://evil.example"}},
		"in no frame":                 {s.ticket("u", nil), "ticket_other_origin", map[string]any{"embedder": ""}},
		"of a page, but in a frame":   {s.ticket("u", map[string]any{"origin": ""}), "ticket_other_origin", nil},
		"cut short, and without name": {s.ticket("u", nil)[:80], "ticket_invalid", nil},
	} {
		t.Run(name, func(t *testing.T) { s.take(tc.ticket, tc.more).wants(t, 401, tc.code) })
	}
	t.Run("what was refused is not used", func(t *testing.T) {
		ticket := s.ticket("u", nil)
		s.take(ticket, map[string]any{"embedder": "https://evil.example"}).wants(t, 401, "ticket_other_origin")
		s.take(ticket, nil).wants(t, 201, "")
	})
	t.Run("the platform is shut out", func(t *testing.T) {
		ticket, in := s.ticket("u", nil), s.come("v", nil)
		s.call("PATCH", "/api/v1/platforms/"+s.id, app.OperatorKey, map[string]any{"closed": true}).wants(t, 200, "")
		s.take(ticket, nil).wants(t, 401, "platform_unknown")
		s.renew(in).wants(t, 401, "platform_unknown")
	})
}

// ourSigner signs as the service does.
func ourSigner(t *testing.T) *token.Signer { t.Helper(); return signerAt(t, time.Now) }

// signerAt is the same at another time.
func signerAt(t *testing.T, now func() time.Time) *token.Signer {
	t.Helper()
	key, err := hkdf.Key(sha256.New, bytes.Repeat([]byte{1}, 32), nil, "fresque tokens", 32)
	if err != nil {
		t.Fatal(err)
	}
	return token.NewSigner(key, now)
}

func TestWhatATicketIsAskedForMustBeWhole(t *testing.T) {
	s := startNew(t).site("moodle")
	for name, tc := range map[string]struct {
		field, code string
		more        map[string]any
	}{
		"nobody":            {"user", "required", map[string]any{"user": " "}},
		"a long reference":  {"user", "too_long", map[string]any{"user": strings.Repeat("u", 201)}},
		"an origin unknown": {"origin", "origin_not_listed", map[string]any{"origin": "https://evil.example"}},
		"a group of none":   {"group.ref", "required", map[string]any{"group": map[string]any{"ref": ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.ask("u", tc.more).wants(t, 422, "invalid_input")
			if first := got.json["errors"].([]any)[0].(map[string]any); first["code"] != tc.code || first["field"] != tc.field {
				t.Fatalf("%s", got.raw)
			}
		})
	}
	s.ask("u", map[string]any{"role": "god"}).wants(t, 422, "invalid_input")
	theirs := s.site("theirs")
	s.board = theirs.board
	s.ask("u", nil).wants(t, 404, "not_found")
	s.call("PUT", platformBoards+"/"+s.board+"/members", s.token, map[string]any{"groups": []any{}, "members": []any{}}).wants(t, 404, "not_found")
}

func TestWhoComesWithoutANameHasAPseudonym(t *testing.T) {
	s := startNew(t).site("moodle")
	_, fr := who(s.come("u1", nil))
	if _, again := who(s.come("u1", nil)); !strings.HasPrefix(fr, "Participant ") || again != fr {
		t.Fatalf("%q, then %q", fr, again)
	}
	if _, trainer := who(s.come("u2", map[string]any{"role": "moderator"})); !strings.HasPrefix(trainer, "Animation ") {
		t.Fatalf("a trainer is %q", trainer)
	}
	if _, long := who(s.come("u3", map[string]any{"name": strings.Repeat("Ada ", 40)})); len([]rune(long)) > 60 || !strings.HasSuffix(long, "…") {
		t.Fatalf("a long name is %q", long)
	}
	s.board = s.newBoard("en")
	if _, trainer := who(s.come("u2", map[string]any{"role": "owner"})); !strings.HasPrefix(trainer, "Trainer ") {
		t.Fatalf("a trainer is %q", trainer)
	}
}

// TestAVisitEndsWithItsPage: what renews it lives for hours, and gives what the
// platform said last.
func TestAVisitEndsWithItsPage(t *testing.T) {
	s := startNew(t).site("moodle")
	in := s.come("u1", map[string]any{"role": "owner", "name": "Ada"})
	parts := strings.Split(in.str("renewal"), ".")
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Exp, Iat int64 }
	if err := json.Unmarshal(data, &claims); err != nil || claims.Exp-claims.Iat > 12*3600 {
		t.Fatalf("renews for %d s (%v)", claims.Exp-claims.Iat, err)
	}
	renewed := s.renew(in).wants(t, 201, "")
	if _, name := who(renewed); name != "Ada" || renewed.str("role") != "owner" {
		t.Fatalf("%s", renewed.raw)
	}
	trainer := s.come("u2", map[string]any{"role": "moderator"})
	s.come("u1", map[string]any{"name": "Ada"}) // a participant now
	s.call("GET", s.path("/links"), renewed.str("token"), nil).wants(t, 401, "link_invalid")
	if demoted := s.renew(renewed).wants(t, 201, ""); demoted.str("role") != "writer" {
		t.Fatalf("%s", demoted.raw)
	}
	id, _ := who(in)
	s.call("PUT", s.path("/participants/"+id+"/blocked"), trainer.str("token"), map[string]any{"blocked": true}).wants(t, 200, "")
	s.renew(in).wants(t, 403, "participant_blocked")
	s.take(s.ticket("u1", nil), nil).wants(t, 403, "participant_blocked")
}

// TestWhomAPlatformLetInComesByALinkAsAnybody, so that what stays on a device
// never leads to whom the platform knows.
func TestWhomAPlatformLetInComesByALinkAsAnybody(t *testing.T) {
	s := startNew(t).site("moodle")
	trainer := s.come("u1", map[string]any{"role": "owner"})
	url := s.call("POST", s.path("/links"), trainer.str("token"), map[string]any{"role": "writer"}).wants(t, 201, "").str("url")
	by := s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": s.board, "secret": app.SecretOf(url), "renewal": trainer.str("renewal"), "name": "Eve"}).wants(t, 201, "")
	was, _ := who(trainer)
	if id, _ := who(by); id == was || by.str("role") != "writer" {
		t.Fatalf("%s", by.raw)
	}
}

func TestAPlatformSaysWhoIsInWhichGroup(t *testing.T) {
	s := startNew(t).site("moodle")
	put := func(groups []any, members []any) answer {
		t.Helper()
		return s.call("PUT", platformBoards+"/"+s.board+"/members", s.token, map[string]any{"groups": groups, "members": members}).wants(t, 200, "")
	}
	group := func(ref, name string) map[string]any { return map[string]any{"ref": ref, "name": name} }
	member := func(user string, groups ...string) map[string]any {
		return map[string]any{"user": user, "groups": groups}
	}
	groupOf := func(user string, more map[string]any) string {
		t.Helper()
		return s.come(user, more).str("groupId")
	}
	there := func() map[string]string {
		t.Helper()
		names := map[string]string{}
		snapshot := s.call("GET", s.path("/snapshot"), s.come("trainer", map[string]any{"role": "owner"}).str("token"), nil).wants(t, 200, "")
		for _, one := range snapshot.json["groups"].([]any) {
			g := one.(map[string]any)
			names[g["name"].(string)] = g["id"].(string)
		}
		return names
	}
	if n := put([]any{group("g1", "Rouge"), group("g2", "Bleu")}, []any{member("u1", "g1"), member("u2", "g2", "g1"), member("u3")}); n.json["members"].(float64) != 3 {
		t.Fatalf("%s", n.raw)
	}
	known := there()
	first := s.come("u1", nil)
	if len(known) != 2 || first.str("groupId") != known["Rouge"] || groupOf("u3", nil) != "" {
		t.Fatalf("%v, u1 in %s", known, first.str("groupId"))
	}
	// Of several groups they come with the first, or the one that the ticket says.
	if groupOf("u2", nil) != known["Bleu"] || groupOf("u2", map[string]any{"group": group("g1", "Rouge")}) != known["Rouge"] || groupOf("u2", nil) != known["Rouge"] {
		t.Fatal("u2 is in the wrong group")
	}
	// Renamed, and moved: the session that says another group ends.
	moved := put([]any{group("g1", "Rose"), group("g2", "Bleu")}, []any{member("u1", "g2"), member("u2", "g1")})
	if again := there(); moved.json["moved"].(float64) != 1 || again["Rose"] != known["Rouge"] {
		t.Fatalf("%s, %v", moved.raw, again)
	}
	if s.renew(first).wants(t, 201, "").str("groupId") != known["Bleu"] {
		t.Fatal("u1 was not moved")
	}
	if put([]any{group("g1", "Rose"), group("g2", "Bleu")}, []any{member("u1", "g2"), member("u2", "g1")}).json["moved"].(float64) != 0 {
		t.Fatal("the same list again moved somebody")
	}
	// Who is in no group any more writes for none, whatever their session says.
	alone := s.come("u4", map[string]any{"group": group("g2", "Bleu")})
	put([]any{group("g1", "Rose"), group("g2", "Bleu")}, []any{member("u1", "g2"), member("u2", "g1"), member("u4")})
	post := s.call("POST", s.path("/posts"), alone.str("token"), map[string]any{"title": "x"}).wants(t, 201, "").str("id")
	asTrainer := s.call("GET", s.path("/posts/"+post), s.come("trainer", map[string]any{"role": "owner"}).str("token"), nil).wants(t, 200, "")
	if asTrainer.str("groupId") != "" {
		t.Fatalf("%s", asTrainer.raw)
	}
	// A trainer's own group stays, the platform's goes, and comes back as it was.
	trainer := s.come("trainer", map[string]any{"role": "owner"}).str("token")
	byHand := s.call("POST", s.path("/groups"), trainer, map[string]any{"name": "À la main"}).wants(t, 201, "").str("id")
	id, _ := who(s.come("u3", nil))
	s.call("PUT", s.path("/participants/"+id+"/group"), trainer, map[string]any{"groupId": byHand}).wants(t, 200, "")
	put([]any{group("g2", "Bleu")}, []any{})
	if left := there(); len(left) != 2 || left["À la main"] == "" || groupOf("u3", nil) != byHand || groupOf("u1", nil) != "" || groupOf("u2", nil) != "" {
		t.Fatalf("%v", left)
	}
	if groupOf("u1", map[string]any{"group": group("g1", "Rose")}) != known["Rouge"] || there()["Rose"] != known["Rouge"] {
		t.Fatal("the group is not the same any more")
	}
}

func TestAListOfMembersIsTakenWholeOrNotAtAll(t *testing.T) {
	s := startNew(t).site("moodle")
	many := func(n int, one func(int) any) []any {
		out := []any{}
		for i := range n {
			out = append(out, one(i))
		}
		return out
	}
	group := func(i int) any { return map[string]any{"ref": fmt.Sprint("g", i), "name": "G"} }
	user := func(i int) any { return map[string]any{"user": fmt.Sprint("u", i)} }
	for name, tc := range map[string]struct {
		groups, members []any
		field, code     string
	}{
		"too many groups":  {many(201, group), nil, "groups", "too_many"},
		"too many members": {nil, many(5001, user), "members", "too_many"},
		"a group twice":    {[]any{group(1), group(1)}, nil, "groups[1].ref", "duplicate"},
		"a member twice":   {nil, []any{user(1), user(1)}, "members[1].user", "duplicate"},
		"an unknown group": {[]any{group(1)}, []any{map[string]any{"user": "u", "groups": []string{"g2"}}}, "members[0].groups", "group_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{"groups": append([]any{}, tc.groups...), "members": append([]any{}, tc.members...)}
			got := s.call("PUT", platformBoards+"/"+s.board+"/members", s.token, body).wants(t, 422, "invalid_input")
			if first := got.json["errors"].([]any)[0].(map[string]any); first["code"] != tc.code || first["field"] != tc.field {
				t.Fatalf("%s", got.raw)
			}
		})
	}
	trainer := s.come("t", map[string]any{"role": "owner"}).str("token")
	if groups := s.call("GET", s.path("/snapshot"), trainer, nil).wants(t, 200, "").json["groups"].([]any); len(groups) != 0 {
		t.Fatalf("%d groups were made", len(groups))
	}
	s.call("PUT", platformBoards+"/"+s.board+"/members", s.token, map[string]any{"groups": []any{group(1)}, "members": many(5000, user)}).wants(t, 200, "")
}

// TestOnlyItsPlatformShowsABoardInAFrame: each board names its own platform's
// origins, exactly, and the operator's sites show the others.
func TestOnlyItsPlatformShowsABoardInAFrame(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.EmbedSites = []string{"https://intranet.example"}
	s, frames := startMounted(t, cfg)
	ours, theirs := s.site("moodle"), s.site("other")
	shown := func(board string) string {
		t.Helper()
		sites, err := frames.Embedders(t.Context(), board)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(sites, " ")
	}
	for board, want := range map[string]string{
		ours.board: moodle, strings.ToUpper(ours.board): moodle, theirs.board: "https://other.example",
		wallID: "https://intranet.example", "nothing": "",
	} {
		if got := shown(board); got != want {
			t.Errorf("%s is shown by %q, not %q", board, got, want)
		}
	}
	s.call("PATCH", "/api/v1/platforms/"+ours.id, app.OperatorKey, map[string]any{"closed": true}).wants(t, 200, "")
	if got := shown(ours.board); got != "" {
		t.Errorf("a platform that was shut out shows its boards: %s", got)
	}
}

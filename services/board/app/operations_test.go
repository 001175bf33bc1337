package app_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/token"
)

// craft makes the token of a session that no link gives: of an owner, or of a
// participant under any role.
func (s *service) craft(participant, name, role string) string {
	s.t.Helper()
	return s.craftOn(wallID, participant, name, role)
}

// craftOn is craft, of another wall.
func (s *service) craftOn(board, participant, name, role string) string {
	s.t.Helper()
	key, err := hkdf.Key(sha256.New, bytes.Repeat([]byte{1}, 32), nil, "fresque tokens", 32)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, _, err := token.NewSigner(key, time.Now).Sign(token.TypeSession, token.AudienceBoard, time.Hour, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: participant}, Board: board, Role: role, Name: name,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

// session is somebody on the wall.
type session struct{ id, token string }

func (s *service) session(link, name string) session {
	s.t.Helper()
	in := s.enter(link, name)
	return session{in.json["participant"].(map[string]any)["id"].(string), in.str("token")}
}

// link makes a link as a trainer, and gives its id and address.
func (s *service) link(trainer, role string) (id, address string) {
	s.t.Helper()
	made := s.call("POST", wall+"/links", trainer, map[string]any{"role": role}).wants(s.t, 201, "")
	return made.str("id"), made.str("url")
}

// allowed says who may do an operation to what is another's, and to what is
// their own, by letters: owner, moderator, writer, commenter, reader; stranger
// (of another board), blocked participant, holder of a revoked link. What is in
// no row fails the test. "open" needs no session, "account", "operator" and
// "platform" take no session at all.
var allowed = map[string]struct{ others, own string }{
	"createSession": {"open", ""}, "readSignInOptions": {"open", ""}, "signIn": {"open", ""}, "signOut": {"open", ""},
	"renewAccountSession": {"open", ""}, "setUp": {"open", ""},
	"readAccount": {"account", ""}, "signOutEverywhere": {"account", ""}, "readWalls": {"account", ""}, "createWall": {"account", ""}, "importWall": {"account", ""},
	"deleteWall": {"account", ""}, "archiveWall": {"account", ""}, "duplicateWall": {"account", ""}, "readModerators": {"account", ""},
	"restoreWall": {"account", ""}, "openWall": {"account", ""}, "readTemplates": {"account", ""},
	"createToken": {"open", ""},
	"createBoard": {"operator", ""}, "readAdminActs": {"operator", ""}, "readOperatorBoard": {"operator", ""}, "archiveOperatorBoard": {"operator", ""}, "deleteOperatorBoard": {"operator", ""}, "restoreOperatorBoard": {"operator", ""}, "readPeople": {"operator", ""}, "readPerson": {"operator", ""}, "exportPerson": {"operator", ""}, "erasePerson": {"operator", ""}, "suspendPerson": {"operator", ""}, "readOperatorAccounts": {"operator", ""}, "closeOperatorAccount": {"operator", ""}, "keepOperatorAccount": {"operator", ""}, "promoteOperatorAccount": {"operator", ""}, "beginSetup": {"operator", ""}, "readOperatorBoards": {"operator", ""}, "readOperatorLinks": {"operator", ""}, "createOperatorLink": {"operator", ""}, "revokeOperatorLink": {"operator", ""}, "importBoard": {"operator", ""}, "readOperatorArchive": {"operator", ""}, "resetPasswordOf": {"operator", ""},
	"connectPlatform": {"operator", ""}, "readPlatforms": {"operator", ""}, "readPlatform": {"operator", ""}, "editPlatform": {"operator", ""},
	"createPlatformBoard": {"platform", ""}, "readPlatformBoard": {"platform", ""}, "createTicket": {"platform", ""}, "setMembers": {"platform", ""},
	"clonePlatformBoard": {"platform", ""}, "resetPlatformBoard": {"platform", ""}, "exportPlatformBoard": {"platform", ""}, "readPlatformArchive": {"platform", ""}, "importPlatformBoard": {"platform", ""},
	"readPlatformItself": {"platform", ""}, "readPlatformBoards": {"platform", ""}, "editPlatformBoard": {"platform", ""}, "deletePlatformBoard": {"platform", ""},
	"exportUser": {"platform", ""}, "eraseUser": {"platform", ""}, "eraseUserOnBoard": {"platform", ""}, "eraseUsers": {"platform", ""},
	"readOperation": {"platform", ""}, "readOperations": {"operator", ""},
	"readInvitation": {"open", ""}, "takeAccount": {"open", ""}, "takePassword": {"open", ""},
	"changePassword": {"account", ""}, "closeAccount": {"account", ""}, "keepAccount": {"account", ""}, "readLocalAccounts": {"account", ""}, "inviteAccount": {"account", ""}, "resetPassword": {"account", ""},
	"readTeam": {"account", ""}, "inviteToWall": {"account", ""}, "removeFromTeam": {"account", ""}, "leaveWall": {"account", ""}, "takeWall": {"account", ""},

	"readWebhook": {"operator", ""}, "renewWebhookSecret": {"operator", ""}, "readDeliveries": {"operator", ""}, "replayDelivery": {"operator", ""},
	"readParticipation": {"platform", ""}, "readChecklist": {"omwcr", ""},
	"readBoard": {"omwcr", ""}, "readRecords": {"om", ""}, "readArchive": {"om", ""}, "readPaper": {"om", ""}, "readSnapshot": {"omwcr", ""}, "streamEvents": {"omwcr", ""}, "readPost": {"omwcr", "omwcr"},
	"reportPost": {"omwcr", "omwcr"}, "readMedia": {"", "omwcr"},
	"createPost": {"omw", ""}, "createMedia": {"omw", ""}, "previewLink": {"omw", ""}, "setWriting": {"omw", ""},
	"editPost": {"om", "omw"}, "movePosts": {"om", "omw"}, "changePosts": {"om", "omw"}, "undoBulk": {"om", "omw"}, "deletePost": {"om", "omw"}, "restorePost": {"om", "om"}, "revertPost": {"om", "omw"},
	"createComment": {"omwc", "omwc"}, "readComments": {"omwcr", "omwcr"}, "readComment": {"omwcr", "omwcr"}, "react": {"omwcr", "omwcr"},
	"editComment": {"", "omwc"}, "deleteComment": {"om", "omwc"}, "restoreComment": {"om", "om"}, "reportComment": {"omwcr", "omwcr"},
	"approveComment": {"om", "om"}, "rejectComment": {"om", "om"}, "settleCommentReports": {"om", "om"}, "blockCommenter": {"om", "om"},
	"unsealCommenter": {"o", "o"},
	"undoAct":         {"om", "omw"}, "readVersions": {"om", "omwcr"},
	"approvePost": {"om", "om"}, "rejectPost": {"om", "om"}, "settleReports": {"om", "om"}, "blockAuthor": {"om", "om"}, "unsealAuthor": {"o", "o"},
	"editBoard": {"om", ""}, "archiveBoard": {"om", ""}, "readActivity": {"om", ""}, "readTrash": {"om", ""},
	"createGroup": {"om", ""}, "editGroup": {"om", ""}, "deleteGroup": {"om", ""},
	"createSection": {"om", ""}, "editSection": {"om", ""}, "deleteSection": {"om", ""}, "restoreSection": {"om", ""},
	"readLinks": {"om", ""}, "createLink": {"om", ""}, "editLink": {"om", ""}, "revokeLink": {"om", ""}, "giveCode": {"om", ""},
	"blockParticipant": {"om", ""}, "putInGroup": {"om", ""},
}

// elsewhere are those who are not on a board: its sessions do nothing there.
var elsewhere = map[string]bool{"account": true, "operator": true, "platform": true}

// bodies are those of requests whose least form says nothing, or not enough.
var bodies = map[string]map[string]any{
	"createPost": {"title": "x"}, "editPost": {"title": "autre"}, "revertPost": {"rev": 1}, "unsealAuthor": {"reason": "menaces"},
	"createMedia": {"size": 1, "type": "image/png"}, "previewLink": {"url": "https://example.org/", "postId": "01980000-0000-7000-9000-00000000aaaa"}, "editBoard": {"description": "x"}, "archiveBoard": {"archived": false},
	"createGroup": {"name": "A"}, "editGroup": {"name": "B"}, "createSection": {"title": "A"}, "editSection": {"title": "B"},
	"createLink": {"role": "reader"}, "editLink": {"name": "x"}, "putInGroup": {"groupId": ""}, "blockParticipant": {"blocked": false},
	"setWriting": {"writing": false}, "rejectPost": {"reason": "non"}, "rejectComment": {"reason": "non"}, "reportComment": {"reason": "gênant"}, "unsealCommenter": {"reason": "menaces"},
	"createComment": {"body": "mot"}, "editComment": {"body": "autre"}, "react": {"value": 1}, "reportPost": {"reason": "gênant"},
}

// targets makes what an operation is done to, anew for each try.
type targets struct {
	*service
	trainer string
	author  session
	n       int
}

func (w *targets) id() string {
	w.n++
	return fmt.Sprintf("01980000-0000-7000-9000-%012d", w.n)
}

func (w *targets) fill(op, path string) (string, map[string]any, string) {
	w.t.Helper()
	w.call("PUT", wall+"/participants/"+w.author.id+"/blocked", w.trainer, map[string]any{"blocked": false}).wants(w.t, 200, "")
	match, body := `"1"`, bodies[op]
	var made string
	switch {
	case strings.Contains(path, "{post}") || op == "movePosts" || op == "changePosts" || op == "undoBulk" || op == "undoAct":
		made = w.call("POST", wall+"/posts", w.author.token, map[string]any{"id": w.id(), "title": "un"}).wants(w.t, 201, "").str("id")
		switch op {
		case "restorePost":
			w.call("DELETE", wall+"/posts/"+made, w.trainer, nil).wants(w.t, 200, "")
		case "revertPost":
			w.call("PATCH", wall+"/posts/"+made, w.author.token, map[string]any{"title": "deux"}, "If-Match", match).wants(w.t, 200, "")
			match = `"2"`
		case "movePosts":
			body = map[string]any{"moves": []any{map[string]any{"postId": made, "order": "V"}}}
		case "changePosts":
			body = map[string]any{"id": w.id(), "act": "colour", "colour": "blue", "items": []any{map[string]any{"postId": made}}}
		case "undoBulk":
			bulk := map[string]any{"id": w.id(), "act": "delete", "items": []any{map[string]any{"postId": made}}}
			w.call("POST", wall+"/bulk", w.author.token, bulk).wants(w.t, 200, "")
			path = strings.ReplaceAll(path, "{bulk}", bulk["id"].(string))
		case "undoAct":
			act := w.call("GET", wall+"/activity?limit=1", w.trainer, nil).wants(w.t, 200, "").json["acts"].([]any)[0].(map[string]any)
			path = strings.ReplaceAll(path, "{act}", act["id"].(string))
		}
	case strings.Contains(path, "{comment}"):
		on := w.call("POST", wall+"/posts", w.trainer, map[string]any{"id": w.id(), "title": "un"}).wants(w.t, 201, "").str("id")
		made = w.call("POST", wall+"/posts/"+on+"/comments", w.author.token, map[string]any{"id": w.id(), "body": "mot"}).wants(w.t, 201, "").str("id")
		if op == "restoreComment" {
			w.call("DELETE", wall+"/comments/"+made, w.trainer, nil).wants(w.t, 200, "")
		}
	case strings.Contains(path, "{section}"):
		made = w.call("POST", wall+"/sections", w.trainer, map[string]any{"title": "A"}).wants(w.t, 201, "").str("id")
		if op == "restoreSection" {
			w.call("DELETE", wall+"/sections/"+made+"?posts=keep", w.trainer, nil).wants(w.t, 200, "")
		}
		if op == "deleteSection" {
			path += "?posts=keep"
		}
	case strings.Contains(path, "{group}"):
		made = w.call("POST", wall+"/groups", w.trainer, map[string]any{"name": "A"}).wants(w.t, 201, "").str("id")
	case strings.Contains(path, "{link}"):
		made, _ = w.link(w.trainer, "reader")
	case strings.Contains(path, "{participant}"):
		made = w.author.id
	case strings.Contains(path, "{media}"):
		made = w.call("POST", wall+"/media", w.author.token, map[string]any{"id": w.id(), "size": 1, "type": "image/png"}).wants(w.t, 201, "").json["media"].(map[string]any)["id"].(string)
	case op == "editBoard":
		match = w.call("GET", wall, w.trainer, nil).wants(w.t, 200, "").header.Get("ETag")
	}
	for _, name := range []string{"post", "comment", "section", "group", "link", "participant", "media"} {
		path = strings.ReplaceAll(path, "{"+name+"}", made)
	}
	return strings.ReplaceAll(path, "{board}", wallID), body, match
}

// TestEveryOperationForEveryRole tries every operation of the document as
// everybody, on what is another's and on what is their own.
func TestEveryOperationForEveryRole(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.Pace = 100_000 // nobody comments so fast
	s := start(t, cfg, natstest.Start(t))
	doc := readDocument(t)
	trainer := s.moderator("Eve")
	etag := s.call("GET", wall, trainer, nil).wants(t, 200, "").header.Get("ETag")
	s.call("PATCH", wall, trainer, map[string]any{"settings": map[string]any{"reactions": "like"}}, "If-Match", etag).wants(t, 200, "")
	w := &targets{service: s, trainer: trainer, author: s.session(s.links.Writer, "Zoé")}
	everybody := s.cast(trainer)
	known := make(map[string]bool)
	for path, operations := range doc.Paths {
		for method, op := range operations {
			known[op.OperationID] = true
			row, there := allowed[op.OperationID]
			if !there {
				t.Errorf("%s %s (%s) is in no row of this test", method, path, op.OperationID)
				continue
			}
			if row.others == "open" {
				continue
			}
			method := strings.ToUpper(method)
			try := func(letter byte, credential, want string) {
				address, body, match := w.fill(op.OperationID, path)
				if op.OperationID == "streamEvents" {
					match = ""
				}
				status, code := s.knock(method, address, credential, body, match)
				may := strings.IndexByte(want, letter) >= 0
				refused := status == 401 || status == 403 || status == 404
				if may && status/100 != 2 || !may && !refused {
					t.Errorf("%s as %c answers %d %s, allowed to %q", op.OperationID, letter, status, code, want)
				}
				if !may && (letter == 'b' && code != "participant_blocked" && code != "forbidden" || letter == 'v' && code != "link_invalid" && code != "forbidden") && !elsewhere[row.others] {
					t.Errorf("%s as %c is refused with %s", op.OperationID, letter, code)
				}
			}
			want := row.others
			if elsewhere[want] {
				want = "-"
			}
			for letter, credential := range everybody {
				try(letter, credential, want)
			}
			if row.own == "" {
				continue
			}
			for letter, role := range map[byte]string{'o': "owner", 'm': "moderator", 'w': "writer", 'c': "commenter", 'r': "reader"} {
				try(letter, s.craft(w.author.id, "Zoé", role), row.own)
			}
		}
	}
	for op := range allowed {
		if !known[op] {
			t.Errorf("%s is no operation any more", op)
		}
	}
}

// cast is one of each who may come to a wall, by the letters of the table.
func (s *service) cast(trainer string) map[byte]string {
	s.t.Helper()
	_, commenters := s.link(trainer, "commenter")
	_, readers := s.link(trainer, "reader")
	blocked := s.session(s.links.Writer, "Mallory")
	s.call("PUT", wall+"/participants/"+blocked.id+"/blocked", trainer, map[string]any{"blocked": true}).wants(s.t, 200, "")
	id, address := s.link(trainer, "moderator")
	revoked := s.session(address, "Trudy")
	s.call("DELETE", wall+"/links/"+id, trainer, nil).wants(s.t, 200, "")
	return map[byte]string{
		'o': s.craft("01980000-0000-7000-8000-0000000000aa", "Olga", "owner"), 'm': s.moderator("Max"), 'w': s.writer("Will"),
		'c': s.session(commenters, "Carl").token, 'r': s.session(readers, "Rita").token, 's': s.stranger(), 'b': blocked.token, 'v': revoked.token,
	}
}

// knock asks, and gives the status and the code of a refusal. Of a stream it
// reads the head only.
func (s *service) knock(method, path, credential string, body any, match string) (int, string) {
	s.t.Helper()
	if strings.HasSuffix(path, "/events") {
		return s.peek(path, credential)
	}
	a := s.call(method, path, credential, body, "If-Match", match)
	return a.status, a.str("code")
}

// peek opens a stream and closes it again.
func (s *service) peek(path, credential string) (int, string) {
	s.t.Helper()
	res := s.stream(path, credential, "")
	defer func() { _ = res.Body.Close() }()
	var problem struct{ Code string }
	if res.StatusCode != http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&problem); err != nil {
			s.t.Fatal(err)
		}
	}
	return res.StatusCode, problem.Code
}

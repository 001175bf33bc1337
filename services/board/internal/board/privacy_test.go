package board_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// school is a fixture whose board is a platform's.
type school struct {
	*fixture
	platform *board.Platform
}

func newSchool(t *testing.T) *school {
	f := newFixture(t)
	s := &school{fixture: f, platform: must(f.ConnectPlatform(t.Context(), "", board.PlatformEdit{Name: ptr("Moodle"), Issuer: ptr("https://m.example"), Keys: ptr("{}")}))(t)}
	s.Changes = &changes{}
	s.board = s.newBoard("Mur").ID
	return s
}

func (s *school) newBoard(title string) *board.Board {
	s.t.Helper()
	return must(s.CreatePlatformBoard(s.t.Context(), s.platform, board.PlatformBoard{
		Title: title, Settings: board.SettingsEdit{Reactions: ptr(board.ReactVotes), VotesEach: ptr(9), EditOthers: ptr(board.RoleWriter)},
	}))(s.t)
}

// comes brings a user of the platform onto the board.
func (s *school) comes(ref, name string, role board.Role) board.Principal {
	s.t.Helper()
	u := must(s.EnsureNamed(s.t.Context(), s.platform, ref, name, s.board))(s.t)
	return must(s.Bring(s.t.Context(), board.Principal{
		Board: s.board, Participant: u.On(s.board), Name: name, Role: role, User: u.ID, Platform: s.platform.ID,
	}))(s.t)
}

// trail is what somebody has done on the board, and to whom.
type trail struct {
	who, trainer, peer board.Principal
	peers              *board.Post // to which they did something
	theirs             *board.Post
	answer             *board.Comment // of the peer, to them
}

// leaves has somebody do everything that leaves a trace, each with a word in it.
func (s *school) leaves(who, peer, trainer board.Principal, word string, n int) trail {
	s.t.Helper()
	ctx := s.t.Context()
	t := trail{who: who, trainer: trainer, peer: peer}
	t.peers = s.post(peer, board.NewPost{Title: "du voisin"})
	s.upload(who, n)
	t.theirs = s.post(who, board.NewPost{Title: "titre " + word, Body: "texte " + word, Attachments: append(showing(n), board.Attachment{Type: board.AttachmentLink, URL: "https://example.org/" + word, Caption: word})})
	must(s.EditPost(ctx, who, s.board, t.theirs.ID, 1, board.PostEdit{Title: ptr("autre titre " + word)}))(s.t)
	must(s.EditPost(ctx, trainer, s.board, t.theirs.ID, 2, board.PostEdit{Body: ptr("corrigé " + word)}))(s.t)
	trashed := s.post(who, board.NewPost{Title: "à la corbeille " + word})
	must(s.DeletePost(ctx, who, s.board, trashed.ID, 0))(s.t)
	refused := s.post(who, board.NewPost{Title: "refusée " + word})
	must(s.RejectPost(ctx, trainer, s.board, refused.ID, "non, "+who.Name))(s.t)
	s.upload(who, n+1)
	s.comment(who, t.peers.ID, board.NewComment{Body: "dit " + word})
	gone := s.comment(who, t.peers.ID, board.NewComment{Body: "effacé " + word})
	must(s.DeleteComment(ctx, who, s.board, gone.ID))(s.t)
	t.answer = s.comment(peer, t.theirs.ID, board.NewComment{Body: "réponse du voisin"})
	must(s.React(ctx, who, s.board, t.peers.ID, 2))(s.t)
	must(s.React(ctx, peer, s.board, t.peers.ID, 1))(s.t)
	must(s.React(ctx, peer, s.board, t.theirs.ID, 1))(s.t)
	must(s.ReportPost(ctx, who, s.board, t.peers.ID, "signalé "+word))(s.t)
	must(s.ReportPost(ctx, peer, s.board, t.theirs.ID, "c’est de "+who.Name))(s.t)
	must(s.EditPost(ctx, who, s.board, t.peers.ID, 0, board.PostEdit{Colour: ptr(board.Colour("blue"))}))(s.t)
	must(s.ChangePosts(ctx, who, s.board, board.NewBulk{Act: board.BulkColour, Colour: "red", Items: []board.BulkItem{{Post: t.theirs.ID}}}))(s.t)
	group := must(s.CreateGroup(ctx, trainer, s.board, board.NewGroup{GroupEdit: board.GroupEdit{Name: ptr("Groupe")}}))(s.t)
	must(s.PutInGroup(ctx, trainer, s.board, who.Participant, group.ID))(s.t)
	return t
}

// rows are all that the file has, as it has it, by where it stands.
func (f *fixture) rows() map[string]string {
	f.t.Helper()
	db, err := sql.Open("sqlite", f.file)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.QueryContext(f.t.Context(), `SELECT board, kind, id, ifnull(parent, ''), doc FROM document`)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	out := make(map[string]string)
	for found.Next() {
		var board, kind, id, parent, doc string
		if err := found.Scan(&board, &kind, &id, &parent, &doc); err != nil {
			f.t.Fatal(err)
		}
		out[board+" "+kind+" "+id] = parent + " " + doc
	}
	if err := found.Err(); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// wantNoTrace looks for somebody in everything that is kept. Their own id may
// still be that of a tombstone.
func (f *fixture) wantNoTrace(who board.Principal, words ...string) {
	f.t.Helper()
	for where, text := range f.rows() {
		text = strings.ReplaceAll(text, fmt.Sprintf(`"id":%q`, who.Participant), "")
		for _, word := range append(words, string(who.Participant)) {
			if strings.Contains(text, word) {
				f.t.Errorf("%s still has %q: %s", where, word, text)
			}
		}
	}
}

func (s *school) erase(on board.ID, refs ...string) []*board.Operation {
	s.t.Helper()
	return must(s.ErasePeople(s.t.Context(), s.platform, refs, on))(s.t)
}

// done lets the time pass that an operation takes, and gives it.
func (s *school) done(op *board.Operation) *board.Operation {
	s.t.Helper()
	for range 4 {
		s.clock.pass(2 * time.Minute)
		must(s.Purge(s.t.Context(), s.store))(s.t)
	}
	op = must(s.Operation(s.t.Context(), s.platform, op.ID))(s.t)
	if !op.Done() {
		s.t.Fatalf("not done: %+v", op)
	}
	return op
}

func TestAnErasureLeavesNothingOfThePersonAndAllOfTheOthers(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	first := s.board
	zoe, tom, eve := s.comes("réf/zoé 1", "Zoé Marchand", board.RoleWriter), s.comes("tom", "Max", board.RoleWriter), s.comes("eve", "Eve", board.RoleModerator)
	there := s.leaves(zoe, tom, eve, "mirabelle", 900)
	other := s.newBoard("Autre")
	s.board = other.ID
	zoe2 := s.comes("réf/zoé 1", "Zoé Marchand", board.RoleModerator)
	s.post(zoe2, board.NewPost{Title: "encore mirabelle"})
	s.board = first
	was := content(t, s.stored(board.KindPost, there.peers.ID))
	dead := &board.DeadDelivery{On: s.board, Participant: zoe.Participant, User: zoe.User}
	dead.ID, dead.Board, dead.Rev, dead.CreatedAt, dead.UpdatedAt = testID(70), s.platform.ID, 1, s.clock.Now(), s.clock.Now()
	if err := s.store.Insert(ctx, dead); err != nil {
		t.Fatal(err)
	}
	op := s.erase("", "réf/zoé 1")[0]
	if again := s.erase("", "réf/zoé 1")[0]; again.ID != op.ID {
		t.Error("asked again while it is under way, it is another")
	}
	must(s.Purge(ctx, s.store))(t)
	if _, err := s.ReadBoard(ctx, zoe, first); err == nil {
		t.Error("their session still opens the board")
	} else {
		wantCode(t, err, fault.Unauthenticated, "user_erased")
	}
	op = s.done(op)
	for _, n := range []board.Kind{board.KindPost, board.KindComment, board.KindMedia, board.KindReport, board.KindReactions, board.KindBallot, board.KindBulk, board.KindParticipant} {
		if op.Counts[n] == 0 {
			t.Errorf("no %s is counted: %+v", n, op.Counts)
		}
	}
	s.wantNoTrace(zoe, "Zoé", "réf/zoé", "mirabelle")
	s.wantNoTrace(zoe2, "Zoé", "réf/zoé", "mirabelle")
	if now := content(t, s.stored(board.KindPost, there.peers.ID)); now != was {
		t.Errorf("another's is\n%s, was\n%s", now, was)
	}
	if given := s.given(there.peers.ID, board.ReactVotes).Given; len(given) != 1 || given[tom.Participant] != 1 {
		t.Errorf("votes are %v", given)
	}
	if !s.stored(board.KindComment, there.answer.ID).Head().Deleted() {
		t.Error("what was said under an erased post is still there")
	}
	s.wantErased(900)
	s.wantErased(901)
	// Whoever is sent again by the same reference is somebody new.
	back := s.comes("réf/zoé 1", "Zoé Marchand", board.RoleWriter)
	if back.Participant == zoe.Participant || back.User != zoe.User {
		t.Errorf("back as %+v", back)
	}
	s.post(back, board.NewPost{Title: "du neuf"})
	s.done(s.erase("", "nobody")[0])
	if left := must(s.UserLeft(ctx, s.platform, "réf/zoé 1"))(t); len(left.Boards) != 1 || len(left.Boards[0].Posts) != 1 || len(left.Boards[0].Done) != 1 {
		t.Errorf("they are sent back with %+v", left)
	}
	next := s.erase("", "réf/zoé 1")[0]
	if next.ID == op.ID {
		t.Fatal("the erasure of who came back is that of before")
	}
	s.done(next)
	s.wantNoTrace(back, "Zoé", "réf/zoé", "du neuf")
}

func TestAnErasureGoesOnWhereverItIsKilled(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	zoe, tom, eve := s.comes("ref-zoe", "Zoé Marchand", board.RoleWriter), s.comes("tom", "Max", board.RoleWriter), s.comes("eve", "Eve", board.RoleModerator)
	s.leaves(zoe, tom, eve, "mirabelle", 900)
	op := s.erase("", "ref-zoe")[0]
	killed := 0
	for range 400 {
		s.faults.failWrites(2) // one to take it on, one of what it does
		if _, err := s.Purge(ctx, s.store); errors.Is(err, errWriteFailed) {
			killed++
		}
		s.faults.failWrites(-1)
		s.clock.pass(2 * time.Minute)
		if must(s.Operation(ctx, s.platform, op.ID))(t).Done() {
			break
		}
	}
	op = s.done(op)
	if killed < 20 {
		t.Errorf("killed %d times only", killed)
	}
	s.wantNoTrace(zoe, "Zoé", "ref-zoe", "mirabelle")
	if op.User != "" || op.Places != nil {
		t.Errorf("the operation still says whose: %+v", op)
	}
}

// TestWhatIsWrittenDuringAnErasureDoesNotStay has the person write as a request
// does that came in before they were shut out.
func TestWhatIsWrittenDuringAnErasureDoesNotStay(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	zoe, tom := s.comes("ref-zoe", "Zoé Marchand", board.RoleWriter), s.comes("tom", "Max", board.RoleWriter)
	peers := s.post(tom, board.NewPost{Title: "du voisin"})
	s.post(zoe, board.NewPost{Title: "mirabelle"})
	op := s.erase("", "ref-zoe")[0]
	stop := make(chan struct{})
	wrote := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				wrote <- n
				return
			default:
			}
			if _, err := s.CreatePost(ctx, zoe, s.board, board.NewPost{Title: "mirabelle"}); err == nil {
				n++
			}
			_, _ = s.React(ctx, zoe, s.board, peers.ID, 1+n%2)
			_, _ = s.Bring(ctx, zoe)
		}
	}()
	must(s.Purge(ctx, s.store))(t)
	// What was on its way, as a slow request leaves it.
	late := &board.Post{Author: board.Author{ID: zoe.Participant, Name: zoe.Name}, Title: "mirabelle"}
	late.ID, late.Board, late.Parent, late.Rev, late.CreatedAt, late.UpdatedAt = testID(77), s.board, zoe.Participant, 1, s.clock.Now(), s.clock.Now()
	if err := s.store.Insert(ctx, late); err != nil {
		t.Fatal(err)
	}
	close(stop)
	<-wrote
	if _, err := s.CreatePost(ctx, zoe, s.board, board.NewPost{Title: "mirabelle"}); err == nil {
		t.Fatal("who was erased writes")
	}
	s.done(op)
	s.wantNoTrace(zoe, "Zoé", "ref-zoe", "mirabelle")
	if given := s.given(peers.ID, board.ReactVotes); len(given.Given)+len(given.Marks) != 0 {
		t.Errorf("votes are left: %+v", given)
	}
}

func TestAnErasureOnOneBoardLeavesTheOthers(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	first := s.board
	zoe := s.comes("ref-zoe", "Zoé", board.RoleWriter)
	s.post(zoe, board.NewPost{Title: "mirabelle"})
	s.board = s.newBoard("Autre").ID
	there := s.comes("ref-zoe", "Zoé", board.RoleWriter)
	s.post(there, board.NewPost{Title: "quetsche"})
	op := s.done(s.erase(first, "ref-zoe")[0])
	if op.On != first || op.Counts[board.KindPost] != 1 {
		t.Errorf("%+v", op)
	}
	left := must(s.UserLeft(ctx, s.platform, "ref-zoe"))(t)
	if len(left.Boards) != 1 || left.Boards[0].Board.ID != s.board || len(left.Boards[0].Posts) != 1 {
		t.Fatalf("left is %+v", left)
	}
	s.wantNoTrace(zoe, "mirabelle")
	s.post(there, board.NewPost{Title: "encore"})
	s.board = first
	if back := s.comes("ref-zoe", "Zoé", board.RoleWriter); back.Participant == zoe.Participant {
		t.Error("they are back as who they were")
	}
	_, err := s.ErasePeople(ctx, s.platform, []string{"ref-zoe"}, testID(1))
	wantCode(t, err, fault.NotFound, "not_found") // no board of the platform's
}

func TestAnExportHasAllOfThePersonAndNothingOfTheOthers(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	first := s.board
	zoe, tom, eve := s.comes("ref-zoe", "Zoé", board.RoleWriter), s.comes("tom", "Maximilien", board.RoleWriter), s.comes("eve", "Evelyne", board.RoleModerator)
	s.leaves(zoe, tom, eve, "mirabelle", 900)
	s.leaves(tom, zoe, eve, "quetsche", 910)
	s.board = s.newBoard("Autre").ID
	s.post(s.comes("ref-zoe", "Zoé", board.RoleWriter), board.NewPost{Title: "seule mirabelle"})
	left := must(s.UserLeft(ctx, s.platform, "ref-zoe"))(t)
	if len(left.Boards) != 2 {
		t.Fatalf("%d boards", len(left.Boards))
	}
	here := left.Boards[0]
	if here.Board.ID != first || here.Participant.Name != "Zoé" || here.Group == nil || len(here.Posts) != 4 || len(here.Comments) != 3 || len(here.Uploads) != 2 || len(here.Reports) != 2 || len(here.Given) != 3 {
		t.Errorf("of the first: %d posts, %d comments, %d uploads, %d reports, %v", len(here.Posts), len(here.Comments), len(here.Uploads), len(here.Reports), here.Given)
	}
	versions := 0
	for _, post := range here.Posts {
		versions += len(here.Versions[post.ID])
		for _, v := range here.Versions[post.ID] {
			if v.Done.Actor != zoe.Participant {
				t.Errorf("a version of %s: %+v", v.Done.ActorName, v.Post)
			}
		}
	}
	if versions < 2 {
		t.Errorf("%d versions", versions)
	}
	if _, err := s.UserLeft(ctx, s.platform, "personne"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of nobody: %v", err)
	}
}

// impersonal are the kinds whose documents are nobody's, and why.
var impersonal = map[board.Kind]string{
	board.KindBoard: "the platform's", board.KindSection: "the board's", board.KindGroup: "the board's", board.KindLink: "the board's", board.KindCode: "a link's",
	board.KindAct: "cleared one by one", board.KindReactions: "of several people, who are taken out",
	board.KindAccount: "an account's", board.KindOwned: "an account's or a platform's", board.KindSetup: "the service's", board.KindKeys: "the service's", board.KindInvitation: "an account's",
	board.KindMember: "of a list of accounts or platforms", board.KindPlatform: "the operator's", board.KindUser: "forgotten first", board.KindSpent: "has hashes of tokens", board.KindRoster: "of several people, who are taken out", board.KindOperation: "names nobody once it is done",
	board.KindUpkeep: "a moment", board.KindAdminAct: "the operator's, and names nobody", board.KindVisit: "forgotten with the user", board.KindDelivery: "the platform's, forgotten with the user",
}

func TestEveryKindIsSomebodysOrNot(t *testing.T) {
	for _, kind := range board.Kinds() {
		if _, no := impersonal[kind]; no == board.IsPersonal(kind) {
			t.Errorf("%s: say whose it is (board.personal), or here why it is nobody's", kind)
		}
	}
}

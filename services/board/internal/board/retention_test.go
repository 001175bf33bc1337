package board_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const day = 24 * time.Hour

// keeps says for how long the platform keeps what.
func (s *school) keeps(r board.Retention) {
	s.t.Helper()
	s.platform = must(s.EditPlatform(s.t.Context(), s.platform.ID, board.PlatformEdit{Retention: &r}))(s.t)
}

// live lets days pass, with the sweeps of the last few of them.
func (s *school) live(days int) {
	s.t.Helper()
	s.sweep()
	if swept := 4; days > swept {
		s.clock.pass(time.Duration(days-swept) * day)
		days = swept
	}
	for range days {
		s.clock.pass(day)
		s.sweep()
	}
}

func (s *school) sweep() {
	s.t.Helper()
	for range 20 {
		if must(s.Purge(s.t.Context(), s.store))(s.t) == 0 {
			return
		}
		s.clock.pass(time.Minute)
	}
	s.t.Fatal("the sweep does not end")
}

// whats lists what was done, the last first.
func (s *school) whats() []board.OperationKind {
	s.t.Helper()
	var out []board.OperationKind
	for _, op := range must(s.Operations(s.t.Context(), s.platform.ID, ""))(s.t) {
		if !op.Done() || op.User != "" {
			s.t.Errorf("%s is not done: %+v", op.What, op)
		}
		out = append(out, op.What)
	}
	return out
}

// returns lets somebody in by a ticket.
func (s *school) returns(ref, name string) board.Principal {
	s.t.Helper()
	ticket := must(s.GiveTicket(s.t.Context(), s.platform, s.board, board.TicketRequest{User: ref, Name: name, Role: board.RoleWriter}))(s.t)
	return must(s.TakeTicket(s.t.Context(), ticket, s.board, ""))(s.t)
}

func TestWhoIsLongAwayIsSuspendedThenErased(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.keeps(board.Retention{SuspendAfter: 30, EraseAfter: 90})
	zoe, tom := s.returns("ref-zoe", "Zoé"), s.returns("tom", "Tom")
	post := s.post(zoe, board.NewPost{Title: "mirabelle"})
	peers := s.post(tom, board.NewPost{Title: "du voisin"})
	s.comment(zoe, peers.ID, board.NewComment{Body: "mirabelle"})
	pending := s.post(zoe, board.NewPost{Title: "en attente"})
	must(s.RejectPost(ctx, s.as(3, board.RoleModerator), s.board, pending.ID, ""))(t)
	s.live(20)
	s.returns("tom", "Tom")
	s.live(9)
	if len(s.wall().Posts) != 2 {
		t.Fatal("suspended too early")
	}
	s.live(2)
	if got := s.whats(); !slices.Equal(got, []board.OperationKind{board.OperationSuspension}) {
		t.Fatalf("done: %v", got)
	}
	if posts := s.wall().Posts; len(posts) != 1 || posts[0].ID != peers.ID {
		t.Errorf("a member sees %d posts", len(posts))
	}
	if posts := s.wallOf(s.as(3, board.RoleModerator)).Posts; len(posts) != 3 {
		t.Errorf("a moderator sees %d posts", len(posts))
	}
	part := must(s.Participation(ctx, s.platform, s.board, board.ParticipationQuery{}))(t)
	i := slices.IndexFunc(part.People, func(u board.UserParticipation) bool { return u.User.Ref == "ref-zoe" })
	if i < 0 || part.People[i].Posts != 1 || part.People[i].Comments != 1 {
		t.Errorf("their participation is gone: %+v", part.People)
	}
	must(s.ApprovePost(ctx, s.as(3, board.RoleModerator), s.board, pending.ID))(t)
	if len(s.wall().Posts) != 1 {
		t.Error("what is withheld is on the wall once it is approved")
	}
	back := s.returns("ref-zoe", "Zoé")
	s.sweep()
	if back.Participant != zoe.Participant || len(s.wall().Posts) != 3 || s.stored(board.KindPost, post.ID).(*board.Post).Withheld {
		t.Errorf("back, a member sees %d posts", len(s.wall().Posts))
	}
	if s.thread(tom, peers.ID) == "" {
		t.Error("the comment is not brought back")
	}
	s.live(31)
	s.live(60)
	if got := s.whats()[0]; got != board.OperationErasure {
		t.Errorf("the last is %s", got)
	}
	s.wantNoTrace(zoe, "Zoé", "ref-zoe", "mirabelle", "en attente")
}

// TestASuspensionThatMeetsAReturnGivesWay: it was decided on before they came.
func TestASuspensionThatMeetsAReturnGivesWay(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	s.keeps(board.Retention{SuspendAfter: 30})
	zoe := s.returns("ref-zoe", "Zoé")
	for range 6 {
		s.post(zoe, board.NewPost{Title: "mirabelle"})
	}
	s.sweep()
	s.clock.pass(31 * day)
	s.faults.failWrites(9) // somewhere among the posts
	for range 6 {
		if _, err := s.Purge(ctx, s.store); errors.Is(err, errWriteFailed) {
			break
		}
	}
	s.faults.failWrites(-1)
	if n := len(s.wall().Posts); n == 0 || n == 6 {
		t.Fatalf("%d posts are seen: it was not cut short", n)
	}
	s.returns("ref-zoe", "Zoé")
	s.clock.pass(5 * time.Minute)
	s.sweep()
	if n := len(s.wall().Posts); n != 6 {
		t.Errorf("%d posts are seen", n)
	}
}

func (s *school) boardNow() *board.Board {
	s.t.Helper()
	return s.stored(board.KindBoard, s.board).(*board.Board)
}

func TestAWallTellsWhenItEnds(t *testing.T) {
	s := newSchool(t)
	s.sweep()
	if at := s.boardNow().EndsAt; !at.IsZero() {
		t.Fatalf("it ends at %v, and is kept for ever", at)
	}
	s.keeps(board.Retention{WallsAfter: 100})
	s.sweep()
	first := s.boardNow()
	if days := first.EndsAt.Sub(s.clock.Now()) / day; days < 99 || days > 101 || first.Ends != board.EndAnonymise {
		t.Fatalf("it ends at %v: %s", first.EndsAt, first.Ends)
	}
	s.live(40)
	s.post(s.returns("ref-zoe", "Zoé"), board.NewPost{Title: "encore"})
	s.live(1)
	if later := s.boardNow().EndsAt.Sub(first.EndsAt) / day; later < 39 || later > 42 {
		t.Errorf("a change puts it off by %d days", later)
	}
	// Kept for a shorter time than nothing has changed: there is time to react.
	s.live(60)
	s.keeps(board.Retention{WallsAfter: 40, Ends: board.EndErase})
	s.sweep()
	if days := s.boardNow().EndsAt.Sub(s.clock.Now()) / day; days < 29 || days > 31 {
		t.Errorf("it ends in %d days", days)
	}
	s.live(10)
	if days := s.boardNow().EndsAt.Sub(s.clock.Now()) / day; days < 19 || days > 21 {
		t.Errorf("ten days later, it ends in %d days", days)
	}
	s.keeps(board.Retention{})
	s.sweep()
	if b := s.boardNow(); !b.EndsAt.IsZero() || b.Ends != "" {
		t.Errorf("it still ends: %+v", b)
	}
}

// lived is a wall on which people have done everything, and whose time is over.
func lived(t *testing.T, ends board.WallEnd) (s *school, zoe board.Principal, of trail) {
	s = newSchool(t)
	s.keeps(board.Retention{WallsAfter: 60, Ends: ends})
	must(s.SetMembers(t.Context(), s.platform, s.board, nil, []board.MemberRef{{User: "ref-zoe", Name: "Zoé Marchand"}, {User: "ref-jamais", Name: "Jamais Venue"}}))(t)
	zoe, tom, eve := s.comes("ref-zoe", "Zoé Marchand", board.RoleWriter), s.comes("ref-tom", "Tom Sawyer", board.RoleWriter), s.comes("ref-eve", "Eve Harrington", board.RoleModerator)
	return s, zoe, s.leaves(zoe, tom, eve, "mirabelle", 900)
}

func TestAWallIsAnonymisedForGood(t *testing.T) {
	s, zoe, of := lived(t, board.EndAnonymise)
	ctx := t.Context()
	was := s.stored(board.KindPost, of.theirs.ID).(*board.Post)
	total, _ := s.given(of.peers.ID, board.ReactVotes).Total()
	s.live(64)
	b := s.boardNow()
	if b.EndedAt.IsZero() || b.PhaseAt(s.clock.Now()) != board.PhaseEnded || !b.EndsAt.IsZero() {
		t.Fatalf("%+v", b)
	}
	if got := s.whats(); !slices.Equal(got, []board.OperationKind{board.OperationAnonymise}) {
		t.Errorf("done: %v", got)
	}
	post := s.stored(board.KindPost, of.theirs.ID).(*board.Post)
	if post.Title != was.Title || post.Body != was.Body || len(post.Attachments) != len(was.Attachments) || post.Author.Name != "Anonyme" || post.Deleted() {
		t.Errorf("a post is %+v", post)
	}
	if c := s.stored(board.KindComment, of.answer.ID).(*board.Comment); c.Body != of.answer.Body || c.Author.Name != "Anonyme" || c.Author.ID == post.Author.ID {
		t.Errorf("a comment is %+v", c)
	}
	if now, _ := s.given(of.peers.ID, board.ReactVotes).Total(); now != total {
		t.Errorf("%d votes, there were %d", now, total)
	}
	for where, text := range s.rows() {
		if strings.HasPrefix(where, string(s.platform.ID)) {
			text = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "Zoé Marchand", ""), "Tom Sawyer", ""), "Eve Harrington", "") // the platform's own users
			text = strings.ReplaceAll(text, string(s.board), "BOARD")
		}
		for _, person := range []board.Principal{of.who, of.peer, of.trainer} {
			text = strings.ReplaceAll(text, `"id":"`+string(person.Participant)+`"`, "")
			for _, trace := range []string{person.Name, string(person.Participant), "Jamais"} {
				if strings.Contains(text, trace) {
					t.Errorf("%s still has %q: %s", where, trace, text)
				}
			}
		}
	}
	left := must(s.UserLeft(ctx, s.platform, "ref-zoe"))(t)
	if len(left.Boards) != 0 || len(left.Lists) != 0 {
		t.Errorf("the platform's user still leads to it: %+v", left)
	}
	if _, err := s.ReadBoard(ctx, zoe, s.board); err == nil {
		t.Error("their session still opens it")
	}
	reader := s.returns("ref-zoe", "Zoé Marchand")
	if len(s.wallOf(reader).Posts) == 0 {
		t.Error("it cannot be read")
	}
	_, err := s.CreatePost(ctx, reader, s.board, board.NewPost{Title: "x"})
	wantCode(t, err, fault.Closed, "board_ended")
	_, err = s.ArchiveBoard(ctx, s.as(4, board.RoleOwner), s.board, false)
	wantCode(t, err, fault.Closed, "board_ended")
	if may := must(s.AbilitiesOf(ctx, s.as(4, board.RoleOwner)))(t); slices.Contains(may, board.ArchiveBoard) || !slices.Contains(may, board.DuplicateBoard) {
		t.Errorf("its owner may still %v", may)
	}
	s.live(3)
	if _, err := s.ReadBoard(ctx, reader, s.board); err != nil {
		t.Errorf("who came to read is shut out: %v", err)
	}
}

func TestAWallIsErasedWithEverythingAtItsEnd(t *testing.T) {
	s, _, of := lived(t, board.EndErase)
	s.live(64)
	if b := s.boardNow(); !b.Deleted() || b.Title != "" || len(board.OrdersOf(b)) != 1 {
		t.Fatalf("%+v", b)
	}
	if got := s.whats(); !slices.Equal(got, []board.OperationKind{board.OperationEraseWall}) {
		t.Errorf("done: %v", got)
	}
	for where, text := range s.rows() {
		if strings.HasPrefix(where, string(s.board)) && (strings.Contains(text, "mirabelle") || strings.Contains(text, of.who.Name)) {
			t.Errorf("%s: %s", where, text)
		}
	}
	if left := must(s.UserLeft(t.Context(), s.platform, "ref-zoe"))(t); len(left.Boards) != 0 || slices.Contains(left.User.Boards, s.board) {
		t.Errorf("the platform's user still leads to it: %+v", left)
	}
}

func TestAnAnonymisationGoesOnWhereverItIsKilled(t *testing.T) {
	s, _, of := lived(t, board.EndAnonymise)
	ctx := t.Context()
	s.live(60)
	s.clock.pass(2 * day)
	for range 300 {
		s.faults.failWrites(2)
		_, _ = s.Purge(ctx, s.store)
		s.faults.failWrites(-1)
		s.clock.pass(2 * time.Minute)
		ops := must(s.Operations(ctx, s.platform.ID, ""))(t)
		if len(ops) > 0 && ops[0].Done() {
			break
		}
	}
	s.live(1)
	if ops := must(s.Operations(ctx, s.platform.ID, ""))(t); len(ops) != 1 || !ops[0].Done() {
		t.Fatalf("%+v", ops)
	}
	for where, text := range s.rows() {
		if strings.HasPrefix(where, string(s.board)) && (strings.Contains(text, of.who.Name) || strings.Contains(text, of.peer.Name) || strings.Contains(text, of.trainer.Name)) {
			t.Errorf("%s: %s", where, text)
		}
	}
}

// TestAChangeMeanwhileSparesAWall: its end was decided on, and not yet begun.
func TestAChangeMeanwhileSparesAWall(t *testing.T) {
	s, _, _ := lived(t, board.EndErase)
	s.live(59)
	before := s.boardNow()
	s.clock.pass(before.EndsAt.Sub(s.clock.Now()) - time.Hour)
	must(s.CreatePost(t.Context(), s.returns("ref-tom", "Tom Sawyer"), s.board, board.NewPost{Title: "encore"}))(t)
	s.live(3)
	if b := s.boardNow(); b.Deleted() || !b.EndsAt.After(before.EndsAt) {
		t.Errorf("%+v", b)
	}
}

package board_test

import (
	"errors"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// someone is whom a provider knows.
var someone = board.Identity{Issuer: "https://id.example", Subject: "réf/zoé 1", Name: "Zoé Marchand", Email: "marchand@example.org"}

// leaving is an account that has left something everywhere.
type leaving struct {
	account *board.Account
	// there are they on a wall of somebody else's, seated on one on which they
	// moderate, and own a wall.
	there trail
	own   board.ID
}

// leavesAll has an account leave all that it can, each with a word in it.
func (s *school) leavesAll(word string, n int) leaving {
	s.t.Helper()
	ctx := s.t.Context()
	a := must(s.EnsureAccount(ctx, someone))(s.t)
	colleague := must(s.EnsureAccount(ctx, board.Identity{Issuer: someone.Issuer, Subject: "tom", Name: "Tom"}))(s.t)
	theirs := must(s.CreateWall(ctx, colleague, board.NewWall{NewBoard: board.NewBoard{Title: "D’un collègue"}}))(s.t)
	seat := func() {
		inv := must(s.InviteToWall(ctx, colleague, theirs.ID, board.RoleModerator))(s.t)
		must(s.TakeWall(ctx, a, s.InvitationCode(inv)))(s.t)
	}
	seat()
	if err := s.LeaveWall(ctx, a, theirs.ID); err != nil {
		s.t.Fatal(err)
	}
	seat()
	handed := must(s.CreateWall(ctx, colleague, board.NewWall{NewBoard: board.NewBoard{Title: "Passé de main en main"}}))(s.t)
	must(s.TakeWall(ctx, a, s.InvitationCode(must(s.InviteToWall(ctx, colleague, handed.ID, board.RoleOwner))(s.t))))(s.t)
	must(s.TakeWall(ctx, colleague, s.InvitationCode(must(s.InviteToWall(ctx, a, handed.ID, board.RoleOwner))(s.t))))(s.t)
	moderator := must(s.Owner(ctx, a, theirs.ID, ""))(s.t)
	must(s.CreatePost(ctx, moderator, theirs.ID, board.NewPost{Title: "animé " + word}))(s.t)
	own := must(s.CreateWall(ctx, a, board.NewWall{NewBoard: board.NewBoard{Title: "à moi " + word}}))(s.t)
	must(s.CreatePost(ctx, must(s.Owner(ctx, a, own.ID, ""))(s.t), own.ID, board.NewPost{Title: "chez moi " + word}))(s.t)
	thrown := must(s.CreateWall(ctx, a, board.NewWall{NewBoard: board.NewBoard{Title: "jeté " + word}}))(s.t)
	if err := s.TrashWall(ctx, a, thrown.ID); err != nil {
		s.t.Fatal(err)
	}

	link := must(s.CreateLink(ctx, s.as(90, board.RoleOwner), s.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleWriter)}}))(s.t)
	who := must(s.EnterByLink(ctx, board.Entry{Board: s.board, Secret: s.Sealer.Secret(s.board, link.ID), SignedIn: a}))(s.t)
	peer, eve := s.comes("max", "Max", board.RoleWriter), s.comes("eve", "Eve", board.RoleModerator)
	return leaving{account: a, there: s.leaves(who, peer, eve, word, n), own: own.ID}
}

// goesBy lets a while pass, and what is done then.
func (s *school) goesBy(d time.Duration) {
	s.t.Helper()
	s.clock.pass(d)
	for range 6 {
		must(s.Purge(s.t.Context(), s.store))(s.t)
		s.clock.pass(2 * time.Minute)
	}
}

func TestAClosedAccountLeavesNothingAfterItsTime(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	left := s.leavesAll("mirabelle", 900)
	was := content(t, s.stored(board.KindPost, left.there.peers.ID))
	var closes time.Time
	for i := range 2 {
		a := must(s.CloseAccount(ctx, left.account, ""))(t)
		if i == 0 {
			closes = a.ClosesAt
		}
		if a.ClosesAt.IsZero() || !a.ClosesAt.Equal(closes) {
			t.Fatalf("closed again, it closes at %v, was %v", a.ClosesAt, closes)
		}
		s.goesBy(time.Hour)
	}
	_, err := s.SignedIn(ctx, left.account.ID, left.account.Generation)
	wantCode(t, err, fault.Unauthenticated, "account_signed_out")
	again := must(s.EnsureAccount(ctx, someone))(t)
	if again.ID != left.account.ID || !again.ClosesAt.Equal(closes) {
		t.Fatalf("before its time they sign in to %+v", again)
	}
	for range 2 {
		if kept := must(s.KeepAccount(ctx, again.ID))(t); !kept.ClosesAt.IsZero() {
			t.Fatal("it is not kept")
		}
	}
	s.goesBy(board.ClosingTakes)
	if walls := must(s.Walls(ctx, again, ""))(t); len(walls) != 4 {
		t.Fatalf("kept, it has %d walls", len(walls))
	}

	again = must(s.EnsureAccount(ctx, someone))(t)
	must(s.CloseAccount(ctx, again, ""))(t)
	s.goesBy(board.ClosingTakes)
	s.wantNoTrace(left.there.who, "Marchand", "réf/zoé", "mirabelle", "marchand@")
	if now := content(t, s.stored(board.KindPost, left.there.peers.ID)); now != was {
		t.Errorf("another's is\n%s, was\n%s", now, was)
	}
	_, err = s.ReadBoard(ctx, left.there.who, s.board)
	wantCode(t, err, fault.Unauthenticated, "user_erased")
	for _, gone := range []func(board.ID) error{
		func(id board.ID) error { _, err := s.KeepAccount(ctx, id); return err },
		func(id board.ID) error { _, err := s.CloseAccountOf(ctx, id, true); return err },
		func(id board.ID) error { _, err := s.Owner(ctx, again, left.own, ""); return err },
	} {
		wantCode(t, gone(again.ID), fault.NotFound, "not_found")
	}

	// Who comes back is somebody new, to whom nothing of the old leads.
	back := must(s.EnsureAccount(ctx, someone))(t)
	if back.ID == again.ID || back.Name != "Zoé Marchand" || must(s.EnsureAccount(ctx, someone))(t).ID != back.ID {
		t.Fatalf("back as %+v", back)
	}
	if walls := must(s.Walls(ctx, back, ""))(t); len(walls) != 0 {
		t.Errorf("back with %d walls", len(walls))
	}
	anew := s.leavesAll("quetsche", 910)
	if anew.account.ID != back.ID || anew.there.who.Participant == left.there.who.Participant {
		t.Error("they are on the wall who they were")
	}
	must(s.CloseAccountOf(ctx, back.ID, true))(t)
	s.goesBy(0)
	s.wantNoTrace(anew.there.who, "Marchand", "réf/zoé", "quetsche", "marchand@")
}

func TestClosingAnAccountGoesOnWhereverItIsKilled(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	left := s.leavesAll("mirabelle", 900)
	for range 3 { // killed in the middle of being asked, it is not closed, and is asked again
		s.faults.failWrites(1)
		if _, err := s.CloseAccount(ctx, left.account, ""); !errors.Is(err, errWriteFailed) {
			t.Fatal(err)
		}
		s.faults.failWrites(-1)
		s.clock.pass(time.Minute)
	}
	s.goesBy(board.ClosingTakes)
	must(s.SignedIn(ctx, left.account.ID, left.account.Generation))(t)
	must(s.CloseAccount(ctx, left.account, ""))(t)
	s.clock.pass(board.ClosingTakes)
	killed := 0
	for i := range 400 {
		s.faults.failWrites(2) // one to take it on, one of what it does
		if _, err := s.Purge(ctx, s.store); errors.Is(err, errWriteFailed) {
			killed++
		} else if i > 40 && err == nil {
			break
		}
		s.faults.failWrites(-1)
		s.clock.pass(2 * time.Minute)
	}
	s.faults.failWrites(-1)
	if killed < 30 {
		t.Errorf("killed %d times only", killed)
	}
	s.goesBy(0)
	s.wantNoTrace(left.there.who, "Marchand", "réf/zoé", "mirabelle", "marchand@")
}

func TestALocalAccountIsClosedByWhoKnowsItsPassword(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	ada := f.trainer()
	bob := f.colleague(ada, "bob")
	_, err := f.CloseAccount(ctx, bob, "une autre phrase assez longue")
	wantCode(t, err, fault.Invalid, "password_wrong")
	_, err = f.CloseAccount(ctx, ada, longEnough)
	wantCode(t, err, fault.Conflict, "account_last_admin")
	for range 2 {
		if bob = must(f.Promote(ctx, bob.ID))(t); !bob.Admin {
			t.Fatal("not promoted")
		}
	}
	must(f.CloseAccount(ctx, ada, longEnough))(t)
	_, err = f.CloseAccount(ctx, bob, longEnough)
	wantCode(t, err, fault.Conflict, "account_last_admin") // the other one closes
	f.clock.pass(board.ClosingTakes)
	for range 4 {
		must(f.Purge(ctx, f.store))(t)
		f.clock.pass(2 * time.Minute)
	}
	_, err = f.SignIn(ctx, ada.Login, longEnough)
	wantCode(t, err, fault.Unauthenticated, "sign_in_refused")
	if all := must(f.LocalAccounts(ctx, bob))(t); len(all) != 1 || all[0].ID != bob.ID {
		t.Errorf("%d accounts are listed", len(all))
	}
	if _, err := f.InviteReset(ctx, nil, board.LocalAccount(ada.Login)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a new password for nobody: %v", err)
	}
	if err := f.OpenSetup(ctx, f.board); err != nil { // as every start does
		t.Fatal(err)
	}

	again := f.colleague(bob, ada.Login)
	if again.ID == ada.ID || again.Admin {
		t.Fatalf("the user name is given again to %+v", again)
	}
	if got := must(f.SignIn(ctx, ada.Login, longEnough))(t); got.ID != again.ID {
		t.Errorf("it signs in %s", got.ID)
	}
	must(f.InviteReset(ctx, nil, board.LocalAccount(ada.Login)))(t)
	_, err = f.TakeAccount(ctx, f.InvitationCode(must(f.InviteAccount(ctx, bob))(t)), board.NewAccount{Login: ada.Login, Name: "Eve", Password: longEnough})
	wantCode(t, err, fault.Invalid, "login_taken")
}

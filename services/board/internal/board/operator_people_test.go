package board_test

import (
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// TestWhomTheOperatorSuspendsStaysOut, whatever the site and the rules of absence say,
// until the operator lets them in again.
func TestWhomTheOperatorSuspendsStaysOut(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	zoe, tom := s.returns("ref-zoe", "Zoé"), s.returns("tom", "Tom")
	s.post(zoe, board.NewPost{Title: "mirabelle"})
	s.post(tom, board.NewPost{Title: "du voisin"})
	for range 2 {
		if u := must(s.HoldPerson(ctx, s.platform.ID, zoe.User, true))(t); u.HeldAt.IsZero() {
			t.Fatal("not suspended")
		}
		s.sweep()
	}
	wantOut := func(when string) {
		t.Helper()
		if posts := s.wall().Posts; len(posts) != 1 {
			t.Errorf("%s a member sees %d posts", when, len(posts))
		}
		if _, err := s.CreatePost(ctx, zoe, s.board, board.NewPost{Title: "encore"}); !isHeld(err) {
			t.Errorf("%s a session that was open is answered %v", when, err)
		}
		ticket := must(s.GiveTicket(ctx, s.platform, s.board, board.TicketRequest{User: "ref-zoe", Role: board.RoleModerator}))(t)
		if _, err := s.TakeTicket(ctx, ticket, s.board, ""); !isHeld(err) {
			t.Errorf("%s a ticket is answered %v", when, err)
		}
	}
	wantOut("at once")
	s.keeps(board.Retention{SuspendAfter: 30})
	s.live(9) // here, by the rules of absence
	wantOut("after a look at who is away")
	for range 2 {
		must(s.HoldPerson(ctx, s.platform.ID, zoe.User, false))(t)
		s.sweep()
	}
	if posts := s.wall().Posts; len(posts) != 2 {
		t.Errorf("let in again, a member sees %d posts", len(posts))
	}
	s.post(s.returns("ref-zoe", "Zoé"), board.NewPost{Title: "de retour"})

	must(s.HoldPerson(ctx, s.platform.ID, zoe.User, true))(t)
	must(s.ErasePeople(ctx, s.platform, []string{"ref-zoe"}, ""))(t)
	s.sweep()
	if _, err := s.HoldPerson(ctx, s.platform.ID, zoe.User, true); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of somebody who was erased: %v", err)
	}
}

func isHeld(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Code == "user_held"
}

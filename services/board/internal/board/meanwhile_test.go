package board_test

import (
	"context"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// meanwhile is a store in which something is done, once, at the moment before a
// document of one kind is written: what another replica does just then.
type meanwhile struct {
	board.Store
	before board.Kind
	do     func()
}

// at has something done before the next document of a kind is written.
func (f *fixture) at(kind board.Kind, do func()) {
	f.Store = &meanwhile{f.faults, kind, do}
}

func (s *meanwhile) come(doc board.Document) {
	if do := s.do; do != nil && doc.Kind() == s.before {
		s.do = nil
		do()
	}
}

func (s *meanwhile) Insert(ctx context.Context, doc board.Document) error {
	s.come(doc)
	return s.Store.Insert(ctx, doc)
}

func (s *meanwhile) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	s.come(doc)
	return s.Store.Replace(ctx, doc, expected)
}

// TestAnInvitationIsTakenOrWithdrawn, never both: nobody has a seat that the owner
// does not see, whoever was a moment earlier.
func TestAnInvitationIsTakenOrWithdrawn(t *testing.T) {
	for _, as := range []board.Role{board.RoleModerator, board.RoleOwner} {
		for name, tc := range map[string]struct {
			kind   board.Kind
			remove bool // is what is interrupted
		}{
			"withdrawn before it is taken":       {board.KindInvitation, false},
			"withdrawn before the seat is there": {board.KindOwned, false},
			"taken before it is withdrawn":       {board.KindInvitation, true},
		} {
			t.Run(name+" by who is to be "+string(as), func(t *testing.T) {
				f, ctx := newFixture(t), t.Context()
				owner := f.trainer()
				zoe := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
				inv := must(f.InviteToWall(ctx, owner, f.board, as))(t)
				take := func() { _, _ = f.TakeWall(ctx, zoe, f.InvitationCode(inv)) }
				remove := func() { _ = f.RemoveFromTeam(ctx, owner, f.board, inv.ID) }
				if tc.remove {
					take, remove = remove, take
				}
				f.at(tc.kind, remove)
				take()
				_ = f.RemoveFromTeam(ctx, owner, f.board, inv.ID) // whoever did not hear of it asks again
				switch hers, his := f.roleOf(zoe), f.roleOf(owner); {
				case as == board.RoleModerator && (hers != "" || his != board.RoleOwner):
					t.Errorf("she is %q, the owner %q", hers, his)
				case hers == board.RoleOwner && his != board.RoleModerator, hers != board.RoleOwner && his != board.RoleOwner:
					t.Errorf("the wall has owners %q and %q", hers, his)
				}
				if _, err := f.Owner(ctx, zoe, f.board, ""); (err == nil) != (f.roleOf(zoe) != "") {
					t.Errorf("who is %q comes in: %v", f.roleOf(zoe), err)
				}
			})
		}
	}
}

// TestWhoLosesTheirSeatWhileTheyComeInHasNoSession.
func TestWhoLosesTheirSeatWhileTheyComeInHasNoSession(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	owner := f.trainer()
	zoe := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
	inv := must(f.InviteToWall(ctx, owner, f.board, board.RoleModerator))(t)
	must(f.TakeWall(ctx, zoe, f.InvitationCode(inv)))(t)
	f.at(board.KindParticipant, func() {
		if err := f.RemoveFromTeam(ctx, owner, f.board, inv.ID); err != nil {
			t.Error(err)
		}
	})
	p, err := f.Owner(ctx, zoe, f.board, "")
	if err == nil {
		_, err = f.People(ctx, p, f.board)
	}
	if err == nil {
		t.Fatal("they moderate the wall")
	}
}

// TestWhoIsSuspendedWhileTheyComeInHasNoSession.
func TestWhoIsSuspendedWhileTheyComeInHasNoSession(t *testing.T) {
	s, ctx := newSchool(t), t.Context()
	ticket := must(s.GiveTicket(ctx, s.platform, s.board, board.TicketRequest{User: "ref-zoe", Name: "Zoé", Role: board.RoleWriter}))(t)
	s.at(board.KindParticipant, func() {
		must(s.HoldPerson(ctx, s.platform.ID, ticket.User, true))(t)
		s.sweep()
	})
	p, err := s.TakeTicket(ctx, ticket, s.board, "")
	if err == nil {
		_, err = s.ReadBoard(ctx, p, s.board)
	}
	if !isHeld(err) {
		t.Fatalf("answered %v", err)
	}
}

// TestACodeOpensNoModeratorsLink, whichever came first.
func TestACodeOpensNoModeratorsLink(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(9, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleReader)}}))(t)
	code := must(f.GiveCode(ctx, trainer, f.board, link.ID))(t).Code
	if raised := must(f.EditLink(ctx, trainer, f.board, link.ID, board.LinkEdit{Role: ptr(board.RoleModerator)}))(t); raised.Code != "" {
		t.Errorf("a moderator's link has the code %s", raised.Code)
	}
	_, err := f.EnterByCode(ctx, board.Entry{Secret: code, Name: "Eve"})
	wantCode(t, err, fault.Unauthenticated, "code_invalid")
	lowered := must(f.EditLink(ctx, trainer, f.board, link.ID, board.LinkEdit{Role: ptr(board.RoleWriter)}))(t)
	again := must(f.GiveCode(ctx, trainer, f.board, lowered.ID))(t).Code
	if p := must(f.EnterByCode(ctx, board.Entry{Secret: again, Name: "Ada"}))(t); again == code || p.Role != board.RoleWriter {
		t.Errorf("by %s, before %s, as %s", again, code, p.Role)
	}
}

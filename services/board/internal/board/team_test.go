package board_test

import (
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func (f *fixture) roleOf(a *board.Account) board.Role {
	f.t.Helper()
	for _, w := range must(f.Walls(f.t.Context(), a, ""))(f.t) {
		if w.ID == f.board {
			return w.Role
		}
	}
	return ""
}

func TestAColleagueIsGivenASeatOnAWallAndLosesIt(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	owner := f.trainer()
	zoe := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
	eve := f.colleague(owner, "eve")
	_, err := f.Owner(ctx, zoe, f.board, "")
	if fault.KindOf(err) != fault.NotFound {
		t.Fatalf("a stranger's wall: %v", err)
	}
	inv := must(f.InviteToWall(ctx, owner, f.board, board.RoleModerator))(t)
	code := f.InvitationCode(inv)
	if told := must(f.ReadInvitation(ctx, code))(t); told.WallTitle != "Mur" || told.As != board.RoleModerator {
		t.Fatalf("it says %+v", told)
	}
	for range 2 { // whoever has lost the answer asks again
		if id := must(f.TakeWall(ctx, zoe, code))(t); id != f.board {
			t.Fatalf("it is %s", id)
		}
	}
	_, err = f.TakeWall(ctx, eve, code)
	wantCode(t, err, fault.Exists, "invitation_used")
	p := must(f.Owner(ctx, zoe, f.board, ""))(t)
	if p.Role != board.RoleModerator || f.roleOf(zoe) != board.RoleModerator || f.roleOf(owner) != board.RoleOwner {
		t.Fatalf("they are %s", p.Role)
	}
	for name, err := range map[string]error{
		"delete it":   f.TrashWall(ctx, zoe, f.board),
		"invite":      second(f.InviteToWall(ctx, zoe, f.board, board.RoleModerator)),
		"hand it on":  second(f.InviteToWall(ctx, zoe, f.board, board.RoleOwner)),
		"list others": second(f.Team(ctx, zoe, f.board)),
		"remove":      f.RemoveFromTeam(ctx, zoe, f.board, inv.ID),
	} {
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("who has a seat may %s: %v", name, err)
		}
	}
	if err := f.LeaveWall(ctx, owner, f.board); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a wall is left without an owner: %v", err)
	}
	team := must(f.Team(ctx, owner, f.board))(t)
	if len(team) != 1 || team[0].Name != "Zoé" {
		t.Fatalf("the team is %+v", team)
	}
	if _, err := f.ReadBoard(ctx, p, f.board); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.RemoveFromTeam(ctx, owner, f.board, inv.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
	}
	// A session that lasts is refused from now on, and renews no more.
	_, err = f.ReadBoard(ctx, p, f.board)
	wantCode(t, err, fault.Unauthenticated, "link_invalid")
	if _, err := f.Renew(ctx, p, ""); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("it renews: %v", err)
	}
	if f.roleOf(zoe) != "" {
		t.Fatal("the wall is still listed")
	}
	// And they may come again.
	must(f.TakeWall(ctx, zoe, f.InvitationCode(must(f.InviteToWall(ctx, owner, f.board, board.RoleModerator))(t))))(t)
	again := must(f.Owner(ctx, zoe, f.board, ""))(t)
	must(f.ReadBoard(ctx, again, f.board))(t)
	if err := f.LeaveWall(ctx, zoe, f.board); err != nil {
		t.Fatal(err)
	}
	if team := must(f.Team(ctx, owner, f.board))(t); len(team) != 0 {
		t.Fatalf("who left stands in %+v", team)
	}
}

func TestAWallIsHandedOver(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	owner := f.trainer()
	zoe := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
	eve := f.colleague(owner, "eve")
	was := must(f.Owner(ctx, owner, f.board, ""))(t)
	hand := f.InvitationCode(must(f.InviteToWall(ctx, owner, f.board, board.RoleOwner))(t))
	twice := f.InvitationCode(must(f.InviteToWall(ctx, owner, f.board, board.RoleOwner))(t))
	seat := f.InvitationCode(must(f.InviteToWall(ctx, owner, f.board, board.RoleModerator))(t))
	_, err := f.TakeWall(ctx, owner, hand)
	wantCode(t, err, fault.Exists, "wall_yours_already")
	for range 2 {
		must(f.TakeWall(ctx, zoe, hand))(t)
	}
	if f.roleOf(zoe) != board.RoleOwner || f.roleOf(owner) != board.RoleModerator {
		t.Fatalf("the new one is %s, the former %s", f.roleOf(zoe), f.roleOf(owner))
	}
	// What the former owner may no longer do.
	_, err = f.Unseal(ctx, was, f.board, testID(404), "menaces")
	wantCode(t, err, fault.Unauthenticated, "link_invalid")
	if p := must(f.Renew(ctx, was, ""))(t); p.Role != board.RoleModerator {
		t.Fatalf("renews as %s", p.Role)
	}
	if err := f.TrashWall(ctx, owner, f.board); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("the former owner deletes it: %v", err)
	}
	for _, code := range []string{twice, seat} { // as good as who gave them
		_, err = f.TakeWall(ctx, eve, code)
		wantCode(t, err, fault.Unauthenticated, "invitation_invalid")
	}
	team := must(f.Team(ctx, zoe, f.board))(t)
	if len(team) != 1 || team[0].Name != "Ada" {
		t.Fatalf("the team is %+v", team)
	}
	if err := f.RemoveFromTeam(ctx, zoe, f.board, team[0].ID); err != nil {
		t.Fatal(err)
	}
	if f.roleOf(owner) != "" {
		t.Fatal("the former owner keeps a seat that was taken away")
	}
}

// TestAHandoverThatACrashCutShortEnds: the wall has an owner at any moment, and
// whoever takes it again completes it.
func TestAHandoverThatACrashCutShortEnds(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	owner := f.trainer()
	zoe := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
	cut := &cutShort{Store: f.Store, kind: board.KindOwned}
	f.Store = cut
	code := f.InvitationCode(must(f.InviteToWall(ctx, owner, f.board, board.RoleOwner))(t))
	cut.set(true)
	if _, err := f.TakeWall(ctx, zoe, code); err == nil {
		t.Fatal("no failure came through")
	}
	if f.roleOf(owner) != board.RoleOwner {
		t.Fatal("the wall has no owner")
	}
	cut.set(false)
	must(f.TakeWall(ctx, zoe, code))(t)
	if f.roleOf(zoe) != board.RoleOwner || f.roleOf(owner) != board.RoleModerator {
		t.Fatalf("the new one is %s, the former %s", f.roleOf(zoe), f.roleOf(owner))
	}
}

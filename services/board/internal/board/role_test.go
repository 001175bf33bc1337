package board_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// phases are the columns of the table below.
var phases = []board.Phase{board.PhaseOpen, board.PhaseFrozen, board.PhaseBefore, board.PhaseAfter, board.PhaseArchived, board.PhaseEnded}

// authorisation has a row for every ability and a letter for every phase: the
// weakest role that has it then, or - for nobody. Settings that say otherwise
// have a row of their own.
var authorisation = []struct {
	ability  board.Ability
	settings board.Settings
	row      string // open, frozen, before, after, archived, ended
}{
	{board.ReadBoard, board.Settings{}, "rrmmrr"},
	{board.EditBoard, board.Settings{}, "mmmm--"},
	{board.ArchiveBoard, board.Settings{}, "mmmmm-"},
	{board.DeleteBoard, board.Settings{}, "oooooo"},
	{board.DuplicateBoard, board.Settings{}, "mmmmmm"},
	{board.ShapeSections, board.Settings{}, "mmmm--"},
	{board.ManageGroups, board.Settings{}, "mmmm--"},
	{board.ReadLinks, board.Settings{}, "mmmmmm"},
	{board.ManageLinks, board.Settings{}, "mmmm--"},
	{board.CreatePost, board.Settings{}, "w-mm--"},
	{board.CreatePost, board.Settings{Post: board.RoleModerator}, "m-mm--"},
	{board.UploadMedia, board.Settings{}, "w-mm--"},
	{board.UploadMedia, board.Settings{Post: board.RoleModerator}, "m-mm--"},
	{board.EditOwnPost, board.Settings{}, "w-mm--"},
	{board.EditOwnPost, board.Settings{Post: board.RoleModerator}, "w-mm--"},
	{board.EditAnyPost, board.Settings{}, "m-mm--"},
	{board.EditAnyPost, board.Settings{EditOthers: board.RoleWriter}, "w-mm--"},
	{board.MoveOwnPost, board.Settings{}, "w-mm--"},
	{board.MoveAnyPost, board.Settings{}, "m-mm--"},
	{board.MoveAnyPost, board.Settings{EditOthers: board.RoleWriter}, "w-mm--"},
	{board.DeleteOwnPost, board.Settings{}, "w-mm--"},
	{board.DeleteAnyPost, board.Settings{}, "mmmm--"},
	{board.DeleteAnyPost, board.Settings{EditOthers: board.RoleWriter}, "mmmm--"},
	{board.ModeratePosts, board.Settings{}, "mmmm--"},
	{board.ReportPost, board.Settings{}, "rrmm--"},
	{board.BlockPeople, board.Settings{}, "mmmm--"},
	{board.ReadActivity, board.Settings{}, "mmmmmm"},
	{board.UnsealAuthor, board.Settings{}, "oooooo"},
	{board.WriteOutOfLocks, board.Settings{}, "m-mm--"},
	{board.CreateComment, board.Settings{}, "c-mm--"},
	{board.CreateComment, board.Settings{Comment: board.RoleWriter}, "w-mm--"},
	{board.CreateComment, board.Settings{Comment: board.RoleModerator}, "m-mm--"},
	{board.EditOwnComment, board.Settings{Comment: board.RoleModerator}, "c-mm--"},
	{board.DeleteOwnComment, board.Settings{Comment: board.RoleModerator}, "c-mm--"},
	{board.DeleteAnyComment, board.Settings{}, "mmmm--"},
	{board.React, board.Settings{}, "r-mm--"},
	{board.React, board.Settings{React: board.RoleWriter}, "w-mm--"},
	{board.TakeBackReaction, board.Settings{React: board.RoleWriter}, "r-mm--"},
}

// letters are the roles by which the table calls them, strongest first.
const letters = "omwcr"

func TestTheAuthorisationTable(t *testing.T) {
	named := make(map[board.Ability]bool)
	for _, line := range authorisation {
		named[line.ability] = true
		for column, phase := range phases {
			for rank, role := range board.Roles() {
				weakest := slices.Index([]byte(letters), line.row[column])
				want := weakest >= 0 && rank <= weakest
				err := board.Allowed(role, line.ability, line.settings, phase)
				if (err == nil) != want {
					t.Errorf("%s may %s while %s, with %+v: %v, want %v", role, line.ability, phase, line.settings, err, want)
				}
				if has := slices.Contains(board.AbilitiesOf(role, line.settings, phase), line.ability); has != want {
					t.Errorf("%s is told that they may %s while %s: %v", role, line.ability, phase, has)
				}
			}
		}
	}
	for _, a := range board.Abilities() {
		if !named[a] {
			t.Errorf("ability %s is in no row of this test", a)
		}
	}
}

// TestWhatIsNotInTheTableIsDenied: roles, abilities and phases that are not
// known, settings that name no role.
func TestWhatIsNotInTheTableIsDenied(t *testing.T) {
	for _, a := range append(board.Abilities(), "unheard.of", "") {
		for _, phase := range append(slices.Clone(phases), "unheard of", "") {
			for _, role := range []board.Role{"", "admin", "Owner"} {
				if board.Allowed(role, a, board.Settings{}, phase) == nil {
					t.Errorf("%q may %s while %s", role, a, phase)
				}
			}
		}
		if board.Allowed(board.RoleOwner, a, board.Settings{}, "unheard of") == nil {
			t.Errorf("an owner may %s in a phase that nobody knows", a)
		}
	}
	if board.Allowed(board.RoleOwner, "unheard.of", board.Settings{}, board.PhaseOpen) == nil {
		t.Error("an owner may what nobody knows")
	}
	nonsense := board.Settings{Post: "everybody", EditOthers: "everybody"}
	for _, a := range []board.Ability{board.CreatePost, board.EditAnyPost} {
		if board.Allowed(board.RoleOwner, a, nonsense, board.PhaseOpen) == nil {
			t.Errorf("settings that name no role let an owner %s", a)
		}
	}
}

// TestOwnAndOthersPosts does to one's own post and to another's what the table
// says, on a real board in every phase.
func TestOwnAndOthersPosts(t *testing.T) {
	f := newFixture(t)
	deeds := map[string]struct {
		own, any board.Ability
		do       func(context.Context, board.Principal, *board.Post) error
	}{
		"edit": {board.EditOwnPost, board.EditAnyPost, func(ctx context.Context, p board.Principal, post *board.Post) error {
			_, err := f.EditPost(ctx, p, f.board, post.ID, post.Rev, board.PostEdit{Title: ptr("autre")})
			return err
		}},
		"move": {board.MoveOwnPost, board.MoveAnyPost, func(ctx context.Context, p board.Principal, post *board.Post) error {
			_, err := f.MovePosts(ctx, p, f.board, []board.Move{{Post: post.ID, Placement: board.Placement{Order: "V"}}})
			return err
		}},
		"delete": {board.DeleteOwnPost, board.DeleteAnyPost, func(ctx context.Context, p board.Principal, post *board.Post) error {
			_, err := f.DeletePost(ctx, p, f.board, post.ID, 0)
			return err
		}},
	}
	for _, settings := range []board.Settings{{}, {EditOthers: board.RoleWriter}} {
		for _, phase := range phases {
			for n, role := range board.Roles() {
				for _, own := range []bool{true, false} {
					for name, deed := range deeds {
						who, author := f.as(10+n, role), f.as(30, board.RoleWriter)
						if own {
							author.Participant = who.Participant
						}
						f.bring(board.Settings{EditOthers: settings.EditOthers}, board.PhaseOpen)
						post := f.post(author, board.NewPost{Title: "un"})
						f.bring(settings, phase)
						want := board.Allowed(role, deed.any, settings, phase) == nil || own && board.Allowed(role, deed.own, settings, phase) == nil
						if err := deed.do(t.Context(), who, post); (err == nil) != want {
							t.Errorf("%s: %s (own %v, %s, editOthers %q): %v, want %v", name, role, own, phase, settings.EditOthers, err, want)
						}
					}
				}
			}
		}
	}
}

// TestAPhaseSaysWhy: what is closed is said by a code of its own.
func TestAPhaseSaysWhy(t *testing.T) {
	f := newFixture(t)
	for phase, code := range map[board.Phase]string{
		board.PhaseFrozen: "board_frozen", board.PhaseBefore: "board_not_open_yet", board.PhaseAfter: "board_closed", board.PhaseArchived: "board_archived",
		board.PhaseEnded: "board_ended",
	} {
		f.bring(board.Settings{}, phase)
		_, err := f.CreatePost(t.Context(), f.as(1, board.RoleWriter), f.board, board.NewPost{Title: "x"})
		wantCode(t, err, fault.Closed, code)
	}
}

// bring gives the board settings and a phase, whatever it was.
func (f *fixture) bring(settings board.Settings, phase board.Phase) {
	f.t.Helper()
	trainer := f.as(3, board.RoleModerator)
	f.end(time.Time{})
	if _, err := f.ArchiveBoard(f.t.Context(), trainer, f.board, false); err != nil {
		f.t.Fatal(err)
	}
	now := f.clock.Now()
	freeze, from, until := time.Time{}, time.Time{}, time.Time{}
	switch phase {
	case board.PhaseFrozen:
		freeze = now.Add(-time.Hour)
	case board.PhaseBefore:
		from = now.Add(time.Hour)
	case board.PhaseAfter:
		until = now.Add(-time.Hour)
	}
	role := func(r, unstated board.Role) *board.Role {
		if r == "" {
			r = unstated
		}
		return &r
	}
	f.set(board.SettingsEdit{
		FreezeAt: &freeze, OpenFrom: &from, OpenUntil: &until,
		Post: role(settings.Post, board.RoleWriter), EditOthers: role(settings.EditOthers, board.RoleModerator),
	})
	if phase == board.PhaseEnded {
		f.end(now)
	}
	if phase == board.PhaseArchived {
		if _, err := f.ArchiveBoard(f.t.Context(), trainer, f.board, true); err != nil {
			f.t.Fatal(err)
		}
	}
}

// end has the board be anonymised at a time; zero takes that back, as nothing else
// does.
func (f *fixture) end(at time.Time) {
	f.t.Helper()
	b := f.stored(board.KindBoard, f.board).(*board.Board)
	b.EndedAt = at
	b.Rev++
	if err := f.Store.Replace(f.t.Context(), b, b.Rev-1); err != nil {
		f.t.Fatal(err)
	}
}

// set changes the settings as a trainer.
func (f *fixture) set(edit board.SettingsEdit) {
	f.t.Helper()
	if _, err := f.EditBoard(f.t.Context(), f.as(3, board.RoleModerator), f.board, 0, board.BoardEdit{SettingsEdit: edit}); err != nil {
		f.t.Fatal(fmt.Errorf("settings: %w", err))
	}
}

package board_test

import (
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func TestAnEditMovesItsPostAlong(t *testing.T) {
	f := newFixture(t)
	trainer, ada := f.as(1, board.RoleModerator), f.as(2, board.RoleWriter)
	section := func(title string, locked bool) board.ID {
		sec, err := f.CreateSection(t.Context(), trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr(title), Locked: ptr(locked)}})
		if err != nil {
			t.Fatal(err)
		}
		return sec.ID
	}
	first, locked := section("Idées", false), section("Fermée", true)
	post := f.post(ada, board.NewPost{Title: "a", Section: first})
	edit := func(p board.Principal, rev board.Rev, in board.PostEdit) (*board.Post, error) {
		return f.EditPost(t.Context(), p, f.board, post.ID, rev, in)
	}

	moved, err := edit(ada, 1, board.PostEdit{Title: ptr("b"), Colour: ptr(board.Colour("red")), Placement: board.Placement{Section: ptr(board.ID("")), Order: "V"}})
	if err != nil || moved.Section != "" || moved.Order != "V" || moved.Title != "b" || moved.Colour != "red" || moved.Rev != 2 {
		t.Fatalf("moved to %+v, %v", moved, err)
	}
	same, err := edit(ada, 2, board.PostEdit{Placement: board.Placement{Section: ptr(board.ID("")), Order: "V"}})
	if err != nil || same.Rev != 2 {
		t.Fatalf("moved to where it is: %+v, %v", same, err)
	}
	_, err = edit(ada, 2, board.PostEdit{Placement: board.Placement{Section: &locked}})
	wantCode(t, err, fault.Closed, "section_locked")
	_, err = edit(ada, 2, board.PostEdit{Placement: board.Placement{Section: ptr(testID(9))}})
	wantCode(t, err, fault.Conflict, "section_gone")
	_, err = edit(f.as(3, board.RoleWriter), 2, board.PostEdit{Placement: board.Placement{Section: &first}})
	wantCode(t, err, fault.Forbidden, "forbidden")

	// What the board asks for is looked for where the post then is.
	if _, err := f.EditBoard(t.Context(), trainer, f.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Required: &[]board.Field{board.FieldSection}}}); err != nil {
		t.Fatal(err)
	}
	if back, err := edit(ada, 2, board.PostEdit{Placement: board.Placement{Section: &first}}); err != nil || back.Section != first {
		t.Fatalf("moved back to %+v, %v", back, err)
	}
	_, err = edit(ada, 3, board.PostEdit{Placement: board.Placement{Section: ptr(board.ID(""))}})
	wantCode(t, err, fault.Invalid, "required")
}

package board_test

import (
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// TestDeletingABoardAgainMakesNoRoom: a bound is kept by counts that are a moment
// old, and what is deleted twice is one board fewer.
func TestDeletingABoardAgainMakesNoRoom(t *testing.T) {
	const most = 70
	s := newSchool(t)
	s.platform = must(s.EditPlatform(t.Context(), s.platform.ID, board.PlatformEdit{Quotas: &board.Quotas{Boards: most}}))(t)
	last := s.newBoard("Mur").ID
	for range most - 2 {
		last = s.newBoard("Mur").ID
	}
	for range most {
		if err := s.TrashPlatformBoard(t.Context(), s.platform, last); err != nil {
			t.Fatal(err)
		}
	}
	s.newBoard("Mur")
	_, err := s.CreatePlatformBoard(t.Context(), s.platform, board.PlatformBoard{Title: "Mur"})
	wantCode(t, err, fault.Conflict, "too_many_boards")
}

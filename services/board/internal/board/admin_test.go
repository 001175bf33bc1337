package board_test

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TestActsOfTheOperatorsAreKeptForATime: one whose end was never written down, as
// when the process is killed, stands there without.
func TestActsOfTheOperatorsAreKeptForATime(t *testing.T) {
	f := newFixture(t)
	first, second := &board.AdminAct{What: "createBoard", Key: "k"}, &board.AdminAct{What: "editPlatform", On: testID(7), Key: "k"}
	for _, d := range []*board.AdminAct{first, second} {
		if err := f.BeginAdminAct(t.Context(), d, 48*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.EndAdminAct(t.Context(), first, testID(1), 201); err != nil {
		t.Fatal(err)
	}
	acts, err := f.AdminActs(t.Context(), "")
	if err != nil || len(acts) != 2 || acts[0].Status != 0 || acts[0].On != testID(7) || acts[1].Status != 201 || acts[1].On != testID(1) {
		t.Fatalf("%v: %+v", err, acts)
	}
	if older, err := f.AdminActs(t.Context(), acts[0].ID); err != nil || len(older) != 1 || older[0].ID != first.ID {
		t.Fatalf("%v: %+v", err, older)
	}
	for _, step := range []struct {
		after time.Duration
		left  int
	}{{47 * time.Hour, 2}, {2 * time.Hour, 0}} {
		f.clock.now = f.clock.now.Add(step.after)
		if _, err := f.Purge(t.Context(), f.store); err != nil {
			t.Fatal(err)
		}
		if acts, err = f.AdminActs(t.Context(), ""); err != nil || len(acts) != step.left {
			t.Errorf("after %s more: %v, %+v", step.after, err, acts)
		}
	}
}

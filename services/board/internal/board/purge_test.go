package board_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// TestAPurgeErasesWhatTheLogKept looks for what a post said in every document
// that is left.
func TestAPurgeErasesWhatTheLogKept(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author := f.as(1, board.RoleWriter)
	post := f.post(author, board.NewPost{Title: "confidence", Body: "aveu"})
	must(f.EditPost(ctx, author, f.board, post.ID, 1, board.PostEdit{Body: ptr("regret")}))(t)
	f.clock.pass(time.Second)
	must(f.DeletePost(ctx, author, f.board, post.ID, 0))(t)
	act := f.actOf(post.ID)
	f.clock.pass(board.TrashKept)
	if _, err := f.Undo(ctx, f.as(3, board.RoleModerator), f.board, act.ID); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("undone at the moment of the purge: %v", err)
	}
	f.purge()
	for _, kind := range board.Kinds() {
		docs := must(f.store.ListUnder(ctx, f.board, kind, post.ID))(t)
		docs = append(docs, must(f.store.List(ctx, f.board, kind))(t)...)
		for _, doc := range append(docs, f.stored(board.KindPost, post.ID)) {
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"confidence", "aveu", "regret"} {
				if strings.Contains(string(data), secret) {
					t.Errorf("a %s still says %s: %s", kind, secret, data)
				}
			}
		}
	}
	if len(f.log()) != 3 {
		t.Errorf("the log has %d entries: that something was done stays", len(f.log()))
	}
}

func (f *fixture) purge() {
	f.t.Helper()
	for range 10 {
		f.clock.pass(time.Second)
		if must(f.Purge(f.t.Context(), f.store))(f.t) == 0 {
			return
		}
	}
	f.t.Fatal("the purge does not end")
}

func TestAfterThirtyDaysASectionsPostsFollowTheirFate(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	section := func(title string) board.ID {
		return must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: &title}}))(t).ID
	}
	here, kept, deleted := section("Ici"), section("Gardée"), section("Jetée")
	stays, goes := f.post(author, board.NewPost{Title: "reste", Section: kept}), f.post(author, board.NewPost{Title: "part", Section: deleted})
	moved := f.post(author, board.NewPost{Title: "déplacée", Section: kept})
	must(f.DeleteSection(ctx, trainer, f.board, kept, board.FateKeep, here))(t)
	must(f.DeleteSection(ctx, trainer, f.board, deleted, board.FateDelete, ""))(t)
	f.clock.pass(time.Second)
	f.move(author, moved.ID, "")
	check := func(when string) {
		t.Helper()
		sight := must(f.SightOf(ctx, f.board))(t)
		for post, want := range map[board.ID]string{stays.ID: string(here), moved.ID: "", goes.ID: "gone"} {
			doc := f.stored(board.KindPost, post).(*board.Post)
			place, shown := sight.Place(doc.Section)
			if doc.Deleted() || !shown {
				place = "gone"
			}
			if string(place) != want {
				t.Errorf("%s: a post is at %q, want %q", when, place, want)
			}
		}
	}
	check("deleted")
	f.clock.pass(board.TrashKept - time.Minute)
	f.purge()
	check("kept for 30 days")
	f.clock.pass(time.Minute)
	_, err := f.RestoreSection(ctx, trainer, f.board, kept)
	wantCode(t, err, fault.Conflict, "undo_too_late")
	f.purge()
	check("purged")
	if post := f.stored(board.KindPost, goes.ID).(*board.Post); post.Title != "" || post.Author.ID != "" {
		t.Errorf("what went with its section still says %+v", post)
	}
	if post := f.stored(board.KindPost, stays.ID).(*board.Post); post.Section != here {
		t.Errorf("what stays is in %q", post.Section)
	}
}

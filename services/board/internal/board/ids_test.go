package board_test

import (
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// TestWhatHasTheIDOfSomethingElseTellsNothingOfIt: ids are made by clients, and a
// participant may know those of much that they do not see.
func TestWhatHasTheIDOfSomethingElseTellsNothingOfIt(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer, bob, eve := f.as(9, board.RoleModerator), f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	post := f.post(bob, board.NewPost{Title: "un"})
	c := f.comment(bob, post.ID, board.NewComment{Body: "<p>SECRET</p>"})
	must(f.EditComment(ctx, bob, f.board, c.ID, c.Rev, "<p>mieux</p>"))(t)
	must(f.DeleteComment(ctx, trainer, f.board, c.ID))(t)
	section := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("SECRET"), Hidden: ptr(true)}}))(t)
	must(f.EditSection(ctx, trainer, f.board, section.ID, 0, board.SectionEdit{Title: ptr("autre")}))(t)
	for what, id := range map[string]board.ID{"a comment": c.ID, "a section": section.ID} {
		f.post(eve, board.NewPost{ID: id, Title: "à moi"})
		versions := must(f.Versions(ctx, eve, f.board, id))(t)
		if len(versions) != 1 || versions[0].Post.Title != "à moi" || strings.Contains(versions[0].Post.Body, "SECRET") || versions[0].Target != board.KindPost {
			t.Errorf("a post with the id of %s once was %+v", what, versions[0].Post)
		}
	}
	_, err := f.CreatePost(ctx, eve, f.board, board.NewPost{ID: f.board, Title: "le mur"})
	wantCode(t, err, fault.Exists, "id_taken")
}

// TestWhatHasTheIDOfSomethingElseTakesNothingWithIt: neither its entries in the log,
// nor what was reported of it.
func TestWhatHasTheIDOfSomethingElseTakesNothingWithIt(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer, bob, eve := f.as(9, board.RoleModerator), f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	post := f.post(bob, board.NewPost{Title: "pour mémoire"})
	post = must(f.EditPost(ctx, bob, f.board, post.ID, post.Rev, board.PostEdit{Title: ptr("corrigé")}))(t)
	c := f.comment(eve, post.ID, board.NewComment{ID: post.ID, Body: "<p>le même</p>"})
	if c.ID != post.ID {
		t.Fatalf("the comment is %s", c.ID)
	}
	ofPost := must(f.ReportPost(ctx, f.as(5, board.RoleReader), f.board, post.ID, "du billet"))(t)
	ofComment := must(f.ReportComment(ctx, f.as(5, board.RoleReader), f.board, c.ID, "du mot"))(t)
	if ofPost.ID == ofComment.ID {
		t.Error("who has reported the post cannot report the comment")
	}
	settled := must(f.SettleReports(ctx, trainer, board.KeyOf(c)))(t)
	if len(settled) != 1 || settled[0].ID != ofComment.ID || f.stored(board.KindReport, ofPost.ID).(*board.Report).Settled {
		t.Errorf("with those of a comment, those of a post are settled: %+v", settled)
	}
	must(f.DeleteComment(ctx, eve, f.board, c.ID))(t)
	f.clock.now = f.clock.now.Add(board.TrashKept + time.Hour)
	must(f.Purge(ctx, f.store))(t)
	if !f.stored(board.KindComment, c.ID).Head().PurgeAt.IsZero() {
		t.Fatal("the comment was not purged")
	}
	versions := must(f.Versions(ctx, bob, f.board, post.ID))(t)
	if len(versions) != 2 || versions[1].Post.Title != "pour mémoire" {
		t.Errorf("what the post was is forgotten: %+v", versions)
	}
}

package board_test

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// What a trainer does to a post does not make it one that its author has edited.
func TestOnlyOtherWordsAreAnEdit(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	trainer, author := f.as(3, board.RoleModerator), f.as(1, board.RoleWriter)
	post := f.post(author, board.NewPost{Title: "un"}).ID
	comment := f.comment(author, post, board.NewComment{Body: "mot"}).ID
	section := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(t).ID
	editedAt := func() (time.Time, time.Time) {
		p, _ := f.stored(board.KindPost, post).(*board.Post)
		c, _ := f.stored(board.KindComment, comment).(*board.Comment)
		return p.EditedAt, c.EditedAt
	}
	f.clock.pass(time.Minute)
	f.move(trainer, post, section)
	must(f.EditPost(ctx, trainer, f.board, post, 2, board.PostEdit{Colour: ptr(board.Colour("red"))}))(t)
	must(f.RejectPost(ctx, trainer, f.board, post, "non"))(t)
	must(f.ApprovePost(ctx, trainer, f.board, post))(t)
	must(f.DeletePost(ctx, author, f.board, post, 0))(t)
	must(f.RestorePost(ctx, author, f.board, post))(t)
	must(f.RejectComment(ctx, trainer, f.board, comment, "non"))(t)
	must(f.ApproveComment(ctx, trainer, f.board, comment))(t)
	if p, c := editedAt(); !p.IsZero() || !c.IsZero() {
		t.Fatalf("told to be edited: the post at %v, the comment at %v", p, c)
	}
	now := f.clock.Now().UTC().Truncate(time.Millisecond)
	post0, _ := f.stored(board.KindPost, post).(*board.Post)
	edited := must(f.EditPost(ctx, author, f.board, post, post0.Rev, board.PostEdit{Title: ptr("deux")}))(t)
	must(f.EditComment(ctx, author, f.board, comment, 0, "autre mot"))(t)
	if p, c := editedAt(); !p.Equal(now) || !c.Equal(now) {
		t.Fatalf("edited at %v: the post says %v, the comment %v", now, p, c)
	}
	must(f.Undo(ctx, author, f.board, edited.Deed.ID))(t)
	if p, _ := editedAt(); !p.IsZero() {
		t.Fatalf("an edit that was taken back is still told: %v", p)
	}
}

// A section that goes with its posts is in the trash, with how many there are:
// the message that offers to undo it is there for a moment only.
func TestADeletedSectionIsInTheTrash(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	trainer, author := f.as(3, board.RoleModerator), f.as(1, board.RoleWriter)
	section := func(title string) board.ID {
		f.clock.pass(time.Second)
		return must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr(title)}}))(t).ID
	}
	a, b := section("A"), section("B")
	for range 2 {
		f.post(author, board.NewPost{Title: "un", Section: a})
	}
	gone := f.post(author, board.NewPost{Title: "deux", Section: a}).ID
	must(f.DeletePost(ctx, author, f.board, gone, 0))(t)
	for _, id := range []board.ID{a, b} {
		f.clock.pass(time.Second)
		must(f.DeleteSection(ctx, trainer, f.board, id, board.FateDelete, ""))(t)
	}
	trash := must(f.TrashedSections(ctx, trainer, f.board))(t)
	if len(trash) != 2 || trash[0].ID != b || trash[0].Posts != 0 || trash[1].ID != a || trash[1].Posts != 2 {
		t.Fatalf("the trash has %+v", trash)
	}
	if _, err := f.TrashedSections(ctx, author, f.board); err == nil {
		t.Fatal("a writer reads the trash")
	}
	must(f.RestoreSection(ctx, trainer, f.board, a))(t)
	if trash := must(f.TrashedSections(ctx, trainer, f.board))(t); len(trash) != 1 {
		t.Fatalf("after one was restored the trash has %+v", trash)
	}
	f.clock.pass(board.TrashKept)
	if trash := must(f.TrashedSections(ctx, trainer, f.board))(t); len(trash) != 0 {
		t.Fatalf("after 30 days the trash has %+v", trash)
	}
}

// The log says what of the wall's settings was changed, not only that they were.
func TestTheLogSaysWhatAnEditChanged(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	trainer := f.as(3, board.RoleModerator)
	last := func(id board.ID) string {
		f.clock.pass(time.Second)
		return f.actOf(id).Done.Changed
	}
	edit := func(in board.BoardEdit) string {
		b, _ := f.stored(board.KindBoard, f.board).(*board.Board)
		must(f.EditBoard(ctx, trainer, f.board, b.Rev, in))(t)
		return last(f.board)
	}
	if got := edit(board.BoardEdit{Title: ptr("Autre"), SettingsEdit: board.SettingsEdit{Layout: ptr(board.LayoutColumns), Moderation: ptr(board.ModerationAll)}}); got != "layout moderation title" {
		t.Fatalf("the log says %q", got)
	}
	if got := edit(board.BoardEdit{SettingsEdit: board.SettingsEdit{NewLast: ptr(true)}}); got != "newLast" {
		t.Fatalf("the log says %q", got)
	}
	if got := edit(board.BoardEdit{SettingsEdit: board.SettingsEdit{NewLast: ptr(false), Words: ptr([]string{"zut"})}}); got != "-newLast words" {
		t.Fatalf("the log says %q", got)
	}
	section := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(t).ID
	for _, to := range []bool{true, false} {
		must(f.EditSection(ctx, trainer, f.board, section, 0, board.SectionEdit{Locked: ptr(to)}))(t)
		if got, want := last(section), map[bool]string{true: "locked", false: "-locked"}[to]; got != want {
			t.Fatalf("the log says %q, not %q", got, want)
		}
	}
}

package board_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func TestUndoWantsThatNothingWasDoneSince(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(author, board.NewPost{Title: "un"})
	created := f.actOf(post.ID)
	f.clock.pass(time.Second)
	must(f.EditPost(ctx, author, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}))(t)
	for _, p := range []board.Principal{author, trainer} {
		_, err := f.Undo(ctx, p, f.board, created.ID)
		wantCode(t, err, fault.Conflict, "changed_since")
	}
	if _, err := f.Undo(ctx, trainer, f.board, testID(404)); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("undoes nothing: %v", err)
	}
}

func TestAnAuthorUndoesForTenMinutes(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other, trainer := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter), f.as(3, board.RoleModerator)
	edit := func() *board.Act {
		f.clock.pass(time.Hour)
		post := f.post(author, board.NewPost{Title: "un"})
		f.clock.pass(time.Second)
		must(f.EditPost(ctx, author, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}))(t)
		return f.actOf(post.ID)
	}
	act := edit()
	f.clock.pass(board.UndoWindow)
	if _, err := f.Undo(ctx, other, f.board, act.ID); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("another undoes it: %v", err)
	}
	if back := must(f.Undo(ctx, author, f.board, act.ID))(t).(*board.Post); back.Title != "un" {
		t.Fatalf("it is %+v", back)
	}
	act = edit()
	f.clock.pass(board.UndoWindow + time.Millisecond)
	_, err := f.Undo(ctx, author, f.board, act.ID)
	wantCode(t, err, fault.Conflict, "undo_too_late")
	must(f.Undo(ctx, trainer, f.board, act.ID))(t)
	// What a trainer has done is not the author's to undo.
	f.clock.pass(time.Second)
	post := f.post(author, board.NewPost{Title: "un"})
	f.clock.pass(time.Second)
	must(f.RejectPost(ctx, trainer, f.board, post.ID, "non"))(t)
	if _, err := f.Undo(ctx, author, f.board, f.actOf(post.ID).ID); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("the author undoes a rejection: %v", err)
	}
}

// TestUndoGoesByTheRulesOfTheMoment: what was done before a section was locked,
// hidden or deleted, or before words were forbidden, is no way around that.
func TestUndoGoesByTheRulesOfTheMoment(t *testing.T) {
	ctx := t.Context()
	type scene struct {
		*fixture
		author, trainer board.Principal
		from, to        board.ID
		post            *board.Post
	}
	for name, tc := range map[string]struct {
		do   func(s *scene)
		then func(s *scene)
		code string
		kind fault.Kind
	}{
		"back into a locked section": {func(s *scene) { s.move(s.author, s.post.ID, s.to) }, func(s *scene) { s.section(s.from, board.SectionEdit{Locked: ptr(true)}) }, "section_locked", fault.Closed},
		"out of a locked section":    {func(s *scene) { s.move(s.author, s.post.ID, s.to) }, func(s *scene) { s.section(s.to, board.SectionEdit{Locked: ptr(true)}) }, "section_locked", fault.Closed},
		"back into a hidden section": {func(s *scene) { s.move(s.author, s.post.ID, s.to) }, func(s *scene) { s.section(s.from, board.SectionEdit{Hidden: ptr(true)}) }, "section_gone", fault.Conflict},
		"back into a deleted section": {func(s *scene) { s.move(s.author, s.post.ID, s.to) }, func(s *scene) {
			must(s.DeleteSection(ctx, s.trainer, s.board, s.from, board.FateDelete, ""))(s.t)
		}, "section_gone", fault.Conflict},
		"an edit in a locked section": {func(s *scene) {
			must(s.EditPost(ctx, s.author, s.board, s.post.ID, 0, board.PostEdit{Title: ptr("deux")}))(s.t)
		}, func(s *scene) { s.section(s.from, board.SectionEdit{Locked: ptr(true)}) }, "section_locked", fault.Closed},
		"a deletion in a locked section": {func(s *scene) {
			must(s.DeletePost(ctx, s.author, s.board, s.post.ID, 0))(s.t)
		}, func(s *scene) { s.section(s.from, board.SectionEdit{Locked: ptr(true)}) }, "section_locked", fault.Closed},
		"a deletion, when the place was taken": {func(s *scene) {
			must(s.DeletePost(ctx, s.author, s.board, s.post.ID, 0))(s.t)
		}, func(s *scene) {
			s.set(board.SettingsEdit{PostsEach: ptr(1)})
			s.fixture.post(s.author, board.NewPost{Title: "à la place"})
		}, "posts_limit_reached", fault.Conflict},
		"on a frozen wall": {func(s *scene) { s.move(s.author, s.post.ID, s.to) }, func(s *scene) {
			s.set(board.SettingsEdit{FreezeAt: ptr(s.clock.Now())})
		}, "board_frozen", fault.Closed},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			s := &scene{fixture: f, author: f.as(1, board.RoleWriter), trainer: f.as(3, board.RoleModerator)}
			for _, id := range []*board.ID{&s.from, &s.to} {
				*id = must(f.CreateSection(ctx, s.trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(t).ID
			}
			s.post = f.post(s.author, board.NewPost{Title: "un", Section: s.from})
			f.clock.pass(time.Second)
			tc.do(s)
			act := f.actOf(s.post.ID)
			tc.then(s)
			_, err := f.Undo(ctx, s.author, f.board, act.ID)
			wantCode(t, err, tc.kind, tc.code)
		})
	}
	t.Run("a word that is held since", func(t *testing.T) {
		f := newFixture(t)
		author := f.as(1, board.RoleWriter)
		post := f.post(author, board.NewPost{Title: "zut"})
		f.clock.pass(time.Second)
		must(f.EditPost(ctx, author, f.board, post.ID, 1, board.PostEdit{Title: ptr("mince")}))(t)
		f.set(board.SettingsEdit{Words: &[]string{"zut"}})
		back := must(f.Undo(ctx, author, f.board, f.actOf(post.ID).ID))(t).(*board.Post)
		if back.Title != "zut" || back.State != board.StatePending || back.Held != "zut" {
			t.Fatalf("it is %+v", back)
		}
	})
}

func (f *fixture) move(p board.Principal, post, to board.ID) {
	f.t.Helper()
	must(f.MovePosts(f.t.Context(), p, f.board, []board.Move{{Post: post, Placement: board.Placement{Section: &to}}}))(f.t)
}

func (f *fixture) section(id board.ID, edit board.SectionEdit) {
	f.t.Helper()
	must(f.EditSection(f.t.Context(), f.as(3, board.RoleModerator), f.board, id, 0, edit))(f.t)
}

func TestUndoAtOnceIsUndoOnce(t *testing.T) {
	f := newFixture(t)
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(author, board.NewPost{Title: "un"})
	f.clock.pass(time.Second)
	must(f.EditPost(t.Context(), author, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}))(t)
	act := f.actOf(post.ID).ID
	var wg sync.WaitGroup
	for n := range 8 {
		who := trainer
		if n%2 == 0 {
			who = author
		}
		wg.Go(func() {
			if _, err := f.Undo(context.Background(), who, f.board, act); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if now := f.stored(board.KindPost, post.ID).(*board.Post); now.Title != "un" || now.Rev != 3 {
		t.Fatalf("it is %+v", now)
	}
}

// TestALinkThatWasEndedOpensAgainForTenMinutes: after them it is ended for good.
func TestALinkThatWasEndedOpensAgainForTenMinutes(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleWriter)}}))(t)
	enter := func() error {
		_, err := f.EnterByLink(ctx, board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, link.ID), Name: "Zoé"})
		return err
	}
	must(f.RevokeLink(ctx, trainer, f.board, link.ID))(t)
	if err := enter(); fault.KindOf(err) != fault.Unauthenticated {
		t.Fatalf("an ended link opens: %v", err)
	}
	must(f.Undo(ctx, trainer, f.board, f.actOf(link.ID).ID))(t)
	if err := enter(); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(time.Second)
	must(f.RevokeLink(ctx, trainer, f.board, link.ID))(t)
	f.clock.pass(board.UndoWindow + time.Second)
	_, err := f.Undo(ctx, trainer, f.board, f.actOf(link.ID).ID)
	wantCode(t, err, fault.Conflict, "undo_too_late")
}

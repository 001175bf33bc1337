package board_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// log reads the activity log, oldest first.
func (f *fixture) log() []*board.Act {
	f.t.Helper()
	acts, err := f.Activity(f.t.Context(), f.as(3, board.RoleModerator), f.board, board.ActivityQuery{})
	if err != nil {
		f.t.Fatal(err)
	}
	slices.Reverse(acts)
	return acts
}

func (f *fixture) stored(kind board.Kind, id board.ID) board.Document {
	f.t.Helper()
	doc, err := f.store.Get(f.t.Context(), board.Key{Board: f.board, Kind: kind, ID: id})
	if err != nil {
		f.t.Fatal(err)
	}
	return doc
}

// content is a document without what every change of it changes.
func content(t *testing.T, doc board.Document) string {
	t.Helper()
	head := *doc.Head()
	deleted := head.Deleted()
	*doc.Head() = board.Meta{ID: head.ID, Board: head.Board}
	if sec, ok := doc.(*board.Section); ok && sec.Removed() {
		sec.RemovedAt = time.Unix(1, 0) // each deletion is kept for its own 30 days
	}
	defer func() { *doc.Head() = head }()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(deleted, string(data))
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// deed is one thing that can be done, and what it is done to.
type deed struct {
	verb board.Verb
	by   board.Principal
	kind board.Kind
	// before makes what it is done to; do does it.
	before func() board.ID
	do     func(id board.ID) error
}

func (f *fixture) deeds() []deed {
	ctx := f.t.Context()
	trainer, author := f.as(3, board.RoleModerator), f.as(1, board.RoleWriter)
	n := 5000
	id := func() board.ID { n++; return testID(n) }
	newPost := func() board.ID { return f.post(author, board.NewPost{ID: id(), Title: "un", Body: "mot"}).ID }
	deletedPost := func() board.ID {
		post := newPost()
		must(f.DeletePost(ctx, author, f.board, post, 0))(f.t)
		return post
	}
	newSection := func() board.ID {
		return must(f.CreateSection(ctx, trainer, f.board, board.NewSection{ID: id(), SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(f.t).ID
	}
	removedSection := func() board.ID {
		section := newSection()
		must(f.DeleteSection(ctx, trainer, f.board, section, board.FateDelete, ""))(f.t)
		return section
	}
	newGroup := func() board.ID {
		return must(f.CreateGroup(ctx, trainer, f.board, board.NewGroup{ID: id(), GroupEdit: board.GroupEdit{Name: ptr("A")}}))(f.t).ID
	}
	newLink := func() board.ID {
		return must(f.CreateLink(ctx, trainer, f.board, board.NewLink{ID: id(), LinkEdit: board.LinkEdit{Name: ptr("lien")}}))(f.t).ID
	}
	person := func() board.ID {
		links := must(f.ReadLinks(ctx, trainer, f.board))(f.t)
		i := slices.IndexFunc(links, func(l *board.Link) bool { return l.Role == board.RoleWriter })
		return must(f.EnterByLink(ctx, board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, links[i].ID), Name: "Zoé"}))(f.t).Participant
	}
	same := func() board.ID { return f.board }
	nothing := func() board.ID { return id() }
	err := func(_ any, err error) error { return err }
	return []deed{
		{board.PostCreated, author, board.KindPost, nothing, func(id board.ID) error {
			return err(f.CreatePost(ctx, author, f.board, board.NewPost{ID: id, Title: "un"}))
		}},
		{board.PostEdited, author, board.KindPost, newPost, func(id board.ID) error {
			return err(f.EditPost(ctx, author, f.board, id, 1, board.PostEdit{Title: ptr("deux"), Body: ptr("mots"), Colour: ptr(board.Colour("red"))}))
		}},
		{board.PostMoved, author, board.KindPost, newPost, func(id board.ID) error {
			return err(f.MovePosts(ctx, author, f.board, []board.Move{{Post: id, Placement: board.Placement{Section: ptr(newSection()), Order: "V"}}}))
		}},
		{board.PostDeleted, author, board.KindPost, newPost, func(id board.ID) error { return err(f.DeletePost(ctx, author, f.board, id, 0)) }},
		{board.PostRestored, author, board.KindPost, deletedPost, func(id board.ID) error { return err(f.RestorePost(ctx, author, f.board, id)) }},
		{board.PostApproved, trainer, board.KindPost, func() board.ID {
			post := newPost()
			must(f.RejectPost(ctx, trainer, f.board, post, "non"))(f.t)
			return post
		}, func(id board.ID) error { return err(f.ApprovePost(ctx, trainer, f.board, id)) }},
		{board.PostRejected, trainer, board.KindPost, newPost, func(id board.ID) error { return err(f.RejectPost(ctx, trainer, f.board, id, "non")) }},
		{board.PostReverted, author, board.KindPost, func() board.ID {
			post := newPost()
			must(f.EditPost(ctx, author, f.board, post, 1, board.PostEdit{Title: ptr("deux")}))(f.t)
			return post
		}, func(id board.ID) error { return err(f.RevertPost(ctx, author, f.board, id, 2, 1)) }},
		{board.SectionCreated, trainer, board.KindSection, nothing, func(id board.ID) error {
			return err(f.CreateSection(ctx, trainer, f.board, board.NewSection{ID: id, SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))
		}},
		{board.SectionEdited, trainer, board.KindSection, newSection, func(id board.ID) error {
			return err(f.EditSection(ctx, trainer, f.board, id, 0, board.SectionEdit{Title: ptr("Autre"), Hidden: ptr(true), Locked: ptr(true)}))
		}},
		{board.SectionDeleted, trainer, board.KindSection, newSection, func(id board.ID) error {
			return err(f.DeleteSection(ctx, trainer, f.board, id, board.FateDelete, ""))
		}},
		{board.SectionRestored, trainer, board.KindSection, removedSection, func(id board.ID) error { return err(f.RestoreSection(ctx, trainer, f.board, id)) }},
		{board.BoardEdited, trainer, board.KindBoard, same, func(id board.ID) error {
			return err(f.EditBoard(ctx, trainer, id, 0, board.BoardEdit{Title: ptr("Autre"), SettingsEdit: board.SettingsEdit{
				Words: &[]string{"mot"}, Anonymity: ptr(board.AnonymousToPeers), PostsEach: ptr(3), Required: &[]board.Field{board.FieldTitle},
			}}))
		}},
		{board.BoardArchived, trainer, board.KindBoard, same, func(id board.ID) error { return err(f.ArchiveBoard(ctx, trainer, id, true)) }},
		{board.BoardUnarchived, trainer, board.KindBoard, func() board.ID {
			must(f.ArchiveBoard(ctx, trainer, f.board, true))(f.t)
			return f.board
		}, func(id board.ID) error { return err(f.ArchiveBoard(ctx, trainer, id, false)) }},
		{board.GroupCreated, trainer, board.KindGroup, nothing, func(id board.ID) error {
			return err(f.CreateGroup(ctx, trainer, f.board, board.NewGroup{ID: id, GroupEdit: board.GroupEdit{Name: ptr("A")}}))
		}},
		{board.GroupEdited, trainer, board.KindGroup, newGroup, func(id board.ID) error {
			return err(f.EditGroup(ctx, trainer, f.board, id, board.GroupEdit{Name: ptr("B")}))
		}},
		{board.GroupDeleted, trainer, board.KindGroup, newGroup, func(id board.ID) error { return err(f.DeleteGroup(ctx, trainer, f.board, id)) }},
		{board.LinkEdited, trainer, board.KindLink, newLink, func(id board.ID) error {
			return err(f.EditLink(ctx, trainer, f.board, id, board.LinkEdit{Name: ptr("autre"), Role: ptr(board.RoleWriter), Password: ptr("secret"), MaxUses: ptr(3)}))
		}},
		{board.ParticipantBlocked, trainer, board.KindParticipant, person, func(id board.ID) error {
			return err(f.BlockParticipant(ctx, trainer, f.board, id, true))
		}},
		{board.ParticipantAllowed, trainer, board.KindParticipant, func() board.ID {
			who := person()
			must(f.BlockParticipant(ctx, trainer, f.board, who, true))(f.t)
			return who
		}, func(id board.ID) error { return err(f.BlockParticipant(ctx, trainer, f.board, id, false)) }},
		{board.ParticipantGrouped, trainer, board.KindParticipant, person, func(id board.ID) error {
			return err(f.PutInGroup(ctx, trainer, f.board, id, newGroup()))
		}},
		{board.ReportSettled, trainer, board.KindReport, func() board.ID {
			return must(f.ReportPost(ctx, f.as(5, board.RoleReader), f.board, newPost(), "gênant"))(f.t).ID
		}, func(id board.ID) error {
			return err(f.SettleReports(ctx, trainer, f.board, f.stored(board.KindReport, id).(*board.Report).Post))
		}},
	}
}

// TestEveryDeedIsLoggedAndUndone does each thing that can be undone, reads who
// did what when, takes it back and takes that back: what was is there again,
// whole, and so is what was done.
func TestEveryDeedIsLoggedAndUndone(t *testing.T) {
	done := make(map[board.Verb]bool)
	for _, d := range newFixture(t).deeds() {
		done[d.verb] = true
		t.Run(string(d.verb), func(t *testing.T) {
			f := newFixture(t)
			i := slices.IndexFunc(f.deeds(), func(other deed) bool { return other.verb == d.verb })
			d := f.deeds()[i]
			trainer := f.as(3, board.RoleModerator)
			target := d.before()
			f.clock.pass(time.Second)
			was := "true"
			if d.kind != board.KindPost && d.kind != board.KindSection && d.kind != board.KindGroup || !strings.HasSuffix(string(d.verb), ".created") {
				was = content(t, f.stored(d.kind, target))
			}
			at := f.clock.Now().UTC().Truncate(time.Millisecond)
			if err := d.do(target); err != nil {
				t.Fatal(err)
			}
			became := content(t, f.stored(d.kind, target))
			act := f.actOf(target)
			if act.Done.Verb != d.verb || act.Done.Actor != d.by.Participant || act.Done.ActorName != d.by.Name || act.Target != d.kind ||
				act.Done.Trainer != (d.by.Role == board.RoleModerator) || !act.Done.At.Equal(at) {
				t.Fatalf("the log says %+v", act)
			}
			f.clock.pass(time.Second)
			must(f.Undo(t.Context(), trainer, f.board, act.ID))(t)
			must(f.Undo(t.Context(), trainer, f.board, act.ID))(t) // a retry
			if now := content(t, f.stored(d.kind, target)); was != "true" && now != was {
				t.Fatalf("after undoing it is\n%s, it was\n%s", now, was)
			}
			if was == "true" && !gone(f.stored(d.kind, target)) {
				t.Fatal("what was not there before still is")
			}
			f.clock.pass(time.Second)
			undone := f.actOf(target)
			if undone.Done.Verb != board.Undone || undone.Done.Actor != trainer.Participant {
				t.Fatalf("the log says %+v", undone)
			}
			must(f.Undo(t.Context(), trainer, f.board, undone.ID))(t)
			if now := content(t, f.stored(d.kind, target)); now != became {
				t.Fatalf("after undoing the undoing it is\n%s, it was\n%s", now, became)
			}
		})
	}
	for _, verb := range []board.Verb{board.AuthorUnsealed, board.LinkCreated, board.LinkRevoked} {
		done[verb] = true // these stay done: see TestWhatStaysDone
	}
	if len(done) != 26 {
		t.Errorf("%d verbs are tried", len(done))
	}
}

func gone(doc board.Document) bool {
	sec, ok := doc.(*board.Section)
	return doc.Head().Deleted() || ok && sec.Removed()
}

// actOf is what was last done to a document.
func (f *fixture) actOf(id board.ID) *board.Act {
	f.t.Helper()
	acts := f.log()
	for _, act := range slices.Backward(acts) {
		if act.Parent == id {
			return act
		}
	}
	f.t.Fatalf("nothing in the log about %s", id)
	return nil
}

func TestWhatStaysDone(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{}))(t)
	created := f.actOf(link.ID)
	f.clock.pass(time.Second)
	must(f.RevokeLink(ctx, trainer, f.board, link.ID))(t)
	f.clock.pass(time.Second)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	if !f.actOf(post.ID).Undoable() {
		t.Error("a post that was made cannot be undone")
	}
	f.clock.pass(time.Second)
	must(f.Unseal(ctx, f.as(4, board.RoleOwner), f.board, post.ID, "menaces"))(t)
	unsealed := f.actOf(post.ID)
	if unsealed.Done.Reason != "menaces" || unsealed.Done.Verb != board.AuthorUnsealed {
		t.Fatalf("the log says %+v", unsealed.Done)
	}
	for _, act := range []*board.Act{created, f.actOf(link.ID), unsealed} {
		_, err := f.Undo(ctx, trainer, f.board, act.ID)
		wantCode(t, err, fault.Conflict, "not_undoable")
		if act.Undoable() {
			t.Errorf("%s is told to be undoable", act.Done.Verb)
		}
	}
	_, err := f.Unseal(ctx, trainer, f.board, post.ID, "curieux")
	wantCode(t, err, fault.Forbidden, "forbidden")
	_, err = f.Unseal(ctx, f.as(4, board.RoleOwner), f.board, post.ID, " ")
	wantCode(t, err, fault.Invalid, "reason_required")
}

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

// TestNoEntryOfTheLogIsLost lets the log refuse between a change and its entry:
// the next change writes it, or the relay, which finds the change unpublished.
func TestNoEntryOfTheLogIsLost(t *testing.T) {
	ctx := t.Context()
	verbs := func(f *fixture, id board.ID) string {
		var out []string
		acts := must(f.store.ListUnder(ctx, f.board, board.KindAct, id))(f.t)
		slices.SortFunc(acts, func(a, b board.Document) int { return int(a.(*board.Act).TargetRev - b.(*board.Act).TargetRev) })
		for _, act := range acts {
			out = append(out, string(act.(*board.Act).Done.Verb))
		}
		return strings.Join(out, " ")
	}
	for name, finish := range map[string]func(f *fixture, post board.ID){
		"the next change completes it": func(f *fixture, post board.ID) {
			must(f.DeletePost(ctx, f.as(3, board.RoleModerator), f.board, post, 0))(f.t)
		},
		"the relay completes it": func(f *fixture, _ board.ID) {
			docs := must(f.store.Unpublished(ctx, f.clock.Now().Add(time.Hour), 100))(f.t)
			for _, doc := range docs {
				if err := f.LogDeed(ctx, doc); err != nil {
					f.t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			author := f.as(1, board.RoleWriter)
			f.faults.acts.Store(true)
			f.told = nil
			if _, err := f.CreatePost(ctx, author, f.board, board.NewPost{ID: testID(50), Title: "un"}); err == nil {
				t.Fatal("acknowledged what is not logged")
			}
			if len(f.told) != 0 {
				t.Fatal("published what is not logged: its mark would be cleared, and nobody would look again")
			}
			f.faults.acts.Store(false)
			f.post(author, board.NewPost{ID: testID(50), Title: "un"}) // the client tries again: one post
			finish(f, testID(50))
			if got := verbs(f, testID(50)); !strings.HasPrefix(got, "post.created") || strings.Count(got, "post.created") != 1 {
				t.Fatalf("the log has %q", got)
			}
			f.faults.acts.Store(true)
			_, err := f.RejectPost(ctx, f.as(3, board.RoleModerator), f.board, testID(50), "non")
			if err == nil {
				t.Fatal("acknowledged what is not logged")
			}
		})
	}
}

// TestVersionsAreWhatThePostWas goes through edits, moves, moderation, an undo
// and a revert, in one millisecond: the order is that of revisions.
func TestVersionsAreWhatThePostWas(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	sec := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(t).ID
	post := f.post(author, board.NewPost{Title: "1"})
	edit := func(to string) {
		must(f.EditPost(ctx, author, f.board, post.ID, 0, board.PostEdit{Title: &to}))(t)
	}
	edit("2")
	f.move(author, post.ID, sec)
	edit("4")
	must(f.RejectPost(ctx, trainer, f.board, post.ID, "non"))(t)
	must(f.ApprovePost(ctx, trainer, f.board, post.ID))(t)
	edit("7")
	must(f.RevertPost(ctx, author, f.board, post.ID, 7, 2))(t)
	var undo board.ID
	for _, act := range f.log() {
		if act.TargetRev == 8 && act.Parent == post.ID {
			undo = act.ID
		}
	}
	must(f.Undo(ctx, author, f.board, undo))(t)
	versions := must(f.Versions(ctx, author, f.board, post.ID))(t)
	var got []string
	for _, v := range versions {
		got = append(got, fmt.Sprintf("%d=%s", v.TargetRev, v.Post.Title))
	}
	if want := "9=7 8=2 7=7 4=4 2=2 1=1"; strings.Join(got, " ") != want {
		t.Fatalf("versions %v, want %s", got, want)
	}
	if _, err := f.Versions(ctx, f.as(2, board.RoleWriter), f.board, post.ID); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("another reads them: %v", err)
	}
	if _, err := f.RevertPost(ctx, author, f.board, post.ID, 9, 3); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("reverted to what is no version: %v", err)
	}
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

package board_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// log reads the activity log, oldest first.
func (f *fixture) log() []*board.Act {
	f.t.Helper()
	acts, _, err := f.Activity(f.t.Context(), f.as(3, board.RoleModerator), f.board, board.ActivityQuery{})
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
	comment := func(id board.ID) (*board.Comment, error) {
		return f.CreateComment(ctx, author, f.board, newPost(), board.NewComment{ID: id, Body: "un mot"})
	}
	newComment := func() board.ID { return must(comment(id()))(f.t).ID }
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
		{board.CommentCreated, author, board.KindComment, nothing, func(id board.ID) error { return err(comment(id)) }},
		{board.CommentEdited, author, board.KindComment, newComment, func(id board.ID) error {
			return err(f.EditComment(ctx, author, f.board, id, 1, "deux mots"))
		}},
		{board.CommentDeleted, author, board.KindComment, newComment, func(id board.ID) error { return err(f.DeleteComment(ctx, author, f.board, id)) }},
		{board.CommentRestored, author, board.KindComment, func() board.ID {
			c := newComment()
			must(f.DeleteComment(ctx, author, f.board, c))(f.t)
			return c
		}, func(id board.ID) error { return err(f.RestoreComment(ctx, author, f.board, id)) }},
		{board.CommentApproved, trainer, board.KindComment, func() board.ID {
			c := newComment()
			must(f.RejectComment(ctx, trainer, f.board, c, "non"))(f.t)
			return c
		}, func(id board.ID) error { return err(f.ApproveComment(ctx, trainer, f.board, id)) }},
		{board.CommentRejected, trainer, board.KindComment, newComment, func(id board.ID) error {
			return err(f.RejectComment(ctx, trainer, f.board, id, "non"))
		}},
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
			return err(f.SettleReports(ctx, trainer, board.Key{Board: f.board, Kind: board.KindPost, ID: f.stored(board.KindReport, id).(*board.Report).Post}))
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
			if d.kind != board.KindPost && d.kind != board.KindComment && d.kind != board.KindSection && d.kind != board.KindGroup || !strings.HasSuffix(string(d.verb), ".created") {
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
	if len(done) != 32 {
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
	for _, act := range []*board.Act{created, unsealed} {
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

package board_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func (f *fixture) comment(p board.Principal, post board.ID, in board.NewComment) *board.Comment {
	f.t.Helper()
	if in.Body == "" {
		in.Body = "<p>un mot</p>"
	}
	return must(f.CreateComment(f.t.Context(), p, f.board, post, in))(f.t)
}

// thread is what somebody reads of a post's comments, by their texts.
func (f *fixture) thread(p board.Principal, post board.ID) string {
	f.t.Helper()
	page := must(f.Comments(f.t.Context(), p, f.board, post, board.CommentQuery{}))(f.t)
	var out []string
	for _, c := range page.Comments {
		out = append(out, c.Body)
	}
	return strings.Join(out, ", ")
}

func TestS3_CommentingTwiceIsOneComment(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(2, board.RoleCommenter)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	for range 2 {
		if c := f.comment(me, post.ID, board.NewComment{ID: testID(50)}); c.Rev != 1 || c.Author.Name != me.Name || c.Post != post.ID {
			t.Fatalf("got %+v", c)
		}
	}
	_, err := f.CreateComment(ctx, f.as(3, board.RoleModerator), f.board, post.ID, board.NewComment{ID: testID(50), Body: "x"})
	wantCode(t, err, fault.Exists, "id_taken")
	other := f.post(f.as(2, board.RoleWriter), board.NewPost{Title: "autre"})
	_, err = f.CreateComment(ctx, me, f.board, other.ID, board.NewComment{ID: testID(50), Body: "x"})
	wantCode(t, err, fault.Exists, "id_taken")
	must(f.DeleteComment(ctx, me, f.board, testID(50)))(t)
	if again := f.comment(me, post.ID, board.NewComment{ID: testID(50)}); !again.Deleted() {
		t.Error("a late retry brings back what was deleted")
	}
}

func TestReadingALongThreadAsksForItsPostOnce(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(author, board.NewPost{Title: "un"})
	cost := func(read func()) int64 {
		before := f.faults.reads.Load()
		read()
		return f.faults.reads.Load() - before
	}
	thread := func() { must(f.Comments(ctx, author, f.board, post.ID, board.CommentQuery{}))(t) }
	trash := func() { must(f.TrashedComments(ctx, trainer, f.board))(t) }
	say := func() {
		f.comment(author, post.ID, board.NewComment{})
		must(f.DeleteComment(ctx, author, f.board, f.comment(author, post.ID, board.NewComment{}).ID))(t)
	}
	say()
	one, oneGone := cost(thread), cost(trash)
	for range 9 {
		say()
	}
	if ten, tenGone := cost(thread), cost(trash); ten != one || tenGone != oneGone {
		t.Fatalf("ten comments cost %d reads and one %d; in the trash %d and %d", ten, one, tenGone, oneGone)
	}
}

func TestWhatACommentMayBe(t *testing.T) {
	f := newFixture(t)
	me, trainer := f.as(2, board.RoleCommenter), f.as(3, board.RoleModerator)
	video := board.Attachment{ID: testID(60), Type: board.AttachmentLink, URL: "https://example.org/v"}
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un", Attachments: []board.Attachment{video}})
	pending := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "deux"})
	must(f.RejectPost(t.Context(), trainer, f.board, pending.ID, ""))(t)
	first := f.comment(me, post.ID, board.NewComment{})
	reply := f.comment(me, post.ID, board.NewComment{ReplyTo: first.ID})
	gone := f.comment(me, post.ID, board.NewComment{})
	must(f.DeleteComment(t.Context(), me, f.board, gone.ID))(t)
	nobody := me
	nobody.Name = ""
	for name, tc := range map[string]struct {
		by   board.Principal
		post board.ID
		in   board.NewComment
		kind fault.Kind
		code string
	}{
		"nothing":                         {me, post.ID, board.NewComment{Body: "<p> </p>"}, fault.Invalid, "required"},
		"too much":                        {me, post.ID, board.NewComment{Body: strings.Repeat("é", board.MaxCommentBody+1)}, fault.Invalid, "too_long"},
		"to nothing":                      {me, testID(404), board.NewComment{Body: "x"}, fault.NotFound, "not_found"},
		"to a post off the wall":          {trainer, pending.ID, board.NewComment{Body: "x"}, fault.Conflict, "post_not_published"},
		"to a post that one cannot see":   {me, pending.ID, board.NewComment{Body: "x"}, fault.NotFound, "not_found"},
		"without a name":                  {nobody, post.ID, board.NewComment{Body: "x"}, fault.Invalid, "name_required"},
		"as a reader":                     {f.as(9, board.RoleReader), post.ID, board.NewComment{Body: "x"}, fault.Forbidden, "forbidden"},
		"in reply to a reply":             {me, post.ID, board.NewComment{Body: "x", ReplyTo: reply.ID}, fault.Conflict, "reply_gone"},
		"in reply to what was deleted":    {me, post.ID, board.NewComment{Body: "x", ReplyTo: gone.ID}, fault.Conflict, "reply_gone"},
		"about another post's video":      {me, post.ID, board.NewComment{Body: "x", Attachment: testID(61)}, fault.Invalid, "attachment_unknown"},
		"at a time of nothing":            {me, post.ID, board.NewComment{Body: "x", At: 3}, fault.Invalid, "out_of_range"},
		"before the video begins":         {me, post.ID, board.NewComment{Body: "x", Attachment: video.ID, At: -1}, fault.Invalid, "out_of_range"},
		"a day after the video has ended": {me, post.ID, board.NewComment{Body: "x", Attachment: video.ID, At: board.MaxCommentAt + 1}, fault.Invalid, "out_of_range"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.CreateComment(t.Context(), tc.by, f.board, tc.post, tc.in)
			wantCode(t, err, tc.kind, tc.code)
		})
	}
	at := f.comment(me, post.ID, board.NewComment{Attachment: video.ID, At: 83})
	if at.Attachment != video.ID || at.At != 83 {
		t.Errorf("about %+v", at)
	}
}

func TestCommentsAreModeratedAsPostsAre(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other, trainer := f.as(2, board.RoleCommenter), f.as(4, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	f.set(board.SettingsEdit{Words: &[]string{"zut"}})
	held := f.comment(author, post.ID, board.NewComment{Body: "<p>Zut !</p>"})
	if held.State != board.StatePending || held.Held != "zut" {
		t.Fatalf("got %+v", held)
	}
	for who, want := range map[*board.Principal]string{&author: "<p>Zut !</p>", &trainer: "<p>Zut !</p>", &other: ""} {
		if got := f.thread(*who, post.ID); got != want {
			t.Errorf("%s reads %q", who.Name, got)
		}
	}
	if _, err := f.ReadComment(ctx, other, f.board, held.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another reads it: %v", err)
	}
	must(f.ApproveComment(ctx, trainer, f.board, held.ID))(t)
	if got := f.thread(other, post.ID); got != "<p>Zut !</p>" {
		t.Errorf("approved, others read %q", got)
	}
	edited := must(f.EditComment(ctx, author, f.board, held.ID, 2, "<p>zut encore</p>"))(t)
	if edited.State != board.StatePending {
		t.Error("an edit of what was approved is not seen again")
	}
	rejected := must(f.RejectComment(ctx, trainer, f.board, held.ID, "restez poli"))(t)
	if rejected.State != board.StateRejected || rejected.Reason != "restez poli" || f.thread(other, post.ID) != "" {
		t.Errorf("rejected, it is %+v", rejected)
	}
	f.set(board.SettingsEdit{Words: &[]string{}, Moderation: ptr(board.ModerationAll)})
	if c := f.comment(author, post.ID, board.NewComment{}); c.State != board.StatePending {
		t.Error("not seen before the others")
	}
	if c := f.comment(trainer, post.ID, board.NewComment{}); c.State != board.StatePublished {
		t.Error("a trainer waits for themselves")
	}
}

func TestAnybodyReportsACommentOnce(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer, reader := f.as(3, board.RoleModerator), f.as(9, board.RoleReader)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	c := f.comment(f.as(2, board.RoleCommenter), post.ID, board.NewComment{})
	first := must(f.ReportComment(ctx, reader, f.board, c.ID, "gênant"))(t)
	again := must(f.ReportComment(ctx, reader, f.board, c.ID, "encore"))(t)
	if first.ID != again.ID || first.Comment != c.ID || first.Post != post.ID {
		t.Fatalf("reported as %+v and %+v", first, again)
	}
	ofPost := must(f.ReportPost(ctx, reader, f.board, post.ID, "aussi"))(t)
	settled := must(f.SettleReports(ctx, trainer, board.KeyOf(c)))(t)
	if len(settled) != 1 || !settled[0].Settled || f.stored(board.KindReport, ofPost.ID).(*board.Report).Settled {
		t.Errorf("settled %+v", settled)
	}
	must(f.DeleteComment(ctx, trainer, f.board, c.ID))(t)
	if _, err := f.ReportComment(ctx, f.as(10, board.RoleReader), f.board, c.ID, ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what is gone was reported: %v", err)
	}
}

func TestWhoMayTouchAComment(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other, trainer := f.as(2, board.RoleCommenter), f.as(4, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	c := f.comment(author, post.ID, board.NewComment{})
	for name, p := range map[string]board.Principal{"another": other, "the post's author": f.as(1, board.RoleWriter)} {
		_, err := f.EditComment(ctx, p, f.board, c.ID, 1, "autre")
		wantCode(t, err, fault.Forbidden, "forbidden")
		if _, err := f.DeleteComment(ctx, p, f.board, c.ID); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s deletes it: %v", name, err)
		}
	}
	if _, err := f.EditComment(ctx, trainer, f.board, c.ID, 1, "autre"); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a trainer puts words into another's mouth: %v", err)
	}
	_, err := f.EditComment(ctx, author, f.board, c.ID, 1, "<p>deux</p>")
	if err != nil {
		t.Fatal(err)
	}
	var conflict *board.ConflictError
	if _, err = f.EditComment(ctx, author, f.board, c.ID, 1, "<p>trois</p>"); !errors.As(err, &conflict) {
		t.Fatalf("an old revision: %v", err)
	}
	must(f.DeleteComment(ctx, trainer, f.board, c.ID))(t)
	if _, err := f.RestoreComment(ctx, author, f.board, c.ID); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("its author restores what a trainer deleted: %v", err)
	}
	must(f.RestoreComment(ctx, trainer, f.board, c.ID))(t)
	must(f.DeleteComment(ctx, author, f.board, c.ID))(t)
	f.clock.pass(board.UndoWindow + time.Second)
	_, err = f.RestoreComment(ctx, author, f.board, c.ID)
	wantCode(t, err, fault.Conflict, "undo_too_late")
	if trash := must(f.TrashedComments(ctx, trainer, f.board))(t); len(trash) != 1 || trash[0].ID != c.ID {
		t.Errorf("the trash has %+v", trash)
	}
}

// TestALockedSectionTakesNoComments, nor does a frozen wall.
func TestALockedSectionTakesNoComments(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	sec := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	post := f.post(author, board.NewPost{Title: "un", Section: sec.ID})
	c := f.comment(author, post.ID, board.NewComment{})
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactLike)})
	tries := func() []error {
		_, created := f.CreateComment(ctx, author, f.board, post.ID, board.NewComment{Body: "x"})
		_, edited := f.EditComment(ctx, author, f.board, c.ID, 0, "x")
		_, deleted := f.DeleteComment(ctx, author, f.board, c.ID)
		return []error{created, edited, deleted}
	}
	f.section(sec.ID, board.SectionEdit{Locked: ptr(true)})
	for _, err := range tries() {
		wantCode(t, err, fault.Closed, "section_locked")
	}
	must(f.React(ctx, author, f.board, post.ID, 1))(t) // which changes nothing of what is in it
	f.section(sec.ID, board.SectionEdit{Locked: ptr(false)})
	f.bring(board.Settings{}, board.PhaseFrozen)
	_, reacted := f.React(ctx, author, f.board, post.ID, 0)
	for _, err := range append(tries(), reacted) {
		wantCode(t, err, fault.Closed, "board_frozen")
	}
}

func TestCommentsGoAndComeBackWithTheirPost(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(author, board.NewPost{Title: "un"})
	c := f.comment(f.as(2, board.RoleCommenter), post.ID, board.NewComment{Body: "confidence"})
	trashed := f.comment(author, post.ID, board.NewComment{Body: "confidence"})
	must(f.DeleteComment(ctx, author, f.board, trashed.ID))(t)
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactStars)})
	must(f.React(ctx, trainer, f.board, post.ID, 4))(t)
	must(f.DeletePost(ctx, author, f.board, post.ID, 0))(t)
	if _, err := f.Comments(ctx, trainer, f.board, post.ID, board.CommentQuery{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the thread of a deleted post: %v", err)
	}
	if trash := must(f.TrashedComments(ctx, trainer, f.board))(t); len(trash) != 0 {
		t.Errorf("the trash has what comes back with its post: %+v", trash)
	}
	must(f.RestorePost(ctx, author, f.board, post.ID))(t)
	if got := f.thread(author, post.ID); got != "confidence" {
		t.Errorf("it came back with %q", got)
	}
	must(f.DeletePost(ctx, author, f.board, post.ID, 0))(t)
	f.clock.pass(board.TrashKept + time.Second)
	f.purge()
	for _, kind := range board.Kinds() {
		docs := must(f.store.List(ctx, f.board, kind))(t)
		for _, id := range []board.ID{post.ID, c.ID, trashed.ID} {
			docs = append(docs, must(f.store.ListUnder(ctx, f.board, kind, id))(t)...)
		}
		for _, doc := range docs {
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), "confidence") || kind == board.KindReactions {
				t.Errorf("a %s still says %s", kind, data)
			}
		}
	}
	for _, id := range []board.ID{c.ID, trashed.ID} {
		if doc := f.stored(board.KindComment, id).(*board.Comment); !doc.Deleted() || doc.Body != "" || doc.Author.ID != "" {
			t.Errorf("purged, it is %+v", doc)
		}
	}
}

func TestAThreadIsReadInPages(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(2, board.RoleCommenter)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	var ids []board.ID
	for i := range 7 {
		f.clock.pass(time.Second)
		// Ids are of clients, whose clocks may be wrong.
		ids = append(ids, f.comment(me, post.ID, board.NewComment{ID: testID(900 - i), Body: fmt.Sprint(i)}).ID)
	}
	must(f.DeleteComment(ctx, me, f.board, ids[4]))(t)
	page := func(before board.ID) (text string, more bool) {
		got := must(f.Comments(ctx, me, f.board, post.ID, board.CommentQuery{Before: before, Limit: 3}))(t)
		for _, c := range got.Comments {
			text += c.Body
		}
		return text, got.More
	}
	for _, tc := range []struct {
		before board.ID
		text   string
		more   bool
	}{{"", "356", true}, {ids[3], "012", false}, {ids[4], "123", true}, {ids[0], "", false}} {
		if text, more := page(tc.before); text != tc.text || more != tc.more {
			t.Errorf("before %q: %q, %v", tc.before, text, more)
		}
	}
}

func TestAPostTakesSoManyComments(t *testing.T) {
	f := newFixture(t)
	me := f.as(2, board.RoleCommenter)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	// Straight into the store: the count is what is looked at.
	for i := range board.MaxComments - 1 {
		c := &board.Comment{Post: post.ID, Body: "x"}
		c.ID, c.Board, c.Parent, c.Rev = testID(10_000+i), f.board, post.ID, 1
		c.CreatedAt, c.UpdatedAt = f.clock.Now(), f.clock.Now()
		if i == 0 {
			c.DeletedAt = f.clock.Now()
		}
		if err := f.store.Insert(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	f.comment(me, post.ID, board.NewComment{})
	f.comment(me, post.ID, board.NewComment{})
	_, err := f.CreateComment(t.Context(), me, f.board, post.ID, board.NewComment{Body: "x"})
	wantCode(t, err, fault.Conflict, "comments_limit_reached")
}

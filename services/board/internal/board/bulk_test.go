package board_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// several makes posts of one author.
func (f *fixture) several(p board.Principal, n int) []board.ID {
	f.t.Helper()
	out := make([]board.ID, 0, n)
	for range n {
		f.clock.pass(time.Second)
		out = append(out, f.post(p, board.NewPost{Title: "un"}).ID)
	}
	return out
}

func items(posts ...board.ID) []board.BulkItem {
	out := make([]board.BulkItem, 0, len(posts))
	for _, id := range posts {
		out = append(out, board.BulkItem{Post: id})
	}
	return out
}

// states tells what became of each, by the code of its refusal or its post.
func outcomes(results []board.BulkResult) []string {
	out := make([]string, 0, len(results))
	for _, r := range results {
		switch fl, refused := fault.As(r.Err); {
		case refused:
			out = append(out, fl.Code)
		case r.Post.Deleted():
			out = append(out, "deleted")
		case r.Post.State != board.StatePublished:
			out = append(out, string(r.Post.State))
		default:
			out = append(out, "rev "+string('0'+rune(r.Post.Rev)))
		}
	}
	return out
}

func wantOutcomes(t *testing.T, results []board.BulkResult, want ...string) {
	t.Helper()
	if got := outcomes(results); !slices.Equal(got, want) {
		t.Fatalf("it came to %q, want %q", got, want)
	}
}

func TestOneActOnSeveralPostsTellsOfEach(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	posts := f.several(author, 4)
	must(f.EditPost(ctx, author, f.board, posts[1], 1, board.PostEdit{Title: ptr("deux")}))(t)
	must(f.DeletePost(ctx, author, f.board, posts[2], 1))(t)
	in := board.NewBulk{ID: testID(900), Act: board.BulkReject, Reason: "hors sujet", Items: []board.BulkItem{
		{Post: posts[0], Rev: 1}, {Post: posts[1], Rev: 1}, {Post: posts[2]}, {Post: posts[3]}, {Post: testID(404)},
	}}
	results := must(f.ChangePosts(ctx, trainer, f.board, in))(t)
	wantOutcomes(t, results, "rejected", "revision_conflict", "not_found", "rejected", "not_found")
	if post := results[3].Post; post.Reason != "hors sujet" {
		t.Fatalf("it says %q", post.Reason)
	}
}

func TestABulkMovesColoursApprovesAndDeletes(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	f.set(board.SettingsEdit{Moderation: ptr(board.ModerationAll)})
	posts := f.several(f.as(1, board.RoleWriter), 2)
	section := must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	do := func(n int, act board.BulkAct, change func(*board.NewBulk)) []*board.Post {
		t.Helper()
		in := board.NewBulk{ID: testID(900 + n), Act: act, Items: items(posts...)}
		change(&in)
		var out []*board.Post
		for _, r := range must(f.ChangePosts(ctx, trainer, f.board, in))(t) {
			if r.Err != nil {
				t.Fatalf("%s: %v", act, r.Err)
			}
			out = append(out, r.Post)
		}
		return out
	}
	moved := do(1, board.BulkMove, func(in *board.NewBulk) {
		for i := range in.Items {
			in.Items[i].Section, in.Items[i].Order = &section.ID, string('b'+rune(i))
		}
	})
	if moved[0].Section != section.ID || moved[1].Order != "c" {
		t.Fatalf("moved to %+v", moved[1])
	}
	if coloured := do(2, board.BulkColour, func(in *board.NewBulk) { in.Colour = "teal" }); coloured[1].Colour != "teal" {
		t.Fatalf("coloured %q", coloured[1].Colour)
	}
	if approved := do(3, board.BulkApprove, func(*board.NewBulk) {}); approved[0].State != board.StatePublished {
		t.Fatalf("approved is %q", approved[0].State)
	}
	if gone := do(4, board.BulkDelete, func(*board.NewBulk) {}); !gone[0].Deleted() || !gone[1].Deleted() {
		t.Fatal("they are still there")
	}
}

func TestAnAuthorsBulkIsSeenAgainAsTheirEditIs(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author := f.as(1, board.RoleWriter)
	posts := f.several(author, 2)
	f.set(board.SettingsEdit{Moderation: ptr(board.ModerationAll)})
	must(f.EditPost(ctx, author, f.board, posts[0], 1, board.PostEdit{Colour: ptr(board.Colour("teal"))}))(t)
	in := board.NewBulk{ID: testID(900), Act: board.BulkColour, Colour: "red", Items: items(posts...)}
	wantOutcomes(t, must(f.ChangePosts(ctx, author, f.board, in))(t), "pending", "pending")
}

// TestS3_ABulkAskedForAgainDoesNothingTwice: neither at once, nor after others
// have taken back what it did.
func TestS3_ABulkAskedForAgainDoesNothingTwice(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer, other := f.as(3, board.RoleModerator), f.as(4, board.RoleModerator)
	posts := f.several(f.as(1, board.RoleWriter), 2)
	in := board.NewBulk{ID: testID(900), Act: board.BulkDelete, Items: items(posts...)}
	first := must(f.ChangePosts(ctx, trainer, f.board, in))(t)
	again := must(f.ChangePosts(ctx, trainer, f.board, in))(t)
	if again[0].Post.Rev != first[0].Post.Rev {
		t.Fatalf("a repeat brought it to %d", again[0].Post.Rev)
	}
	must(f.RestorePost(ctx, other, f.board, posts[0]))(t)
	wantOutcomes(t, must(f.ChangePosts(ctx, trainer, f.board, in))(t), "rev 3", "deleted")
	for name, changed := range map[string]board.NewBulk{
		"other posts": {ID: in.ID, Act: in.Act, Items: items(posts[0])},
		"another act": {ID: in.ID, Act: board.BulkColour, Items: in.Items},
	} {
		if _, err := f.ChangePosts(ctx, trainer, f.board, changed); fault.KindOf(err) != fault.Exists {
			t.Errorf("the same id for %s: %v", name, err)
		}
	}
	if _, err := f.ChangePosts(ctx, other, f.board, in); fault.KindOf(err) != fault.Exists {
		t.Errorf("the same id of another: %v", err)
	}
}

func TestABulkThatACrashCutShortIsGoneOnWith(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	posts := f.several(f.as(1, board.RoleWriter), 6)
	in := board.NewBulk{ID: testID(900), Act: board.BulkDelete, Items: items(posts...)}
	f.faults.acts.Store(true) // the log cannot be written: what was changed is told by its own deed
	if _, err := f.ChangePosts(ctx, trainer, f.board, in); err == nil {
		t.Fatal("no failure came through")
	}
	f.faults.acts.Store(false)
	results := must(f.ChangePosts(ctx, trainer, f.board, in))(t)
	wantOutcomes(t, results, "deleted", "deleted", "deleted", "deleted", "deleted", "deleted")
	for _, r := range results {
		if r.Post.Rev != 2 {
			t.Errorf("deleted twice: %d", r.Post.Rev)
		}
	}
	wantOutcomes(t, must(f.UndoBulk(ctx, trainer, f.board, in.ID))(t), "rev 3", "rev 3", "rev 3", "rev 3", "rev 3", "rev 3")
}

func TestARefusalThatACrashCutShortSettlesItsReports(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	post := f.several(f.as(1, board.RoleWriter), 1)[0]
	report := must(f.ReportPost(ctx, f.as(2, board.RoleReader), f.board, post, "méchant"))(t)
	in := board.NewBulk{ID: testID(900), Act: board.BulkReject, Items: items(post)}
	f.faults.failWrites(3) // the bulk, the post and its act
	if _, err := f.ChangePosts(ctx, trainer, f.board, in); err == nil {
		t.Fatal("no failure came through")
	}
	f.faults.failWrites(-1)
	wantOutcomes(t, must(f.ChangePosts(ctx, trainer, f.board, in))(t), "rejected")
	kept := must(f.store.Get(ctx, board.KeyOf(report)))(t)
	if !kept.(*board.Report).Settled {
		t.Fatal("the report waits for a trainer who has seen to it")
	}
	wantOutcomes(t, must(f.UndoBulk(ctx, trainer, f.board, in.ID))(t), "rev 3")
	wantOutcomes(t, must(f.ChangePosts(ctx, trainer, f.board, in))(t), "rev 3")
	if kept = must(f.store.Get(ctx, board.KeyOf(report)))(t); kept.(*board.Report).Settled {
		t.Fatal("asking again settles what was opened again")
	}
}

func TestABulkIsTakenBackAtOnce(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	posts := f.several(author, 3)
	must(f.ReportPost(ctx, f.as(2, board.RoleReader), f.board, posts[0], "méchant"))(t)
	in := board.NewBulk{ID: testID(900), Act: board.BulkReject, Items: items(posts...)}
	must(f.ChangePosts(ctx, trainer, f.board, in))(t)
	settled := func() bool {
		docs := must(f.store.ListUnder(ctx, f.board, board.KindReport, posts[0]))(t)
		return docs[0].(*board.Report).Settled
	}
	if !settled() {
		t.Fatal("who refused it has not seen the report")
	}
	f.clock.pass(time.Second)
	must(f.ApprovePost(ctx, trainer, f.board, posts[2]))(t)
	back := must(f.UndoBulk(ctx, trainer, f.board, in.ID))(t)
	wantOutcomes(t, back, "rev 3", "rev 3", "changed_since")
	if settled() {
		t.Fatal("the report is not open again")
	}
	wantOutcomes(t, must(f.UndoBulk(ctx, trainer, f.board, in.ID))(t), "rev 3", "rev 3", "changed_since")
	acts, _, err := f.Activity(ctx, trainer, f.board, board.ActivityQuery{Target: posts[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range acts[:2] {
		if act.Done.Bulk == "" {
			t.Errorf("%s is told by itself", act.Done.Verb)
		}
	}
}

func TestWhoMayNotDoOneThingMayNotDoMany(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	mine, theirs := f.several(author, 2), f.several(other, 1)
	results := must(f.ChangePosts(ctx, author, f.board, board.NewBulk{ID: testID(900), Act: board.BulkDelete, Items: items(mine[0], theirs[0])}))(t)
	wantOutcomes(t, results, "deleted", "forbidden")
	for n, act := range []board.BulkAct{board.BulkApprove, board.BulkReject} {
		_, err := f.ChangePosts(ctx, author, f.board, board.NewBulk{ID: testID(910 + n), Act: act, Items: items(mine[1])})
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a writer may %s: %v", act, err)
		}
	}
	if _, err := f.UndoBulk(ctx, other, f.board, testID(900)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("another takes it back: %v", err)
	}
	f.clock.pass(board.UndoWindow + time.Second)
	wantOutcomes(t, must(f.UndoBulk(ctx, author, f.board, testID(900)))(t), "undo_too_late", "rev 1")
	for name, in := range map[string]board.NewBulk{
		"nothing":      {Act: board.BulkDelete},
		"too many":     {Act: board.BulkDelete, Items: make([]board.BulkItem, board.MaxBulk+1)},
		"twice":        {Act: board.BulkDelete, Items: items(mine[1], mine[1])},
		"unknown":      {Act: "burn", Items: items(mine[1])},
		"taking back":  {Act: board.BulkUndo, Items: items(mine[1])},
		"a long story": {Act: board.BulkDelete, Items: items(mine[1]), Reason: strings.Repeat("a", board.MaxReason+1)},
	} {
		in.ID = testID(920)
		if _, err := f.ChangePosts(ctx, author, f.board, in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheLogIsAskedForWhatIsLookedFor(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	posts := f.several(author, 3)
	f.clock.pass(time.Minute)
	late := f.clock.Now().Truncate(time.Millisecond)
	must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	f.clock.pass(time.Second)
	must(f.RejectPost(ctx, trainer, f.board, posts[0], "non"))(t)
	verbs := func(q board.ActivityQuery) []board.Verb {
		t.Helper()
		var out []board.Verb
		for {
			acts, next, err := f.Activity(ctx, trainer, f.board, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, act := range acts {
				out = append(out, act.Done.Verb)
			}
			if q.Before = next; next == "" {
				return out
			}
		}
	}
	created := []board.Verb{board.PostCreated, board.PostCreated, board.PostCreated}
	for name, tc := range map[string]struct {
		q    board.ActivityQuery
		want []board.Verb
	}{
		"one at a time": {board.ActivityQuery{Limit: 1}, append([]board.Verb{board.PostRejected, board.SectionCreated}, created...)},
		"since":         {board.ActivityQuery{Since: late}, []board.Verb{board.PostRejected, board.SectionCreated}},
		"of a kind":     {board.ActivityQuery{Limit: 1, Targets: []board.Kind{board.KindSection}}, []board.Verb{board.SectionCreated}},
		"of a post":     {board.ActivityQuery{Target: posts[0]}, []board.Verb{board.PostRejected, board.PostCreated}},
		"of a person":   {board.ActivityQuery{Limit: 2, Keep: func(a *board.Act) bool { return a.Done.Actor == author.Participant }}, created},
	} {
		if got := verbs(tc.q); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

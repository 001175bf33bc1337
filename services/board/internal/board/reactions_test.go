package board_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func (f *fixture) given(post board.ID, scale board.Scale) *board.Reactions {
	f.t.Helper()
	doc, err := f.store.Get(f.t.Context(), board.ReactionsKey(f.board, post, scale))
	if fault.KindOf(err) == fault.NotFound {
		return &board.Reactions{}
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return doc.(*board.Reactions)
}

func TestAReactionReplacesTheOneBefore(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	ada, bob := f.as(1, board.RoleWriter), f.as(2, board.RoleReader)
	post := f.post(ada, board.NewPost{Title: "un"})
	_, err := f.React(ctx, bob, f.board, post.ID, 1)
	wantCode(t, err, fault.Conflict, "reactions_off")
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactStars)})
	for _, n := range []int{3, 3, 5} {
		must(f.React(ctx, bob, f.board, post.ID, n))(t)
	}
	given := must(f.React(ctx, ada, f.board, post.ID, 2))(t)
	if total, sum := given.Total(); total != 2 || sum != 7 || given.Rev != 3 {
		t.Errorf("%d gave %d at revision %d", total, sum, given.Rev)
	}
	for _, n := range []int{-1, 6} {
		_, err := f.React(ctx, bob, f.board, post.ID, n)
		wantCode(t, err, fault.Invalid, "out_of_range")
	}
	// Another scale begins anew, and the first is there when it comes back.
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactLike)})
	must(f.React(ctx, bob, f.board, post.ID, 1))(t)
	if total, _ := f.given(post.ID, board.ReactStars).Total(); total != 2 {
		t.Errorf("%d stars are left", total)
	}
	// One's own can be taken back even by whoever may not react any more.
	f.set(board.SettingsEdit{React: ptr(board.RoleWriter)})
	_, err = f.React(ctx, bob, f.board, post.ID, 1)
	wantCode(t, err, fault.Forbidden, "forbidden")
	must(f.React(ctx, bob, f.board, post.ID, 0))(t)
	must(f.React(ctx, bob, f.board, post.ID, 0))(t)
	if total, _ := f.given(post.ID, board.ReactLike).Total(); total != 0 {
		t.Errorf("%d likes are left", total)
	}
	other := f.post(ada, board.NewPost{Title: "deux"})
	if r := must(f.React(ctx, bob, f.board, other.ID, 0))(t); r.Rev != 0 {
		t.Error("taking back what nobody gave is written")
	}
	must(f.RejectPost(ctx, f.as(3, board.RoleModerator), f.board, other.ID, ""))(t)
	_, err = f.React(ctx, ada, f.board, other.ID, 1)
	wantCode(t, err, fault.Conflict, "post_not_published")
}

// TestARoomThatReactsAtOnceIsCountedOnce: everybody several times, as retries do.
func TestARoomThatReactsAtOnceIsCountedOnce(t *testing.T) {
	f := newFixture(t)
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactLike)})
	const people, times = 200, 3
	done, refused := atOnce(people*times, func(n int) error {
		_, err := f.React(context.Background(), f.as(100+n%people, board.RoleReader), f.board, post.ID, 1)
		return err
	})
	given := f.given(post.ID, board.ReactLike)
	if total, _ := given.Total(); done != people*times || total != people {
		t.Fatalf("%d of %d counted, %d answered, refused %v", total, people, done, refused)
	}
	if given.Rev > people/2 {
		t.Errorf("%d writes for %d people: they were not brought together", given.Rev, people)
	}
}

func TestVotesAreExact(t *testing.T) {
	f := newFixture(t)
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactVotes), VotesEach: ptr(5)})
	author, me := f.as(1, board.RoleWriter), f.as(2, board.RoleReader)
	var posts []board.ID
	for range 8 {
		posts = append(posts, f.post(author, board.NewPost{Title: "un"}).ID)
	}
	done, refused := atOnce(24, func(n int) error {
		_, err := f.React(context.Background(), me, f.board, posts[n%8], 1)
		return err
	})
	votes := func() (n int) {
		for _, post := range posts {
			n += f.given(post, board.ReactVotes).Given[me.Participant]
		}
		return n
	}
	if votes() != 5 || done != 15 || refused["votes_spent"] != 9 {
		t.Fatalf("%d votes given, %d answered, refused %v", votes(), done, refused)
	}
	// Whatever comes at once, at no moment are there more.
	for range 30 {
		_, _ = atOnce(6, func(int) error {
			_, err := f.React(context.Background(), me, f.board, posts[rand.IntN(8)], rand.IntN(5))
			return err
		})
		if n := votes(); n > 5 {
			t.Fatalf("%d votes of one person", n)
		}
	}
	for _, post := range posts {
		must(f.React(t.Context(), me, f.board, post, 0))(t)
	}
	must(f.React(t.Context(), me, f.board, posts[0], 5))(t)
	if votes() != 5 {
		t.Errorf("%d votes, after all were taken back", votes())
	}
}

// TestVotesForWhatIsGoneAreFree: for other posts, when they are wanted.
func TestVotesForWhatIsGoneAreFree(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactVotes), VotesEach: ptr(2)})
	author, me, trainer := f.as(1, board.RoleWriter), f.as(2, board.RoleReader), f.as(3, board.RoleModerator)
	gone, purged, here := f.post(author, board.NewPost{Title: "un"}), f.post(author, board.NewPost{Title: "deux"}), f.post(author, board.NewPost{Title: "trois"})
	must(f.React(ctx, me, f.board, purged.ID, 1))(t)
	must(f.DeletePost(ctx, author, f.board, purged.ID, 0))(t)
	f.clock.pass(board.TrashKept)
	f.purge()
	must(f.React(ctx, me, f.board, gone.ID, 1))(t)
	_, err := f.React(ctx, me, f.board, here.ID, 2)
	wantCode(t, err, fault.Conflict, "votes_spent") // one is on the post that is there
	must(f.DeletePost(ctx, author, f.board, gone.ID, 0))(t)
	must(f.React(ctx, me, f.board, here.ID, 2))(t)
	must(f.RestorePost(ctx, trainer, f.board, gone.ID))(t)
	if n := f.given(gone.ID, board.ReactVotes).Given[me.Participant] + f.given(here.ID, board.ReactVotes).Given[me.Participant]; n != 2 {
		t.Errorf("%d votes after the restoration", n)
	}
}

// TestVotesAreExactWhereverTheServiceIsKilled fails each write of a change of
// votes in turn, as a crash does, then goes on with other votes.
func TestVotesAreExactWhereverTheServiceIsKilled(t *testing.T) {
	for fail := range 8 {
		f := newFixture(t)
		ctx := t.Context()
		f.set(board.SettingsEdit{Reactions: ptr(board.ReactVotes), VotesEach: ptr(3)})
		me := f.as(2, board.RoleReader)
		one, two := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"}), f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "deux"})
		must(f.React(ctx, me, f.board, one.ID, 3))(t)
		f.faults.failWrites(fail)
		_, killed := f.React(ctx, me, f.board, one.ID, 1)
		f.faults.failWrites(-1)
		if (killed == nil) != (fail > 2) {
			t.Fatalf("killed at write %d: %v", fail, killed)
		}
		// Another process goes on with what is there.
		if _, err := f.React(ctx, me, f.board, two.ID, 2); err != nil && fail > 0 {
			t.Fatalf("killed at write %d, the votes that were taken back are not free: %v", fail, err)
		}
		sum := func() int {
			return f.given(one.ID, board.ReactVotes).Given[me.Participant] + f.given(two.ID, board.ReactVotes).Given[me.Participant]
		}
		if n := sum(); n > 3 {
			t.Fatalf("killed at write %d: %d votes", fail, n)
		}
		// The retries of the browser.
		must(f.React(ctx, me, f.board, one.ID, 1))(t)
		must(f.React(ctx, me, f.board, two.ID, 2))(t)
		if n := sum(); n != 3 {
			t.Fatalf("killed at write %d, then tried again: %d votes", fail, n)
		}
	}
}

func TestReactionsThatCannotBeWrittenAreRefused(t *testing.T) {
	f := newFixture(t)
	f.set(board.SettingsEdit{Reactions: ptr(board.ReactLike)})
	post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "un"})
	f.faults.failWrites(0)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			if _, err := f.React(context.Background(), f.as(10+i, board.RoleReader), f.board, post.ID, 1); !errors.Is(err, errWriteFailed) {
				t.Errorf("answered %v", err)
			}
		})
	}
	wg.Wait()
	f.faults.failWrites(-1)
	must(f.React(t.Context(), f.as(10, board.RoleReader), f.board, post.ID, 1))(t)
	if total, _ := f.given(post.ID, board.ReactLike).Total(); total != 1 {
		t.Errorf("%d counted", total)
	}
}

package board_test

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

func (f *fixture) upload(p board.Principal, n int) *board.Media {
	f.t.Helper()
	return must(f.BeginMedia(f.t.Context(), p, f.board, board.NewMedia{ID: testID(n), Size: 10, Type: "image/png", Name: "x.png"}))(f.t).Media
}

func (f *fixture) gone(n int) bool { return f.stored(board.KindMedia, testID(n)).Head().Deleted() }

func showing(ids ...int) []board.Attachment {
	out := []board.Attachment{}
	for _, n := range ids {
		out = append(out, board.Attachment{ID: testID(n + 5000), Type: board.AttachmentMedia, Media: testID(n)})
	}
	return out
}

// wantErased looks for what the media service is told of an upload that went.
func (f *fixture) wantErased(n int) {
	f.t.Helper()
	if !f.gone(n) {
		f.t.Fatalf("upload %d is still there", n)
	}
	orders := board.OrdersOf(f.stored(board.KindMedia, testID(n)))
	if len(orders) != 1 || orders[0].Board != f.board || len(orders[0].Erase.Media) != 1 || orders[0].Erase.Media[0] != testID(n) {
		f.t.Fatalf("orders for %d: %+v", n, orders)
	}
}

func TestAnUploadThatNothingShowsIsCollected(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	f.upload(me, 801)
	f.upload(me, 802)
	f.post(me, board.NewPost{Title: "t", Attachments: showing(802)})
	f.clock.pass(board.UnusedKept - time.Minute)
	f.purge()
	if f.gone(801) {
		t.Fatal("collected too early")
	}
	if len(board.OrdersOf(f.stored(board.KindMedia, testID(801)))) > 0 {
		t.Fatal("an upload that is there is ordered away")
	}
	f.clock.pass(2 * time.Minute)
	f.purge()
	f.wantErased(801)
	if f.gone(802) {
		t.Fatal("what a post shows was collected")
	}
	f.clock.pass(10 * board.TrashKept)
	f.purge()
	if f.gone(802) {
		t.Fatal("what a post shows was collected in the end")
	}
}

func TestWhatAPostShowsNoMoreIsCollectedWhenNoVersionCanWantIt(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	f.upload(me, 801)
	post := f.post(me, board.NewPost{Title: "t", Attachments: showing(801)})
	f.clock.pass(2 * board.UnusedKept)
	f.purge()
	first := post.Rev
	post = must(f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Attachments: &[]board.Attachment{}}))(t)
	f.clock.pass(board.TrashKept / 2)
	f.purge()
	post = must(f.RevertPost(ctx, me, f.board, post.ID, post.Rev, first))(t)
	f.clock.pass(board.TrashKept)
	f.purge()
	if f.gone(801) || len(post.Attachments) != 1 {
		t.Fatalf("brought back, and gone: %+v", post)
	}
	post = must(f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Attachments: &[]board.Attachment{}}))(t)
	f.clock.pass(board.TrashKept + time.Minute)
	f.purge()
	f.wantErased(801)
	post = must(f.RevertPost(ctx, me, f.board, post.ID, post.Rev, first))(t)
	if len(post.Attachments) != 0 || post.Title != "t" {
		t.Fatalf("a version comes back with what is no more: %+v", post)
	}
}

// TestACrashBetweenTwoWritesForgetsNoUpload: the upload is the post's, and the
// post was never written.
func TestACrashBetweenTwoWritesForgetsNoUpload(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	m := f.upload(me, 801)
	m = f.stored(board.KindMedia, m.ID).(*board.Media)
	m.Post, m.Rev = testID(900), m.Rev+1
	if err := f.store.Replace(t.Context(), m, m.Rev-1); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(board.UnusedKept + time.Minute)
	f.purge()
	f.wantErased(801)
}

func TestAReplacedBackgroundIsCollected(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(2, board.RoleModerator)
	background := func(n int) {
		b := board.Background{}
		if n > 0 {
			b.Picture = testID(n)
		}
		must(f.EditBoard(ctx, trainer, f.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Background: &b}}))(t)
	}
	f.upload(trainer, 801)
	f.upload(trainer, 802)
	background(801)
	f.clock.pass(2 * board.UnusedKept)
	f.purge()
	if f.gone(801) {
		t.Fatal("the background was collected")
	}
	f.upload(trainer, 803)
	background(803)
	f.clock.pass(board.TrashKept + time.Minute)
	f.purge()
	f.wantErased(801)
	f.wantErased(802)
	background(0)
	f.clock.pass(board.TrashKept + time.Minute)
	f.purge()
	f.wantErased(803)
}

func TestAPurgedPostTakesItsUploadsAlong(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	f.upload(me, 801)
	post := f.post(me, board.NewPost{Title: "t", Attachments: showing(801)})
	f.clock.pass(2 * board.UnusedKept)
	f.purge()
	must(f.DeletePost(ctx, me, f.board, post.ID, 0))(t)
	f.clock.pass(board.TrashKept - time.Minute)
	f.purge()
	if f.gone(801) {
		t.Fatal("gone while its post can be restored")
	}
	f.clock.pass(2 * time.Minute)
	f.purge()
	f.wantErased(801)
}

func TestAPurgedWallOrdersTheErasureOfAllOfIt(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	a := f.trainer()
	me := f.as(1, board.RoleWriter)
	f.upload(me, 801)
	f.upload(me, 802)
	f.post(me, board.NewPost{Title: "t", Attachments: showing(801)})
	if err := f.TrashWall(ctx, a, f.board); err != nil {
		t.Fatal(err)
	}
	whole := func() []board.Order {
		return board.OrdersOf(must(f.store.Get(ctx, board.Key{Board: f.board, Kind: board.KindBoard, ID: f.board}))(t))
	}
	f.clock.pass(board.TrashKept - time.Minute)
	f.purge()
	if f.gone(801) || len(whole()) > 0 {
		t.Fatal("erased while it can be restored")
	}
	f.clock.pass(2 * time.Minute)
	f.purge()
	f.wantErased(801)
	f.wantErased(802)
	if got := whole(); len(got) != 1 || got[0].Erase == nil || len(got[0].Erase.Media) > 0 {
		t.Fatalf("orders %+v", got)
	}
}

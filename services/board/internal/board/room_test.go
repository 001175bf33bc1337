package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// TestAWallThatIsFullTakesNoMore: each replica has all of a wall at hand, so that
// somebody who posts without end would take the memory of all walls.
func TestAWallThatIsFullTakesNoMore(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	f.Room = board.Room{Posts: 20, Text: 20_000}
	me, trainer := f.as(1, board.RoleWriter), f.as(9, board.RoleModerator)
	long := "<p>" + strings.Repeat("é", 1000) + "</p>"
	var posts []*board.Post
	var err error
	for n := 0; err == nil; n++ {
		var p *board.Post
		if p, err = f.CreatePost(ctx, me, f.board, board.NewPost{ID: testID(100 + n), Title: fmt.Sprint(n)}); err == nil {
			posts = append(posts, p)
		}
	}
	wantCode(t, err, fault.Conflict, "wall_full")
	if len(posts) != 20 {
		t.Fatalf("it took %d posts", len(posts))
	}
	_, err = f.CreatePost(ctx, trainer, f.board, board.NewPost{Title: "la consigne"})
	wantCode(t, err, fault.Conflict, "wall_full")
	// Asked again is answered as the first time.
	if p := must(f.CreatePost(ctx, me, f.board, board.NewPost{ID: posts[0].ID, Title: "0"}))(t); p.Rev != 1 {
		t.Errorf("again: %+v", p)
	}
	must(f.DeletePost(ctx, me, f.board, posts[19].ID, 1))(t)
	f.clock.now = f.clock.now.Add(6 * time.Second)
	must(f.CreatePost(ctx, me, f.board, board.NewPost{Title: "à sa place"}))(t)
	f.clock.now = f.clock.now.Add(6 * time.Second)
	_, err = f.RestorePost(ctx, me, f.board, posts[19].ID)
	wantCode(t, err, fault.Conflict, "wall_full")
	// What is written counts as well, also what becomes longer.
	grown := 0
	for _, p := range posts[:19] {
		if _, err = f.EditPost(ctx, me, f.board, p.ID, 1, board.PostEdit{Body: ptr(long)}); err != nil {
			break
		}
		grown++
	}
	wantCode(t, err, fault.Conflict, "wall_full")
	if grown < 3 || grown > 8 {
		t.Errorf("%d posts grew", grown)
	}
	must(f.EditPost(ctx, me, f.board, posts[0].ID, 2, board.PostEdit{Body: ptr("<p>bref</p>")}))(t)
	if f.stored(board.KindPost, posts[18].ID).Head().Rev != 1 {
		t.Error("what was refused was done")
	}
	said := f.comment(me, posts[0].ID, board.NewComment{Body: "<p>un mot</p>"})
	for err = nil; err == nil; {
		_, err = f.CreateComment(ctx, me, f.board, posts[0].ID, board.NewComment{Body: long})
	}
	wantCode(t, err, fault.Conflict, "wall_full")
	_, err = f.EditComment(ctx, me, f.board, said.ID, 1, long)
	wantCode(t, err, fault.Conflict, "wall_full")
}

// TestAnotherReplicasPostsFillAWallToo.
func TestAnotherReplicasPostsFillAWallToo(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	f.Room = board.Room{Posts: 32, Text: 1 << 20}
	other := board.NewService(f.Deps)
	n := 0
	for ; n < 100; n++ {
		at := f.Service
		if n%2 == 1 {
			at = other
		}
		if _, err := at.CreatePost(ctx, f.as(1, board.RoleWriter), f.board, board.NewPost{ID: testID(100 + n), Title: "x"}); err != nil {
			wantCode(t, err, fault.Conflict, "wall_full")
			break
		}
	}
	if n < 32 || n > 36 {
		t.Errorf("it took %d posts", n)
	}
}

package board_test

import (
	"sync/atomic"
	"testing"

	"fresque.dev/services/board/internal/board"
)

// BenchmarkCreatePost posts as a room does: many people at once, each write
// acknowledged after its fsync.
func BenchmarkCreatePost(b *testing.B) {
	f := newFixture(b)
	me := f.as(1, board.RoleWriter)
	var n atomic.Int64
	b.SetParallelism(100)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := testID(1_000_000 + int(n.Add(1)))
			if _, err := f.CreatePost(b.Context(), me, f.board, board.NewPost{ID: id, Title: "un", Body: "<p>deux</p>"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package storetest

import (
	"testing"

	"fresque.dev/services/board/internal/board"
)

// scan reads all that a store has, some at a time.
func scan(t *testing.T, s Store, limit int) []board.Kept {
	t.Helper()
	var all []board.Kept
	for above := (board.Key{}); ; {
		page, err := s.Scan(t.Context(), above, limit)
		if err != nil {
			t.Fatalf("scan: %v", err)
		}
		if all = append(all, page...); len(page) < limit {
			return all
		}
		above = board.KeyOf(page[len(page)-1].Doc)
	}
}

// stocked puts one document of every kind onto two boards, and tombstones; half
// of the marks are cleared.
func stocked(t *testing.T, s Store) map[board.Key]board.Kept {
	t.Helper()
	kept := make(map[board.Key]board.Kept)
	for n, on := range []board.ID{newID(), newID()} {
		for i, kind := range board.Kinds() {
			doc := filled(t, kind)
			doc.Head().ID, doc.Head().Board = newID(), on
			insert(t, s, doc)
			marked := board.IsLive(kind) && (i+n)%2 == 0
			if !marked {
				if err := s.MarkPublished(t.Context(), []board.Stamp{stamp(doc)}); err != nil {
					t.Fatal(err)
				}
			}
			kept[board.KeyOf(doc)] = board.Kept{Doc: doc, Marked: marked}
		}
		post := newPost(on, 0)
		insert(t, s, post)
		gone := tombstone(post)
		replace(t, s, gone)
		kept[board.KeyOf(gone)] = board.Kept{Doc: gone, Marked: true}
	}
	return kept
}

func scanning(t *testing.T, open Open) {
	s := start(t, open)
	if got := scan(t, s, 10); len(got) != 0 {
		t.Fatalf("an empty store has %d documents", len(got))
	}
	want := stocked(t, s)
	for _, limit := range []int{1, 7, 1000} {
		got := scan(t, s, limit)
		if len(got) != len(want) {
			t.Fatalf("%d at a time: %d of %d documents", limit, len(got), len(want))
		}
		for i, one := range got {
			key := board.KeyOf(one.Doc)
			same(t, string(key.Kind), one, want[key])
			if i > 0 && !before(board.KeyOf(got[i-1].Doc), key) {
				t.Errorf("%v comes after %v", key, board.KeyOf(got[i-1].Doc))
			}
		}
	}
}

func before(a, b board.Key) bool {
	if a.Board != b.Board {
		return a.Board < b.Board
	}
	if a.Kind != b.Kind {
		return a.Kind < b.Kind
	}
	return a.ID < b.ID
}

func restoring(t *testing.T, open Open) {
	s := start(t, open)
	var kept []board.Kept
	on := newID()
	for i, kind := range board.Kinds() {
		doc := filled(t, kind)
		doc.Head().Board, doc.Head().Rev = on, board.Rev(i+1)
		kept = append(kept, board.Kept{Doc: doc, Marked: board.IsLive(kind) && i%2 == 0})
	}
	for range 2 { // restarted, it comes to the same
		if err := s.Restore(t.Context(), kept); err != nil {
			t.Fatalf("restore: %v", err)
		}
		same(t, "restored", scan(t, s, 100), kept)
	}
	found, err := s.Unpublished(t.Context(), evening, 100)
	if err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, one := range kept {
		if one.Marked {
			marked++
		}
	}
	if len(found) != marked {
		t.Errorf("%d documents wait to be published, want %d", len(found), marked)
	}
	other := filled(t, board.KindPost)
	*other.Head() = *kept[0].Doc.Head()
	for _, one := range kept {
		if one.Doc.Kind() == board.KindPost {
			*other.Head() = *one.Doc.Head()
		}
	}
	other.Head().Rev++
	wantError(t, "over another revision", s.Restore(t.Context(), []board.Kept{{Doc: other}}), board.ErrConflict)
}

package storetest

import (
	"cmp"
	"slices"
	"testing"

	"fresque.dev/services/board/internal/board"
)

func catalogue(t *testing.T, open Open) {
	s := start(t, open)
	for _, kind := range board.CataloguedKinds() {
		if got, err := s.Catalogued(t.Context(), kind, board.Place{}, 10); err != nil || len(got) != 0 {
			t.Fatalf("an empty store has %d %s: %v", len(got), kind, err)
		}
	}
	stocked(t, s)
	for _, kind := range board.CataloguedKinds() {
		shared := newID()
		want := []board.Place{}
		for _, kept := range scan(t, s, 1000) {
			if kept.Doc.Kind() == kind {
				want = append(want, board.PlaceOf(kept.Doc))
			}
		}
		for n := range 3 {
			doc := filled(t, kind)
			doc.Head().ID, doc.Head().Board = shared, newID()
			insert(t, s, doc)
			if n == 1 {
				head := doc.Head()
				head.Rev, head.DeletedAt = head.Rev+1, head.UpdatedAt
				replace(t, s, doc)
			}
			want = append(want, board.PlaceOf(doc))
		}
		slices.SortFunc(want, func(a, b board.Place) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Board, b.Board)) })
		for _, limit := range []int{1, 2, 1000} {
			if got := pages(t, s, kind, limit); !slices.Equal(got, want) {
				t.Errorf("%s, %d at a time: %v, want %v", kind, limit, got, want)
			}
		}
		from, err := s.Catalogued(t.Context(), kind, board.Place{ID: shared}, 2)
		if err != nil || len(from) != 2 || from[0].Head().ID != shared || from[1].Head().ID != shared {
			t.Errorf("%s from an id on: %v %v", kind, from, err)
		}
	}
}

func pages(t *testing.T, s Store, kind board.Kind, limit int) (all []board.Place) {
	t.Helper()
	for above := (board.Place{}); ; above = all[len(all)-1] {
		page, err := s.Catalogued(t.Context(), kind, above, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range page {
			all = append(all, board.PlaceOf(doc))
		}
		if len(page) < limit {
			return all
		}
	}
}

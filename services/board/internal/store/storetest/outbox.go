package storetest

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// evening is after every document of these tests.
var evening = day.Add(12 * time.Hour)

func marks(t *testing.T, open Open) {
	s := start(t, open)
	for _, kind := range board.Kinds() {
		doc := filled(t, kind)
		insert(t, s, doc)
		unmark(t, s, doc)
		replaced := filled(t, kind)
		replaced.Head().Rev = 2
		replace(t, s, replaced)
		found, err := s.Unpublished(t.Context(), evening, 10)
		if err != nil {
			t.Fatal(err)
		}
		// The event carries the whole new state; what is not live has none.
		if board.IsLive(kind) {
			same(t, string(kind), found, []board.Document{replaced})
		} else if len(found) != 0 {
			t.Errorf("%s is marked: %s", kind, show(found))
		}
		unmark(t, s, replaced)
	}

	post := newPost(newID(), 0)
	insert(t, s, post)
	unmark(t, s, post)
	wantError(t, "insert again", s.Insert(t.Context(), newWithID(post)), board.ErrExists)
	stale := next(post)
	stale.Rev = 8
	wantError(t, "replace", s.Replace(t.Context(), stale, 7), board.ErrConflict)
	if found := unpublished(t, s, evening, 10); len(found) != 0 {
		t.Errorf("a refused write left a mark: %v", found)
	}
	gone := tombstone(post)
	replace(t, s, gone)
	same(t, "a tombstone is an event too", unpublished(t, s, evening, 10), []board.ID{post.ID})
}

// unmark clears the marks of documents and checks that none is left.
func unmark(t *testing.T, s Store, docs ...board.Document) {
	t.Helper()
	var published []board.Stamp
	for _, d := range docs {
		published = append(published, stamp(d))
	}
	if err := s.MarkPublished(t.Context(), published); err != nil {
		t.Fatalf("mark published: %v", err)
	}
	if found := unpublished(t, s, evening, 10); len(found) != 0 {
		t.Fatalf("marks left: %v", found)
	}
}

func clearing(t *testing.T, open Open) {
	s := start(t, open)
	moved, still, gone := newPost(newID(), 0), newPost(newID(), 1), newPost(newID(), 2)
	insert(t, s, moved, still, gone)
	published := []board.Stamp{stamp(moved), stamp(still), stamp(gone)}
	moved, gone = next(moved), tombstone(gone)
	replace(t, s, moved, gone)
	if err := s.MarkPublished(t.Context(), published); err != nil {
		t.Fatal(err)
	}
	same(t, "those that moved on", unpublished(t, s, evening, 10), []board.ID{moved.ID, gone.ID})

	elsewhere := stamp(moved)
	elsewhere.Board = newID()
	ahead := stamp(gone)
	ahead.Rev++
	if err := s.MarkPublished(t.Context(), []board.Stamp{elsewhere, ahead}); err != nil {
		t.Fatal(err)
	}
	same(t, "another key or revision", unpublished(t, s, evening, 10), []board.ID{moved.ID, gone.ID})

	unmark(t, s, moved, gone)
	for _, want := range []board.Document{moved, still, gone} {
		same(t, "clearing changes nothing else", get(t, s, board.KeyOf(want)), want)
	}
	replace(t, s, next(still))
	same(t, "marked again", unpublished(t, s, evening, 10), []board.ID{still.ID})
}

func sweeping(t *testing.T, open Open) {
	s := start(t, open)
	var posts []*board.Post
	for i := range 6 {
		posts = append(posts, newPost(newID(), i))
	}
	for _, i := range []int{4, 1, 5, 0, 3, 2} {
		insert(t, s, posts[i])
	}
	var want []board.ID
	for _, p := range posts {
		want = append(want, p.ID)
	}
	same(t, "all", unpublished(t, s, evening, 100), want)
	same(t, "limit", unpublished(t, s, evening, 4), want[:4])
	same(t, "strictly before", unpublished(t, s, posts[3].UpdatedAt, 100), want[:3])
	if found := unpublished(t, s, day, 100); len(found) != 0 {
		t.Errorf("before any: %v", found)
	}

	// A change moves the mark to its own time, and takes no other away.
	replace(t, s, next(posts[0]))
	same(t, "after a change", unpublished(t, s, evening, 100), append(want[1:], want[0]))
}

// novelty is a document of a release that this one knows nothing of.
type novelty struct {
	board.Meta
	Text string `json:"text"`
}

func (*novelty) Kind() board.Kind { return "novelty" }

func unknownKinds(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 1)
	unknown := &novelty{Meta: newPost(post.Board, 0).Meta, Text: "?"}
	unknown.DeletedAt, unknown.PurgeAt = day, day
	gone := newPost(post.Board, 2)
	gone.DeletedAt, gone.PurgeAt = day, day
	insert(t, s, unknown, post, gone)
	same(t, "unpublished", unpublished(t, s, evening, 10), []board.ID{post.ID, gone.ID})
	same(t, "due", due(t, s, evening, 10), []board.ID{gone.ID})
	// Nor does it take the place of a known one: there may be many.
	same(t, "unpublished, one at a time", unpublished(t, s, evening, 1), []board.ID{post.ID})
	same(t, "due, one at a time", due(t, s, evening, 1), []board.ID{gone.ID})
	if doc, err := s.Get(t.Context(), board.KeyOf(unknown)); err == nil {
		t.Errorf("get made %s of an unknown kind", show(doc))
	}
}

package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

func roundTripFilled(t *testing.T, open Open) {
	s := start(t, open)
	for _, kind := range board.Kinds() {
		want := filled(t, kind)
		insert(t, s, want)
		same(t, string(kind), get(t, s, board.KeyOf(want)), want)
	}
}

func roundTripEmpty(t *testing.T, open Open) {
	s := start(t, open)
	for _, kind := range board.Kinds() {
		want, _ := board.NewDocument(kind)
		*want.Head() = board.Meta{ID: newID(), Board: newID(), Rev: 1, CreatedAt: day, UpdatedAt: day}
		insert(t, s, want)
		same(t, string(kind), get(t, s, board.KeyOf(want)), want)
	}
}

func times(t *testing.T, open Open) {
	s := start(t, open)
	for _, at := range []time.Time{
		time.Date(2026, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.Date(2026, 6, 1, 0, 0, 0, 1e6, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 250e6, time.UTC),
	} {
		post := newPost(newID(), 0)
		post.CreatedAt, post.UpdatedAt = at, at
		insert(t, s, post)
		got := get(t, s, board.KeyOf(post)).Head()
		if !got.UpdatedAt.Equal(at) || got.UpdatedAt.Location() != time.UTC {
			t.Errorf("got %v, want %v", got.UpdatedAt, at)
		}
		if !got.DeletedAt.IsZero() || got.Deleted() {
			t.Errorf("a zero time came back as %v", got.DeletedAt)
		}
	}
}

func texts(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	for name, text := range map[string]string{
		"accents":          "Forêt, cœur, naïveté — « guillemets » … 1 €",
		"composed apart":   "e\u0301te\u0301",
		"emoji":            "👩🏽‍🏫🇫🇷",
		"right to left":    "مرحبا שלום",
		"line separators":  "a\u2028b\u2029c\r\n\td",
		"control":          "nul\x00bell\x07del\x7f",
		"html":             `<p><a href="https://example.org/?a=1&b='2'">x</a></p>`,
		"like an operator": `{"$set": {"rev": 9}} $rev a.b.c`,
		"like SQL":         `'; DROP TABLE document; --`,
		"20 kB":            strings.Repeat("é<b>&", 3_400),
	} {
		post := newPost(on, 0)
		post.Title, post.Body, post.Author.Name = text, text, text
		insert(t, s, post)
		same(t, name, get(t, s, board.KeyOf(post)), post)
	}
}

func missing(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 0)
	_, err := s.Get(t.Context(), board.KeyOf(post))
	wantError(t, "get", err, board.ErrNotFound)
	wantError(t, "replace", s.Replace(t.Context(), next(post), 1), board.ErrNotFound)
	if docs := list(t, s, post.Board, board.KindPost); len(docs) != 0 {
		t.Errorf("list of an empty board: %s", show(docs))
	}
	if err := s.MarkPublished(t.Context(), []board.Stamp{stamp(post)}); err != nil {
		t.Errorf("mark a missing document published: %v", err)
	}
	if err := s.MarkPublished(t.Context(), nil); err != nil {
		t.Errorf("mark nothing published: %v", err)
	}
}

func isolation(t *testing.T, open Open) {
	s := start(t, open)
	id, here, there := newID(), newID(), newID()
	var all []board.Document
	for _, on := range []board.ID{here, there} {
		for _, kind := range board.Kinds() {
			doc := filled(t, kind)
			*doc.Head() = board.Meta{ID: id, Board: on, Rev: 1, CreatedAt: day, UpdatedAt: day}
			all = append(all, doc)
		}
	}
	insert(t, s, all...)
	at := slices.IndexFunc(all, func(d board.Document) bool { return d.Kind() == board.KindPost })
	changed := *all[at].(*board.Post)
	changed.Title = "elsewhere"
	changed.Rev = 2
	replace(t, s, &changed)
	all[at] = &changed
	for _, want := range all {
		same(t, "get", get(t, s, board.KeyOf(want)), want)
		same(t, "list", list(t, s, want.Head().Board, want.Kind()), []board.Document{want})
	}
}

func listing(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	var posts []*board.Post
	for i := range 12 {
		posts = append(posts, newPost(on, i))
	}
	// Neither the order of insertion nor that of change is the order of the list.
	for _, i := range []int{7, 0, 11, 3, 9, 1, 5, 10, 2, 8, 4, 6} {
		insert(t, s, posts[i])
	}
	posts[4] = next(posts[4])
	replace(t, s, posts[4], tombstone(posts[2]), tombstone(posts[11]))
	var want []board.Document
	for i, p := range posts {
		if i != 2 && i != 11 {
			want = append(want, p)
		}
	}
	same(t, "list", list(t, s, on, board.KindPost), want)
}

func ownership(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 0)
	post.Attachments = []board.Attachment{{ID: newID(), Type: board.AttachmentLink, URL: "https://example.org"}}
	want := next(post)
	want.Rev, want.UpdatedAt = post.Rev, post.UpdatedAt
	insert(t, s, post)
	spoil(post)
	spoil(get(t, s, board.KeyOf(want)))
	for _, d := range list(t, s, want.Board, board.KindPost) {
		spoil(d)
	}
	swept, err := s.Unpublished(t.Context(), day.Add(time.Hour), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range swept {
		spoil(d)
	}
	same(t, "after others changed theirs", get(t, s, board.KeyOf(want)), want)
}

func spoil(d board.Document) {
	p := d.(*board.Post)
	p.Title = "spoilt"
	p.Rev = 99
	p.Attachments[0].URL = "spoilt"
}

func reopening(t *testing.T, open Open) {
	s := start(t, open)
	kept, gone, published := newPost(newID(), 0), newPost(newID(), 1), newPost(newID(), 2)
	insert(t, s, kept, gone, published)
	kept, gone = next(kept), tombstone(gone)
	replace(t, s, kept, gone)
	if err := s.MarkPublished(t.Context(), []board.Stamp{stamp(published)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	s = start(t, open)
	for _, want := range []board.Document{kept, gone, published} {
		same(t, "get", get(t, s, board.KeyOf(want)), want)
	}
	same(t, "unpublished", unpublished(t, s, day.Add(time.Hour), 10), []board.ID{kept.ID, gone.ID})
	same(t, "due", due(t, s, day.Add(time.Hour), 10), []board.ID{gone.ID})
	wantError(t, "a key that is taken", s.Insert(t.Context(), newWithID(kept)), board.ErrExists)
}

// newWithID is another post that claims an existing one's key.
func newWithID(p *board.Post) *board.Post {
	n := newPost(p.Board, 0)
	n.ID = p.ID
	return n
}

func revisions(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 0)
	late := newWithID(post)
	late.Rev = 2
	if err := s.Insert(t.Context(), late); fault.KindOf(err) != fault.Internal {
		t.Errorf("insert at revision 2: %v", err)
	}
	insert(t, s, post)
	for _, rev := range []board.Rev{0, 1, 3} {
		n := next(post)
		n.Rev = rev
		if err := s.Replace(t.Context(), n, 1); fault.KindOf(err) != fault.Internal {
			t.Errorf("replace 1 by %d: %v", rev, err)
		}
	}
	same(t, "untouched", get(t, s, board.KeyOf(post)), post)
	for range 20 {
		post = next(post)
		replace(t, s, post)
	}
	if got := get(t, s, board.KeyOf(post)).Head().Rev; got != 21 {
		t.Errorf("after 20 changes rev is %d", got)
	}
}

func tombstones(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 0)
	insert(t, s, post)
	gone := tombstone(post)
	replace(t, s, gone)
	same(t, "the tombstone", get(t, s, board.KeyOf(post)), gone)
	wantError(t, "its key stays taken", s.Insert(t.Context(), newWithID(post)), board.ErrExists)
	if docs := list(t, s, post.Board, board.KindPost); len(docs) != 0 {
		t.Errorf("listed: %s", show(docs))
	}
	back := next(gone)
	back.DeletedAt, back.DeletedBy, back.PurgeAt = time.Time{}, "", time.Time{}
	replace(t, s, back)
	same(t, "undone", list(t, s, post.Board, board.KindPost), []board.Document{back})
	if found := due(t, s, day.Add(time.Hour), 10); len(found) != 0 {
		t.Errorf("still due for purge: %v", found)
	}
}

func conflicts(t *testing.T, open Open) {
	s := start(t, open)
	first := newPost(newID(), 0)
	insert(t, s, first)
	second := next(first)
	second.Title = "second"
	replace(t, s, second)

	stale := next(first)
	stale.Title = "stale"
	wantError(t, "over an older revision", s.Replace(t.Context(), stale, 1), board.ErrConflict)
	// Two callers may well write the same content: only one of them has written.
	wantError(t, "the same content again", s.Replace(t.Context(), second, 1), board.ErrConflict)
	ahead := next(second)
	ahead.Rev = 9
	wantError(t, "over a revision to come", s.Replace(t.Context(), ahead, 8), board.ErrConflict)
	wantError(t, "insert over it", s.Insert(t.Context(), newWithID(first)), board.ErrExists)
	wantError(t, "the same insert again", s.Insert(t.Context(), first), board.ErrExists)
	same(t, "the winner stays", get(t, s, board.KeyOf(first)), second)
}

func readYourWrites(t *testing.T, open Open) {
	s := start(t, open)
	post := newPost(newID(), 0)
	insert(t, s, post)
	for range 25 {
		post = next(post)
		replace(t, s, post)
		same(t, "get", get(t, s, board.KeyOf(post)), post)
		same(t, "list", list(t, s, post.Board, board.KindPost), []board.Document{post})
	}
}

func purging(t *testing.T, open Open) {
	s := start(t, open)
	var gone []*board.Post
	for i := range 5 {
		post := newPost(newID(), i)
		insert(t, s, post)
		gone = append(gone, tombstone(post))
		replace(t, s, gone[i])
	}
	// What lives may be due as well: a section that can come back.
	alive, kept := newPost(newID(), 0), newPost(newID(), 0)
	alive.PurgeAt = gone[4].PurgeAt.Add(time.Minute)
	insert(t, s, alive, kept)
	forever := tombstone(kept)
	forever.PurgeAt = time.Time{}
	replace(t, s, forever)

	var want []board.ID
	for _, g := range gone {
		want = append(want, g.ID)
	}
	last := gone[4].PurgeAt
	same(t, "all due", sorted(due(t, s, last.Add(time.Millisecond), 100)), sorted(want))
	same(t, "strictly before", sorted(due(t, s, last, 100)), sorted(want[:4]))
	if found := due(t, s, last.Add(time.Hour), 3); len(found) != 3 {
		t.Errorf("limit 3 gave %d", len(found))
	}

	same(t, "the living too", due(t, s, last.Add(time.Hour), 100)[5:], []board.ID{alive.ID})

	purged := next(gone[0])
	purged.Title, purged.PurgeAt = "", time.Time{}
	replace(t, s, purged)
	same(t, "one purged", sorted(due(t, s, last.Add(time.Millisecond), 100)), sorted(want[1:]))
}

func trashed(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	live, gone, erased, elsewhere := newPost(on, 0), newPost(on, 1), newPost(on, 2), newPost(newID(), 3)
	insert(t, s, live, gone, erased, elsewhere)
	bare := tombstone(erased)
	bare.PurgeAt = time.Time{}
	replace(t, s, tombstone(gone), bare, tombstone(elsewhere))
	docs, err := s.Trashed(t.Context(), on, board.KindPost)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the trash", docs, []board.Document{tombstone(gone)})
}

func under(t *testing.T, open Open) {
	s := start(t, open)
	on, parent := newID(), newID()
	var want []board.Document
	for i := range 4 {
		post := newPost(on, i)
		post.Parent = parent
		insert(t, s, post)
		want = append(want, post)
	}
	moved, other, elsewhere := newPost(on, 0), newPost(on, 0), newPost(newID(), 0)
	moved.Parent, other.Parent, elsewhere.Parent = parent, newID(), parent
	insert(t, s, moved, other, elsewhere, newPost(on, 0))
	left := next(moved)
	left.Parent = ""
	replace(t, s, left)
	dead := tombstone(want[1].(*board.Post))
	replace(t, s, dead)
	want[1] = dead
	docs, err := s.ListUnder(t.Context(), on, board.KindPost, parent)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "under a parent", docs, want)
}

func latest(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	var all []*board.Post
	for i := range 6 {
		all = append(all, newPost(on, i))
	}
	slices.SortFunc(all, func(a, b *board.Post) int { return strings.Compare(string(b.ID), string(a.ID)) })
	for _, p := range all {
		insert(t, s, p)
	}
	insert(t, s, newPost(newID(), 9))
	replace(t, s, tombstone(all[2]))
	page := func(below board.ID, limit int) []board.ID {
		docs, err := s.Latest(t.Context(), on, board.KindPost, below, limit)
		if err != nil {
			t.Fatal(err)
		}
		return ids(docs)
	}
	same(t, "first page", page("", 3), []board.ID{all[0].ID, all[1].ID, all[3].ID})
	same(t, "next page", page(all[3].ID, 3), []board.ID{all[4].ID, all[5].ID})
	same(t, "past the end", page(all[5].ID, 3), []board.ID{})
}

func sorted(ids []board.ID) []board.ID { return slices.Sorted(slices.Values(ids)) }

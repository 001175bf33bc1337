package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// writers is how many write at once.
const writers = 32

// together runs a function so many times at once and waits for all.
func together(n int, run func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			run(i)
		})
	}
	close(begin)
	wg.Wait()
}

func concurrentIncrements(t *testing.T, open Open) {
	s := start(t, open)
	increments(t, []Store{s}, 2)
}

func sharedIncrements(t *testing.T, open Open) {
	increments(t, []Store{start(t, open), start(t, open)}, 2)
}

// increments has every writer count up in one document, each several times.
func increments(t *testing.T, stores []Store, each int) {
	t.Helper()
	post := newPost(newID(), 0)
	post.Title = "0"
	insert(t, stores[0], post)
	together(writers, func(i int) {
		for range each {
			err := update(t.Context(), stores[i%len(stores)], board.KeyOf(post), func(p *board.Post) {
				n, _ := strconv.Atoi(p.Title)
				p.Title = strconv.Itoa(n + 1)
			})
			if err != nil {
				t.Errorf("increment: %v", err)
			}
		}
	})
	got := get(t, stores[0], board.KeyOf(post)).(*board.Post)
	if want := strconv.Itoa(writers * each); got.Title != want || got.Rev != board.Rev(writers*each+1) {
		t.Errorf("after %s increments: %s at rev %d", want, got.Title, got.Rev)
	}
}

func concurrentConflicts(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	contested := newPost(on, 0)
	insert(t, s, contested)
	var won atomic.Int32
	together(writers, func(i int) {
		if i%2 == 0 {
			if err := s.Insert(t.Context(), newPost(on, i)); err != nil {
				t.Errorf("insert beside a conflict: %v", err)
			}
			return
		}
		// All write the very same document: still only one of them has.
		switch err := s.Replace(t.Context(), next(contested), 1); {
		case err == nil:
			won.Add(1)
		case !errors.Is(err, board.ErrConflict):
			t.Errorf("replace: %v", err)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d writers replaced revision 1", won.Load())
	}
	if n := len(list(t, s, on, board.KindPost)); n != writers/2+1 {
		t.Errorf("%d posts", n)
	}
}

func concurrentInserts(t *testing.T, open Open) {
	oneWinner(t, []Store{start(t, open)})
}

func sharedInserts(t *testing.T, open Open) {
	oneWinner(t, []Store{start(t, open), start(t, open)})
}

func oneWinner(t *testing.T, stores []Store) {
	t.Helper()
	first := newPost(newID(), 0)
	var winner atomic.Pointer[board.Post]
	var won atomic.Int32
	together(writers, func(i int) {
		mine := newWithID(first)
		mine.Title = fmt.Sprintf("writer %d", i)
		switch err := stores[i%len(stores)].Insert(t.Context(), mine); {
		case err == nil:
			won.Add(1)
			winner.Store(mine)
		case !errors.Is(err, board.ErrExists):
			t.Errorf("insert: %v", err)
		}
	})
	if won.Load() != 1 {
		t.Fatalf("%d winners", won.Load())
	}
	for _, s := range stores {
		same(t, "the winner's", get(t, s, board.KeyOf(first)), winner.Load())
	}
}

func sharedReads(t *testing.T, open Open) {
	here, there := start(t, open), start(t, open)
	post := newPost(newID(), 0)
	insert(t, here, post)
	for i := range 10 {
		post = next(post)
		from, to := here, there
		if i%2 == 1 {
			from, to = there, here
		}
		replace(t, from, post)
		same(t, "read elsewhere", get(t, to, board.KeyOf(post)), post)
	}
}

func tearing(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	const posts, changes = 4, 15
	keys := make([]board.Key, posts)
	for i := range keys {
		post := newPost(on, i)
		whole(post)
		insert(t, s, post)
		keys[i] = board.KeyOf(post)
	}
	var writing atomic.Int32
	writing.Store(posts)
	together(posts+2, func(i int) {
		if i < posts {
			defer writing.Add(-1)
			for range changes {
				if err := update(t.Context(), s, keys[i], whole); err != nil {
					t.Errorf("change: %v", err)
				}
			}
			return
		}
		for writing.Load() > 0 {
			docs, err := s.List(t.Context(), on, board.KindPost)
			if err != nil || len(docs) != posts {
				t.Errorf("list: %d posts, %v", len(docs), err)
				return
			}
			for _, d := range docs {
				got := *d.(*board.Post)
				want := got
				whole(&want)
				same(t, "listed", got, want)
			}
		}
	})
}

// whole makes every part of a post tell its revision.
func whole(p *board.Post) {
	p.Title = fmt.Sprintf("rev %d", p.Rev)
	p.Body = strings.Repeat(p.Title+" ", 800)
	p.Attachments = []board.Attachment{{ID: p.ID, Type: board.AttachmentLink, Caption: p.Title}}
}

func cancellation(t *testing.T, open Open) {
	s := start(t, open)
	on := newID()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	refused := newPost(on, 0)
	wantUnavailable(t, "insert", s.Insert(over, refused))
	wantUnavailable(t, "replace", s.Replace(over, next(refused), 1))
	_, err := s.Get(over, board.KeyOf(refused))
	wantUnavailable(t, "get", err)
	_, err = s.List(over, on, board.KindPost)
	wantUnavailable(t, "list", err)
	_, err = s.Unpublished(over, evening, 10)
	wantUnavailable(t, "unpublished", err)
	wantUnavailable(t, "mark published", s.MarkPublished(over, []board.Stamp{stamp(refused)}))

	// Half of these callers leave while they wait: the others' writes hold, and
	// a leaver's is either whole or absent.
	var mu sync.Mutex
	acknowledged := map[board.ID]*board.Post{}
	asked := map[board.ID]*board.Post{}
	together(writers, func(i int) {
		post := newPost(on, i)
		whole(post)
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		if i%2 == 0 {
			go leave()
		}
		err := s.Insert(ctx, post)
		mu.Lock()
		defer mu.Unlock()
		asked[post.ID] = post
		switch {
		case err == nil:
			acknowledged[post.ID] = post
		case i%2 == 1:
			t.Errorf("a caller who stayed: %v", err)
		case !errors.Is(err, context.Canceled):
			t.Errorf("a caller who left: %v", err)
		}
	})
	for _, d := range list(t, s, on, board.KindPost) {
		same(t, "kept", d, board.Document(asked[d.Head().ID]))
		delete(acknowledged, d.Head().ID)
	}
	if len(acknowledged) > 0 {
		t.Errorf("acknowledged and lost: %s", show(acknowledged))
	}
}

func wantUnavailable(t *testing.T, what string, err error) {
	t.Helper()
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("%s: got %v, want Unavailable for a cancelled context", what, err)
	}
}

func closing(t *testing.T, open Open) {
	s := start(t, open)
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	post := newPost(newID(), 0)
	insert(t, s, post)
	var late sync.WaitGroup
	for i := range writers {
		late.Go(func() {
			err := s.Insert(t.Context(), newPost(post.Board, i))
			if err != nil && fault.KindOf(err) != fault.Unavailable {
				t.Errorf("insert while closing: %v", err)
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	late.Wait()
	_, err := s.Get(t.Context(), board.KeyOf(post))
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("get: %v", err)
	}
	if err := s.Insert(t.Context(), newPost(post.Board, 0)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("insert: %v", err)
	}
	if err := s.Check(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("check: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

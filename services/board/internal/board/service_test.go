package board_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/internal/fault"
)

// fixture is a service over a real store, with a clock and ids that the test
// holds.
type fixture struct {
	*board.Service
	t     testing.TB
	store *sqlitestore.Store
	// faults is the store as the service has it.
	faults *unlogged
	clock  *clock
	mu     sync.Mutex
	told   []string // id:rev of what was announced
	board  board.ID
	// file is where the store is.
	file string
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) NewID() board.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return testID(1000 + c.n)
}

func testID(n int) board.ID { return board.ID(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)) }

func (f *fixture) Announce(_ context.Context, doc board.Document) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprintf("%s:%d", doc.Head().ID, doc.Head().Rev))
}

// wall is the board as a member sees it.
func (f *fixture) wall() wall { return f.wallOf(f.as(77, board.RoleReader)) }

// wall is what one sees of a board.
type wall struct {
	Posts    []*board.Post
	Media    []*board.Media
	Sections []*board.Section
}

// wallOf is the board as somebody sees it, without what is their own.
func (f *fixture) wallOf(p board.Principal) wall {
	f.t.Helper()
	sight, err := f.SightOf(f.t.Context(), f.board)
	if err != nil {
		f.t.Fatal(err)
	}
	class, _ := sight.ClassOf(p)
	var w wall
	for _, kind := range board.Kinds() {
		docs, err := f.store.List(f.t.Context(), f.board, kind)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, doc := range docs {
			if !class.In(sight.AudienceOf(doc)) {
				continue
			}
			switch d := doc.(type) {
			case *board.Post:
				w.Posts = append(w.Posts, d)
			case *board.Media:
				w.Media = append(w.Media, d)
			case *board.Section:
				w.Sections = append(w.Sections, d)
			}
		}
	}
	return w
}

// plainWords stands in for a slow hash.
type plainWords struct{}

func (plainWords) Hash(word string) (string, error) { return "hashed " + word, nil }
func (plainWords) Check(hash, word string) bool     { return hash == "hashed "+word }

type asIs struct{}

func (asIs) Sanitize(s string) string { return s }

func (asIs) CheckLink(raw string) (string, error) {
	if !strings.HasPrefix(raw, "https://") {
		return "", fault.New(fault.Invalid, "url_not_allowed")
	}
	return raw, nil
}

// Lookup makes previews of everything but what says that it is secret.
func (asIs) Lookup(clean string) (board.Lookup, bool) {
	page, _, _ := strings.Cut(clean, "?start=")
	return board.Lookup{URL: page, OEmbed: "https://oembed.example/", Restrictable: true}, !strings.Contains(clean, "secret")
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	file := filepath.Join(t.TempDir(), "board.db")
	store, err := sqlitestore.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	f := &fixture{t: t, store: store, faults: &unlogged{Store: store}, clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)}, board: testID(1), file: file}
	f.Service = board.NewService(board.Deps{
		Store: f.faults, Announce: f, Sanitize: asIs{}, Links: asIs{},
		Sealer: board.NewLinkSealer([]byte("0123456789abcdef0123456789abcdef")), Passwords: plainWords{}, Clock: f.clock, IDs: &counter{},
	})
	if _, _, err := f.CreateBoard(t.Context(), board.NewBoard{ID: f.board, Title: "Mur"}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) as(n int, role board.Role) board.Principal {
	return board.Principal{Board: f.board, Participant: testID(n), Name: fmt.Sprintf("Personne %d", n), Role: role}
}

func (f *fixture) post(p board.Principal, in board.NewPost) *board.Post {
	f.t.Helper()
	post, err := f.CreatePost(f.t.Context(), p, f.board, in)
	if err != nil {
		f.t.Fatal(err)
	}
	return post
}

func ptr[T any](v T) *T { return &v }

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	fl, ok := fault.As(err)
	if !ok || fl.Kind != kind {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
	if fl.Code == code {
		return
	}
	for _, d := range fl.Details {
		if d.Code == code {
			return
		}
	}
	t.Fatalf("got %v %v, want code %s", fl, fl.Details, code)
}

func TestS1_RevisionsGrowByOne(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Title: "un"})
	want := board.Rev(1)
	check := func(p *board.Post, err error) {
		t.Helper()
		if err != nil || p.Rev != want {
			t.Fatalf("rev %d, %v; want %d", p.Rev, err, want)
		}
		want++
	}
	check(post, nil)
	check(f.EditPost(ctx, me, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}))
	check(f.DeletePost(ctx, me, f.board, post.ID, 2))
	check(f.RestorePost(ctx, me, f.board, post.ID))
}

func TestS2_AnEditOnAnOldRevisionIsToldTheCurrentOne(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Title: "un"})
	if _, err := f.EditPost(ctx, me, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")}); err != nil {
		t.Fatal(err)
	}
	_, err := f.EditPost(ctx, me, f.board, post.ID, 1, board.PostEdit{Title: ptr("trois")})
	var conflict *board.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %v", err)
	}
	if current := conflict.Current.(*board.Post); current.Title != "deux" || current.Rev != 2 {
		t.Fatalf("current is %+v", current)
	}
	// A retry of the edit that was accepted is no conflict (S3).
	again, err := f.EditPost(ctx, me, f.board, post.ID, 1, board.PostEdit{Title: ptr("deux")})
	if err != nil || again.Rev != 2 {
		t.Fatalf("retry: %+v, %v", again, err)
	}
}

func TestS2_OnlyOneOfManyEditsOnARevisionWins(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Title: "un"})
	var won, lost int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := f.EditPost(t.Context(), me, f.board, post.ID, 1, board.PostEdit{Title: ptr(fmt.Sprint("titre ", i))})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if errors.Is(err, board.ErrConflict) {
				lost++
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 15 {
		t.Fatalf("%d won and %d lost", won, lost)
	}
}

func TestS3_CreatingTwiceIsOnePost(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	first := f.post(me, board.NewPost{ID: testID(50), Title: "un"})
	second := f.post(me, board.NewPost{ID: testID(50), Title: "un"})
	if second.Rev != first.Rev || !second.CreatedAt.Equal(first.CreatedAt) {
		t.Fatalf("second answer differs: %+v", second)
	}
	_, err := f.CreatePost(ctx, f.as(2, board.RoleWriter), f.board, board.NewPost{ID: testID(50), Title: "autre"})
	wantCode(t, err, fault.Exists, "id_taken")
	if n := len(f.wall().Posts); n != 1 {
		t.Fatalf("%d posts", n)
	}
}

func TestS3_CreatingABoardTwiceIsOneBoardWithTwoLinks(t *testing.T) {
	f := newFixture(t)
	for range 2 {
		_, links, err := f.CreateBoard(t.Context(), board.NewBoard{ID: testID(9), Title: "Mur"})
		if err != nil || len(links) != 2 {
			t.Fatalf("%d links, %v", len(links), err)
		}
	}
}

func TestOnlyThoseWhoMay(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	moderator, reader := f.as(3, board.RoleModerator), f.as(4, board.RoleReader)
	stranger := board.Principal{Board: testID(99), Participant: testID(1), Name: "X", Role: board.RoleModerator}
	edit := func(p board.Principal, title string) error {
		post := f.post(author, board.NewPost{Title: "un"})
		_, err := f.EditPost(ctx, p, f.board, post.ID, 1, board.PostEdit{Title: &title})
		return err
	}
	del := func(p board.Principal) error {
		post := f.post(author, board.NewPost{Title: "un"})
		_, err := f.DeletePost(ctx, p, f.board, post.ID, 0)
		return err
	}
	for _, tc := range []struct {
		name    string
		err     error
		allowed bool
	}{
		{"author edits", edit(author, "x"), true},
		{"moderator edits", edit(moderator, "x"), true},
		{"another writer edits", edit(other, "x"), false},
		{"reader edits", edit(reader, "x"), false},
		{"stranger edits", edit(stranger, "x"), false},
		{"author deletes", del(author), true},
		{"moderator deletes", del(moderator), true},
		{"another writer deletes", del(other), false},
		{"reader deletes", del(reader), false},
		{"stranger deletes", del(stranger), false},
	} {
		if tc.allowed != (tc.err == nil) || !tc.allowed && fault.KindOf(tc.err) != fault.Forbidden {
			t.Errorf("%s: %v", tc.name, tc.err)
		}
	}
	if _, err := f.CreatePost(ctx, reader, f.board, board.NewPost{Title: "x"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("reader posts: %v", err)
	}
	if _, err := f.ReadBoard(ctx, stranger, f.board); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("stranger reads: %v", err)
	}
	if _, err := f.ReadLinks(ctx, author, f.board); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("writer reads links: %v", err)
	}
}

func TestBadInputChangesNothing(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	nameless := me
	nameless.Name = ""
	for _, tc := range []struct {
		name, code string
		who        board.Principal
		in         board.NewPost
	}{
		{"no name", "name_required", nameless, board.NewPost{Title: "x"}},
		{"empty", "post_empty", me, board.NewPost{Title: " \u00a0 "}},
		{"title too long", "too_long", me, board.NewPost{Title: strings.Repeat("é", board.MaxPostTitle+1)}},
		{"body too long", "too_long", me, board.NewPost{Body: strings.Repeat("x", board.MaxPostBody+1)}},
		{"too many attachments", "too_many", me, board.NewPost{Attachments: make([]board.Attachment, board.MaxAttachments+1)}},
		{"url refused", "url_not_allowed", me, board.NewPost{Attachments: []board.Attachment{{Type: board.AttachmentLink, URL: "javascript:x"}}}},
		{"url missing", "required", me, board.NewPost{Attachments: []board.Attachment{{Type: board.AttachmentLink}}}},
		{"type unknown", "unknown_type", me, board.NewPost{Attachments: []board.Attachment{{Type: "x"}}}},
		{"same id twice", "duplicate", me, board.NewPost{Attachments: []board.Attachment{
			{ID: testID(1), Type: board.AttachmentLink, URL: "https://a.fr"}, {ID: testID(1), Type: board.AttachmentLink, URL: "https://b.fr"},
		}}},
		{"media unknown", "media_unknown", me, board.NewPost{Attachments: []board.Attachment{{Type: board.AttachmentMedia, Media: testID(77)}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := f.CreatePost(ctx, tc.who, f.board, tc.in)
			wantCode(t, err, fault.Invalid, tc.code)
		})
	}
	if n := len(f.wall().Posts); n != 0 {
		t.Fatalf("%d posts", n)
	}
}

func TestDeletionCanBeUndoneForAWhileAndIsThenErased(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, other, moderator := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(author, board.NewPost{Title: "un"})
	if _, err := f.DeletePost(ctx, moderator, f.board, post.ID, 0); err != nil {
		t.Fatal(err)
	}
	for _, p := range []board.Principal{author, other} {
		if _, err := f.RestorePost(ctx, p, f.board, post.ID); fault.KindOf(err) != fault.Forbidden {
			t.Fatalf("%s undoes the moderator: %v", p.Name, err)
		}
	}
	back, err := f.RestorePost(ctx, moderator, f.board, post.ID)
	if err != nil || back.Deleted() || back.Title != "un" {
		t.Fatalf("restored %+v, %v", back, err)
	}
	if _, err := f.DeletePost(ctx, author, f.board, post.ID, 0); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(board.UndoWindow + time.Second)
	_, err = f.RestorePost(ctx, author, f.board, post.ID)
	wantCode(t, err, fault.Conflict, "undo_too_late")
	if trash, err := f.Trash(ctx, moderator, f.board); err != nil || len(trash) != 1 || trash[0].Title != "un" {
		t.Fatalf("the trash holds %+v, %v", trash, err)
	}
	f.clock.pass(board.TrashKept)
	if n, err := f.Purge(ctx, f.store); err != nil || n != 1 {
		t.Fatalf("purged %d, %v", n, err)
	}
	gone, err := f.ReadPost(ctx, author, f.board, post.ID)
	if err != nil || !gone.Deleted() || gone.Title != "" || gone.Author != (board.Author{}) || gone.Rev != 5 {
		t.Fatalf("after the purge: %+v, %v", gone, err)
	}
	if n, err := f.Purge(ctx, f.store); err != nil || n != 0 {
		t.Fatalf("purged again %d, %v", n, err)
	}
}

func TestMediaAreSeenOncePosted(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, other := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	m, err := f.BeginMedia(ctx, me, f.board, board.NewMedia{ID: testID(60), Size: 10, Type: "image/jpeg"})
	if err != nil {
		t.Fatal(err)
	}
	attached := board.NewPost{ID: testID(61), Title: "photo", Attachments: []board.Attachment{{ID: testID(62), Type: board.AttachmentMedia, Media: m.ID}}}
	_, err = f.CreatePost(ctx, other, f.board, attached)
	wantCode(t, err, fault.Invalid, "media_unknown")
	f.post(me, attached)
	_, err = f.CreatePost(ctx, me, f.board, board.NewPost{Title: "encore", Attachments: attached.Attachments})
	wantCode(t, err, fault.Invalid, "media_in_other_post")
	if _, err := f.ReadMedia(ctx, other, f.board, m.ID); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("seen before it is ready: %v", err)
	}
	ready := board.MediaProgress{Board: f.board, Media: m.ID, State: board.MediaReady, Picture: &board.Picture{Width: 4, Height: 3}}
	for _, news := range []board.MediaProgress{{Board: f.board, Media: m.ID, State: board.MediaProcessing}, ready, ready,
		{Board: f.board, Media: m.ID, State: board.MediaProcessing}, {Board: f.board, Media: m.ID, State: board.MediaRefused}} {
		if err := f.AdvanceMedia(ctx, news); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := f.ReadMedia(ctx, other, f.board, m.ID)
	if err != nil || seen.State != board.MediaReady || seen.Picture.Width != 4 || seen.Rev != 4 {
		t.Fatalf("%+v, %v", seen, err)
	}
	if _, err := f.DeletePost(ctx, me, f.board, testID(61), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadMedia(ctx, other, f.board, m.ID); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("seen after its post was deleted: %v", err)
	}
	if n := len(f.wall().Media); n != 0 {
		t.Fatalf("the wall has %d media", n)
	}
	f.clock.pass(board.TrashKept + time.Second)
	if _, err := f.Purge(ctx, f.store); err != nil {
		t.Fatal(err)
	}
	if gone, err := f.ReadMedia(ctx, me, f.board, m.ID); err == nil && !gone.Deleted() {
		t.Fatalf("media outlives its post: %+v", gone)
	}
	if err := f.AdvanceMedia(ctx, board.MediaProgress{Board: f.board, Media: testID(404), State: board.MediaReady}); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("news of nothing: %v", err)
	}
}

func TestLinksOpenTheirBoardOnly(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	if _, _, err := f.CreateBoard(ctx, board.NewBoard{ID: testID(2), Title: "Autre"}); err != nil {
		t.Fatal(err)
	}
	links, err := f.ReadLinks(ctx, f.as(3, board.RoleModerator), f.board)
	if err != nil || len(links) != 2 {
		t.Fatalf("%d links, %v", len(links), err)
	}
	for _, l := range links {
		secret := f.Sealer.Secret(f.board, l.ID)
		p, err := f.EnterByLink(ctx, board.Entry{Board: f.board, Secret: secret, Name: "  Ada\u202e  L. "})
		if err != nil || p.Role != l.Role || p.Name != "Ada L." || p.Participant == "" {
			t.Fatalf("entered as %+v, %v", p, err)
		}
		if _, err := f.EnterByLink(ctx, board.Entry{Board: testID(2), Secret: secret, Name: "Ada"}); fault.KindOf(err) != fault.Unauthenticated {
			t.Fatalf("opens another board: %v", err)
		}
		if _, err := f.EnterByLink(ctx, board.Entry{Board: f.board, Secret: secret[:31] + "A", Name: "Ada"}); secret[31] != 'A' && fault.KindOf(err) != fault.Unauthenticated {
			t.Fatalf("a near secret opens: %v", err)
		}
		again, err := f.Renew(ctx, p, "")
		if err != nil || again.Participant != p.Participant || again.Name != p.Name {
			t.Fatalf("renewed as %+v, %v", again, err)
		}
	}
	if _, err := f.Renew(ctx, board.Principal{Board: f.board, Participant: testID(5), Link: testID(404)}, ""); fault.KindOf(err) != fault.Unauthenticated {
		t.Fatalf("renewed by a link that is not there: %v", err)
	}
}

func TestTheTrashHasWhatWasDeletedLastFirst(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	author, moderator := f.as(1, board.RoleWriter), f.as(2, board.RoleModerator)
	older, newer := f.post(author, board.NewPost{Title: "ancien"}), f.post(author, board.NewPost{Title: "nouveau"})
	for _, post := range []*board.Post{newer, older} {
		if _, err := f.DeletePost(ctx, moderator, f.board, post.ID, 0); err != nil {
			t.Fatal(err)
		}
		f.clock.pass(time.Second)
	}
	trash, err := f.Trash(ctx, moderator, f.board)
	if err != nil || len(trash) != 2 || trash[0].ID != older.ID || trash[1].ID != newer.ID {
		t.Fatalf("the trash is %+v, %v", trash, err)
	}
}

package board_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const page = "https://example.org/page"

func linkTo(url string) []board.Attachment {
	return []board.Attachment{{Type: board.AttachmentLink, URL: url}}
}

// media loads a media document.
func (f *fixture) media(id board.ID) *board.Media {
	f.t.Helper()
	doc, err := f.store.Get(f.t.Context(), board.Key{Board: f.board, Kind: board.KindMedia, ID: id})
	if err != nil {
		f.t.Fatal(err)
	}
	return doc.(*board.Media)
}

func (f *fixture) answer(id board.ID, turn int, title string) {
	f.t.Helper()
	in := board.MediaProgress{Board: f.board, Media: id, Turn: turn, State: board.MediaReady, Page: &board.Page{Title: title, Host: "example.org"}, Picture: &board.Picture{Width: turn}}
	if title == "" {
		in = board.MediaProgress{Board: f.board, Media: id, Turn: turn, State: board.MediaRefused, Refusal: "link_unreadable"}
	}
	if err := f.AdvanceMedia(f.t.Context(), in); err != nil {
		f.t.Fatal(err)
	}
}

func TestAPostsLinksHavePreviews(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Attachments: linkTo(page)})
	id := post.Attachments[0].Preview
	m := f.media(id)
	want := &board.Preview{Lookup: board.Lookup{URL: page, OEmbed: "https://oembed.example/", Restrictable: true}, Asked: 1, AskedAt: m.CreatedAt}
	if m.State != board.MediaProcessing || m.Content != board.ContentLink || m.Post != post.ID || m.Owner != me.Participant || !reflect.DeepEqual(m.Preview, want) || !m.Preview.Due() {
		t.Fatalf("got %+v, %+v", m, m.Preview)
	}
	if len(f.wall().Media) != 0 {
		t.Error("it is shown before it is there")
	}
	f.answer(id, 1, "Une page")
	if got := f.wall().Media; len(got) != 1 || got[0].ID != id || got[0].Preview.Page.Title != "Une page" || got[0].Preview.Due() {
		t.Errorf("got %+v", got)
	}
	// Whoever does not see the post sees nothing of its preview.
	if _, err := f.DeletePost(t.Context(), me, f.board, post.ID, 0); err != nil {
		t.Fatal(err)
	}
	if len(f.wall().Media) != 0 {
		t.Error("it outlives its post")
	}
}

// Repeats, late answers and failures leave what is known.
func TestAnswersComeInAnyOrder(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Attachments: linkTo(page)})
	id := post.Attachments[0].Preview
	f.answer(id, 1, "Une page")
	f.answer(id, 1, "Encore")
	if m := f.media(id); m.Preview.Page.Title != "Une page" || m.Rev != 2 {
		t.Errorf("a repeat changed it: %+v", m)
	}
	edit := func(title string) {
		t.Helper()
		links := linkTo(page + "?start=9") // the same page
		if _, err := f.EditPost(t.Context(), me, f.board, post.ID, 0, board.PostEdit{Title: &title, Attachments: &links}); err != nil {
			t.Fatal(err)
		}
	}
	edit("frais")
	if m := f.media(id); m.Preview.Asked != 1 {
		t.Errorf("it is asked for again at once: %+v", m.Preview)
	}
	f.clock.pass(8 * 24 * time.Hour)
	edit("vieux")
	if m := f.media(id); m.Preview.Asked != 2 || m.State != board.MediaReady || m.Preview.Page.Title != "Une page" {
		t.Errorf("it is not asked for again, or lost what it was: %+v", m.Preview)
	}
	f.answer(id, 2, "")
	if m := f.media(id); m.State != board.MediaReady || m.Preview.Page.Title != "Une page" || m.Preview.Due() {
		t.Errorf("a failure took away what was known: %+v", m)
	}
	f.clock.pass(8 * 24 * time.Hour)
	edit("encore")
	f.answer(id, 3, "Nouveau titre")
	f.answer(id, 2, "Trop tard")
	if m := f.media(id); m.Preview.Page.Title != "Nouveau titre" || m.Picture.Width != 3 {
		t.Errorf("got %+v", m.Preview.Page)
	}
}

func TestAFailureIsTriedAgainWithTheNextWrite(t *testing.T) {
	f := newFixture(t)
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Attachments: linkTo(page)})
	id := post.Attachments[0].Preview
	f.answer(id, 1, "")
	if m := f.media(id); m.State != board.MediaRefused || m.Refusal != "link_unreadable" {
		t.Fatalf("got %+v", m)
	}
	f.clock.pass(time.Hour)
	if _, err := f.EditPost(t.Context(), me, f.board, post.ID, 0, board.PostEdit{Title: ptr("x"), Attachments: ptr(linkTo(page))}); err != nil {
		t.Fatal(err)
	}
	f.answer(id, 2, "Une page")
	if m := f.media(id); m.State != board.MediaReady || m.Refusal != "" || m.Preview.Page.Title != "Une page" {
		t.Errorf("got %+v", m)
	}
}

func TestAPreviewBeforeItsPost(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, other := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	in := board.NewPreview{Post: testID(50), URL: page}
	link, m, err := f.PreviewLink(ctx, me, f.board, in)
	if err != nil || m == nil || link.URL != page || link.Preview != m.ID || m.Post != "" {
		t.Fatalf("got %+v, %+v, %v", link, m, err)
	}
	// The other sees nothing of it, asked for by its own names or not.
	if _, err := f.ReadMedia(ctx, other, f.board, m.ID); !errors.Is(err, board.ErrNotFound) {
		t.Errorf("somebody else reads it: %v", err)
	}
	if _, theirs, err := f.PreviewLink(ctx, other, f.board, in); err != nil || theirs != nil {
		t.Errorf("somebody else is given it: %+v, %v", theirs, err)
	}
	f.answer(m.ID, 1, "Une page")
	if len(f.wall().Media) != 0 {
		t.Error("it is shown without a post")
	}
	post := f.post(me, board.NewPost{ID: testID(50), Attachments: linkTo(page)})
	if got := f.wall().Media; post.Attachments[0].Preview != m.ID || len(got) != 1 || got[0].Preview.Asked != 1 {
		t.Errorf("got %+v", got)
	}
	if _, again, err := f.PreviewLink(ctx, other, f.board, in); err != nil || again == nil || again.Preview.Page.Title != "Une page" {
		t.Errorf("what all see: %+v, %v", again, err)
	}
	// Each post has its own, and so has each page.
	if p := f.post(me, board.NewPost{Attachments: append(linkTo(page), linkTo(page+"/2")...)}); p.Attachments[0].Preview == m.ID || p.Attachments[1].Preview == p.Attachments[0].Preview {
		t.Errorf("got %+v", p.Attachments)
	}
}

func TestNoPreviewOf(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	if p := f.post(me, board.NewPost{Attachments: linkTo("https://example.org/secret")}); p.Attachments[0].Preview != "" {
		t.Errorf("a secret: %+v", p.Attachments)
	}
	if link, m, err := f.PreviewLink(ctx, me, f.board, board.NewPreview{Post: testID(50), URL: "https://example.org/secret"}); err != nil || m != nil || link.URL == "" {
		t.Errorf("a secret: %+v, %+v, %v", link, m, err)
	}
	_, _, err := f.PreviewLink(ctx, me, f.board, board.NewPreview{Post: testID(50), URL: "javascript:x"})
	wantCode(t, err, fault.Invalid, "url_not_allowed")
	_, _, err = f.PreviewLink(ctx, f.as(9, board.RoleReader), f.board, board.NewPreview{Post: testID(50), URL: page})
	wantCode(t, err, fault.Forbidden, "forbidden")
	// What a client says of a preview is not listened to.
	claimed := linkTo(page)
	claimed[0].Preview = testID(60)
	if p := f.post(me, board.NewPost{Attachments: claimed}); p.Attachments[0].Preview == testID(60) {
		t.Error("a client chose the preview")
	}
	// An upload that has taken a preview's id is not shown for it, and spoils
	// nothing else.
	link, _, err := f.PreviewLink(ctx, me, f.board, board.NewPreview{Post: testID(70), URL: page})
	if err != nil {
		t.Fatal(err)
	}
	g := newFixture(t)
	if _, err := g.BeginMedia(ctx, me, g.board, board.NewMedia{ID: link.Preview, Size: 1, Type: "image/png"}); err != nil {
		t.Fatal(err)
	}
	g.post(me, board.NewPost{ID: testID(70), Attachments: linkTo(page)})
	if m := g.media(link.Preview); m.Preview != nil || m.Post != "" {
		t.Errorf("got %+v", m)
	}
}

func TestLookupsAreBounded(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	ask := func(n int) error {
		_, _, err := f.PreviewLink(ctx, me, f.board, board.NewPreview{Post: testID(50), URL: fmt.Sprintf("%s/%d", page, n)})
		return err
	}
	for n := range 60 {
		if err := ask(n); err != nil {
			t.Fatal(n, err)
		}
	}
	wantCode(t, ask(60), fault.RateLimited, "rate_limited")
	if err := ask(0); err != nil {
		t.Errorf("what is there already: %v", err)
	}
	// A post is taken all the same: its link is a plain one.
	f.post(me, board.NewPost{Attachments: linkTo(page)})
	f.post(f.as(2, board.RoleWriter), board.NewPost{Attachments: linkTo(page)})
	f.clock.pass(11 * time.Minute)
	if err := ask(61); err != nil {
		t.Errorf("later: %v", err)
	}
}

// What nothing shows goes, and the media service is told.
func TestPreviewsAreCollected(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	post := f.post(me, board.NewPost{Title: "x", Attachments: append(linkTo(page), linkTo(page+"/2")...)})
	kept, gone := post.Attachments[0].Preview, post.Attachments[1].Preview
	_, unused, err := f.PreviewLink(ctx, me, f.board, board.NewPreview{Post: testID(50), URL: page})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []board.ID{kept, gone, unused.ID} {
		f.answer(id, 1, "Une page")
	}
	if _, err := f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Attachments: ptr(linkTo(page))}); err != nil {
		t.Fatal(err)
	}
	purge := func(after time.Duration) {
		t.Helper()
		f.clock.pass(after)
		for range 3 {
			if _, err := f.Purge(ctx, f.store); err != nil {
				t.Fatal(err)
			}
		}
	}
	purge(board.TrashKept + time.Hour)
	for _, id := range []board.ID{gone, unused.ID} {
		if m := f.media(id); !m.Deleted() || m.Preview != nil || m.Picture != nil || board.OrdersOf(m)[0].Erase == nil {
			t.Errorf("%s is left: %+v", id, m)
		}
	}
	if m := f.media(kept); m.Deleted() || len(f.wall().Media) != 1 {
		t.Errorf("what is shown was collected: %+v", m)
	}
	// The same link in the same post again: it is made anew.
	if _, err := f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Attachments: ptr(append(linkTo(page), linkTo(page+"/2")...))}); err != nil {
		t.Fatal(err)
	}
	f.answer(gone, 1, "De retour")
	if m := f.media(gone); m.Deleted() || m.Post != post.ID || m.Preview.Page.Title != "De retour" {
		t.Errorf("got %+v", m)
	}
	if _, err := f.DeletePost(ctx, me, f.board, post.ID, 0); err != nil {
		t.Fatal(err)
	}
	purge(board.TrashKept + time.Hour)
	for _, id := range []board.ID{kept, gone} {
		if m := f.media(id); !m.Deleted() || m.Preview != nil || board.OrdersOf(m)[0].Erase == nil {
			t.Errorf("%s outlives its post: %+v", id, m)
		}
	}
}

// A copied wall has its previews made anew.
func TestPreviewsOfACopiedWall(t *testing.T) {
	f := newFixture(t)
	f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "x", Attachments: linkTo(page)})
	copied, _, err := f.Duplicate(t.Context(), f.trainer(), f.board, f.as(2, board.RoleModerator), board.NewDuplicate{ID: testID(900), Posts: true})
	if err != nil {
		t.Fatal(err)
	}
	posts, previews := of[*board.Post](f, copied.ID, board.KindPost), of[*board.Media](f, copied.ID, board.KindMedia)
	if len(posts) != 1 || len(previews) != 1 || posts[0].Attachments[0].Preview != previews[0].ID {
		t.Fatalf("%d posts, %d previews", len(posts), len(previews))
	}
	if m := previews[0]; m.Post != posts[0].ID || !m.Preview.Due() || len(board.OrdersOf(m)) != 1 {
		t.Errorf("got %+v", m)
	}
}

// What is made while it is being erased is erased once more, also of a wall that
// is gone.
func TestWhatComesAfterItsErasureIsErasedAgain(t *testing.T) {
	for name, gone := range map[string]func(f *fixture, post *board.Post) error{
		"its post": func(f *fixture, post *board.Post) error {
			_, err := f.DeletePost(f.t.Context(), f.as(1, board.RoleWriter), f.board, post.ID, 0)
			return err
		},
		"its wall": func(f *fixture, _ *board.Post) error {
			return f.TrashWall(f.t.Context(), f.trainer(), f.board)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "x", Attachments: linkTo(page)})
			id := post.Attachments[0].Preview
			if err := gone(f, post); err != nil {
				t.Fatal(err)
			}
			f.clock.pass(board.TrashKept + time.Hour)
			for range 5 {
				if _, err := f.Purge(t.Context(), f.store); err != nil {
					t.Fatal(err)
				}
			}
			erased := f.media(id)
			if !erased.Deleted() {
				t.Fatalf("it is there: %+v", erased)
			}
			f.answer(id, 1, "Trop tard")
			if m := f.media(id); m.Rev != erased.Rev+1 || m.Preview != nil || board.OrdersOf(m)[0].Erase == nil {
				t.Errorf("got %+v", m)
			}
		})
	}
}

package board_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// atOnce does something many times at once, and counts what came of it.
func atOnce(n int, do func(n int) error) (done int, refused map[string]int) {
	refused = make(map[string]int)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
				return
			}
			fl, _ := fault.As(err)
			if fl == nil {
				refused[err.Error()]++
				return
			}
			refused[fl.Code]++
		})
	}
	wg.Wait()
	return done, refused
}

func TestPostsEachIsExact(t *testing.T) {
	f := newFixture(t)
	f.set(board.SettingsEdit{PostsEach: ptr(5)})
	me := f.as(1, board.RoleWriter)
	done, refused := atOnce(20, func(n int) error {
		_, err := f.CreatePost(context.Background(), me, f.board, board.NewPost{ID: testID(100 + n), Title: "un"})
		return err
	})
	if done != 5 || refused["posts_limit_reached"] != 15 || len(f.wall().Posts) != 5 {
		t.Fatalf("%d made, %d there, refused %v", done, len(f.wall().Posts), refused)
	}
	f.post(f.as(2, board.RoleWriter), board.NewPost{Title: "d’un autre"})
	for range 7 {
		f.post(f.as(3, board.RoleModerator), board.NewPost{Title: "d’un animateur"})
	}
}

func TestPostsEachCountsWhatIsThere(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me := f.as(1, board.RoleWriter)
	try := func(n int) error {
		_, err := f.CreatePost(ctx, me, f.board, board.NewPost{ID: testID(n), Title: "un"})
		return err
	}
	f.set(board.SettingsEdit{PostsEach: ptr(3)})
	f.post(me, board.NewPost{ID: testID(100), Title: "un"})
	f.set(board.SettingsEdit{PostsEach: ptr(0)})
	f.post(me, board.NewPost{ID: testID(101), Title: "deux"})
	f.post(me, board.NewPost{ID: testID(102), Title: "trois"})
	f.set(board.SettingsEdit{PostsEach: ptr(3)})
	wantCode(t, try(103), fault.Conflict, "posts_limit_reached") // those made without a limit count as well
	if err := try(102); err != nil {
		t.Fatalf("a retry of the last: %v", err)
	}
	must(f.DeletePost(ctx, me, f.board, testID(100), 0))(t)
	if err := try(103); err != nil {
		t.Fatalf("after a deletion: %v", err)
	}
	_, err := f.RestorePost(ctx, me, f.board, testID(100))
	wantCode(t, err, fault.Conflict, "posts_limit_reached")
	must(f.RestorePost(ctx, f.as(3, board.RoleModerator), f.board, testID(100)))(t)
	// What came to nothing takes no place for long.
	must(f.DeletePost(ctx, me, f.board, testID(100), 0))(t)
	must(f.DeletePost(ctx, me, f.board, testID(101), 0))(t)
	_, err = f.CreatePost(ctx, me, f.board, board.NewPost{ID: testID(104), Title: "photo", Attachments: []board.Attachment{{Type: board.AttachmentMedia, Media: testID(404)}}})
	wantCode(t, err, fault.Invalid, "media_unknown")
	f.clock.pass(2 * time.Minute)
	if err := try(105); err != nil {
		t.Fatalf("a post that could not be made took the place of one: %v", err)
	}
}

// TestALimitTellsTrainersNothing: a participant's document is theirs to read,
// and must not change when somebody whom they are not to know posts.
func TestALimitTellsTrainersNothing(t *testing.T) {
	f := newFixture(t)
	f.set(board.SettingsEdit{PostsEach: ptr(5), Anonymity: ptr(board.AnonymousToAll)})
	me := f.person("Ada")
	before := f.stored(board.KindParticipant, me.Participant).Head()
	f.told = nil
	post := f.post(me, board.NewPost{Title: "un"})
	if after := f.stored(board.KindParticipant, me.Participant).Head(); after.Rev != before.Rev {
		t.Fatalf("the participant is at revision %d, was at %d", after.Rev, before.Rev)
	}
	if len(f.told) != 1 || !strings.HasPrefix(f.told[0], string(post.ID)) {
		t.Fatalf("told of %v", f.told)
	}
	err := f.BlockAuthor(t.Context(), f.as(3, board.RoleModerator), f.board, post.ID)
	wantCode(t, err, fault.Conflict, "author_sealed")
}

// person enters by the writers' link.
func (f *fixture) person(name string) board.Principal {
	f.t.Helper()
	for _, l := range must(f.ReadLinks(f.t.Context(), f.as(3, board.RoleModerator), f.board))(f.t) {
		if l.Role == board.RoleWriter {
			return must(f.EnterByLink(f.t.Context(), board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, l.ID), Name: name}))(f.t)
		}
	}
	f.t.Fatal("no link")
	return board.Principal{}
}

func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	words := []string{"Zut", "gros mot", "cœur", "façon", "naïve"}
	for _, tc := range []struct{ title, body, want string }{
		{"Zut", "", "Zut"}, {"ZUT alors", "", "Zut"}, {"zút", "", "Zut"}, {"zu\u0301t", "", "Zut"}, {"(zut!)", "", "Zut"},
		{"", "<p>z<strong>u</strong>t</p>", "Zut"}, {"", "<p>z<em><strong>u</strong></em>t</p>", "Zut"},
		{"", "<p>z&uacute;t</p>", "Zut"}, {"", "<p>&#122;ut</p>", "Zut"}, {"", `<p>z<a href="https://a.fr/?a=1&amp;b=2">ut</a></p>`, "Zut"},
		{"", "<ul><li>un</li><li>zut</li></ul>", "Zut"}, {"", "un<br>zut", "Zut"},
		{"z\u00adut", "", "Zut"}, {"z\u200but", "", "Zut"}, {"zu\u2060t", "", "Zut"},
		{"gros  mot", "", "gros mot"}, {"", "<p>gros</p><p>mot</p>", "gros mot"}, {"gros-mot", "", "gros mot"}, {"GROS\u00a0MOT", "", "gros mot"},
		{"coeur", "", "cœur"}, {"CŒUR", "", "cœur"}, {"facon", "", "façon"}, {"fac\u0327on", "", "façon"}, {"NAIVE", "", "naïve"},
		{"zutiste", "", ""}, {"azut", "", ""}, {"gros ou mot", "", ""}, {"", "<p>zu</p><p>t</p>", ""}, {"z u t", "", ""}, {"", `<a href="https://zut.fr">lien</a>`, ""},
	} {
		f := newFixture(t)
		f.set(board.SettingsEdit{Words: &words})
		post := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: tc.title, Body: tc.body})
		if post.Held != tc.want || (post.State == board.StatePending) != (tc.want != "") {
			t.Errorf("%q %q is held for %q and %q, want %q", tc.title, tc.body, post.Held, post.State, tc.want)
		}
		if free := f.post(f.as(3, board.RoleModerator), board.NewPost{Title: tc.title, Body: tc.body}); free.Held != "" {
			t.Errorf("a trainer's %q is held", tc.title)
		}
	}
	f := newFixture(t)
	f.set(board.SettingsEdit{Words: &words})
	captioned := f.post(f.as(1, board.RoleWriter), board.NewPost{Title: "x", Attachments: []board.Attachment{{Type: board.AttachmentLink, URL: "https://a.fr", Caption: "zut"}}})
	if captioned.Held != "Zut" {
		t.Error("a caption is not read")
	}
}

// TestNoEditPutsOntoTheWallWhatWaits: only a moderator does.
func TestNoEditPutsOntoTheWallWhatWaits(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	post := f.post(me, board.NewPost{Title: "un"})
	must(f.RejectPost(ctx, trainer, f.board, post.ID, "non"))(t)
	for n := range 2 {
		edited := must(f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Title: ptr(fmt.Sprint("encore ", n))}))(t)
		if edited.State != board.StatePending || edited.Reason != "" {
			t.Fatalf("the author put it back: %+v", edited)
		}
	}
	if again := must(f.ApprovePost(ctx, trainer, f.board, post.ID))(t); again.State != board.StatePublished {
		t.Fatalf("it is %+v", again)
	}
	f.set(board.SettingsEdit{Moderation: ptr(board.ModerationAll)})
	if edited := must(f.EditPost(ctx, me, f.board, post.ID, 0, board.PostEdit{Title: ptr("autre")}))(t); edited.State != board.StatePending {
		t.Fatal("what a moderator has not seen is on the wall")
	}
	if edited := must(f.EditPost(ctx, trainer, f.board, post.ID, 0, board.PostEdit{Title: ptr("autre chose")}))(t); edited.State != board.StatePending {
		t.Fatal("a moderator's edit approves")
	}
	f.set(board.SettingsEdit{Moderation: ptr(board.ModerationGuests)})
	known := f.as(2, board.RoleWriter)
	known.Account = testID(900)
	if post := f.post(known, board.NewPost{Title: "x"}); post.State != board.StatePublished {
		t.Fatal("somebody who has signed in waits")
	}
	if post := f.post(me, board.NewPost{Title: "x"}); post.State != board.StatePending {
		t.Fatal("a guest does not wait")
	}
}

func TestWhatABoardAsksFor(t *testing.T) {
	media := board.Attachment{Type: board.AttachmentMedia, Media: testID(60)}
	link := board.Attachment{Type: board.AttachmentLink, URL: "https://a.fr"}
	for name, tc := range map[string]struct {
		edit board.SettingsEdit
		bad  board.NewPost
		code string
		good board.NewPost
	}{
		"title":   {board.SettingsEdit{Required: &[]board.Field{board.FieldTitle}}, board.NewPost{Body: "x"}, "required", board.NewPost{Title: "x"}},
		"text":    {board.SettingsEdit{Required: &[]board.Field{board.FieldText}}, board.NewPost{Title: "x", Body: "<p> &nbsp;</p>"}, "required", board.NewPost{Body: "<p>x</p>"}},
		"section": {board.SettingsEdit{Required: &[]board.Field{board.FieldSection}}, board.NewPost{Title: "x"}, "required", board.NewPost{Title: "x", Section: testID(70)}},
		"picture": {board.SettingsEdit{Required: &[]board.Field{board.FieldPicture}}, board.NewPost{Title: "x", Attachments: []board.Attachment{link}}, "picture_required", board.NewPost{Attachments: []board.Attachment{media}}},
		"alt":     {board.SettingsEdit{Required: &[]board.Field{board.FieldAlt}}, board.NewPost{Attachments: []board.Attachment{media}}, "alt_required", board.NewPost{Title: "x", Attachments: []board.Attachment{link}}},
		"kinds":   {board.SettingsEdit{Kinds: &[]board.ContentKind{board.ContentPicture}}, board.NewPost{Attachments: []board.Attachment{link}}, "kind_not_allowed", board.NewPost{Attachments: []board.Attachment{media}}},
		"colours": {board.SettingsEdit{PlainPosts: ptr(true)}, board.NewPost{Title: "x", Colour: "red"}, "colour_not_allowed", board.NewPost{Title: "x"}},
		"length":  {board.SettingsEdit{MaxLength: ptr(5)}, board.NewPost{Body: "<p>abc</p><p>déf</p>"}, "too_long", board.NewPost{Body: "<p><strong>ab</strong>c&amp;</p><p>d</p>"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, ctx := newFixture(t), t.Context()
			me, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
			must(f.CreateSection(ctx, trainer, f.board, board.NewSection{ID: testID(70), SectionEdit: board.SectionEdit{Title: ptr("Partie")}}))(t)
			must(f.BeginMedia(ctx, me, f.board, board.NewMedia{ID: testID(60), Size: 1, Type: "image/png"}))(t)
			f.set(tc.edit)
			_, err := f.CreatePost(ctx, me, f.board, tc.bad)
			wantCode(t, err, fault.Invalid, tc.code)
			f.post(me, tc.good)
			if len(tc.bad.Attachments) == 0 {
				f.post(trainer, tc.bad) // who makes the rules may break them
			}
		})
	}
}

func TestMovesAreAllOrNone(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, other := f.as(1, board.RoleWriter), f.as(2, board.RoleWriter)
	var moves []board.Move
	for n := range board.MaxMoves {
		post := f.post(me, board.NewPost{Title: fmt.Sprint(n)})
		moves = append(moves, board.Move{Post: post.ID, Placement: board.Placement{Order: "V"}})
	}
	last := len(moves) - 1
	mine := moves[last]
	moves[last].Post = f.post(other, board.NewPost{Title: "x"}).ID
	_, err := f.MovePosts(ctx, me, f.board, moves)
	wantCode(t, err, fault.Forbidden, "forbidden")
	moves[last] = mine
	moves[last].Order = "x0"
	_, err = f.MovePosts(ctx, me, f.board, moves)
	wantCode(t, err, fault.Invalid, "order_invalid")
	for _, m := range moves {
		if post := f.stored(board.KindPost, m.Post).(*board.Post); post.Rev != 1 {
			t.Fatalf("%s was moved", post.Title)
		}
	}
	moves[last].Order = "V"
	if moved := must(f.MovePosts(ctx, me, f.board, moves))(t); len(moved) != board.MaxMoves || moved[last].Order != "V" {
		t.Fatalf("%d moved", len(moved))
	}
	_, err = f.MovePosts(ctx, me, f.board, append(moves, moves[0]))
	wantCode(t, err, fault.Invalid, "too_many")
}

func TestLockedAndHiddenSections(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	me, trainer := f.as(1, board.RoleWriter), f.as(3, board.RoleModerator)
	section := func(edit board.SectionEdit) board.ID {
		edit.Title = ptr("Partie")
		return must(f.CreateSection(ctx, trainer, f.board, board.NewSection{SectionEdit: edit}))(t).ID
	}
	open, locked, hidden := section(board.SectionEdit{}), section(board.SectionEdit{}), section(board.SectionEdit{Hidden: ptr(true)})
	there := f.post(me, board.NewPost{Title: "un", Section: locked})
	trashed := f.post(me, board.NewPost{Title: "deux", Section: locked})
	must(f.DeletePost(ctx, me, f.board, trashed.ID, 0))(t)
	f.section(locked, board.SectionEdit{Locked: ptr(true)})
	elsewhere := f.post(me, board.NewPost{Title: "trois", Section: open})
	move := func(p board.Principal, post, to board.ID) error {
		_, err := f.MovePosts(ctx, p, f.board, []board.Move{{Post: post, Placement: board.Placement{Section: &to}}})
		return err
	}
	post := func(p board.Principal, to board.ID) error {
		_, err := f.CreatePost(ctx, p, f.board, board.NewPost{Title: "x", Section: to})
		return err
	}
	edit := func(p board.Principal) error {
		_, err := f.EditPost(ctx, p, f.board, there.ID, 0, board.PostEdit{Title: ptr("autre " + p.Name)})
		return err
	}
	restore := func(p board.Principal) error { _, err := f.RestorePost(ctx, p, f.board, trashed.ID); return err }
	remove := func(p board.Principal) error { _, err := f.DeletePost(ctx, p, f.board, there.ID, 0); return err }
	for _, err := range []error{edit(me), remove(me), restore(me), post(me, locked), move(me, there.ID, open), move(me, elsewhere.ID, locked)} {
		wantCode(t, err, fault.Closed, "section_locked")
	}
	for _, err := range []error{post(me, hidden), move(me, elsewhere.ID, hidden), move(me, elsewhere.ID, testID(404)), post(me, "nonsense")} {
		wantCode(t, err, fault.Conflict, "section_gone")
	}
	if err := errors.Join(edit(trainer), restore(trainer), post(trainer, locked), post(trainer, hidden), move(trainer, there.ID, open), remove(trainer)); err != nil {
		t.Fatalf("a trainer: %v", err)
	}
	// Whoever moves into a section that has just been deleted is told so; what was
	// on its way stands where the section's posts went.
	must(f.DeleteSection(ctx, trainer, f.board, open, board.FateKeep, ""))(t)
	wantCode(t, post(me, open), fault.Conflict, "section_gone")
}

func TestALinkThatCountsIsExact(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleWriter), MaxUses: ptr(12)}}))(t)
	entry := board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, link.ID)}
	enter := func(n int) error {
		in := entry
		in.Name = fmt.Sprint("Personne ", n)
		_, err := f.EnterByLink(context.Background(), in)
		return err
	}
	// What refuses somebody for another reason takes nobody's place.
	f.set(board.SettingsEdit{OpenFrom: ptr(f.clock.Now().Add(time.Hour))})
	wantCode(t, enter(0), fault.Closed, "board_not_open_yet")
	f.set(board.SettingsEdit{OpenFrom: &time.Time{}})
	in := entry
	in.Name = strings.Repeat("x", board.MaxName+1)
	_, err := f.EnterByLink(ctx, in)
	wantCode(t, err, fault.Invalid, "too_long")
	done, refused := atOnce(30, enter)
	if done != 12 || refused["link_used_up"] != 18 {
		t.Fatalf("%d entered, refused %v", done, refused)
	}
	if l := f.stored(board.KindLink, link.ID).(*board.Link); l.Uses != 12 {
		t.Fatalf("%d uses", l.Uses)
	}
	many := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleWriter), MaxUses: ptr(1000)}}))(t)
	entry.Secret = f.Sealer.Secret(f.board, many.ID)
	if done, refused := atOnce(60, enter); done != 60 {
		t.Fatalf("of a room of 60 that comes at once %d enter, refused %v", done, refused)
	}
}

func TestPasswordsAndCodes(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	trainer := f.as(3, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleReader), Password: ptr("ouvre-toi")}}))(t)
	entry := board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, link.ID), Name: "Ada"}
	try := func(password string) error {
		in := entry
		in.Password = password
		_, err := f.EnterByLink(ctx, in)
		return err
	}
	wantCode(t, try(""), fault.Unauthenticated, "link_password_required")
	wantCode(t, try("ferme-toi"), fault.Unauthenticated, "link_password")
	if err := try("ouvre-toi"); err != nil {
		t.Fatal(err)
	}
	_, err := f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Password: ptr("abc")}})
	wantCode(t, err, fault.Invalid, "too_short")
	if _, err := f.GiveCode(ctx, f.as(1, board.RoleWriter), f.board, link.ID); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("a participant makes a code: %v", err)
	}
	coded := must(f.GiveCode(ctx, trainer, f.board, link.ID))(t)
	if again := must(f.GiveCode(ctx, trainer, f.board, link.ID))(t); again.Code != coded.Code || again.Rev != coded.Rev {
		t.Fatalf("another code: %q, %q", coded.Code, again.Code)
	}
	typed := strings.ToLower(coded.Code[:3] + "-" + coded.Code[3:])
	byCode := board.Entry{Secret: typed, Name: "Ada", Password: "ouvre-toi"}
	if p := must(f.EnterByCode(ctx, byCode))(t); p.Role != board.RoleReader || p.Board != f.board || p.Link != link.ID {
		t.Fatalf("entered as %+v", p)
	}
	byCode.Password = ""
	_, err = f.EnterByCode(ctx, byCode)
	wantCode(t, err, fault.Unauthenticated, "link_password_required")
	must(f.RevokeLink(ctx, trainer, f.board, link.ID))(t)
	_, err = f.EnterByCode(ctx, byCode)
	wantCode(t, err, fault.Unauthenticated, "code_invalid")
	strong := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleModerator)}}))(t)
	_, err = f.GiveCode(ctx, trainer, f.board, strong.ID)
	wantCode(t, err, fault.Forbidden, "forbidden")
}

// slowWords counts the passwords that are looked at.
type slowWords struct {
	plainWords
	asked atomic.Int64
}

func (s *slowWords) Check(hash, password string) bool {
	s.asked.Add(1)
	return s.plainWords.Check(hash, password)
}

// TestAClassThatComesByAPasswordIsOneHash: whoever knows a link's password keeps
// nobody from signing in by using it again and again, and guesses are no cheaper.
func TestAClassThatComesByAPasswordIsOneHash(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	words := new(slowWords)
	f.Passwords = words
	trainer := f.as(9, board.RoleModerator)
	link := must(f.CreateLink(ctx, trainer, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleReader), Password: ptr("ouvre-toi")}}))(t)
	enter := func(password string) error {
		_, err := f.EnterByLink(ctx, board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, link.ID), Password: password})
		return err
	}
	asked := func(n int64, when string) {
		t.Helper()
		if got := words.asked.Swap(0); got != n {
			t.Errorf("%s %d passwords were looked at, not %d", when, got, n)
		}
	}
	var class sync.WaitGroup
	for range 40 {
		class.Go(func() {
			if err := enter("ouvre-toi"); err != nil {
				t.Error(err)
			}
		})
	}
	class.Wait()
	asked(1, "of a class")
	for range 3 {
		wantCode(t, enter("ferme-toi"), fault.Unauthenticated, "link_password")
	}
	asked(3, "of wrong ones")
	must(f.EditLink(ctx, trainer, f.board, link.ID, board.LinkEdit{Password: ptr("autrement")}))(t)
	wantCode(t, enter("ouvre-toi"), fault.Unauthenticated, "link_password")
	if err := enter("autrement"); err != nil {
		t.Fatal(err)
	}
	asked(2, "after a change")
	f.clock.now = f.clock.now.Add(11 * time.Minute)
	if err := enter("autrement"); err != nil {
		t.Fatal(err)
	}
	asked(1, "much later")
}

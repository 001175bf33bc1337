package board_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const longEnough = "une phrase assez longue"

// trainer makes the first account, which owns the fixture's board.
func (f *fixture) trainer() *board.Account {
	f.t.Helper()
	if err := f.OpenSetup(f.t.Context(), f.board); err != nil {
		f.t.Fatal(err)
	}
	a, err := f.SetUp(f.t.Context(), f.SetupCode(), board.NewAccount{Login: " Ada@Example.org ", Name: "Ada", Password: longEnough})
	if err != nil {
		f.t.Fatal(err)
	}
	return a
}

func TestTheFirstAccountIsMadeOnceAndOwnsTheFirstWall(t *testing.T) {
	f := newFixture(t)
	in := board.NewAccount{Login: "ada", Name: "Ada", Password: longEnough}
	_, err := f.SetUp(t.Context(), f.SetupCode(), in)
	wantCode(t, err, fault.Exists, "setup_done") // it was never opened
	if err := f.OpenSetup(t.Context(), f.board); err != nil {
		t.Fatal(err)
	}
	_, err = f.SetUp(t.Context(), "wrong", in)
	wantCode(t, err, fault.Unauthenticated, "setup_code_invalid")
	_, err = f.SetUp(t.Context(), f.SetupCode(), board.NewAccount{Login: " ", Password: "court"})
	fl, _ := fault.As(err)
	if fl == nil || len(fl.Details) != 3 {
		t.Fatalf("got %+v, want three faults", err)
	}

	var wg sync.WaitGroup
	made := make([]*board.Account, 8)
	for i := range made {
		wg.Go(func() {
			made[i], _ = f.SetUp(t.Context(), f.SetupCode(), board.NewAccount{Login: strings.Repeat("a", i+1), Name: "Ada", Password: longEnough})
		})
	}
	wg.Wait()
	var winner *board.Account
	for _, a := range made {
		if a != nil && winner != nil {
			t.Fatal("two first accounts")
		}
		if a != nil {
			winner = a
		}
	}
	open, done, err := f.SetupState(t.Context())
	if open || !done || err != nil || winner == nil {
		t.Fatalf("open %v, done %v, %v, %v", open, done, winner, err)
	}
	walls, err := f.Walls(t.Context(), winner, "")
	if err != nil || len(walls) != 1 || walls[0].ID != f.board {
		t.Fatalf("walls %v, %v", walls, err)
	}
}

func TestSigningIn(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	got, err := f.SignIn(t.Context(), "ADA@example.org", longEnough)
	if err != nil || got.ID != a.ID || got.Name != "Ada" || got.Email != "ada@example.org" {
		t.Fatalf("got %+v, %v", got, err)
	}
	_, err = f.SignIn(t.Context(), "ada@example.org", "autre chose")
	wantCode(t, err, fault.Unauthenticated, "sign_in_refused")
	_, err = f.SignIn(t.Context(), "bob", "nobody's password")
	wantCode(t, err, fault.Unauthenticated, "sign_in_refused")

	if _, err := f.SignedIn(t.Context(), a.ID, a.Generation); err != nil {
		t.Fatal(err)
	}
	for range 2 { // again is done
		if err := f.SignOutEverywhere(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	_, err = f.SignedIn(t.Context(), a.ID, a.Generation)
	wantCode(t, err, fault.Unauthenticated, "account_signed_out")
	if _, err := f.SignedIn(t.Context(), a.ID, a.Generation+1); err != nil {
		t.Fatal(err)
	}
}

func TestAProvidersPersonHasOneAccount(t *testing.T) {
	f := newFixture(t)
	in := board.Identity{Issuer: "https://id.example", Subject: "42", Name: "Ada", Email: "ada@example.org"}
	first, err := f.EnsureAccount(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Name = "Ada L."
	again, err := f.EnsureAccount(t.Context(), in)
	if err != nil || again.ID != first.ID || again.Name != "Ada L." || again.Rev != 2 {
		t.Fatalf("got %+v, %v", again, err)
	}
	in.Issuer = "https://other.example"
	other, err := f.EnsureAccount(t.Context(), in)
	if err != nil || other.ID == first.ID {
		t.Fatalf("another provider's 42 is the same: %v", err)
	}
	_, err = f.SignIn(t.Context(), "ada@example.org", "")
	wantCode(t, err, fault.Unauthenticated, "sign_in_refused")
}

func TestAnOwnerIsTheSameParticipantWhileSignedIn(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	p, err := f.Owner(t.Context(), a, f.board, "")
	if err != nil || p.Role != board.RoleOwner || p.Name != "Ada" || p.Account != a.ID {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := f.CreatePost(t.Context(), p, f.board, board.NewPost{Title: "Bonjour"}); err != nil {
		t.Fatal(err)
	}
	again, err := f.Renew(t.Context(), p, "")
	if err != nil || again.Participant != p.Participant || again.Role != board.RoleOwner {
		t.Fatalf("got %+v, %v", again, err)
	}
	if err := f.SignOutEverywhere(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	_, err = f.Renew(t.Context(), p, "")
	wantCode(t, err, fault.Unauthenticated, "account_signed_out")

	stranger, err := f.EnsureAccount(t.Context(), board.Identity{Issuer: "i", Subject: "s", Name: "Bob"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Owner(t.Context(), stranger, f.board, "")
	wantCode(t, err, fault.NotFound, "not_found")
	for _, refused := range []error{f.TrashWall(t.Context(), stranger, f.board), f.RestoreWall(t.Context(), stranger, f.board), f.ArchiveWall(t.Context(), stranger, f.board, true)} {
		wantCode(t, refused, fault.NotFound, "not_found")
	}
}

func TestWhoHasSignedInIsNoGuest(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	mod := f.as(2, board.RoleModerator)
	guests := board.ModerationGuests
	if _, err := f.EditBoard(t.Context(), mod, f.board, 1, board.BoardEdit{SettingsEdit: board.SettingsEdit{Moderation: &guests}}); err != nil {
		t.Fatal(err)
	}
	link, err := f.CreateLink(t.Context(), mod, f.board, board.NewLink{LinkEdit: board.LinkEdit{Role: ptr(board.RoleWriter)}})
	if err != nil {
		t.Fatal(err)
	}
	entry := board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, link.ID), SignedIn: a}
	p, err := f.EnterByLink(t.Context(), entry)
	if err != nil || p.Name != "Ada" || p.Role != board.RoleWriter {
		t.Fatalf("got %+v, %v", p, err)
	}
	twice, err := f.EnterByLink(t.Context(), entry)
	if err != nil || twice.Participant != p.Participant {
		t.Fatalf("another device is another participant: %+v, %v", twice, err)
	}
	post, err := f.CreatePost(t.Context(), p, f.board, board.NewPost{Title: "Vu"})
	if err != nil || post.State != board.StatePublished {
		t.Fatalf("got %+v, %v", post, err)
	}
	if err := f.SignOutEverywhere(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	p, err = f.Renew(t.Context(), p, "")
	if err != nil || p.Account != "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	post, err = f.CreatePost(t.Context(), p, f.board, board.NewPost{Title: "À voir"})
	if err != nil || post.State != board.StatePending {
		t.Fatalf("got %+v, %v", post, err)
	}
}

func TestWallsAreListedLastChangedFirst(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	var made []*board.Board
	for i, title := range []string{"Géologie", "Écosystèmes", "Photosynthèse"} {
		f.clock.pass(time.Minute)
		in := board.NewWall{ID: testID(50 + i), NewBoard: board.NewBoard{Title: title}}
		b, err := f.CreateWall(t.Context(), a, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.CreateWall(t.Context(), a, in)
		if err != nil || again.ID != b.ID || again.Rev != 1 {
			t.Fatalf("again: %+v, %v", again, err)
		}
		made = append(made, b)
	}
	f.clock.pass(time.Minute)
	owner, err := f.Owner(t.Context(), a, made[0].ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.CreatePost(t.Context(), owner, made[0].ID, board.NewPost{Title: "Un caillou"}); err != nil {
		t.Fatal(err)
	}
	titles := func(text string) string {
		walls, err := f.Walls(t.Context(), a, text)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, w := range walls {
			out = append(out, w.Title)
		}
		return strings.Join(out, ", ")
	}
	if got := titles(""); got != "Géologie, Photosynthèse, Écosystèmes, Mur" {
		t.Fatal(got)
	}
	if got := titles("ecosys"); got != "Écosystèmes" {
		t.Fatal(got)
	}
	// What is somebody else's is not made one's own by its id.
	if b, err := f.CreateWall(t.Context(), a, board.NewWall{ID: f.board, NewBoard: board.NewBoard{Title: "Pris"}}); err != nil || b.ID == f.board {
		t.Fatalf("got %+v, %v", b, err)
	}
	if _, err := f.CreateWall(t.Context(), a, board.NewWall{ID: testID(60)}); err == nil {
		t.Fatal("a wall without a title")
	}
	if got := titles(""); strings.Contains(got, ", ,") {
		t.Fatal("a wall that was refused is listed")
	}
}

func TestAWallIsDeletedRestoredAndErased(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	owner, err := f.Owner(t.Context(), a, f.board, "")
	if err != nil {
		t.Fatal(err)
	}
	post, err := f.CreatePost(t.Context(), owner, f.board, board.NewPost{Title: "Secret", Body: "<p>Secret</p>"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.EditPost(t.Context(), owner, f.board, post.ID, 1, board.PostEdit{Title: ptr("Secret deux")}); err != nil {
		t.Fatal(err)
	}
	links, err := f.ReadLinks(t.Context(), owner, f.board)
	if err != nil {
		t.Fatal(err)
	}
	var code string
	for _, l := range links {
		if l.Role == board.RoleWriter {
			given, err := f.GiveCode(t.Context(), owner, f.board, l.ID)
			if err != nil {
				t.Fatal(err)
			}
			code = given.Code
		}
	}
	trash := func() {
		t.Helper()
		if err := f.TrashWall(t.Context(), a, f.board); err != nil {
			t.Fatal(err)
		}
	}
	trash()
	trash()
	_, err = f.EnterByCode(t.Context(), board.Entry{Secret: code})
	wantCode(t, err, fault.Unauthenticated, "link_invalid")
	_, err = f.ReadBoard(t.Context(), owner, f.board)
	wantCode(t, err, fault.NotFound, "not_found")
	_, err = f.Renew(t.Context(), owner, "")
	wantCode(t, err, fault.Unauthenticated, "link_invalid")

	if err := f.RestoreWall(t.Context(), a, f.board); err != nil {
		t.Fatal(err)
	}
	if got := f.wall(); len(got.Posts) != 1 {
		t.Fatalf("restored with %d posts", len(got.Posts))
	}
	trash()
	f.clock.pass(board.TrashKept + time.Second)
	wantCode(t, f.RestoreWall(t.Context(), a, f.board), fault.Conflict, "restore_too_late")
	if _, err := f.Purge(t.Context(), f.store); err != nil {
		t.Fatal(err)
	}
	f.nothingLeft(t, code)
	wantCode(t, f.RestoreWall(t.Context(), a, f.board), fault.Conflict, "restore_too_late")
	walls, err := f.Walls(t.Context(), a, "")
	if err != nil || len(walls) != 0 {
		t.Fatalf("got %v, %v", walls, err)
	}
	wantCode(t, f.RestoreWall(t.Context(), a, f.board), fault.Conflict, "restore_too_late")
	if n, err := f.Purge(t.Context(), f.store); n != 0 || err != nil {
		t.Fatalf("%d left to purge, %v", n, err)
	}
}

// nothingLeft looks whether the board's documents are bare tombstones.
func (f *fixture) nothingLeft(t *testing.T, code string) {
	t.Helper()
	for _, kind := range board.Kinds() {
		live, err := f.store.List(t.Context(), f.board, kind)
		if err != nil {
			t.Fatal(err)
		}
		trashed, err := f.store.Trashed(t.Context(), f.board, kind)
		if err != nil {
			t.Fatal(err)
		}
		if len(live)+len(trashed) > 0 {
			t.Fatalf("%d of kind %s are left", len(live)+len(trashed), kind)
		}
	}
	doc, err := f.store.Get(t.Context(), board.Key{Board: f.board, Kind: board.KindBoard, ID: f.board})
	if err != nil || doc.(*board.Board).Title != "" {
		t.Fatalf("got %+v, %v", doc, err)
	}
	_, err = f.EnterByCode(t.Context(), board.Entry{Secret: code})
	wantCode(t, err, fault.Unauthenticated, "code_invalid")
}

func TestALargeWallIsErasedInBatches(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	owner, err := f.Owner(t.Context(), a, f.board, "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for part := range 10 {
		wg.Go(func() {
			for i := range 60 {
				// Two entries of the log each: more than one batch.
				p, err := f.CreatePost(t.Context(), owner, f.board, board.NewPost{ID: testID(5000 + 100*part + i), Title: "Un"})
				if err == nil {
					_, err = f.EditPost(t.Context(), owner, f.board, p.ID, p.Rev, board.PostEdit{Title: ptr("Deux")})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := f.TrashWall(t.Context(), a, f.board); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(board.TrashKept + time.Second)
	purge := func() {
		t.Helper()
		if _, err := f.Purge(t.Context(), f.store); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	if left := of[*board.Act](f, f.board, board.KindAct); len(left) == 0 {
		t.Fatal("all of it was one batch: nothing was tried")
	}
	for range 4 {
		purge()
	}
	f.nothingLeft(t, "ZZZZZZ")
}

func TestModeratorsOfAWall(t *testing.T) {
	f := newFixture(t)
	a := f.trainer()
	links, err := f.ReadLinks(t.Context(), f.as(2, board.RoleModerator), f.board)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if _, err := f.EnterByLink(t.Context(), board.Entry{Board: f.board, Secret: f.Sealer.Secret(f.board, l.ID), Name: string(l.Role)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Owner(t.Context(), a, f.board, ""); err != nil {
		t.Fatal(err)
	}
	people, err := f.ModeratorsOf(t.Context(), a, f.board)
	if err != nil || len(people) != 1 || people[0].Name != "moderator" {
		t.Fatalf("got %v, %v", people, err)
	}
}

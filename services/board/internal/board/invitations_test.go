package board_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// colleague makes a second local account.
func (f *fixture) colleague(admin *board.Account, login string) *board.Account {
	f.t.Helper()
	ctx := f.t.Context()
	code := f.InvitationCode(must(f.InviteAccount(ctx, admin))(f.t))
	return must(f.TakeAccount(ctx, code, board.NewAccount{Login: login, Name: login, Password: longEnough}))(f.t)
}

func TestAnAdministratorInvitesOthersOneByOne(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	admin := f.trainer()
	inv := must(f.InviteAccount(ctx, admin))(t)
	code := f.InvitationCode(inv)
	if told := must(f.ReadInvitation(ctx, code))(t); told.To != board.ToAccount || told.ByName != "Ada" {
		t.Fatalf("it says %+v", told)
	}
	_, err := f.TakeAccount(ctx, code, board.NewAccount{Login: "ada@example.org", Name: "Eve", Password: longEnough})
	wantCode(t, err, fault.Invalid, "login_taken")
	_, err = f.TakeAccount(ctx, code, board.NewAccount{Login: "bob", Name: "Bob", Password: "court"})
	wantCode(t, err, fault.Invalid, "too_short")

	var wg sync.WaitGroup
	made := make([]*board.Account, 4)
	for i := range made {
		wg.Go(func() {
			made[i], _ = f.TakeAccount(ctx, code, board.NewAccount{Login: strings.Repeat("b", i+1), Name: "Bob", Password: longEnough})
		})
	}
	wg.Wait()
	var bob *board.Account
	for _, one := range made {
		if one != nil && bob != nil {
			t.Fatal("one invitation, two accounts")
		}
		if one != nil {
			bob = one
		}
	}
	_, err = f.ReadInvitation(ctx, code)
	wantCode(t, err, fault.Exists, "invitation_used")
	if again := must(f.SignIn(ctx, bob.Login, longEnough))(t); again.ID != bob.ID || again.Admin {
		t.Fatalf("signs in as %+v", again)
	}
	accounts := must(f.LocalAccounts(ctx, admin))(t)
	if len(accounts) != 2 || accounts[0].ID != admin.ID || accounts[1].ID != bob.ID {
		t.Fatalf("there are %d accounts", len(accounts))
	}
	for name, err := range map[string]error{
		"list":   second(f.LocalAccounts(ctx, bob)),
		"invite": second(f.InviteAccount(ctx, bob)),
		"reset":  second(f.InviteReset(ctx, bob, admin.ID)),
	} {
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("who is no administrator may %s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestInvitationsOpenNothingElse(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	admin := f.trainer()
	inv := must(f.InviteAccount(ctx, admin))(t)
	code := f.InvitationCode(inv)
	place, rest, _ := strings.Cut(code, ".")
	for name, wrong := range map[string]string{
		"nothing": "", "a part": place, "another secret": code[:len(code)-1] + "!", "another place": string(f.board) + "." + rest,
		"not there": string(testID(77)) + "." + string(testID(77)) + "." + f.Sealer.Secret(testID(77), testID(77)),
	} {
		if _, err := f.ReadInvitation(ctx, wrong); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s opens: %v", name, err)
		}
	}
	_, err := f.TakePassword(ctx, code, longEnough)
	wantCode(t, err, fault.Unauthenticated, "invitation_invalid")
	_, err = f.TakeWall(ctx, admin, code)
	wantCode(t, err, fault.Unauthenticated, "invitation_invalid")
	f.clock.pass(board.InvitedFor)
	_, err = f.TakeAccount(ctx, code, board.NewAccount{Login: "bob", Name: "Bob", Password: longEnough})
	wantCode(t, err, fault.Unauthenticated, "invitation_invalid")
}

// cutShort fails every write of a kind.
type cutShort struct {
	board.Store
	kind board.Kind
	mu   sync.Mutex
	on   bool
}

func (s *cutShort) set(on bool) { s.mu.Lock(); s.on = on; s.mu.Unlock() }

func (s *cutShort) Insert(ctx context.Context, doc board.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on && doc.Kind() == s.kind {
		return errAway
	}
	return s.Store.Insert(ctx, doc)
}

// TestAnAccountThatACrashCutShortIsThere: whoever tries the link next, or the
// same person again, completes it.
func TestAnAccountThatACrashCutShortIsThere(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	admin := f.trainer()
	cut := &cutShort{Store: f.Store, kind: board.KindAccount}
	f.Store = cut
	code := f.InvitationCode(must(f.InviteAccount(ctx, admin))(t))
	in := board.NewAccount{Login: "bob", Name: "Bob", Password: longEnough}
	cut.set(true)
	if _, err := f.TakeAccount(ctx, code, in); err == nil {
		t.Fatal("no failure came through")
	}
	cut.set(false)
	_, err := f.TakeAccount(ctx, code, in)
	wantCode(t, err, fault.Exists, "invitation_used")
	if bob := must(f.SignIn(ctx, "bob", longEnough))(t); bob.Name != "Bob" {
		t.Fatalf("it is %+v", bob)
	}
	if n := len(must(f.LocalAccounts(ctx, admin))(t)); n != 2 {
		t.Fatalf("%d accounts are listed", n)
	}
}

func TestPasswordsAreChangedAndReset(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	admin := f.trainer()
	bob := f.colleague(admin, "bob")
	const other = "une autre phrase assez longue"
	_, err := f.ChangePassword(ctx, bob, "faux", other)
	wantCode(t, err, fault.Invalid, "password_wrong")
	_, err = f.ChangePassword(ctx, bob, longEnough, "court")
	wantCode(t, err, fault.Invalid, "too_short")
	changed := must(f.ChangePassword(ctx, bob, longEnough, other))(t)
	if _, err := f.SignedIn(ctx, bob.ID, bob.Generation); fault.KindOf(err) != fault.Unauthenticated {
		t.Fatalf("sessions of before go on: %v", err)
	}
	must(f.SignedIn(ctx, bob.ID, changed.Generation))(t)
	must(f.SignIn(ctx, "bob", other))(t)

	for by, admin := range map[string]*board.Account{"an administrator": admin, "the operator": nil} {
		inv := must(f.InviteReset(ctx, admin, bob.ID))(t)
		code := f.InvitationCode(inv)
		if told := must(f.ReadInvitation(ctx, code))(t); told.Login != "bob" {
			t.Fatalf("it says %+v", told)
		}
		_, err := f.TakePassword(ctx, code, "court")
		wantCode(t, err, fault.Invalid, "too_short")
		must(f.TakePassword(ctx, code, longEnough+by))(t)
		must(f.SignIn(ctx, "bob", longEnough+by))(t)
		_, err = f.TakePassword(ctx, code, other)
		wantCode(t, err, fault.Exists, "invitation_used")
	}
	late := f.InvitationCode(must(f.InviteReset(ctx, nil, bob.ID))(t))
	f.clock.pass(board.ResetFor + time.Second)
	_, err = f.TakePassword(ctx, late, other)
	wantCode(t, err, fault.Unauthenticated, "invitation_invalid")
	if _, err := f.InviteReset(ctx, nil, board.LocalAccount("personne")); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("nobody's password is reset: %v", err)
	}
	theirs := must(f.EnsureAccount(ctx, board.Identity{Issuer: "https://id.example", Subject: "1", Name: "Zoé"}))(t)
	if _, err := f.InviteReset(ctx, nil, theirs.ID); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("a provider's password is reset: %v", err)
	}
}

// TestAnOlderFirstAccountBecomesTheAdministrators: one that was made before there
// were any.
func TestAnOlderFirstAccountBecomesTheAdministrators(t *testing.T) {
	f, ctx := newFixture(t), t.Context()
	admin := f.trainer()
	admin.Admin = false
	admin.Rev++
	if err := f.store.Replace(ctx, admin, admin.Rev-1); err != nil {
		t.Fatal(err)
	}
	if err := f.OpenSetup(ctx, f.board); err != nil {
		t.Fatal(err)
	}
	must(f.InviteAccount(ctx, must(f.SignIn(ctx, admin.Login, longEnough))(t)))(t)
}

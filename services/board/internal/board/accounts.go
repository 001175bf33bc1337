package board

import (
	"cmp"
	"context"
	"crypto/subtle"
	"strings"
	"time"
	"unicode/utf8"

	"fresque.dev/services/internal/fault"
)

// Account is somebody who signs in, and owns walls. It is found by a name: the
// issuer and the subject that an OpenID provider gives, or the user name of a
// local one. It has a partition of its own.
type Account struct {
	Meta
	// Issuer and Subject are an OpenID provider's; empty for a local account.
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Login is the user name or e-mail address of a local account, normalised.
	Login string `json:"login,omitempty"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	// Password is an argon2id hash; empty where a provider knows the person.
	Password string `json:"password,omitempty"`
	// Generation is that of the account's sessions: those of an earlier one have
	// ended.
	Generation int `json:"generation"`
	// Admin tells who lists the local accounts, invites others and lets them
	// choose a new password: whoever made the first one.
	Admin bool `json:"admin,omitempty"`
	// ClosesAt is when the account is erased with all that is its owner's; zero for
	// never.
	ClosesAt time.Time `json:"closesAt,omitzero"`
}

// Kind tells KindAccount.
func (*Account) Kind() Kind { return KindAccount }

// Setup is the making of the first account, once.
type Setup struct {
	Meta
	// Wall is what the first account gets.
	Wall ID `json:"wall,omitempty"`
	// OfAccount is the account that was made; empty until then.
	OfAccount ID `json:"ofAccount,omitempty"`
	// Pending is what the account is made of, until it is there.
	Pending *Account `json:"pending,omitempty"`
}

// Kind tells KindSetup.
func (*Setup) Kind() Kind { return KindSetup }

// Limits of accounts. Lengths are in characters. Of passwords nothing is asked
// but a length (NIST SP 800-63B).
const (
	MaxLogin           = 200
	MinAccountPassword = 12
	MaxAccountPassword = 200
)

// ErrSignedOut says that a session of an account has ended, or never was.
var ErrSignedOut = fault.New(fault.Unauthenticated, "account_signed_out")

var (
	errSignIn        = fault.New(fault.Unauthenticated, "sign_in_refused")
	errPasswordWrong = fault.New(fault.Invalid, "password_wrong")
	errSetupCode     = fault.New(fault.Unauthenticated, "setup_code_invalid")
	errSetupDone     = fault.New(fault.Exists, "setup_done")
)

func accountKey(id ID) Key { return Key{Board: id, Kind: KindAccount, ID: id} }

// LocalAccount is the id of the local account that a user name stands for,
// however it was typed, whether the account is there or not.
func LocalAccount(login string) ID { return derivedID("local account", ID(normaliseLogin(login))) }

func normaliseLogin(typed string) string { return strings.ToLower(oneLine(typed)) }

// The place of the setup.
var (
	setupID  = derivedID("setup")
	setupKey = Key{Board: setupID, Kind: KindSetup, ID: setupID}
)

// OpenSetup lets the first account be made, which gets a wall. Only the first
// call counts.
func (s *Service) OpenSetup(ctx context.Context, wall ID) error {
	d := &Setup{Wall: wall}
	d.ID, d.Board = setupID, setupID
	d, _, err := create(ctx, s, s.caretaking(setupID), NotLogged, d)
	if err != nil {
		return err
	}
	if err := s.completeSetup(ctx, d); err != nil || d.OfAccount == "" {
		return err
	}
	return s.crown(ctx, d.OfAccount)
}

// crown makes the first account the administrator's, also one of before there
// were any.
func (s *Service) crown(ctx context.Context, account ID) error {
	if err := s.enrol(ctx, account); err != nil {
		return err
	}
	_, err := change(ctx, s, s.caretaking(account), accountKey(account), 0, doing{}, func(a *Account) (bool, error) {
		changed := !a.Admin && !a.Deleted()
		a.Admin = !a.Deleted()
		return changed, nil
	})
	return err
}

// Promote makes the owner of a local account an administrator.
func (s *Service) Promote(ctx context.Context, id ID) (*Account, error) {
	a, err := s.openAccount(ctx, id)
	if err == nil && a.Password == "" {
		err = ErrNotFound // a provider's
	}
	if err != nil {
		return nil, err
	}
	if err := s.crown(ctx, id); err != nil {
		return nil, err
	}
	return s.openAccount(ctx, id)
}

// SetupCode opens the making of the first account, once.
func (s *Service) SetupCode() string { return s.Sealer.Secret(setupID, setupID) }

// SetupState tells whether the first account can still be made, and whether it
// was. Neither is so where there are no local accounts.
func (s *Service) SetupState(ctx context.Context) (open, done bool, err error) {
	d, err := get[*Setup](ctx, s.Store, setupKey)
	if fault.KindOf(err) == fault.NotFound {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return d.OfAccount == "", d.OfAccount != "", nil
}

// NewAccount is what makes a local account.
type NewAccount struct{ Login, Name, Password string }

// SetUp makes the first account. Of two who do so at once, one wins.
func (s *Service) SetUp(ctx context.Context, code string, in NewAccount) (*Account, error) {
	if subtle.ConstantTimeCompare([]byte(code), []byte(s.SetupCode())) != 1 {
		return nil, errSetupCode
	}
	if open, _, err := s.SetupState(ctx); err != nil || !open {
		if err == nil {
			err = errSetupDone
		}
		return nil, err
	}
	account, err := s.composeAccount(in)
	if err != nil {
		return nil, err
	}
	account.Admin = true
	d, err := change(ctx, s, s.caretaking(setupID), setupKey, 0, doing{}, func(d *Setup) (bool, error) {
		if d.OfAccount != "" {
			return false, errSetupDone
		}
		d.OfAccount, d.Pending = account.ID, account
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.completeSetup(ctx, d); err != nil {
		return nil, err
	}
	return get[*Account](ctx, s.Store, accountKey(account.ID))
}

func (s *Service) composeAccount(in NewAccount) (*Account, error) {
	a := &Account{Login: normaliseLogin(in.Login), Name: oneLine(in.Name), Generation: 1}
	a.ID = LocalAccount(a.Login)
	a.Board = a.ID
	if strings.Contains(a.Login, "@") {
		a.Email = a.Login
	}
	var f faults
	f.add(required("login", a.Login))
	f.add(tooLong("login", a.Login, MaxLogin))
	f.add(required("name", a.Name))
	f.add(tooLong("name", a.Name, MaxName))
	f = append(f, checkAccountPassword(in.Password)...)
	if err := f.err(); err != nil {
		return nil, err
	}
	hash, err := s.Passwords.Hash(in.Password)
	a.Password = hash
	return a, err
}

func checkAccountPassword(password string) (f faults) {
	if utf8.RuneCountInString(password) < MinAccountPassword {
		f.add(fault.New(fault.Invalid, "too_short").At("password").With("min", MinAccountPassword))
	}
	f.add(tooLong("password", password, MaxAccountPassword))
	return f
}

func (s *Service) hashPassword(password string) (string, error) {
	if err := checkAccountPassword(password).err(); err != nil {
		return "", err
	}
	return s.Passwords.Hash(password)
}

// completeSetup makes the account that the setup says, and forgets what it was
// made of. Whatever fails between, the next start does it.
func (s *Service) completeSetup(ctx context.Context, d *Setup) error {
	if d.Pending == nil {
		return nil
	}
	account, _, err := create(ctx, s, s.caretaking(d.OfAccount), NotLogged, d.Pending)
	if err != nil {
		return err
	}
	if err := s.enrol(ctx, account.ID); err != nil {
		return err
	}
	if d.Wall != "" {
		if err := s.own(ctx, account.ID, d.Wall); err != nil {
			return err
		}
	}
	_, err = change(ctx, s, s.caretaking(setupID), setupKey, 0, doing{}, func(d *Setup) (bool, error) {
		changed := d.Pending != nil
		d.Pending = nil
		return changed, nil
	})
	return err
}

// SignIn finds a local account by its user name and password. An account that
// is not there is refused as a wrong password is, and after the same work.
func (s *Service) SignIn(ctx context.Context, login, password string) (*Account, error) {
	decoy, err := s.decoy()
	if err != nil {
		return nil, err
	}
	_, account, err := s.latestLife(ctx, LocalAccount(login))
	if err != nil {
		return nil, err
	}
	hash, there := decoy, account != nil && account.Password != ""
	if there {
		hash = account.Password
	}
	if !s.Passwords.Check(hash, password) || !there {
		return nil, errSignIn
	}
	return account, nil
}

// Identity is somebody as an OpenID provider knows them.
type Identity struct{ Issuer, Subject, Name, Email string }

// EnsureAccount gives the account of whom a provider has recognised, made the
// first time, with the name that they have there now.
func (s *Service) EnsureAccount(ctx context.Context, in Identity) (*Account, error) {
	id, _, err := s.latestLife(ctx, derivedID("account", ID(in.Issuer), ID(in.Subject)))
	if err != nil {
		return nil, err
	}
	told := &Account{Issuer: in.Issuer, Subject: in.Subject, Name: shorten(oneLine(in.Name), MaxName), Email: oneLine(in.Email), Generation: 1}
	told.ID, told.Board = id, id
	sc := s.caretaking(told.ID)
	a, fresh, err := create(ctx, s, sc, NotLogged, told)
	if err != nil || fresh {
		return a, err
	}
	return change(ctx, s, sc, accountKey(a.ID), 0, doing{}, func(a *Account) (bool, error) {
		name, email := a.Name, a.Email
		a.Name, a.Email = cmp.Or(told.Name, a.Name), told.Email
		return a.Name != name || a.Email != email, nil
	})
}

// SignedIn gives an account whose sessions of a generation still hold.
func (s *Service) SignedIn(ctx context.Context, id ID, generation int) (*Account, error) {
	a, err := get[*Account](ctx, s.Store, accountKey(id))
	if fault.KindOf(err) == fault.NotFound || err == nil && (a.Deleted() || a.Generation != generation) {
		return nil, ErrSignedOut
	}
	return a, err
}

// SignOutEverywhere ends every session of an account.
func (s *Service) SignOutEverywhere(ctx context.Context, a *Account) error {
	_, err := change(ctx, s, s.caretaking(a.ID), accountKey(a.ID), 0, doing{}, func(now *Account) (bool, error) {
		if now.Generation != a.Generation {
			return false, nil // done already
		}
		now.Generation++
		return true, nil
	})
	return err
}

// signedIn is the principal of somebody who has signed in: the same participant
// on whatever device, and no guest.
func (p Principal) signedIn(a *Account) Principal {
	if p.Participant == "" {
		p.Participant = participantOf(a.ID, p.Board)
	}
	if p.Name == "" {
		p.Name = a.Name
	}
	p.Account, p.Generation = a.ID, a.Generation
	return p
}

// participantOf is who an account is on a board.
func participantOf(account, board ID) ID { return derivedID("participant", account, board) }

// stillSignedIn makes a guest of somebody who has signed out everywhere since.
func (s *Service) stillSignedIn(ctx context.Context, p Principal) (Principal, error) {
	if p.Account == "" {
		return p, nil
	}
	_, err := s.SignedIn(ctx, p.Account, p.Generation)
	if fault.KindOf(err) == fault.Unauthenticated {
		p.Account, p.Generation = "", 0
		return p, nil
	}
	return p, err
}

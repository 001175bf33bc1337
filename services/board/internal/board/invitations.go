package board

import (
	"cmp"
	"context"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
)

// Invitation is a link for one person, which opens one thing, once: a local
// account, a new password for one, or a seat on a wall. Its secret is derived
// and never stored. One to a wall stands on that wall; the others have a
// partition of their own.
type Invitation struct {
	Meta
	To InvitedTo `json:"to"`
	// By is the account that gave it; empty for the operator.
	By ID `json:"by,omitempty"`
	// Account is the one that gets a new password.
	Account ID `json:"account,omitempty"`
	// As is the role on the wall: RoleOwner hands the wall over.
	As        Role      `json:"as,omitempty"`
	ExpiresAt time.Time `json:"expiresAt"`
	// Taken is the account of whoever took it; empty until then.
	Taken ID `json:"taken,omitempty"`
	// Name is what they are called, on a wall.
	Name string `json:"name,omitempty"`
	// Pending is what an account is made of, until it is there.
	Pending *Account `json:"pending,omitempty"`
}

// Kind tells KindInvitation.
func (*Invitation) Kind() Kind { return KindInvitation }

// InvitedTo is what an invitation opens.
type InvitedTo string

// What there is to be invited to.
const (
	ToAccount  InvitedTo = "account"
	ToPassword InvitedTo = "password"
	ToWall     InvitedTo = "wall"
)

// How long invitations last.
const (
	InvitedFor = 7 * 24 * time.Hour
	ResetFor   = 24 * time.Hour
)

// Member says that a local account is there, or a platform: it stands in the
// partition of the setup, or of the platforms, under its id, so that they can be
// listed.
type Member struct{ Meta }

// Kind tells KindMember.
func (*Member) Kind() Kind { return KindMember }

var (
	errInvitation     = fault.New(fault.Unauthenticated, "invitation_invalid")
	errInvitationUsed = fault.New(fault.Exists, "invitation_used")
	errLoginTaken     = fault.New(fault.Exists, "login_taken")
	errOwnerAlready   = fault.New(fault.Exists, "wall_yours_already")
)

// enrol makes a local account known to administrators. Again changes nothing.
func (s *Service) enrol(ctx context.Context, account ID) error {
	d := &Member{}
	d.ID, d.Board = account, setupID
	_, _, err := create(ctx, s, s.caretaking(setupID), NotLogged, d)
	return err
}

// LocalAccounts lists the accounts that have a password here, for administrators.
func (s *Service) LocalAccounts(ctx context.Context, admin *Account) ([]*Account, error) {
	if !admin.Admin {
		return nil, ErrForbidden
	}
	members, err := list[*Member](ctx, s.Store, setupID, KindMember)
	if err != nil {
		return nil, err
	}
	accounts, err := together(ctx, listAtOnce, members, func(ctx context.Context, m *Member) (*Account, error) {
		return get[*Account](ctx, s.Store, accountKey(m.ID))
	})
	accounts = slices.DeleteFunc(accounts, func(a *Account) bool { return a.Deleted() })
	slices.SortFunc(accounts, func(a, b *Account) int {
		return cmp.Or(cmp.Compare(fold(a.Name), fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return accounts, err
}

// InviteAccount makes a link for somebody to make a local account.
func (s *Service) InviteAccount(ctx context.Context, admin *Account) (*Invitation, error) {
	if !admin.Admin {
		return nil, ErrForbidden
	}
	return s.invite(ctx, &Invitation{To: ToAccount, By: admin.ID}, "", InvitedFor)
}

// InviteReset makes a link for somebody to choose a new password: by an
// administrator, or by the operator, who is nil.
func (s *Service) InviteReset(ctx context.Context, admin *Account, account ID) (*Invitation, error) {
	in := &Invitation{To: ToPassword}
	if admin != nil {
		if in.By = admin.ID; !admin.Admin {
			return nil, ErrForbidden
		}
	}
	_, a, err := s.latestLife(ctx, account)
	if err == nil && (a == nil || a.Password == "") {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	in.Account = a.ID
	return s.invite(ctx, in, "", ResetFor)
}

// invite keeps an invitation: on a wall, or in a partition of its own.
func (s *Service) invite(ctx context.Context, in *Invitation, wall ID, lasts time.Duration) (*Invitation, error) {
	in.ID = s.IDs.NewID()
	in.Board, in.ExpiresAt = cmp.Or(wall, in.ID), s.now().Add(lasts)
	in, _, err := create(ctx, s, s.caretaking(in.Board), NotLogged, in)
	return in, err
}

// InvitationCode is what opens an invitation: its place and its secret.
func (s *Service) InvitationCode(in *Invitation) string {
	return strings.Join([]string{string(in.Board), string(in.ID), s.Sealer.Secret(in.Board, in.ID)}, ".")
}

// invited finds the invitation that a code opens, taken or not.
func (s *Service) invited(ctx context.Context, code string, to InvitedTo) (*Invitation, error) {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return nil, errInvitation
	}
	place, placed := ParseID(parts[0])
	id, named := ParseID(parts[1])
	if !placed || !named || subtle.ConstantTimeCompare([]byte(s.Sealer.Secret(place, id)), []byte(parts[2])) != 1 {
		return nil, errInvitation
	}
	in, err := get[*Invitation](ctx, s.Store, Key{Board: place, Kind: KindInvitation, ID: id})
	switch {
	case fault.KindOf(err) == fault.NotFound || err == nil && in.Deleted():
		return nil, errInvitation
	case err != nil:
		return nil, err
	case to != "" && in.To != to:
		return nil, errInvitation
	case in.Taken == "" && !s.now().Before(in.ExpiresAt):
		return nil, errInvitation
	}
	return in, nil
}

// Invited is what somebody who holds an invitation may know of it.
type Invited struct {
	*Invitation
	// ByName is who gave it; WallTitle and Login say to what.
	ByName, WallTitle, Login string
}

// ReadInvitation tells what an invitation opens, to whoever holds it.
func (s *Service) ReadInvitation(ctx context.Context, code string) (Invited, error) {
	in, err := s.invited(ctx, code, "")
	if err == nil && in.Taken != "" {
		err = errInvitationUsed
	}
	out := Invited{Invitation: in}
	if err != nil {
		return out, err
	}
	if by, err := get[*Account](ctx, s.Store, accountKey(in.By)); err == nil {
		out.ByName = by.Name
	}
	switch in.To {
	case ToPassword:
		a, err := get[*Account](ctx, s.Store, accountKey(in.Account))
		if err != nil {
			return out, err
		}
		out.Login = a.Login
	case ToWall:
		if err := s.owns(ctx, in.By, in.Board); err != nil {
			return out, errInvitation // it is as good as who gave it
		}
		b, err := get[*Board](ctx, s.Store, boardKey(in.Board))
		if err != nil || b.Deleted() {
			return out, errInvitation
		}
		out.WallTitle = b.Title
	}
	return out, nil
}

// TakeAccount makes a local account of whoever was invited. Of two who take one
// invitation, one wins; whatever fails after that, the next to try completes.
func (s *Service) TakeAccount(ctx context.Context, code string, in NewAccount) (*Account, error) {
	inv, err := s.invited(ctx, code, ToAccount)
	if err != nil {
		return nil, err
	}
	if inv.Taken != "" {
		if err := s.completeInvitation(ctx, inv); err != nil {
			return nil, err
		}
		return nil, errInvitationUsed
	}
	account, err := s.composeAccount(in)
	if err != nil {
		return nil, err
	}
	id, other, err := s.latestLife(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	if other != nil {
		return nil, faults{errLoginTaken.At("login")}.err()
	}
	account.ID, account.Board = id, id
	inv, err = change(ctx, s, s.caretaking(inv.Board), KeyOf(inv), 0, doing{}, func(d *Invitation) (bool, error) {
		if d.Taken != "" {
			return false, errInvitationUsed
		}
		d.Taken, d.Pending = account.ID, account
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.completeInvitation(ctx, inv); err != nil {
		return nil, err
	}
	return get[*Account](ctx, s.Store, accountKey(account.ID))
}

// completeInvitation makes the account that an invitation came to. Where another
// took its user name at the same moment, the invitation is open again.
func (s *Service) completeInvitation(ctx context.Context, inv *Invitation) error {
	if inv.Pending == nil {
		return nil
	}
	made, fresh, err := create(ctx, s, s.caretaking(inv.Taken), NotLogged, inv.Pending)
	if err != nil {
		return err
	}
	ours := fresh || made.Password == inv.Pending.Password
	if ours {
		if err := s.enrol(ctx, made.ID); err != nil {
			return err
		}
	}
	_, err = change(ctx, s, s.caretaking(inv.Board), KeyOf(inv), 0, doing{}, func(d *Invitation) (bool, error) {
		changed := d.Pending != nil
		if d.Pending = nil; !ours {
			d.Taken = ""
		}
		return changed, nil
	})
	if err == nil && !ours {
		err = faults{errLoginTaken.At("login")}.err()
	}
	return err
}

// TakePassword gives an account the password that whoever was invited chooses.
// Every session of it ends.
func (s *Service) TakePassword(ctx context.Context, code, password string) (*Account, error) {
	inv, err := s.invited(ctx, code, ToPassword)
	if err != nil {
		return nil, err
	}
	hash, err := s.hashPassword(password)
	if err != nil {
		return nil, err
	}
	// Spent first: who is cut off in between asks for another link.
	_, err = change(ctx, s, s.caretaking(inv.Board), KeyOf(inv), 0, doing{}, func(d *Invitation) (bool, error) {
		if d.Taken != "" {
			return false, errInvitationUsed
		}
		d.Taken = d.Account
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return s.setPassword(ctx, inv.Account, hash)
}

// ChangePassword gives an account another password, for who knows the one it
// has. Every session of it ends.
func (s *Service) ChangePassword(ctx context.Context, a *Account, current, next string) (*Account, error) {
	if a.Password == "" {
		return nil, ErrNotFound // a provider's
	}
	if !s.Passwords.Check(a.Password, current) {
		return nil, errPasswordWrong
	}
	hash, err := s.hashPassword(next)
	if err != nil {
		return nil, err
	}
	return s.setPassword(ctx, a.ID, hash)
}

func (s *Service) setPassword(ctx context.Context, account ID, hash string) (*Account, error) {
	return change(ctx, s, s.caretaking(account), accountKey(account), 0, doing{}, func(a *Account) (bool, error) {
		if a.Deleted() {
			return false, ErrNotFound
		}
		a.Password = hash
		a.Generation++
		return true, nil
	})
}

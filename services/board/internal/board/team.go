package board

import (
	"cmp"
	"context"
	"slices"

	"fresque.dev/services/internal/fault"
)

// A wall's team are its owner, and the accounts that have a seat on it: they
// find it among their walls and moderate it. A seat is given by an invitation,
// which stands on the wall and says who took it; the account's own document
// Owned says the role.

// NoSeat is the role of a seat that was taken away.
const NoSeat Role = "none"

// InviteToWall makes a link by which somebody who signs in gets a seat on a
// wall, or the wall itself.
func (s *Service) InviteToWall(ctx context.Context, owner *Account, board ID, as Role) (*Invitation, error) {
	if err := s.owns(ctx, owner.ID, board); err != nil {
		return nil, err
	}
	if as != RoleModerator && as != RoleOwner {
		return nil, faults{fault.New(fault.Invalid, "unknown_role").At("role")}.err()
	}
	return s.invite(ctx, &Invitation{To: ToWall, By: owner.ID, As: as}, board, InvitedFor)
}

// Team lists the invitations to a wall, for its owner: those that were taken by
// who has a seat now, and those that can still be.
func (s *Service) Team(ctx context.Context, owner *Account, board ID) ([]*Invitation, error) {
	if err := s.owns(ctx, owner.ID, board); err != nil {
		return nil, err
	}
	all, err := list[*Invitation](ctx, s.Store, board, KindInvitation)
	all = slices.DeleteFunc(all, func(in *Invitation) bool {
		if in.Taken == "" {
			return in.By != owner.ID || !s.now().Before(in.ExpiresAt)
		}
		return in.As != RoleModerator || in.Taken == owner.ID
	})
	return all, err
}

// TakeWall gives an account the seat on a wall, or the wall, to which it was
// invited. The one who hands a wall over keeps a seat. Again answers as done and
// completes what a crash cut short.
func (s *Service) TakeWall(ctx context.Context, a *Account, code string) (ID, error) {
	inv, err := s.invited(ctx, code, ToWall)
	if err != nil {
		return "", err
	}
	if inv.Taken == "" {
		if err := s.owns(ctx, inv.By, inv.Board); err != nil {
			return "", errInvitation // it is as good as who gave it
		}
		if s.owns(ctx, a.ID, inv.Board) == nil {
			return "", errOwnerAlready
		}
	}
	inv, err = change(ctx, s, s.caretaking(inv.Board), KeyOf(inv), 0, doing{}, func(d *Invitation) (bool, error) {
		switch {
		case d.Deleted():
			return false, errInvitation // at this moment
		case d.Taken != "" && d.Taken != a.ID:
			return false, errInvitationUsed
		}
		changed := d.Taken == ""
		d.Taken, d.Name = a.ID, a.Name
		return changed, nil
	})
	if err != nil {
		return "", err
	}
	// The new owner first: a wall has one at any moment, whatever fails between.
	if err := s.seat(ctx, a.ID, inv.Board, inv.As); err != nil {
		return "", err
	}
	if inv.As == RoleOwner {
		return inv.Board, s.stepDown(ctx, inv)
	}
	// Taken away meanwhile: whoever did so may have looked before there was a seat.
	now, err := get[*Invitation](ctx, s.Store, KeyOf(inv))
	if err == nil && now.Deleted() {
		if err = s.seat(ctx, a.ID, inv.Board, NoSeat); err == nil {
			err = errInvitation
		}
	}
	return inv.Board, err
}

// stepDown gives who has handed a wall over a seat on it, which its new owner
// may take away.
func (s *Service) stepDown(ctx context.Context, inv *Invitation) error {
	was, err := get[*Account](ctx, s.Store, accountKey(inv.By))
	if err != nil {
		return err
	}
	if err := s.seat(ctx, was.ID, inv.Board, RoleModerator); err != nil {
		return err
	}
	kept := &Invitation{To: ToWall, By: inv.Taken, As: RoleModerator, Taken: was.ID, Name: was.Name, ExpiresAt: inv.ExpiresAt}
	kept.ID, kept.Board = derivedID("seat kept", inv.ID), inv.Board
	_, _, err = create(ctx, s, s.caretaking(inv.Board), NotLogged, kept)
	return err
}

// RemoveFromTeam takes a seat away, or an invitation that was not taken. Who had
// it is out at once. Removing again answers as done.
func (s *Service) RemoveFromTeam(ctx context.Context, owner *Account, board, id ID) error {
	if err := s.owns(ctx, owner.ID, board); err != nil {
		return err
	}
	key := Key{Board: board, Kind: KindInvitation, ID: id}
	inv, err := get[*Invitation](ctx, s.Store, key)
	if err != nil {
		return err
	}
	if inv.Deleted() {
		return nil // they may have been given another seat since
	}
	if inv.As == RoleOwner && inv.Taken != "" {
		return errInvitationUsed // the wall is theirs, or is about to be
	}
	// Before, so that it is done again when it is cut short, and after, for whoever
	// takes it meanwhile.
	if err := s.unseat(ctx, owner, inv); err != nil {
		return err
	}
	if inv, err = s.withdraw(ctx, key); err != nil {
		return err
	}
	return s.unseat(ctx, owner, inv)
}

// unseat takes the seat of whoever took an invitation.
func (s *Service) unseat(ctx context.Context, owner *Account, inv *Invitation) error {
	if inv.Taken == "" || inv.Taken == owner.ID {
		return nil
	}
	return s.seat(ctx, inv.Taken, inv.Board, NoSeat)
}

// withdraw takes an invitation back, or what is known of who took it. One by which
// a wall was handed over stays.
func (s *Service) withdraw(ctx context.Context, key Key) (*Invitation, error) {
	sc := s.caretaking(key.Board)
	return change(ctx, s, sc, key, 0, doing{}, func(d *Invitation) (bool, error) {
		if d.As == RoleOwner && d.Taken != "" {
			return false, errInvitationUsed
		}
		changed := !d.Deleted()
		d.DeletedAt, d.Name = cmp.Or(d.DeletedAt, sc.now), ""
		return changed, nil
	})
}

// seat says what an account is on a wall from now on. Sessions that say
// otherwise end, as those of a link do whose role has changed (rule S17).
func (s *Service) seat(ctx context.Context, account, board ID, role Role) error {
	d := &Owned{Role: role}
	d.ID, d.Board = board, account
	sc := s.caretaking(account)
	d, fresh, err := create(ctx, s, sc, NotLogged, d)
	if err != nil {
		return err
	}
	if !fresh {
		_, err = change(ctx, s, sc, KeyOf(d), 0, doing{}, func(d *Owned) (bool, error) {
			gone := role == NoSeat
			if d.as() == role && d.Deleted() == gone {
				return false, nil
			}
			d.Role, d.DeletedAt = role, sc.now
			if !gone {
				d.live()
			}
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	there, err := s.look(ctx, board)
	if err != nil {
		return err
	}
	_, err = change(ctx, s, there, participantKey(board, participantOf(account, board)), 0, doing{}, func(d *Participant) (bool, error) {
		changed := d.Seat != role
		d.Seat = role
		return changed, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil // they have never come
	}
	return err
}

// as is the role that an account has on a board.
func (d *Owned) as() Role { return cmp.Or(d.Role, RoleOwner) }

// seated gives the role of an account on a board; what it has nothing to do with
// is not there.
func (s *Service) seated(ctx context.Context, account, board ID) (Role, error) {
	d, err := get[*Owned](ctx, s.Store, ownedKey(account, board))
	if err == nil && (d.Deleted() || d.as() == NoSeat) {
		err = ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return d.as(), nil
}

// LeaveWall gives up one's own seat on a wall. An owner hands it over instead.
func (s *Service) LeaveWall(ctx context.Context, a *Account, board ID) error {
	role, err := s.seated(ctx, a.ID, board)
	if err != nil {
		return err
	}
	if role == RoleOwner {
		return ErrForbidden
	}
	if err := s.seat(ctx, a.ID, board, NoSeat); err != nil {
		return err
	}
	all, err := list[*Invitation](ctx, s.Store, board, KindInvitation)
	if err != nil {
		return err
	}
	for _, inv := range all {
		if inv.Taken != a.ID || inv.As != RoleModerator {
			continue
		}
		if _, err := s.withdraw(ctx, KeyOf(inv)); err != nil {
			return err
		}
	}
	return nil
}

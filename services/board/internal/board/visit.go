package board

import (
	"cmp"
	"context"
	"slices"

	"fresque.dev/services/internal/fault"
)

// Visit says that a user of a platform came to a board, or was brought there: it
// stands in the board's partition under the user's id, so that those of one board
// are found without going through all that the platform has. What holds is what
// the user says (User.Boards).
type Visit struct{ Meta }

// Kind tells KindVisit.
func (*Visit) Kind() Kind { return KindVisit }

// noteVisit is done before the user says so. Doing it again changes nothing.
func (s *Service) noteVisit(ctx context.Context, user, board ID) error {
	v := &Visit{}
	v.ID, v.Board = user, board
	v, fresh, err := create(ctx, s, s.caretaking(board), NotLogged, v)
	if err != nil || fresh || !v.Deleted() {
		return err
	}
	_, err = change(ctx, s, s.caretaking(board), KeyOf(v), 0, doing{}, func(v *Visit) (bool, error) {
		v.live()
		return true, nil
	})
	return err
}

// visitsAtOnce bounds the users that are looked for together.
const visitsAtOnce = 16

// usersOn lists the users of a platform who came to a board, or were brought
// there, by their ids.
func (s *Service) usersOn(ctx context.Context, platform, board ID) ([]*User, error) {
	visits, err := list[*Visit](ctx, s.Store, board, KindVisit)
	if err != nil {
		return nil, err
	}
	users, err := together(ctx, visitsAtOnce, visits, func(ctx context.Context, v *Visit) (*User, error) {
		u, err := get[*User](ctx, s.Store, userKey(platform, v.ID))
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil // their making was cut short
		}
		return u, err
	})
	users = slices.DeleteFunc(users, func(u *User) bool { return u == nil || u.Deleted() || !slices.Contains(u.Boards, board) })
	slices.SortFunc(users, func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
	return users, err
}

// comesTo notes that a platform's user comes to a board as who they are there
// now, where that was forgotten since their ticket was given.
func (s *Service) comesTo(ctx context.Context, p Principal) error {
	if err := s.noteVisit(ctx, p.User, p.Board); err != nil {
		return err
	}
	_, err := change(ctx, s, s.caretaking(p.Platform), userKey(p.Platform, p.User), 0, doing{}, func(u *User) (bool, error) {
		if u.Deleted() || u.On(p.Board) != p.Participant {
			return false, errUserErased
		}
		if slices.Contains(u.Boards, p.Board) {
			return false, nil
		}
		u.Boards = append(u.Boards, p.Board)
		return true, nil
	})
	return err
}

// forgetVisit forgets that a user came to a board, unless they are back.
func (s *Service) forgetVisit(ctx context.Context, platform, user, board ID) error {
	u, err := get[*User](ctx, s.Store, userKey(platform, user))
	if gone(err) != nil || err == nil && slices.Contains(u.Boards, board) {
		return gone(err)
	}
	v := &Visit{}
	v.ID, v.Board = user, board
	return gone(s.eraseWhole(ctx, s.caretaking(board), v))
}

// forgetVisits forgets of whoever is not on a board any more that they came.
func (s *Service) forgetVisits(ctx context.Context, platform, board ID) error {
	visits, err := list[*Visit](ctx, s.Store, board, KindVisit)
	if err != nil {
		return err
	}
	_, err = together(ctx, visitsAtOnce, visits, func(ctx context.Context, v *Visit) (*Visit, error) {
		return v, s.forgetVisit(ctx, platform, v.ID, board)
	})
	return err
}

// StillThere refuses the session of a platform's user who was erased, where all
// else that is asked is a copy of the board.
func (s *Service) StillThere(ctx context.Context, p Principal) error {
	if p.User == "" {
		return nil
	}
	person, err := s.participant(ctx, p)
	if err == nil && person != nil && person.Deleted() {
		err = errUserErased
	}
	return err
}

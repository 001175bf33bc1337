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
		u, err := get[*User](ctx, s.Store, Key{Board: platform, Kind: KindUser, ID: v.ID})
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil // their making was cut short
		}
		return u, err
	})
	users = slices.DeleteFunc(users, func(u *User) bool { return u == nil || u.Deleted() || !slices.Contains(u.Boards, board) })
	slices.SortFunc(users, func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
	return users, err
}

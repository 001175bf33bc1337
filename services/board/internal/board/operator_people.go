package board

import (
	"context"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// MaxPeoplePage bounds a page of a platform's people.
const MaxPeoplePage = 200

// errUserHeld answers somebody whom the operator has suspended.
var errUserHeld = fault.New(fault.Forbidden, "user_held")

func (u *User) held() bool { return !u.HeldAt.IsZero() }

// PlatformPeople lists a platform's users for the operator, the last ones first, those
// before one: who came to a board, and was not erased. Next is where to go on; empty
// at the end.
func (s *Service) PlatformPeople(ctx context.Context, platform, before ID) (page []*User, next ID, err error) {
	if _, err := s.PlatformAt(ctx, platform); err != nil {
		return nil, "", err
	}
	docs, err := s.Store.Latest(ctx, platform, KindUser, before, MaxPeoplePage)
	if len(docs) == MaxPeoplePage {
		next = docs[len(docs)-1].Head().ID
	}
	return typed[*User](docs), next, err
}

// PlatformPerson gives one of them, and their platform.
func (s *Service) PlatformPerson(ctx context.Context, platform, id ID) (*Platform, *User, error) {
	p, err := s.PlatformAt(ctx, platform)
	if err != nil {
		return nil, nil, err
	}
	u, err := get[*User](ctx, s.Store, userKey(platform, id))
	if err == nil && u.Deleted() {
		err = ErrNotFound
	}
	return p, u, err
}

// HoldPerson suspends a platform's user, or ends that: what they wrote is out of
// sight, and they come in no more, until the operator says otherwise. It is durable
// when it returns, and done in the background. Again answers as done.
func (s *Service) HoldPerson(ctx context.Context, platform, id ID, held bool) (*User, error) {
	if _, _, err := s.PlatformPerson(ctx, platform, id); err != nil {
		return nil, err
	}
	u, err := change(ctx, s, s.caretaking(platform), userKey(platform, id), 0, doing{}, func(u *User) (bool, error) {
		switch {
		case u.Deleted():
			return false, ErrNotFound
		case u.held() == held:
			return false, nil
		case held:
			u.HeldAt = s.now()
		default:
			u.HeldAt = time.Time{}
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	op := &Operation{What: OperationReturn, User: u.ID, Life: u.Life}
	if held {
		op.What = OperationSuspension
	}
	pending, err := s.underWay(ctx, platform)
	if err != nil || slices.ContainsFunc(pending, op.alike) {
		return u, err
	}
	_, err = s.begin(ctx, platform, op)
	return u, err
}

// holdOn ends the sessions of somebody on a board, or lets them in again.
func (s *Service) holdOn(ctx context.Context, board, who ID, held bool) error {
	sc, err := s.look(ctx, board)
	if fault.KindOf(err) == fault.NotFound {
		sc, err = s.caretaking(board), nil // in the trash, from where it may come back
	}
	if err != nil {
		return err
	}
	_, err = change(ctx, s, sc, participantKey(board, who), 0, doing{}, func(d *Participant) (bool, error) {
		changed := d.Held != held && !d.Deleted()
		d.Held = held
		return changed, nil
	})
	return gone(err)
}

package board

import (
	"context"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// away is for how long somebody has not been there.
func (u *User) away(now time.Time) time.Duration {
	seen := u.SeenAt
	if seen.IsZero() {
		seen = u.CreatedAt
	}
	return now.Sub(seen)
}

// over tells whether so many days are over; 0 days never are.
func over(days int, passed time.Duration) bool {
	return days > 0 && passed >= time.Duration(days)*aDay
}

// keepUser begins what a user's absence asks for, unless it is under way.
func (s *Service) keepUser(ctx context.Context, p *Platform, u *User, pending []*Operation) error {
	away := u.away(s.now())
	op := &Operation{User: u.ID, Life: u.Life}
	switch {
	case over(p.Retention.EraseAfter, away):
		op.What = OperationErasure
	case (over(p.Retention.SuspendAfter, away) || u.held()) && u.SuspendedAt.IsZero():
		op.What = OperationSuspension
	case !over(p.Retention.SuspendAfter, away) && !u.held() && !u.SuspendedAt.IsZero():
		op.What = OperationReturn
	default:
		return nil
	}
	if slices.ContainsFunc(pending, op.alike) {
		return nil
	}
	_, err := s.begin(ctx, p.ID, op)
	return err
}

// alike tells whether two operations do the same to the same.
func (o *Operation) alike(other *Operation) bool {
	return o.What == other.What && o.User == other.User && o.Life == other.Life && o.On == other.On
}

// welcomeBack has brought back what a suspended user wrote. It is written down
// before they are let in; whatever fails, their next visit does it again.
func (s *Service) welcomeBack(ctx context.Context, u *User) error {
	if u.held() {
		return errUserHeld
	}
	if u.SuspendedAt.IsZero() {
		return nil
	}
	op := &Operation{What: OperationReturn, User: u.ID, Life: u.Life}
	pending, err := s.underWay(ctx, u.Board)
	if err != nil || slices.ContainsFunc(pending, op.alike) {
		return err
	}
	_, err = s.begin(ctx, u.Board, op)
	return err
}

// suspend puts out of sight what somebody wrote who is still away.
func (s *Service) suspend(ctx context.Context, op *Operation, counts map[Kind]int) (bool, error) {
	p, err := s.PlatformAt(ctx, op.Board)
	if err != nil {
		return false, err
	}
	return true, s.setSuspended(ctx, op, counts, func(u *User) bool {
		return u.held() || over(p.Retention.SuspendAfter, u.away(s.now()))
	})
}

// bringBack brings it back.
func (s *Service) bringBack(ctx context.Context, op *Operation, counts map[Kind]int) (bool, error) {
	return true, s.setSuspended(ctx, op, counts, (*User).held)
}

// setSuspended says of a user whether they are suspended, and makes what they
// wrote follow that, until both agree: of two that do so at once, the last word
// is the user's document.
func (s *Service) setSuspended(ctx context.Context, op *Operation, counts map[Kind]int, is func(*User) bool) error {
	key := userKey(op.Board, op.User)
	u, err := change(ctx, s, s.caretaking(op.Board), key, 0, doing{}, func(u *User) (bool, error) {
		if u.Deleted() || u.Life != op.Life {
			return false, ErrNotFound
		}
		before := u.SuspendedAt
		switch suspended := is(u); {
		case !suspended:
			u.SuspendedAt = time.Time{}
		case before.IsZero():
			u.SuspendedAt = s.now()
		}
		return u.SuspendedAt != before, nil
	})
	for range changeTries {
		if err != nil {
			return gone(err)
		}
		for _, board := range u.Boards {
			if err := s.holdOn(ctx, board, u.On(board), u.held()); err != nil {
				return err
			}
			if err := s.withhold(ctx, board, u.On(board), !u.SuspendedAt.IsZero(), counts); err != nil {
				return err
			}
		}
		rev := u.Rev
		if u, err = get[*User](ctx, s.Store, key); err == nil && u.Rev == rev {
			return nil
		}
	}
	return fault.New(fault.Unavailable, "too_busy")
}

// withhold puts what a participant wrote out of sight, or brings it back.
func (s *Service) withhold(ctx context.Context, board, who ID, away bool, counts map[Kind]int) error {
	sc, err := s.look(ctx, board)
	if fault.KindOf(err) == fault.NotFound {
		sc, err = s.caretaking(board), nil // in the trash, where nobody sees it
	}
	if err != nil {
		return err
	}
	docs, err := s.theirs(ctx, board, who)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		c, written := doc.(Contribution)
		if !written || *c.said().withheld == away {
			continue
		}
		_, err := change(ctx, s, sc, KeyOf(c), 0, doing{}, func(c Contribution) (bool, error) {
			withheld := c.said().withheld
			changed := *withheld != away && !c.Head().bare()
			*withheld = away
			return changed, nil
		})
		if gone(err) != nil {
			return err
		}
		counts[doc.Kind()]++
	}
	return nil
}

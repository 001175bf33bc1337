package board

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// WallNotice is for how long a wall tells at the least when it ends, before it
// does: whatever is changed of the retention, nobody is taken unawares.
const WallNotice = 30 * aDay

// keepWall sets the clock of a wall, and begins its end when that has come,
// unless it is under way.
func (s *Service) keepWall(ctx context.Context, p *Platform, board ID, pending []*Operation) error {
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if err != nil || b.Deleted() || !b.EndedAt.IsZero() {
		return gone(err)
	}
	ends, at, err := s.endOf(ctx, p, b)
	if err != nil {
		return err
	}
	if !at.Equal(b.EndsAt) || ends != b.Ends {
		_, err := change(ctx, s, s.caretaking(board), boardKey(board), 0, doing{}, func(b *Board) (bool, error) {
			changed := !b.Deleted() && b.EndedAt.IsZero() && (!at.Equal(b.EndsAt) || ends != b.Ends)
			b.EndsAt, b.Ends = at, ends
			return changed, nil
		})
		return err
	}
	if at.IsZero() || s.now().Before(at) {
		return nil
	}
	op := &Operation{What: OperationAnonymise, On: board}
	if ends == EndErase {
		op.What = OperationEraseWall
	}
	if slices.ContainsFunc(pending, op.alike) {
		return nil
	}
	_, err = s.begin(ctx, p.ID, op)
	return err
}

// endOf tells what becomes of a wall and when: so many days after the last
// change, to the next full day; nothing and zero for never. An end that comes
// nearer leaves WallNotice.
func (s *Service) endOf(ctx context.Context, p *Platform, b *Board) (WallEnd, time.Time, error) {
	if p.Retention.WallsAfter == 0 {
		return "", time.Time{}, nil
	}
	last, err := s.lastChange(ctx, b)
	if err != nil {
		return "", time.Time{}, err
	}
	at := last.Add(time.Duration(p.Retention.WallsAfter) * aDay).Add(aDay - time.Millisecond).Truncate(aDay)
	notice := s.now().Add(min(WallNotice, time.Duration(p.Retention.WallsAfter)*aDay)).Truncate(aDay).Add(aDay)
	ends := cmp.Or(p.Retention.Ends, EndAnonymise)
	if !b.EndsAt.IsZero() && b.Ends == ends && b.EndsAt.Before(notice) {
		notice = b.EndsAt
	}
	if at.Before(notice) {
		at = notice
	}
	return ends, at, nil
}

// lastChange is when anybody last did anything on a board.
func (s *Service) lastChange(ctx context.Context, b *Board) (time.Time, error) {
	last := b.CreatedAt
	acts, err := s.Store.Latest(ctx, b.ID, KindAct, "", 1)
	if err != nil {
		return last, err
	}
	for _, act := range typed[*Act](acts) {
		if act.Done.At.After(last) {
			last = act.Done.At
		}
	}
	given, err := list[*Reactions](ctx, s.Store, b.ID, KindReactions)
	for _, r := range given {
		if r.UpdatedAt.After(last) {
			last = r.UpdatedAt
		}
	}
	return last, err
}

// ending gives the board of a wall's end that is still to come; nil where there is
// nothing to end any more.
func (s *Service) ending(ctx context.Context, op *Operation) (*Board, error) {
	b, err := get[*Board](ctx, s.Store, boardKey(op.On))
	if err != nil || b.bare() || !b.EndedAt.IsZero() {
		return nil, gone(err)
	}
	p, err := s.PlatformAt(ctx, op.Board)
	if err != nil {
		return nil, err
	}
	if _, at, err := s.endOf(ctx, p, b); err != nil || at.IsZero() || s.now().Before(at) {
		return nil, err // somebody has changed something since
	}
	return b, nil
}

// eraseWall erases a wall whose time is over, with all that is on it.
func (s *Service) eraseWall(ctx context.Context, op *Operation, counts map[Kind]int) (over bool, err error) {
	if !op.Looked {
		if b, err := s.ending(ctx, op); err != nil || b == nil {
			return b == nil, err
		}
		if _, err := s.lookedAt(ctx, op); err != nil {
			return false, err
		}
	}
	if done, err := s.endBoard(ctx, op.On); err != nil || !done {
		return false, err
	}
	owned := &Owned{}
	owned.ID, owned.Board = op.On, op.Board
	if err := gone(s.eraseWhole(ctx, s.caretaking(op.Board), owned)); err != nil {
		return false, err
	}
	counts[KindBoard]++
	users, err := list[*User](ctx, s.Store, op.Board, KindUser) // who came went with the board
	if err != nil {
		return false, err
	}
	return true, s.leaveAll(ctx, op.Board, op.On, users)
}

// lookedAt notes that the end of a wall has begun, whatever is done to it since.
func (s *Service) lookedAt(ctx context.Context, op *Operation) (*Operation, error) {
	return change(ctx, s, s.caretaking(op.Board), KeyOf(op), 0, doing{}, func(d *Operation) (bool, error) {
		changed := !d.Looked
		d.Looked = true
		return changed, nil
	})
}

// leaveAll takes a board from users of a platform who are nobody on it any more,
// and forgets that anybody came who is not there. That a crash left the one
// without the other is mended by doing it again.
func (s *Service) leaveAll(ctx context.Context, platform, board ID, users []*User) error {
	for _, u := range users {
		if err := s.leaveOne(ctx, board, u); err != nil {
			return err
		}
	}
	return s.forgetVisits(ctx, platform, board)
}

// leaveOne takes a board from a user, unless they are somebody on it.
func (s *Service) leaveOne(ctx context.Context, board ID, u *User) error {
	if !slices.Contains(u.Boards, board) {
		return nil
	}
	person, err := get[*Participant](ctx, s.Store, participantKey(board, u.On(board)))
	if gone(err) != nil || err == nil && !person.bare() {
		return gone(err) // who came to read it since
	}
	_, err = change(ctx, s, s.caretaking(u.Board), KeyOf(u), 0, doing{}, func(u *User) (bool, error) {
		there := slices.Contains(u.Boards, board)
		if there {
			u.leave(board)
		}
		return there, nil
	})
	return err
}

package board

import (
	"context"
	"errors"

	"fresque.dev/services/internal/fault"
)

// MaxErasures bounds the people of one request.
const MaxErasures = 500

// ErasePeople has all erased that some users of a platform have left, or all that
// they have left on one board. What is asked is durable when it returns, and
// done in the background; asking again answers with what is under way. Of
// somebody who is not known there is nothing to erase, and that gets done.
func (s *Service) ErasePeople(ctx context.Context, p *Platform, refs []string, board ID) ([]*Operation, error) {
	var f faults
	switch {
	case len(refs) == 0:
		f.add(fault.New(fault.Invalid, "required").At("users"))
	case len(refs) > MaxErasures:
		f.add(fault.New(fault.Invalid, "too_many").At("users").With("max", MaxErasures))
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if board != "" {
		if _, err := s.seated(ctx, p.ID, board); err != nil {
			return nil, err
		}
	}
	pending, err := s.underWay(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := make([]*Operation, 0, len(refs))
	for _, ref := range refs {
		op, err := s.askErasure(ctx, p, ref, board, pending)
		if err != nil {
			return nil, err
		}
		out = append(out, op)
		if !op.Done() {
			pending = append(pending, op)
		}
	}
	s.stir()
	return out, nil
}

func (s *Service) askErasure(ctx context.Context, p *Platform, ref string, board ID, pending []*Operation) (*Operation, error) {
	op := &Operation{What: OperationErasure, On: board, User: s.UserOf(p.ID, ref)}
	u, err := get[*User](ctx, s.Store, userKey(p.ID, op.User))
	there := err == nil && !u.Deleted()
	if gone(err) != nil {
		return nil, err
	}
	for _, other := range pending {
		same := other.What == op.What && other.User == op.User && other.On == board
		if same && (!there || other.Life == u.Life && (board == "" || other.Places[board] == "" || other.Places[board] == u.On(board))) {
			return other, nil
		}
	}
	op.Life = noLife // a platform may list somebody who never came
	if there {
		op.Life = u.Life
	}
	return s.begin(ctx, p.ID, op)
}

// noLife is that of somebody who is no user.
const noLife Rev = -1

// erasePerson erases what an operation is about. Who they are on which board is
// kept in it before the user forgets; from then on the same reference is
// somebody new.
func (s *Service) erasePerson(ctx context.Context, op *Operation, counts map[Kind]int) (over bool, err error) {
	if op, err = s.forgetUser(ctx, op); err != nil {
		return false, err
	}
	if !op.Looked { // who is listed by then is somebody new
		if err := s.unlistPerson(ctx, op, counts); err != nil {
			return false, err
		}
		if err := s.forgetDeliveries(ctx, op, counts); err != nil {
			return false, err
		}
	}
	for board, who := range op.Places {
		if err := s.forgetVisit(ctx, op.Board, op.User, board); err != nil {
			return false, err
		}
		if err := s.eraseOn(ctx, board, who, counts); err != nil {
			return false, err
		}
	}
	return true, nil
}

// unlistPerson takes a user out of what the platform lists of its boards.
func (s *Service) unlistPerson(ctx context.Context, op *Operation, counts map[Kind]int) error {
	if op.On != "" {
		return s.unlist(ctx, op.On, op.User)
	}
	return s.eachListing(ctx, op.Board, op.User, func(board ID, _ Listed) error {
		counts[KindRoster]++
		return s.unlist(ctx, board, op.User)
	})
}

// forgetDeliveries erases what could not be told to the platform of a user.
func (s *Service) forgetDeliveries(ctx context.Context, op *Operation, counts map[Kind]int) error {
	dead, err := s.everything(ctx, op.Board, KindDelivery)
	if err != nil {
		return err
	}
	e := eraser{Service: s, sc: s.caretaking(op.Board), board: op.Board, counts: counts}
	for _, d := range typed[*DeadDelivery](dead) {
		if d.User != op.User || op.On != "" && d.On != op.On {
			continue
		}
		if err := e.wipe(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// forgetUser makes a bare tombstone of a user, or takes one board from them.
func (s *Service) forgetUser(ctx context.Context, op *Operation) (*Operation, error) {
	key := userKey(op.Board, op.User)
	for range changeTries {
		u, err := get[*User](ctx, s.Store, key)
		if fault.KindOf(err) == fault.NotFound || err == nil && (u.Deleted() || u.Life != op.Life) {
			return op, nil
		}
		if err != nil {
			return op, err
		}
		if op, err = s.notePlaces(ctx, op, u); err != nil {
			return op, err
		}
		if op.On != "" && op.Places[op.On] != u.On(op.On) {
			return op, nil // forgotten already
		}
		_, err = change(ctx, s, s.caretaking(op.Board), key, u.Rev, doing{}, func(u *User) (bool, error) {
			if op.On == "" {
				u.DeletedAt = s.now()
				erase(u)
				return true, nil
			}
			u.leave(op.On)
			return true, nil
		})
		if !errors.Is(err, ErrConflict) {
			return op, err
		}
	}
	return op, fault.New(fault.Unavailable, "too_busy")
}

// notePlaces keeps in an operation who a user is on which board.
func (s *Service) notePlaces(ctx context.Context, op *Operation, u *User) (*Operation, error) {
	boards := u.Boards
	if op.On != "" {
		boards = []ID{op.On}
	}
	return change(ctx, s, s.caretaking(op.Board), KeyOf(op), 0, doing{}, func(d *Operation) (changed bool, err error) {
		for _, board := range boards {
			if d.Places[board] != "" && (op.On != "" || d.Places[board] == u.On(board)) {
				continue
			}
			if d.Places == nil {
				d.Places = make(map[ID]ID)
			}
			d.Places[board], changed = u.On(board), true
		}
		return changed, nil
	})
}

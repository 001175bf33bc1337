package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// ClosingTakes is for how long an account that is to be closed can still be kept.
const ClosingTakes = 14 * aDay

var errLastAdmin = fault.New(fault.Conflict, "account_last_admin")

// CloseAccount has an account closed in ClosingTakes, for who knows its password if it
// has one: until then, whoever signs in can keep it. Every session of it ends. Nobody
// closes that of the only administrator, without whom nobody invites. Again answers
// as done.
func (s *Service) CloseAccount(ctx context.Context, a *Account, password string) (*Account, error) {
	if a.Password != "" && !s.Passwords.Check(a.Password, password) {
		return nil, errPasswordWrong
	}
	if a.Admin {
		all, err := s.LocalAccounts(ctx, a)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(other *Account) bool { return other.Admin && other.ID != a.ID && other.ClosesAt.IsZero() }) {
			return nil, errLastAdmin
		}
	}
	return s.closeAt(ctx, a.ID, s.now().Add(ClosingTakes))
}

// CloseAccountOf is CloseAccount for the operator, who may do it to anybody, and at
// once.
func (s *Service) CloseAccountOf(ctx context.Context, id ID, atOnce bool) (*Account, error) {
	at := s.now().Add(ClosingTakes)
	if atOnce {
		at = s.dueNow()
	}
	return s.closeAt(ctx, id, at)
}

// closeAt closes an account at a moment, or at the one that was said before if that is
// sooner.
func (s *Service) closeAt(ctx context.Context, id ID, at time.Time) (*Account, error) {
	a, err := s.openAccount(ctx, id)
	if err != nil || a.closesBy(at) {
		return a, err
	}
	// First: what is said to close does so, whatever fails between. Where nothing
	// was said after all, the operation finds an account that stays.
	op := &Operation{What: OperationClosing}
	op.ID, op.Board, op.PurgeAt = derivedID("closing", id, ID(fmt.Sprint(at.UnixMilli()))), id, at
	if _, _, err := create(ctx, s, s.caretaking(id), NotLogged, op); err != nil {
		return nil, err
	}
	a, err = change(ctx, s, s.caretaking(id), accountKey(id), 0, doing{}, func(a *Account) (bool, error) {
		if a.Deleted() {
			return false, ErrNotFound
		}
		if a.closesBy(at) {
			return false, nil
		}
		a.ClosesAt = at
		a.Generation++
		return true, nil
	})
	s.stir()
	return a, err
}

// closesBy tells an account that closes at a moment, or before.
func (a *Account) closesBy(at time.Time) bool { return !a.ClosesAt.IsZero() && !a.ClosesAt.After(at) }

// KeepAccount has an account stay that was to be closed. Again answers as done.
func (s *Service) KeepAccount(ctx context.Context, id ID) (*Account, error) {
	return change(ctx, s, s.caretaking(id), accountKey(id), 0, doing{}, func(a *Account) (bool, error) {
		if a.Deleted() {
			return false, ErrNotFound
		}
		changed := !a.ClosesAt.IsZero()
		a.ClosesAt = time.Time{}
		return changed, nil
	})
}

// openAccount gives an account that was not closed.
func (s *Service) openAccount(ctx context.Context, id ID) (*Account, error) {
	a, err := get[*Account](ctx, s.Store, accountKey(id))
	if err == nil && a.Deleted() {
		err = ErrNotFound
	}
	return a, err
}

// latestLife finds the account that an id stands for which follows from a user name or
// from what a provider says: who comes back after theirs was closed is somebody new, to
// whom nothing of the old leads. The account is nil where there is none yet of that id.
func (s *Service) latestLife(ctx context.Context, first ID) (ID, *Account, error) {
	for id, life := first, 1; ; life++ {
		a, err := get[*Account](ctx, s.Store, accountKey(id))
		if fault.KindOf(err) == fault.NotFound {
			return id, nil, nil
		}
		if err != nil || !a.Deleted() {
			return id, a, err
		}
		id = derivedID("account again", first, ID(fmt.Sprint(life)))
	}
}

// closeAccount erases an account whose time has come, its walls with all that is on
// them, and what its owner has left on the walls of others.
func (s *Service) closeAccount(ctx context.Context, op *Operation, counts map[Kind]int) (over bool, err error) {
	a, err := change(ctx, s, s.caretaking(op.Board), accountKey(op.Board), 0, doing{}, func(a *Account) (bool, error) {
		if a.Deleted() || !a.closesBy(s.now()) {
			return false, nil
		}
		a.DeletedAt = s.now()
		erase(a)
		return true, nil
	})
	if err != nil || !a.Deleted() {
		return gone(err) == nil, gone(err)
	}
	listed := &Member{}
	listed.ID, listed.Board = a.ID, setupID
	if err := s.eraseWhole(ctx, s.caretaking(setupID), listed); gone(err) != nil {
		return false, err
	}
	// Their walls first: every board is then looked at when those are gone, and once.
	if over, err := s.endWalls(ctx, a.ID, counts); err != nil || !over {
		return false, err
	}
	return true, s.eraseEverywhere(ctx, a.ID, counts)
}

// endWalls erases the walls of an account, and what says that it had to do with them;
// it tells whether all of that is done.
func (s *Service) endWalls(ctx context.Context, account ID, counts map[Kind]int) (over bool, err error) {
	owned, err := s.everything(ctx, account, KindOwned)
	if err != nil {
		return false, err
	}
	over = true
	for _, o := range typed[*Owned](owned) {
		if o.as() == RoleOwner {
			done, err := s.endBoard(ctx, o.ID)
			if err != nil {
				return false, err
			}
			if !done {
				over = false // it is found again by what says whose it is
				continue
			}
			counts[KindBoard]++
		}
		if err := s.eraseWhole(ctx, s.caretaking(account), o); err != nil {
			return false, err
		}
	}
	return over, nil
}

// endBoard has a board erased with all that is on it, batch by batch, and tells whether
// that is done.
func (s *Service) endBoard(ctx context.Context, id ID) (done bool, err error) {
	b, err := change(ctx, s, s.caretaking(id), boardKey(id), 0, doing{}, func(b *Board) (bool, error) {
		if b.bare() || b.due(s.now()) {
			return false, nil
		}
		b.trash(s.now(), "")
		b.PurgeAt = s.dueNow()
		return true, nil
	})
	switch {
	case err != nil:
		return gone(err) == nil, gone(err)
	case b.bare():
		return true, s.forgetEvents(ctx, id)
	}
	s.stir()
	return false, nil
}

// eraseSeat forgets that an account took an invitation to a wall, and under which name.
func (s *Service) eraseSeat(ctx context.Context, account, board ID) error {
	all, err := s.everything(ctx, board, KindInvitation)
	if err != nil {
		return err
	}
	for _, inv := range typed[*Invitation](all) {
		if inv.Taken != account {
			continue
		}
		if err := s.eraseWhole(ctx, s.caretaking(board), inv); err != nil {
			return err
		}
	}
	return nil
}

// eraseEverywhere erases what an account has left, on whatever wall. Where it came to
// is not kept with it: who comes to a wall by a link is nobody's business, and closing
// is rare, so that every wall is looked at.
func (s *Service) eraseEverywhere(ctx context.Context, account ID, counts map[Kind]int) error {
	for above := (Place{}); ; {
		docs, err := s.Store.Catalogued(ctx, KindBoard, above, MaxBoardPage)
		if err != nil || len(docs) == 0 {
			return err
		}
		there, err := together(ctx, listAtOnce, docs, func(ctx context.Context, doc Document) (bool, error) {
			if doc.Head().bare() {
				return false, nil
			}
			if err := s.eraseSeat(ctx, account, doc.Head().ID); err != nil {
				return false, err
			}
			return s.cameTo(ctx, account, doc.Head().ID)
		})
		if err != nil {
			return err
		}
		for i, doc := range docs {
			if !there[i] {
				continue
			}
			if err := s.eraseOn(ctx, doc.Head().ID, participantOf(account, doc.Head().ID), counts); err != nil {
				return err
			}
		}
		above = PlaceOf(docs[len(docs)-1])
	}
}

// cameTo tells whether an account is, or was, somebody on a board.
func (s *Service) cameTo(ctx context.Context, account, board ID) (bool, error) {
	_, err := s.Store.Get(ctx, participantKey(board, participantOf(account, board)))
	return err == nil, gone(err)
}

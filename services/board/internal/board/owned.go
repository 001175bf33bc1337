package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

// Owned says that an account or a platform owns a board, or that an account has a
// seat on one that somebody else owns: it stands in their partition under the
// board's id. That of a platform's board has a parent that follows from External.
type Owned struct {
	Meta
	// Role is RoleModerator for a seat; empty for an owner.
	Role Role `json:"role,omitempty"`
	// External is what a platform calls the board; empty for nothing.
	External string `json:"external,omitempty"`
	// Asked is the fingerprint of the request that made a platform's board.
	Asked string `json:"asked,omitempty"`
	// Trashed tells that a platform's board is in the trash, and Media how many
	// bytes its uploads have, as they were last counted.
	Trashed bool  `json:"trashed,omitempty"`
	Media   int64 `json:"media,omitempty"`
}

// Kind tells KindOwned.
func (*Owned) Kind() Kind { return KindOwned }

// MaxOwned bounds the walls of one account.
const MaxOwned = 1000

// listAtOnce bounds the walls that are looked at together.
const listAtOnce = 8

var (
	errTooManyWalls = fault.New(fault.Conflict, "too_many_walls")
	errRestoreLate  = fault.New(fault.Conflict, "restore_too_late")
)

func ownedKey(account, board ID) Key { return Key{Board: account, Kind: KindOwned, ID: board} }

// own makes a board an account's. Doing it again changes nothing.
func (s *Service) own(ctx context.Context, account, board ID) error {
	d := &Owned{}
	d.ID, d.Board = board, account
	_, _, err := create(ctx, s, s.caretaking(account), NotLogged, d)
	return err
}

// owns refuses an account what it does not own, as what is not there.
func (s *Service) owns(ctx context.Context, account, board ID) error {
	role, err := s.seated(ctx, account, board)
	if err == nil && role != RoleOwner {
		return ErrForbidden
	}
	return err
}

// NewWall is what makes a wall of an account's. ID may be empty.
type NewWall struct {
	ID ID
	NewBoard
}

// CreateWall makes a wall that an account owns. Its id follows from the
// account and the id given, so that repeating answers as the first did (rule
// S3), and nobody makes theirs what is somebody else's.
func (s *Service) CreateWall(ctx context.Context, a *Account, in NewWall) (*Board, error) {
	if in.ID == "" {
		in.ID = s.IDs.NewID()
	}
	owned, err := list[*Owned](ctx, s.Store, a.ID, KindOwned)
	if err != nil {
		return nil, err
	}
	in.NewBoard.ID = derivedID("wall", a.ID, in.ID)
	known := slices.ContainsFunc(owned, func(o *Owned) bool { return o.ID == in.NewBoard.ID })
	if len(owned) >= MaxOwned && !known {
		return nil, errTooManyWalls.With("max", MaxOwned)
	}
	then := in.before
	in.before = func(ctx context.Context, sc *scene) error {
		// First: a board that exists is its owner's, whatever fails between.
		if err := s.own(ctx, a.ID, sc.board.ID); err != nil || then == nil {
			return err
		}
		return then(ctx, sc)
	}
	b, _, err := s.CreateBoard(ctx, in.NewBoard)
	if err == nil && b.Deleted() {
		err = ErrNotFound
	}
	return b, err
}

// Wall is a board as its owner lists it.
type Wall struct {
	*Board
	// Role is what the account is on it.
	Role Role
	// ChangedAt is when anything on it last changed.
	ChangedAt time.Time
}

// Walls lists the walls of an account whose titles have a text in them, the
// archived and the deleted ones too, last changed first.
func (s *Service) Walls(ctx context.Context, a *Account, text string) ([]Wall, error) {
	owned, err := list[*Owned](ctx, s.Store, a.ID, KindOwned)
	if err != nil {
		return nil, err
	}
	walls, err := together(ctx, listAtOnce, owned, func(ctx context.Context, o *Owned) (Wall, error) {
		return s.wallOf(ctx, o)
	})
	if err != nil {
		return nil, err
	}
	text = fold(text)
	walls = slices.DeleteFunc(walls, func(w Wall) bool { return w.Board == nil || !strings.Contains(fold(w.Title), text) })
	slices.SortFunc(walls, func(a, b Wall) int { return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(a.ID, b.ID)) })
	return walls, nil
}

// OwnedWall gives one wall of an account.
func (s *Service) OwnedWall(ctx context.Context, a *Account, board ID) (Wall, error) {
	o, err := get[*Owned](ctx, s.Store, ownedKey(a.ID, board))
	if err == nil && o.as() == NoSeat {
		err = ErrNotFound
	}
	if err != nil {
		return Wall{}, err
	}
	w, err := s.wallOf(ctx, o)
	if err == nil && w.Board == nil {
		err = ErrNotFound
	}
	return w, err
}

// wallOf looks at an owned board; it gives none for one that is not there yet,
// and for one that was erased, of which it erases the last trace.
func (s *Service) wallOf(ctx context.Context, o *Owned) (Wall, error) {
	b, err := get[*Board](ctx, s.Store, boardKey(o.ID))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return Wall{}, nil
	case err != nil:
		return Wall{}, err
	case b.bare():
		return Wall{}, s.eraseWhole(ctx, s.caretaking(o.Board), o)
	}
	w := Wall{Board: b, Role: o.as(), ChangedAt: b.UpdatedAt}
	acts, err := s.Store.Latest(ctx, b.ID, KindAct, "", 1)
	for _, act := range acts {
		if at := act.Head().CreatedAt; at.After(w.ChangedAt) {
			w.ChangedAt = at
		}
	}
	return w, err
}

// ownerOf is an account as the owner of a board.
func ownerOf(a *Account, board ID) Principal { return seatOf(a, board, RoleOwner) }

// seatOf is an account under the role that it has on a board.
func seatOf(a *Account, board ID, role Role) Principal {
	return Principal{Board: board, Role: role}.signedIn(a)
}

// Owner gives the principal of an account on a board that it owns, or has a seat
// on, under a name when one is given.
func (s *Service) Owner(ctx context.Context, a *Account, board ID, name string) (Principal, error) {
	role, err := s.seated(ctx, a.ID, board)
	if err != nil {
		return Principal{}, err
	}
	sc, err := s.named(ctx, seatOf(a, board, role), name)
	if err != nil {
		return Principal{}, err
	}
	p, err := s.register(ctx, sc)
	if err != nil {
		return Principal{}, err
	}
	// From now on another role is told by who they are on the board (Standing).
	// Before, there may have been nobody there to say it of.
	now, err := s.seated(ctx, a.ID, board)
	if err == nil && now != role {
		err = errNoSuchLink
	}
	if err != nil {
		return Principal{}, err
	}
	return p, nil
}

// renewOwner makes the principal of an owner anew, while they are signed in.
func (s *Service) renewOwner(ctx context.Context, was Principal, name string) (Principal, error) {
	if was.Account == "" {
		return Principal{}, errNoSuchLink
	}
	a, err := s.SignedIn(ctx, was.Account, was.Generation)
	if err != nil {
		return Principal{}, err
	}
	if name == "" {
		name = was.Name
	}
	return s.Owner(ctx, a, was.Board, name)
}

// ArchiveWall puts a wall of an account away, or takes it out again.
func (s *Service) ArchiveWall(ctx context.Context, a *Account, board ID, away bool) error {
	role, err := s.seated(ctx, a.ID, board)
	if err != nil {
		return err
	}
	_, err = s.ArchiveBoard(ctx, seatOf(a, board, role), board, away)
	return err
}

// TrashWall deletes a wall of an account: nobody sees it any more. For
// TrashKept it can be restored. Deleting again answers as done.
func (s *Service) TrashWall(ctx context.Context, a *Account, board ID) error {
	return s.changeWall(ctx, a, board, BoardDeleted, func(b *Board, sc *scene) (bool, error) {
		if b.Deleted() {
			return false, nil
		}
		if err := sc.may(DeleteBoard); err != nil {
			return false, err
		}
		b.trash(sc.now, sc.p.Participant)
		return true, nil
	})
}

// RestoreWall takes a wall out of the trash. Restoring a live one answers as
// done.
func (s *Service) RestoreWall(ctx context.Context, a *Account, board ID) error {
	return s.changeWall(ctx, a, board, BoardRestored, restoring)
}

// restoring takes a board out of the trash, if it is not too late.
func restoring(b *Board, sc *scene) (bool, error) {
	switch {
	case !b.Deleted():
		return false, nil
	case b.PurgeAt.IsZero() || !sc.now.Before(b.PurgeAt):
		return false, errRestoreLate
	}
	b.live()
	return true, nil
}

// changeWall changes a board that may be in the trash, for its owner.
func (s *Service) changeWall(ctx context.Context, a *Account, board ID, verb Verb, apply func(*Board, *scene) (bool, error)) error {
	// Also of one that was erased, so that whoever comes too late is told so.
	d, err := get[*Owned](ctx, s.Store, ownedKey(a.ID, board))
	if err != nil {
		return err
	}
	if d.as() != RoleOwner {
		return ErrForbidden
	}
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if err != nil {
		return err
	}
	sc := s.founding(b)
	sc.p = ownerOf(a, board)
	_, err = change(ctx, s, sc, boardKey(board), 0, doing{verb: verb}, func(b *Board) (bool, error) { return apply(b, sc) })
	return err
}

// ModeratorsOf lists who moderates a wall besides its owner.
func (s *Service) ModeratorsOf(ctx context.Context, a *Account, board ID) ([]*Participant, error) {
	if err := s.owns(ctx, a.ID, board); err != nil {
		return nil, err
	}
	owner := ownerOf(a, board)
	people, err := s.People(ctx, owner, board)
	return slices.DeleteFunc(people, func(d *Participant) bool { return !d.Role.moderates() || d.ID == owner.Participant }), err
}

// eraseBatch bounds the documents of a board that one sweep erases.
const eraseBatch = 1000

// purgeBoard erases what is on a board, a batch at a time, and tells whether
// something may be left. The log goes last: it is what other changes write to.
func (s *Service) purgeBoard(ctx context.Context, sc *scene, b *Board) (more bool, err error) {
	kinds := slices.DeleteFunc(Kinds(), func(k Kind) bool { return k == KindBoard || k == KindAct })
	for _, kind := range append(kinds, KindAct) {
		trashed, err := s.Store.Trashed(ctx, b.ID, kind)
		if err != nil {
			return true, err
		}
		docs, err := s.Store.Latest(ctx, b.ID, kind, "", eraseBatch)
		if err != nil {
			return true, err
		}
		docs = append(docs, trashed...)
		if len(docs) > eraseBatch {
			docs = docs[:eraseBatch]
		}
		for _, doc := range docs {
			if err := s.eraseWhole(ctx, sc, doc); err != nil {
				return true, err
			}
		}
		if len(docs) == eraseBatch {
			return true, nil
		}
	}
	return false, nil
}

// eraseWhole makes a bare tombstone of a document, and of the code of a link.
func (s *Service) eraseWhole(ctx context.Context, sc *scene, doc Document) error {
	if l, ok := doc.(*Link); ok && l.Code != "" {
		key := codeKey(l.Code)
		code, err := s.Store.Get(ctx, key)
		if err == nil {
			err = s.eraseWhole(ctx, s.caretaking(key.Board), code)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	_, err := change(ctx, s, sc, KeyOf(doc), 0, doing{}, func(doc Document) (bool, error) {
		head := doc.Head()
		if head.bare() {
			return false, nil
		}
		if !head.Deleted() {
			head.DeletedAt = sc.now
		}
		erase(doc)
		return true, nil
	})
	return err
}

// together does something with each of several things, some at once, and gives
// what came of each, in their order, or the first failure.
func together[T, R any](ctx context.Context, atOnce int, things []T, do func(context.Context, T) (R, error)) ([]R, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]R, len(things))
	next := make(chan int)
	var work sync.WaitGroup
	for range min(atOnce, len(things)) {
		work.Go(func() {
			for i := range next {
				one, err := do(ctx, things[i])
				if err != nil {
					cancel(err)
				}
				out[i] = one
			}
		})
	}
	for i := range things {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	work.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

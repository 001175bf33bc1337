package board

import (
	"context"
	"reflect"
	"slices"

	"fresque.dev/services/internal/fault"
)

// MaxBoardPage bounds the boards that are listed at once.
const MaxBoardPage = 200

// PlatformBoardQuery asks for a page of a platform's boards.
type PlatformBoardQuery struct {
	// External is what the platform calls them; empty for all.
	External string
	// Below is where the page before ended; empty for the first.
	Below ID
	Limit int
}

// PlatformBoards lists the boards of a platform, in an order of no meaning that
// stays, and tells where the next page begins; empty for nowhere.
func (s *Service) PlatformBoards(ctx context.Context, p *Platform, q PlatformBoardQuery) ([]*Board, ID, error) {
	q.Limit = min(max(q.Limit, 1), MaxBoardPage)
	owned, next, err := s.pageOfOwned(ctx, p, q)
	if err != nil {
		return nil, "", err
	}
	boards, err := together(ctx, listAtOnce, owned, func(ctx context.Context, o *Owned) (*Board, error) {
		b, err := s.PlatformOwns(ctx, p, o.ID)
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil // in the trash, or its making was cut short
		}
		return b, err
	})
	external := oneLine(q.External)
	return slices.DeleteFunc(boards, func(b *Board) bool { return b == nil || external != "" && b.External != external }), next, err
}

func (s *Service) pageOfOwned(ctx context.Context, p *Platform, q PlatformBoardQuery) ([]*Owned, ID, error) {
	var docs []Document
	var err error
	if external := oneLine(q.External); external != "" {
		// Those of one name are few, and read in the order of their ids.
		docs, err = s.Store.ListUnder(ctx, p.ID, KindOwned, underExternal(p.ID, external))
		slices.Reverse(docs)
		docs = slices.DeleteFunc(docs, func(d Document) bool { return d.Head().Deleted() || q.Below != "" && d.Head().ID >= q.Below })
	} else {
		docs, err = s.Store.Latest(ctx, p.ID, KindOwned, q.Below, q.Limit+1)
	}
	var next ID
	if len(docs) > q.Limit {
		docs = docs[:q.Limit]
		next = docs[q.Limit-1].Head().ID
	}
	return typed[*Owned](docs), next, err
}

// underExternal is the parent of those documents Owned that share a name, by
// which they are found.
func underExternal(platform ID, external string) ID {
	if external == "" {
		return ""
	}
	return derivedID("external", platform, ID(external))
}

// PlatformBoardEdit is a change of a platform's board; nil leaves a field as it
// is.
type PlatformBoardEdit struct {
	External *string
	BoardEdit
}

// EditPlatformBoard changes a board of a platform's: at an expected revision, or
// whatever it is at when that is 0.
func (s *Service) EditPlatformBoard(ctx context.Context, p *Platform, board ID, expected Rev, in PlatformBoardEdit) (*Board, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return nil, err
	}
	if in.External != nil {
		external := oneLine(*in.External)
		if long := tooLong("externalId", external, MaxExternal); long != nil {
			return nil, faults{long}.err()
		}
		in.external = &external
	}
	b, err := s.EditBoard(ctx, platformOn(p, board), board, expected, in.BoardEdit)
	if err != nil || in.External == nil {
		return b, err
	}
	// After the board: where this fails, repeating the change completes it.
	_, err = change(ctx, s, s.caretaking(p.ID), ownedKey(p.ID, board), 0, doing{}, func(o *Owned) (bool, error) {
		before := *o
		o.External, o.Parent = b.External, underExternal(p.ID, b.External)
		return !reflect.DeepEqual(before, *o), nil
	})
	return b, err
}

// TrashPlatformBoard deletes a board of a platform's: nobody sees it any more,
// and after TrashKept it is erased. Deleting again answers as done.
func (s *Service) TrashPlatformBoard(ctx context.Context, p *Platform, board ID) error {
	if _, err := s.seated(ctx, p.ID, board); err != nil {
		return err
	}
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if err == nil && b.Platform != p.ID {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	sc := s.founding(b)
	sc.p = platformOn(p, board)
	_, err = change(ctx, s, sc, boardKey(board), 0, doing{verb: BoardDeleted}, func(b *Board) (bool, error) {
		if b.Deleted() {
			return false, nil
		}
		b.trash(sc.now, sc.p.Participant)
		return true, nil
	})
	if err != nil {
		return err
	}
	fewer := false
	_, err = change(ctx, s, s.caretaking(p.ID), ownedKey(p.ID, board), 0, doing{}, func(o *Owned) (bool, error) {
		fewer = !o.Trashed
		o.Trashed = true
		return fewer, nil
	})
	if err == nil && fewer {
		s.used(p.ID, -1, 0)
	}
	return err
}

// disown erases the last trace of a board of a platform's, which is erased.
func (s *Service) disown(ctx context.Context, b *Board) error {
	if b.Platform == "" {
		return nil
	}
	owned, err := s.Store.Get(ctx, ownedKey(b.Platform, b.ID))
	if err == nil {
		err = s.eraseWhole(ctx, s.caretaking(b.Platform), owned)
	}
	return gone(err)
}

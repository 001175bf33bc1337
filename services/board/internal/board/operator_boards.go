package board

import "context"

// BoardFacts are what the operator sees of a board: nothing that is on it.
type BoardFacts struct {
	*Board
	// Posts, Files, Links and People are how many there are, without the trash.
	Posts, Files, Links, People int
}

// OperatorBoard tells the operator of a board, which may be in the trash.
func (s *Service) OperatorBoard(ctx context.Context, id ID) (*BoardFacts, error) {
	b, err := get[*Board](ctx, s.Store, boardKey(id))
	if err != nil {
		return nil, err
	}
	f := &BoardFacts{Board: b}
	for kind, n := range map[Kind]*int{KindPost: &f.Posts, KindMedia: &f.Files, KindLink: &f.Links, KindParticipant: &f.People} {
		docs, err := s.Store.List(ctx, id, kind)
		if err != nil {
			return nil, err
		}
		*n = len(docs)
	}
	return f, nil
}

// ListedBoard is a board as the operator lists it: of an account, if that is its
// owner, of its platform, or of nobody's.
type ListedBoard struct {
	*Board
	Account ID
}

// OperatorBoards lists the boards of everybody, those in the trash too, in the order
// of their ids: a page of those after an id. Next is where to go on; empty at the end.
func (s *Service) OperatorBoards(ctx context.Context, after ID) (page []ListedBoard, next ID, err error) {
	docs, err := s.Store.Catalogued(ctx, KindBoard, Place{ID: after, Board: after}, MaxBoardPage)
	if err != nil || len(docs) == 0 {
		return nil, "", err
	}
	last := docs[len(docs)-1].Head().ID
	if len(docs) == MaxBoardPage {
		next = last
	}
	owners, err := s.ownersOf(ctx, docs[0].Head().ID, last)
	if err != nil {
		return nil, "", err
	}
	for _, b := range typed[*Board](docs) {
		if b.bare() {
			continue // erased
		}
		page = append(page, ListedBoard{Board: b, Account: owners[b.ID]})
	}
	return page, next, nil
}

// ownersOf gives who owns the boards from one id to another, that last one too.
func (s *Service) ownersOf(ctx context.Context, from, last ID) (map[ID]ID, error) {
	owners := make(map[ID]ID)
	for above := (Place{ID: from}); ; {
		docs, err := s.Store.Catalogued(ctx, KindOwned, above, MaxBoardPage)
		if err != nil {
			return nil, err
		}
		for _, o := range typed[*Owned](docs) {
			if o.ID <= last && !o.Deleted() && o.as() == RoleOwner {
				owners[o.ID] = o.Board
			}
		}
		if len(docs) < MaxBoardPage || docs[len(docs)-1].Head().ID > last {
			return owners, nil
		}
		above = PlaceOf(docs[len(docs)-1])
	}
}

// ArchiveOperatorBoard puts a board away, or takes it out again.
func (s *Service) ArchiveOperatorBoard(ctx context.Context, id ID, away bool) error {
	_, err := s.ArchiveBoard(ctx, operatorOn(id), id, away)
	return err
}

// TrashOperatorBoard deletes a board: for TrashKept it can be restored. Deleting
// again answers as done.
func (s *Service) TrashOperatorBoard(ctx context.Context, id ID) error {
	b, err := get[*Board](ctx, s.Store, boardKey(id))
	if err != nil {
		return err
	}
	if b.Platform == "" {
		return s.asOperator(ctx, b, BoardDeleted, func(b *Board, sc *scene) (bool, error) {
			if b.Deleted() {
				return false, nil
			}
			b.trash(sc.now, sc.p.Participant)
			return true, nil
		})
	}
	p, err := s.PlatformAt(ctx, b.Platform)
	if err != nil {
		return err
	}
	return s.TrashPlatformBoard(ctx, p, id)
}

// RestoreOperatorBoard takes a board out of the trash. Restoring a live one answers
// as done.
func (s *Service) RestoreOperatorBoard(ctx context.Context, id ID) error {
	b, err := get[*Board](ctx, s.Store, boardKey(id))
	if err != nil {
		return err
	}
	if err := s.asOperator(ctx, b, BoardRestored, restoring); err != nil || b.Platform == "" {
		return err
	}
	more := false
	_, err = change(ctx, s, s.caretaking(b.Platform), ownedKey(b.Platform, id), 0, doing{}, func(o *Owned) (bool, error) {
		more, o.Trashed = o.Trashed, false
		return more, nil
	})
	if err == nil && more {
		s.used(b.Platform, 1, 0)
	}
	return err
}

func (s *Service) asOperator(ctx context.Context, b *Board, verb Verb, apply func(*Board, *scene) (bool, error)) error {
	sc := s.founding(b)
	sc.p = operatorOn(b.ID)
	_, err := change(ctx, s, sc, boardKey(b.ID), 0, doing{verb: verb}, func(b *Board) (bool, error) { return apply(b, sc) })
	return err
}

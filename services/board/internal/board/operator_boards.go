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

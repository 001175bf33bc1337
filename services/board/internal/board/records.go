package board

import (
	"cmp"
	"context"
	"slices"
)

// Records are all contributions of a board that somebody sees, to take away.
type Records struct {
	Board *Board
	Sight *Sight
	// Posts are in the order in which they were made, and so are Comments.
	Posts    []*Post
	Comments []*Comment
	// Given are the reactions of each post on the scale of the board.
	Given map[ID]*Reactions
	// Uploads are those that are shown.
	Uploads map[ID]*Media
}

// Records gives what moderators see of a board: as an export is one more way out,
// the one visibility rule is asked about each document (rule S13).
func (s *Service) Records(ctx context.Context, p Principal, board ID) (*Records, error) {
	sc, err := s.enter(ctx, p, board, DuplicateBoard)
	if err != nil {
		return nil, err
	}
	return s.recordsOf(ctx, sc)
}

func (s *Service) recordsOf(ctx context.Context, sc *scene) (*Records, error) {
	board := sc.board.ID
	out := &Records{Board: sc.board, Sight: sc.sight.remembering(), Given: make(map[ID]*Reactions), Uploads: make(map[ID]*Media)}
	posts, err := list[*Post](ctx, s.Store, board, KindPost)
	if err != nil {
		return nil, err
	}
	comments, err := list[*Comment](ctx, s.Store, board, KindComment)
	if err != nil {
		return nil, err
	}
	given, err := list[*Reactions](ctx, s.Store, board, KindReactions)
	if err != nil {
		return nil, err
	}
	uploads, err := list[*Media](ctx, s.Store, board, KindMedia)
	if err != nil {
		return nil, err
	}
	out.Posts, out.Comments = shownTo(out.Sight, sc.p, posts), shownTo(out.Sight, sc.p, comments)
	for _, r := range given {
		if r.Scale == sc.board.Settings.Reactions {
			out.Given[r.Post] = r
		}
	}
	for _, m := range shownTo(out.Sight, sc.p, uploads) {
		out.Uploads[m.ID] = m
	}
	return out, nil
}

// shownTo gives the documents that somebody sees, oldest first.
func shownTo[D Document](sight *Sight, p Principal, docs []D) []D {
	docs = slices.DeleteFunc(docs, func(doc D) bool { return !sight.SeenBy(p, doc) })
	slices.SortStableFunc(docs, func(a, b D) int {
		return cmp.Or(a.Head().CreatedAt.Compare(b.Head().CreatedAt), cmp.Compare(a.Head().ID, b.Head().ID))
	})
	return docs
}

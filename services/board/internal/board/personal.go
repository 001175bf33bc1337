package board

import (
	"context"
	"slices"
)

// personal is a document that is one person's: it tells of them, and goes when
// they are erased. A new kind is either personal, or says in the test of kinds
// why it is not.
type personal interface {
	Document
	// whose names the participant; empty for nobody.
	whose() ID
}

func (p *Post) whose() ID        { return p.Author.ID }
func (c *Comment) whose() ID     { return c.Author.ID }
func (m *Media) whose() ID       { return m.Owner }
func (p *Participant) whose() ID { return p.ID }
func (t *Tally) whose() ID       { return t.ID }
func (b *Ballot) whose() ID      { return b.ID }
func (r *Report) whose() ID      { return r.Reporter }
func (b *Bulk) whose() ID        { return b.Actor }
func (t *Told) whose() ID        { return t.ID }

// personalKinds lists the kinds whose documents are somebody's.
func personalKinds() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool {
		_, is := kinds[k].empty().(personal)
		return !is
	})
}

// theirs gives all that a participant has on a board, what is in the trash
// included.
func (s *Service) theirs(ctx context.Context, board, who ID) ([]Document, error) {
	var out []Document
	for _, kind := range personalKinds() {
		docs, err := s.everything(ctx, board, kind)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			if p, ok := doc.(personal); ok && p.whose() == who {
				out = append(out, doc)
			}
		}
	}
	return out, nil
}

// everything gives the documents of one kind on a board, what is in the trash
// included.
func (s *Service) everything(ctx context.Context, board ID, kind Kind) ([]Document, error) {
	docs, err := s.Store.List(ctx, board, kind)
	if err != nil {
		return nil, err
	}
	trashed, err := s.Store.Trashed(ctx, board, kind)
	return append(docs, trashed...), err
}

package pipeline

import (
	"context"

	"fresque.dev/services/media/internal/media"
)

// Erase removes what there is of uploads of a board, or of all of them when
// none is named: on their way in, on whichever replica, and in the object store.
// Doing it again changes nothing. What is being made at this moment finds itself
// barred when it is done, and is cleared then by who made it; or by another, when
// that one is gone.
func (p *Pipeline) Erase(ctx context.Context, board media.ID, uploads []media.ID) error {
	for _, id := range uploads {
		if err := p.bar(ctx, board, id); err != nil {
			return err
		}
		if err := p.Objects.Clear(ctx, board, id); err != nil {
			return err
		}
	}
	if len(uploads) > 0 {
		return nil
	}
	if err := p.barAll(ctx, board); err != nil {
		return err
	}
	return p.Objects.Clear(ctx, board, "")
}

// barAll bars what is on its way into a board, here and elsewhere.
func (p *Pipeline) barAll(ctx context.Context, board media.ID) error {
	entries, err := p.Register.OfBoard(ctx, board)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := p.bar(ctx, board, e.ID); err != nil {
			return err
		}
	}
	records, err := p.Quarantine.All()
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Board != board {
			continue
		}
		if err := p.bar(ctx, board, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// bar tells all replicas, and does not wait to hear of it again here.
func (p *Pipeline) bar(ctx context.Context, board, id media.ID) error {
	if err := p.Register.Bar(ctx, board, id); err != nil {
		return err
	}
	if err := p.Quarantine.Bar(board, id); err != nil {
		return err
	}
	p.Changed(id)
	return nil
}

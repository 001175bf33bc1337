package pipeline

import (
	"context"

	"fresque.dev/services/media/internal/media"
)

// Erase removes what there is of uploads of a board, or of all of them when
// none is named: on their way in, and in the object store. Doing it again
// changes nothing. What is being made at this moment finds itself barred when
// it is done, and is cleared then.
func (p *Pipeline) Erase(ctx context.Context, board media.ID, uploads []media.ID) error {
	for _, id := range uploads {
		if err := p.bar(board, id); err != nil {
			return err
		}
		if err := p.Objects.Clear(ctx, board, id); err != nil {
			return err
		}
	}
	if len(uploads) > 0 {
		return nil
	}
	records, err := p.Quarantine.All()
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Board != board {
			continue
		}
		if err := p.bar(board, r.ID); err != nil {
			return err
		}
	}
	return p.Objects.Clear(ctx, board, "")
}

func (p *Pipeline) bar(board, id media.ID) error {
	if err := p.Quarantine.Bar(board, id); err != nil {
		return err
	}
	p.Changed(id)
	return nil
}

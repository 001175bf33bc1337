package pipeline

import (
	"context"

	"fresque.dev/services/media/internal/media"
)

// Copy copies what was made of an upload to another, and tells that it is ready;
// refused, when there is nothing to copy. Doing it again changes nothing. When the
// copy was erased meanwhile, telling so has it erased once more.
func (p *Pipeline) Copy(ctx context.Context, from, to media.Upload) error {
	n, err := p.Objects.Copy(ctx, from, to)
	if err != nil {
		return err
	}
	var o media.Outcome
	if n == 0 {
		o.Refusal = media.Damaged
	}
	return p.Publisher.Publish(ctx, media.Ended(to, o))
}

package pipeline

import (
	"context"
	"time"

	"fresque.dev/services/media/internal/media"
)

// sweepOnAndOn looks at the whole quarantine, now and from time to time.
func (p *Pipeline) sweepOnAndOn(ctx context.Context) {
	tick := time.NewTicker(p.SweepEvery)
	defer tick.Stop()
	for {
		p.sweep()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep finds what a crash interrupted, what nobody finished, and what need
// not be remembered any longer.
func (p *Pipeline) sweep() {
	records, err := p.Quarantine.All()
	if err != nil {
		p.Log.Error("quarantine not read wholly", "error", err)
	}
	for _, r := range records {
		if err := p.look(r); err != nil {
			p.Log.Error("upload not swept", "media", r.ID, "error", err)
		}
	}
}

func (p *Pipeline) look(r media.Record) error {
	old := p.Now().Sub(r.TouchedAt) > p.StaleAfter
	switch {
	case r.Held && (r.Outcome != nil || r.Arrived()):
		p.Changed(r.ID)
	case r.Held && old:
		if _, err := p.Quarantine.Decide(r.ID, media.Outcome{Refusal: media.Abandoned}); err != nil {
			return err
		}
		p.Changed(r.ID)
	case !r.Held && old:
		return p.Quarantine.Forget(r.ID)
	}
	return nil
}

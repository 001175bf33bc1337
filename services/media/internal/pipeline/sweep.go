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
		p.sweepRegister(ctx)
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
	case r.Held && p.isElsewhere(r):
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

// isElsewhere tells of an upload of which something lies here that another
// replica has taken over, or that is barred.
func (p *Pipeline) isElsewhere(r media.Record) bool {
	e, known := p.Register.Known(r.Board, r.ID)
	return known && (!p.mine(e) || e.Standing == media.Barred)
}

package pipeline

import (
	"context"
	"errors"

	"fresque.dev/services/media/internal/media"
)

// Heard takes what another replica has written of an upload. It does not block.
func (p *Pipeline) Heard(e media.Entry) {
	if (!p.mine(e) || e.Standing == media.Barred) && p.holds(e.ID) {
		p.Changed(e.ID)
	}
}

func (p *Pipeline) mine(e media.Entry) bool { return e.Replica == p.Register.Self() }

func (p *Pipeline) holds(id media.ID) bool {
	r, err := p.Quarantine.Find(id)
	return err == nil && r.Held
}

// standing is what the replicas agree on about an upload that lies here. One
// that they have forgotten, or never heard of, becomes this one's.
func (p *Pipeline) standing(ctx context.Context, u media.Upload) (e media.Entry, err error) {
	err = p.insist(ctx, "ask the register", func() (err error) {
		e, err = p.Register.Find(ctx, u.Board, u.ID)
		if errors.Is(err, media.ErrNotFound) {
			e, err = p.Register.Claim(ctx, u)
		}
		return err
	})
	return e, err
}

// seal ends an upload for all replicas. What it gives is the end that counts;
// false when it is another's, or was another's already.
func (p *Pipeline) seal(ctx context.Context, r media.Record, o media.Outcome) (_ media.Outcome, ours bool, err error) {
	var e media.Entry
	err = p.insist(ctx, "seal", func() (err error) {
		e, err = p.Register.Seal(ctx, r.Upload, r.Arrived(), o)
		return err
	})
	if err == nil && e.Standing == media.Barred {
		return media.Outcome{Refusal: media.Erased}, true, nil
	}
	return o, p.mine(e), err
}

// discard removes an upload that another replica has taken over, and whatever
// was made of it here.
func (p *Pipeline) discard(ctx context.Context, r media.Record) error {
	p.Log.Info("an upload went on elsewhere", "media", r.ID, "board", r.Board)
	if r.Arrived() {
		folder, err := p.folder(r.Upload)
		if err != nil {
			return err
		}
		if err := p.insist(ctx, "discard objects", func() error { return p.Objects.Discard(ctx, folder) }); err != nil {
			return err
		}
	}
	return p.insist(ctx, "remove from quarantine", func() error { return p.Quarantine.Forget(r.ID) })
}

func (p *Pipeline) folder(u media.Upload) (media.Folder, error) {
	f, err := p.Quarantine.Open(u.ID)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, err := sumOf(f)
	return media.NewFolder(p.Secret, u, sum), err
}

// renewals are how often within StaleAfter the entry of an upload is renewed.
const renewals = 8

// sweepRegister does what replicas have left undone that are gone, or what is
// left of this one's own that does not lie here any more.
func (p *Pipeline) sweepRegister(ctx context.Context) {
	gone := map[string]bool{}
	for _, e := range p.Register.All() {
		if e.Settled || ctx.Err() != nil {
			continue
		}
		var err error
		if p.mine(e) {
			err = p.lookAtOwn(ctx, e)
		} else if p.isGone(ctx, e.Replica, gone) {
			err = p.inherit(ctx, e)
		}
		if err != nil {
			p.Log.Warn("entry of the register not swept", "media", e.ID, "board", e.Board, "error", err)
		}
	}
}

func (p *Pipeline) isGone(ctx context.Context, replica string, gone map[string]bool) bool {
	is, asked := gone[replica]
	if !asked {
		_, there, err := p.Register.Where(ctx, replica)
		is = err == nil && !there
		gone[replica] = is
	}
	return is
}

func (p *Pipeline) lookAtOwn(ctx context.Context, e media.Entry) error {
	age := p.Now().Sub(e.At)
	switch held := p.holds(e.ID); {
	case held && e.Standing == media.Open && age > p.StaleAfter/renewals:
		return p.Register.Renew(ctx, e)
	case held:
		return nil
	case e.Standing == media.Open && age > p.WithdrawAfter:
		// Its creation was cut off.
		return p.Register.Withdraw(ctx, e)
	case e.Standing == media.Open:
		return nil
	}
	return p.finish(ctx, e)
}

// inherit ends what a replica has left that is gone: nothing of its files is here.
func (p *Pipeline) inherit(ctx context.Context, e media.Entry) error {
	var o *media.Outcome
	if e.Standing == media.Open {
		if p.Now().Sub(e.At) <= p.StaleAfter {
			return nil
		}
		o = &media.Outcome{Refusal: media.Abandoned}
	}
	ours, err := p.Register.TakeOver(ctx, e, o)
	if err != nil || !ours {
		return err
	}
	if o != nil {
		e.Outcome = o
	}
	return p.finish(ctx, e)
}

// finish does what follows from the end of an upload that does not lie here.
func (p *Pipeline) finish(ctx context.Context, e media.Entry) error {
	o := media.Outcome{Refusal: media.Erased}
	if e.Standing != media.Barred && e.Outcome != nil {
		o = *e.Outcome
	}
	if o.Refusal != "" {
		if err := p.Objects.Clear(ctx, e.Board, e.ID); err != nil {
			return err
		}
	}
	if err := p.Publisher.Publish(ctx, media.Ended(e.Upload(), o)); err != nil {
		return err
	}
	p.Log.Info("upload ended for another replica", "media", e.ID, "board", e.Board, "refusal", string(o.Refusal))
	return p.Register.Settle(ctx, e.Board, e.ID)
}

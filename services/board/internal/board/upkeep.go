package board

import (
	"cmp"
	"context"
	"time"

	"fresque.dev/services/internal/fault"
)

// Upkeep is when a platform's people and walls are looked at next, for those
// whose time is over. It is found by its PurgeAt, and whoever takes it on puts
// that off: one replica at a time does so, and two do no harm.
type Upkeep struct {
	Meta
	// Stage is what is looked at, After the last that was; empty at the beginning.
	Stage Kind `json:"stage,omitempty"`
	After ID   `json:"after,omitempty"`
}

// Kind tells KindUpkeep.
func (*Upkeep) Kind() Kind { return KindUpkeep }

const (
	upkeepEvery = 24 * time.Hour
	// upkeepBatch bounds the people, or walls, that are looked at in one sweep.
	upkeepBatch = 200
	aDay        = 24 * time.Hour
)

func upkeepKey(platform ID) Key {
	return Key{Board: platform, Kind: KindUpkeep, ID: derivedID("upkeep", platform)}
}

// keepSoon has a platform's people and walls looked at now, from the first.
func (s *Service) keepSoon(ctx context.Context, platform ID) error {
	d := &Upkeep{}
	d.ID, d.Board, d.PurgeAt = upkeepKey(platform).ID, platform, s.dueNow()
	_, err := changeOrMake(ctx, s, s.caretaking(platform), d, func(d *Upkeep) (bool, error) {
		d.PurgeAt, d.Stage, d.After = s.dueNow(), "", ""
		return true, nil
	})
	s.stir()
	return err
}

// dueNow is a moment that is over.
func (s *Service) dueNow() time.Time { return s.now().Add(-time.Millisecond) }

// keepUp looks at some of a platform's people or walls, and says when the next
// are looked at.
func (s *Service) keepUp(ctx context.Context, d *Upkeep) error {
	mine := false
	sc := s.caretaking(d.Board)
	d, err := change(ctx, s, sc, KeyOf(d), 0, doing{}, func(d *Upkeep) (bool, error) {
		mine = d.due(s.now())
		d.PurgeAt = s.now().Add(operationLease)
		return mine, nil
	})
	if err != nil || !mine {
		return err
	}
	p, err := s.PlatformAt(ctx, d.Board)
	if fault.KindOf(err) == fault.NotFound {
		return nil // it is being made
	}
	if err != nil {
		return err
	}
	stage := cmp.Or(d.Stage, KindUser)
	last, err := s.keepSome(ctx, p, stage, d.After)
	if err != nil {
		return err
	}
	rev := d.Rev
	_, err = change(ctx, s, sc, KeyOf(d), 0, doing{}, func(d *Upkeep) (bool, error) {
		if d.Rev != rev {
			return false, nil // asked for anew, or taken on by another
		}
		d.Stage, d.After, d.PurgeAt = stage, last, s.dueNow()
		if last == "" && stage == KindUser {
			d.Stage = KindOwned
		} else if last == "" {
			d.Stage, d.PurgeAt = "", s.now().Add(upkeepEvery)
		}
		return true, nil
	})
	s.stir()
	return err
}

// keepSome looks at some, and gives the last of them; empty when there are no
// more.
func (s *Service) keepSome(ctx context.Context, p *Platform, stage Kind, after ID) (last ID, err error) {
	docs, err := s.Store.Latest(ctx, p.ID, stage, after, upkeepBatch)
	if err != nil {
		return "", err
	}
	pending, err := s.underWay(ctx, p.ID)
	if err != nil {
		return "", err
	}
	for _, doc := range docs {
		switch d := doc.(type) {
		case *User:
			err = s.keepUser(ctx, p, d, pending)
		case *Owned:
			err = s.keepWall(ctx, p, d.ID, pending)
		}
		if err != nil {
			return "", err
		}
	}
	if len(docs) < upkeepBatch {
		return "", nil
	}
	return docs[len(docs)-1].Head().ID, nil
}

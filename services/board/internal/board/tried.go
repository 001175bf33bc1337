package board

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"fresque.dev/services/internal/fault"
)

// TryStore writes a document, reads it, changes it and empties it again, as an
// examination does that wants to know whether a store keeps what it is given. The
// document is always the same, in a partition of its own, and says nothing. Others
// may try the store at the same time.
func TryStore(ctx context.Context, store Store, now time.Time) (err error) {
	for range storeTries {
		if err = tryStore(ctx, store, now); !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists) {
			break
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(rand.N(storeAside)):
		}
	}
	return err
}

// storeTries bounds how often others may come between, and storeAside how long to
// make way for them, at most.
const (
	storeTries = 20
	storeAside = 100 * time.Millisecond
)

func tryStore(ctx context.Context, store Store, now time.Time) error {
	key := Key{Board: derivedID("tried"), Kind: KindSpent, ID: derivedID("tried", "store")}
	d, err := get[*Spent](ctx, store, key)
	if fault.KindOf(err) == fault.NotFound {
		d = &Spent{}
		d.ID, d.Board, d.Rev, d.CreatedAt, d.UpdatedAt = key.ID, key.Board, 1, now, now
		err = store.Insert(ctx, d)
	}
	if err != nil {
		return err
	}
	mark := SpentMark{Hash: "tried", Until: now.UTC().Truncate(time.Millisecond)}
	for _, marks := range [][]SpentMark{{mark}, nil} {
		expected := d.Rev
		d.Marks, d.Rev, d.UpdatedAt = marks, expected+1, now
		if err := store.Replace(ctx, d, expected); err != nil {
			return err
		}
		read, err := get[*Spent](ctx, store, key)
		if err != nil {
			return err
		}
		switch {
		case read.Rev > d.Rev:
			return ErrConflict // somebody else's
		case read.Rev != d.Rev || len(read.Marks) != len(marks):
			return errors.New("what was read is not what was written")
		}
	}
	return nil
}

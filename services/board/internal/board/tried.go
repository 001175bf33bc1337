package board

import (
	"context"
	"errors"
	"time"

	"fresque.dev/services/internal/fault"
)

// TryStore writes a document, reads it, changes it and empties it again, as an
// examination does that wants to know whether a store keeps what it is given. The
// document is always the same, in a partition of its own, and says nothing.
func TryStore(ctx context.Context, store Store, now time.Time) error {
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
		if read.Rev != d.Rev || len(read.Marks) != len(marks) {
			return errors.New("what was read is not what was written")
		}
	}
	return nil
}

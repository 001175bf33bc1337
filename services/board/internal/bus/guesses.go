package bus

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/services/internal/counts"
	"fresque.dev/services/internal/streams"
)

// guessTries bounds the attempts at one count that many replicas change.
const guessTries = 8

// Guesses counts wrong guesses for all replicas, in a bucket that forgets. Keys
// are keyed hashes: who reads the bucket learns no address and no account.
type Guesses struct {
	counts *counts.Bucket
	key    []byte
	window time.Duration
}

// NewGuesses makes the counts of a window, with a key of 32 bytes that all
// replicas have.
func NewGuesses(b *Bus, key []byte, window time.Duration) *Guesses {
	return &Guesses{newCounts(b, streams.Guesses(window, b.cfg.Replicas)), key, window}
}

// Count tells how many wrong guesses there were at something, and when the first
// of them was.
func (g *Guesses) Count(ctx context.Context, what string, now time.Time) (wrong int, since time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, counts.Within)
	defer cancel()
	kv, err := g.counts.Reach(ctx)
	if err != nil {
		return 0, now, err
	}
	wrong, since, _, err = g.read(ctx, kv, what, now)
	return wrong, since, err
}

// Add counts one more wrong guess at something.
func (g *Guesses) Add(ctx context.Context, what string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, counts.Within)
	defer cancel()
	kv, err := g.counts.Reach(ctx)
	if err != nil {
		return err
	}
	for range guessTries {
		wrong, since, rev, err := g.read(ctx, kv, what, now)
		if err != nil {
			return err
		}
		if done, err := g.counts.Write(ctx, kv, g.name(what), fmt.Sprintf("%d %d", wrong+1, since.UnixMilli()), rev); done || err != nil {
			return err
		}
	}
	return counts.ErrTooMany
}

// read gives a count, and its revision; 0 for none yet. One whose window is over
// begins anew.
func (g *Guesses) read(ctx context.Context, kv jetstream.KeyValue, what string, now time.Time) (wrong int, since time.Time, rev uint64, err error) {
	value, rev, err := g.counts.Read(ctx, kv, g.name(what))
	if err != nil || rev == 0 {
		return 0, now, 0, err
	}
	var ms int64
	// What cannot be read is of the year 1970, and over.
	_, _ = fmt.Sscanf(value, "%d %d", &wrong, &ms)
	if since = time.UnixMilli(ms); now.Sub(since) >= g.window || since.Sub(now) >= g.window {
		return 0, now, rev, nil
	}
	return wrong, since, rev, nil
}

func (g *Guesses) name(what string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(what))
	return hex.EncodeToString(mac.Sum(nil))
}

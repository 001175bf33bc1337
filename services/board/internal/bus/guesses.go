package bus

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	guessBucket = "guesses"
	// guessTries bounds the attempts at one count that many replicas change.
	guessTries = 8
	// guessWithin is how long a count is waited for: whoever signs in waits as long.
	guessWithin = 400 * time.Millisecond
)

// Guesses counts wrong guesses for all replicas, in a bucket that forgets. Keys
// are keyed hashes: who reads the bucket learns no address and no account.
type Guesses struct {
	bus    *Bus
	key    []byte
	window time.Duration

	mu     sync.Mutex
	bucket jetstream.KeyValue // nil until it has been reached once
}

// NewGuesses makes the counts of a window, with a key of 32 bytes that all
// replicas have.
func NewGuesses(b *Bus, key []byte, window time.Duration) *Guesses {
	return &Guesses{bus: b, key: key, window: window}
}

// Count tells how many wrong guesses there were at something, and when the first
// of them was.
func (g *Guesses) Count(ctx context.Context, what string, now time.Time) (wrong int, since time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, guessWithin)
	defer cancel()
	kv, err := g.open(ctx)
	if err != nil {
		return 0, now, err
	}
	wrong, since, _, err = g.read(ctx, kv, what, now)
	return wrong, since, err
}

// Add counts one more wrong guess at something.
func (g *Guesses) Add(ctx context.Context, what string, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, guessWithin)
	defer cancel()
	kv, err := g.open(ctx)
	if err != nil {
		return err
	}
	for range guessTries {
		wrong, since, rev, err := g.read(ctx, kv, what, now)
		if err != nil {
			return err
		}
		value := fmt.Appendf(nil, "%d %d", wrong+1, since.UnixMilli())
		if rev == 0 {
			_, err = kv.Create(ctx, g.name(what), value)
		} else {
			_, err = kv.Update(ctx, g.name(what), value, rev)
		}
		var refused *jetstream.APIError
		switch {
		case err == nil:
			return nil
		case errors.Is(err, jetstream.ErrKeyExists), errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
			continue // another replica counted at the same moment
		default:
			return g.lost(err)
		}
	}
	return errors.New("too many count at once")
}

// read gives a count, and its revision; 0 for none yet. One whose window is over
// begins anew.
func (g *Guesses) read(ctx context.Context, kv jetstream.KeyValue, what string, now time.Time) (wrong int, since time.Time, rev uint64, err error) {
	entry, err := kv.Get(ctx, g.name(what))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, now, 0, nil
	}
	if err != nil {
		return 0, now, 0, g.lost(err)
	}
	var ms int64
	// What cannot be read is of the year 1970, and over.
	_, _ = fmt.Sscanf(string(entry.Value()), "%d %d", &wrong, &ms)
	if since = time.UnixMilli(ms); now.Sub(since) >= g.window || since.Sub(now) >= g.window {
		return 0, now, entry.Revision(), nil
	}
	return wrong, since, entry.Revision(), nil
}

func (g *Guesses) name(what string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(what))
	return hex.EncodeToString(mac.Sum(nil))
}

// open reaches the bucket, and makes it the first time.
func (g *Guesses) open(ctx context.Context) (jetstream.KeyValue, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.bus.nc.IsConnected() {
		return nil, errors.New("NATS is out of reach")
	}
	if g.bucket != nil {
		return g.bucket, nil
	}
	kv, err := g.bus.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: guessBucket, Description: "Wrong guesses of the last while, by keyed hash",
		TTL: g.window, Storage: jetstream.MemoryStorage, Replicas: g.bus.cfg.Replicas,
	})
	if err == nil {
		g.bucket = kv
	}
	return kv, err
}

// lost forgets the bucket when it may be gone: it is made anew the next time.
func (g *Guesses) lost(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bucket = nil
	return err
}

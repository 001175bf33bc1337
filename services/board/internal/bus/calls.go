package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	callsBucket = "calls"
	// callsKept is how long a count is kept: longer than anything is counted.
	callsKept = 5 * time.Minute
	// callTries bounds the tries of one count, and callAside by how much more each
	// of them waits, at most.
	callTries = 20
	callAside = time.Millisecond
)

// Calls adds up what all replicas have counted, in a bucket that forgets. What is
// lost with the bucket is counted again from nothing: it bounds a pace, and keeps
// no secret.
type Calls struct {
	bus *Bus

	mu     sync.Mutex
	bucket jetstream.KeyValue // nil until it has been reached once
}

// NewCalls makes the counts.
func NewCalls(b *Bus) *Calls { return &Calls{bus: b} }

// Add adds n to a count, and gives what it is then for all replicas.
func (c *Calls) Add(ctx context.Context, what string, n int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, guessWithin)
	defer cancel()
	kv, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256([]byte(what))
	name := hex.EncodeToString(sum[:16])
	for try := range callTries {
		// A little later each time, or two that count at once meet again and again.
		time.Sleep(rand.N(time.Duration(try)*callAside + 1))
		total, rev, err := c.read(ctx, kv, name)
		if err != nil {
			return 0, err
		}
		value := []byte(strconv.Itoa(total + n))
		if rev == 0 {
			_, err = kv.Create(ctx, name, value)
		} else {
			_, err = kv.Update(ctx, name, value, rev)
		}
		var refused *jetstream.APIError
		switch {
		case err == nil:
			return total + n, nil
		case errors.Is(err, jetstream.ErrKeyExists), errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
			continue // another replica counted at the same moment
		default:
			return 0, c.lost(err)
		}
	}
	return 0, errors.New("too many count at once")
}

func (c *Calls) read(ctx context.Context, kv jetstream.KeyValue, name string) (total int, rev uint64, err error) {
	entry, err := kv.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, c.lost(err)
	}
	total, _ = strconv.Atoi(string(entry.Value()))
	return total, entry.Revision(), nil
}

// open reaches the bucket, and makes it the first time.
func (c *Calls) open(ctx context.Context) (jetstream.KeyValue, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.bus.nc.IsConnected() {
		return nil, errors.New("NATS is out of reach")
	}
	if c.bucket != nil {
		return c.bucket, nil
	}
	kv, err := c.bus.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: callsBucket, Description: "How often platforms have called in this minute",
		TTL: callsKept, Storage: jetstream.MemoryStorage, Replicas: c.bus.cfg.Replicas,
	})
	if err == nil {
		c.bucket = kv
	}
	return kv, err
}

// lost forgets the bucket when it may be gone: it is made anew the next time.
func (c *Calls) lost(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bucket = nil
	return err
}

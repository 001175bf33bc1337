package bus

import (
	"context"
	"errors"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// counts are kept for all replicas in a bucket that forgets. What is lost with
// the bucket is counted again from nothing: they bound a pace, and keep no secret.
type counts struct {
	bus  *Bus
	cfg  jetstream.KeyValueConfig
	mu   sync.Mutex
	open jetstream.KeyValue // nil until it has been reached once
}

func newCounts(b *Bus, cfg jetstream.KeyValueConfig) *counts { return &counts{bus: b, cfg: cfg} }

// bucket reaches the bucket, and makes sure of it the first time.
func (c *counts) bucket(ctx context.Context) (jetstream.KeyValue, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.bus.nc.IsConnected() {
		return nil, errors.New("NATS is out of reach")
	}
	if c.open != nil {
		return c.open, nil
	}
	kv, err := c.bus.keep.Bucket(ctx, c.cfg)
	if err == nil {
		c.open = kv
	}
	return kv, err
}

// read gives a count, and its revision; 0 for none yet.
func (c *counts) read(ctx context.Context, kv jetstream.KeyValue, name string) (value string, rev uint64, err error) {
	entry, err := kv.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, c.lost(err)
	}
	return string(entry.Value()), entry.Revision(), nil
}

// write puts a count in the place of the one that was read, and tells whether it
// did: another replica may have counted at the same moment.
func (c *counts) write(ctx context.Context, kv jetstream.KeyValue, name, value string, over uint64) (bool, error) {
	var err error
	if over == 0 {
		_, err = kv.Create(ctx, name, []byte(value))
	} else {
		_, err = kv.Update(ctx, name, []byte(value), over)
	}
	var refused *jetstream.APIError
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, jetstream.ErrKeyExists), errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
		return false, nil
	}
	return false, c.lost(err)
}

// lost forgets the bucket when it may be gone: it is made anew the next time.
func (c *counts) lost(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = nil
	return err
}

var errTooMany = errors.New("too many count at once")

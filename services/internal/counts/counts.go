// Package counts keeps what the replicas of a service count together, in buckets
// of NATS.
package counts

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/services/internal/streams"
)

// Within is how long a count is waited for: whoever signs in waits as long.
const Within = 400 * time.Millisecond

// ErrTooMany tells that others counted the same at each try.
var ErrTooMany = errors.New("too many count at once")

// Bucket is one that forgets. What is lost with it is counted again from nothing:
// counts bound a pace, and keep no secret.
type Bucket struct {
	nc   *nats.Conn
	keep streams.Keeper
	cfg  jetstream.KeyValueConfig
	mu   sync.Mutex
	open jetstream.KeyValue // nil until it has been reached once
}

// New asks nothing of NATS yet.
func New(nc *nats.Conn, keep streams.Keeper, cfg jetstream.KeyValueConfig) *Bucket {
	return &Bucket{nc: nc, keep: keep, cfg: cfg}
}

// Reach reaches the bucket, and makes sure of it the first time.
func (b *Bucket) Reach(ctx context.Context) (jetstream.KeyValue, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.nc.IsConnected() {
		return nil, errors.New("NATS is out of reach")
	}
	if b.open != nil {
		return b.open, nil
	}
	kv, err := b.keep.Bucket(ctx, b.cfg)
	if err == nil {
		b.open = kv
	}
	return kv, err
}

// Read gives a count, and its revision; 0 for none yet.
func (b *Bucket) Read(ctx context.Context, kv jetstream.KeyValue, name string) (value string, rev uint64, err error) {
	entry, err := kv.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, b.lost(err)
	}
	return string(entry.Value()), entry.Revision(), nil
}

// Write puts a count in the place of the one that was read, and tells whether it
// did: another replica may have counted at the same moment.
func (b *Bucket) Write(ctx context.Context, kv jetstream.KeyValue, name, value string, over uint64) (bool, error) {
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
	return false, b.lost(err)
}

// lost forgets the bucket when it may be gone: it is made anew the next time.
func (b *Bucket) lost(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = nil
	return err
}

package bus

import (
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/services/internal/counts"
	"fresque.dev/services/internal/streams"
)

func newCounts(b *Bus, cfg jetstream.KeyValueConfig) *counts.Bucket {
	return counts.New(b.nc, b.keep, cfg)
}

// NewCalls makes what all replicas count of whoever calls, with a key of 32 bytes
// that all of them have.
func NewCalls(b *Bus, key []byte) *counts.Calls {
	return counts.NewCalls(newCounts(b, streams.Calls(b.cfg.Replicas)), key)
}

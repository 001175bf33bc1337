package streams

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// State is how one stream, bucket or consumer stands.
type State struct {
	// Kind is stream, consumer or bucket.
	Kind string `json:"kind"`
	// Name is that of a stream or a bucket, or stream/consumer.
	Name string `json:"name"`
	// Found is as declared, differs or missing.
	Found string `json:"found"`
	// Differs says in what.
	Differs []string `json:"differs,omitempty"`
	// Replicas, Messages and Bytes are those of a stream that is there; Waiting is
	// what a consumer has before it.
	Replicas int    `json:"replicas,omitempty"`
	Messages uint64 `json:"messages,omitempty"`
	Bytes    uint64 `json:"bytes,omitempty"`
	Waiting  uint64 `json:"waiting,omitempty"`
	// Leader is which server leads it in a cluster; empty for none.
	Leader string `json:"leader,omitempty"`
}

// How something stands.
const (
	AsDeclared = "as declared"
	Differs    = "differs"
	Missing    = "missing"
)

// Look tells how all that is declared stands.
func Look(ctx context.Context, js jetstream.JetStream, l Limits) ([]State, error) {
	var out []State
	for _, d := range All(l) {
		s, err := lookStream(ctx, js, "stream", d.Stream.Name, d.Stream.Name, func(have jetstream.StreamConfig) []string { return streamDiffers(d.Stream, have) })
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		for _, reader := range d.Readers {
			c, err := lookConsumer(ctx, js, d.Stream.Name, reader)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	for _, b := range Buckets(l) {
		s, err := lookStream(ctx, js, "bucket", b.Bucket, "KV_"+b.Bucket, func(have jetstream.StreamConfig) []string { return bucketDiffers(b, have) })
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func lookStream(ctx context.Context, js jetstream.JetStream, kind, name, stream string, differs func(jetstream.StreamConfig) []string) (State, error) {
	out := State{Kind: kind, Name: name, Found: Missing}
	s, err := js.Stream(ctx, stream)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return out, nil
	case err != nil:
		return out, fmt.Errorf("%s %s: %w", kind, name, err)
	}
	info := s.CachedInfo()
	out.Replicas, out.Messages, out.Bytes = info.Config.Replicas, info.State.Msgs, info.State.Bytes
	if info.Cluster != nil {
		out.Leader = info.Cluster.Leader
	}
	return out.found(differs(info.Config)), nil
}

func lookConsumer(ctx context.Context, js jetstream.JetStream, stream string, want jetstream.ConsumerConfig) (State, error) {
	out := State{Kind: "consumer", Name: stream + "/" + want.Durable, Found: Missing}
	c, err := js.Consumer(ctx, stream, want.Durable)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return out, nil
	case err != nil:
		return out, fmt.Errorf("consumer %s: %w", out.Name, err)
	}
	info := c.CachedInfo()
	out.Waiting = info.NumPending + uint64(max(info.NumAckPending, 0))
	if info.Cluster != nil {
		out.Leader = info.Cluster.Leader
	}
	return out.found(consumerDiffers(want, info.Config)), nil
}

func (s State) found(differs []string) State {
	s.Found, s.Differs = AsDeclared, differs
	if len(differs) > 0 {
		s.Found = Differs
	}
	return s
}

func bucketDiffers(want jetstream.KeyValueConfig, have jetstream.StreamConfig) []string {
	var d differences
	d.see("storage", want.Storage, have.Storage)
	d.see("replicas", want.Replicas, have.Replicas)
	d.see("max age", want.TTL, have.MaxAge)
	return d
}

// Apply makes what is missing and changes what differs; it loses nothing.
func Apply(ctx context.Context, js jetstream.JetStream, l Limits) error {
	k := Keeper{JS: js}
	for _, d := range All(l) {
		if _, err := k.Stream(ctx, d.Stream); err != nil {
			return fmt.Errorf("stream %s: %w", d.Stream.Name, err)
		}
		for _, reader := range d.Readers {
			if _, err := k.Consumer(ctx, d.Stream.Name, reader); err != nil {
				return fmt.Errorf("consumer %s of %s: %w", reader.Durable, d.Stream.Name, err)
			}
		}
	}
	for _, b := range Buckets(l) {
		if _, err := k.Bucket(ctx, b); err != nil {
			return fmt.Errorf("bucket %s: %w", b.Bucket, err)
		}
	}
	return nil
}

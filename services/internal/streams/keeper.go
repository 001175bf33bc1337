package streams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Keeper makes sure of what a service uses: it makes it and keeps it up to date,
// or, where an administrator declares it, looks whether it is there and says what
// differs.
type Keeper struct {
	JS jetstream.JetStream
	// Declared tells that an administrator makes streams.
	Declared bool
	Log      *slog.Logger
}

// mend is what to do about what is not there.
const mend = "fresquectl nats streams -apply makes it"

// Stream gives a stream. One that is as it should be is left alone: an update
// while somebody begins to read is work for nothing. Of one that is not, what only
// an administrator sets stays.
func (k Keeper) Stream(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	if k.Declared {
		s, err := k.JS.Stream(ctx, want.Name)
		if err != nil {
			return nil, undeclared("the stream "+want.Name, err, jetstream.ErrStreamNotFound)
		}
		k.tell("stream", want.Name, streamDiffers(want, s.CachedInfo().Config))
		return s, nil
	}
	s, err := k.JS.CreateStream(ctx, want)
	if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return s, err
	}
	s, err = k.JS.Stream(ctx, want.Name)
	if err != nil || len(streamDiffers(want, s.CachedInfo().Config)) == 0 {
		return s, err
	}
	have := s.CachedInfo().Config
	want.MaxBytes, want.MaxMsgs, want.MaxMsgSize, want.MaxConsumers = have.MaxBytes, have.MaxMsgs, have.MaxMsgSize, have.MaxConsumers
	want.Placement, want.Compression, want.Metadata = have.Placement, have.Compression, have.Metadata
	return k.JS.UpdateStream(ctx, want)
}

// Consumer gives who reads a stream.
func (k Keeper) Consumer(ctx context.Context, stream string, want jetstream.ConsumerConfig) (jetstream.Consumer, error) {
	if !k.Declared {
		return k.JS.CreateOrUpdateConsumer(ctx, stream, want)
	}
	c, err := k.JS.Consumer(ctx, stream, want.Durable)
	if err != nil {
		return nil, undeclared("the consumer "+want.Durable+" of "+stream, err, jetstream.ErrConsumerNotFound, jetstream.ErrStreamNotFound)
	}
	k.tell("consumer", stream+"/"+want.Durable, consumerDiffers(want, c.CachedInfo().Config))
	return c, nil
}

// Bucket gives a bucket, as Stream does a stream.
func (k Keeper) Bucket(ctx context.Context, want jetstream.KeyValueConfig) (jetstream.KeyValue, error) {
	kv, err := k.JS.KeyValue(ctx, want.Bucket)
	switch {
	case errors.Is(err, jetstream.ErrBucketNotFound) && !k.Declared:
		return k.JS.CreateOrUpdateKeyValue(ctx, want)
	case err != nil:
		return nil, undeclared("the bucket "+want.Bucket, err, jetstream.ErrBucketNotFound)
	}
	status, err := kv.Status(ctx)
	if err != nil {
		return nil, err
	}
	of, ok := status.(*jetstream.KeyValueBucketStatus)
	if !ok {
		return kv, nil
	}
	have := of.StreamInfo().Config
	differs := bucketDiffers(want, have)
	if k.Declared {
		k.tell("bucket", want.Bucket, differs)
	}
	if k.Declared || len(differs) == 0 {
		return kv, nil
	}
	want.MaxBytes, want.MaxValueSize, want.Placement = have.MaxBytes, have.MaxMsgSize, have.Placement
	return k.JS.CreateOrUpdateKeyValue(ctx, want)
}

// undeclared says of what is not there who makes it.
func undeclared(what string, err error, absent ...error) error {
	for _, one := range absent {
		if errors.Is(err, one) {
			return fmt.Errorf("%s is not declared: %s: %w", what, mend, err)
		}
	}
	return err
}

func (k Keeper) tell(kind, name string, differs []string) {
	if len(differs) > 0 {
		k.Log.Warn("a "+kind+" is not as this release declares it: fresquectl nats streams -apply mends it",
			"name", name, "differs", strings.Join(differs, "; "))
	}
}

// differences adds up what is not as it should be.
type differences []string

func (d *differences) see(what string, want, have any) {
	if fmt.Sprint(want) != fmt.Sprint(have) {
		*d = append(*d, fmt.Sprintf("%s is %v, not %v", what, have, want))
	}
}

// streamDiffers tells in what a stream is not as it should be; what a server fills
// in of its own, and bounds that only an administrator sets, don't count.
func streamDiffers(want, have jetstream.StreamConfig) []string {
	var d differences
	d.see("subjects", want.Subjects, have.Subjects)
	d.see("storage", want.Storage, have.Storage)
	d.see("retention", want.Retention, have.Retention)
	d.see("discard", want.Discard, have.Discard)
	d.see("replicas", want.Replicas, have.Replicas)
	d.see("max age", want.MaxAge, have.MaxAge)
	d.see("messages per subject", unlimited(want.MaxMsgsPerSubject), unlimited(have.MaxMsgsPerSubject))
	d.see("duplicates", or(want.Duplicates, 2*time.Minute), have.Duplicates)
	d.see("direct", want.AllowDirect, have.AllowDirect)
	d.see("republish", republish(want.RePublish), republish(have.RePublish))
	return d
}

func consumerDiffers(want, have jetstream.ConsumerConfig) []string {
	var d differences
	d.see("ack policy", want.AckPolicy, have.AckPolicy)
	d.see("ack wait", want.AckWait, have.AckWait)
	d.see("max ack pending", want.MaxAckPending, have.MaxAckPending)
	d.see("headers only", want.HeadersOnly, have.HeadersOnly)
	d.see("filters", append([]string{have.FilterSubject}, have.FilterSubjects...), []string{""})
	return d
}

func unlimited(n int64) int64 {
	if n <= 0 {
		return -1
	}
	return n
}

func or(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

func republish(r *jetstream.RePublish) string {
	if r == nil {
		return "none"
	}
	return r.Source + " to " + r.Destination
}

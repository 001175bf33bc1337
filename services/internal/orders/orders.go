// Package orders says what the stream of orders to the media service is like,
// so that the service which gives them and the one that follows them agree.
package orders

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
)

// dedupeWindow is how long a repeated message id counts as the same message.
// A repetition after it does no harm.
const dedupeWindow = 2 * time.Minute

// Ensure makes the stream, or brings it up to date. One that is as it should be
// is left alone: an update while somebody begins to follow is work for nothing.
func Ensure(ctx context.Context, js jetstream.JetStream, replicas int) error {
	_, err := js.CreateStream(ctx, stream(replicas))
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		_, err = js.UpdateStream(ctx, stream(replicas))
	}
	return err
}

// stream keeps each order until it has been followed. replicas are the copies
// of it, 1 to 5.
func stream(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        subject.MediaCommands,
		Description: "What the media service is asked to do, until it is done",
		Subjects:    []string{subject.AllMediaCommands},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.WorkQueuePolicy,
		Duplicates:  dedupeWindow,
		Replicas:    replicas,
	}
}

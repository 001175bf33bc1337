// Package orders says what the stream of orders to the media service is like,
// so that the service which gives them and the one that follows them agree.
package orders

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
)

// dedupeWindow is how long a repeated message id counts as the same message.
// A repetition after it does no harm.
const dedupeWindow = 2 * time.Minute

// Stream keeps each order until it has been followed. replicas are the copies
// of it, 1 to 5.
func Stream(replicas int) jetstream.StreamConfig {
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

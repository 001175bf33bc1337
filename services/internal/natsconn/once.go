package natsconn

import (
	"time"

	"github.com/nats-io/nats.go"

	"fresque.dev/proto/subject"
)

// onceWithin bounds the connection of a command that somebody waits for.
const onceWithin = 3 * time.Second

// Once connects as a service does, with its rights, at once or not at all. Its error
// is NATS's own, see Mend.
func (c Config) Once(who subject.Service) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name("fresque-" + string(who) + "-doctor"), nats.CustomInboxPrefix(who.Inbox()),
		nats.MaxReconnects(0), nats.Timeout(onceWithin),
		// What it may not ask about is told by the question that has no answer.
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	options = append(options, c.identity()...)
	return nats.Connect(c.URL, append(options, c.security()...)...)
}

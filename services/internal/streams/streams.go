// Package streams says what every stream, bucket and consumer of ours is like,
// once: for the services that use them and for who declares them by hand.
package streams

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
)

const (
	// repeats are how long a repeated message id counts as the same message; a
	// repetition after it does no harm. News of uploads have longer: they are
	// repeated by who has been away.
	repeats     = 2 * time.Minute
	newsRepeats = 10 * time.Minute
	// newsKept is how long news of uploads wait for a board service that is away.
	newsKept = 30 * 24 * time.Hour

	// applyWithin is longer than news of an upload take to be applied.
	applyWithin = 20 * time.Second
	newsAtOnce  = 64
	// orderHeld is how long an order stays with a process that has died.
	orderHeld   = 6 * time.Second
	orderAtOnce = 16
	// changesPending is how many events may be on their way to be counted: those of
	// a board that is counted later among them.
	changesPending = 50_000
	// deliveriesPending bounds what is on its way and what waits for another try.
	deliveriesPending = 1_000_000
)

// Hold is how long a replica has for a board that it counts or a notice that it
// carries: by then another does it.
const Hold = time.Minute

// ticketGood is how long a ticket for an upload may be used.
const ticketGood = 7 * time.Hour

// replicasKept is how long it is remembered when a replica was last there: longer
// than any is waited for.
const replicasKept = 2 * time.Hour

// GuessesKept is how long a wrong guess counts.
const GuessesKept = time.Minute

// CallsKept is how long a count of calls is kept: longer than anything is counted.
const CallsKept = 5 * time.Minute

// Limits are what an operator sets.
type Limits struct {
	// Replicas of each stream, 1 to 5.
	Replicas int
	// Keep is how long an event is kept for browsers that come back, and PerBoard
	// how many of one board are.
	Keep     time.Duration
	PerBoard int64
	// Stale is how long an unfinished upload may rest.
	Stale time.Duration
}

// Board keeps the events of all boards.
func Board(l Limits) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              subject.BoardStream,
		Description:       "Events of all boards: the whole new state of one document each",
		Subjects:          []string{subject.AllBoardEvents},
		Storage:           jetstream.FileStorage,
		Replicas:          l.Replicas,
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardOld,
		MaxAge:            l.Keep,
		MaxMsgsPerSubject: l.PerBoard,
		Duplicates:        repeats,
		AllowDirect:       true,
		RePublish:         &jetstream.RePublish{Source: subject.AllBoardEvents, Destination: subject.AllBoardLive},
	}
}

// Changes reads Board: whose part in a board has changed.
func Changes(hold time.Duration) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       subject.ChangeConsumer,
		Description:   "What changed on boards, to tell their platforms who takes part",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       hold,
		MaxAckPending: changesPending,
		HeadersOnly:   true,
	}
}

// News keeps how far uploads have come.
func News(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        subject.MediaStream,
		Description: "How far uploads have come",
		Subjects:    []string{subject.AllMediaEvents},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		MaxAge:      newsKept,
		Duplicates:  newsRepeats,
		Replicas:    replicas,
	}
}

// NewsReader reads News for the board service.
func NewsReader() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       subject.NewsConsumer,
		Description:   "The board service moves its media documents on",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       applyWithin,
		MaxAckPending: newsAtOnce,
	}
}

// Orders keeps what the media service is asked to do, until it is done.
func Orders(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        subject.MediaCommands,
		Description: "What the media service is asked to do, until it is done",
		Subjects:    []string{subject.AllMediaCommands},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.WorkQueuePolicy,
		Duplicates:  repeats,
		Replicas:    replicas,
	}
}

// OrderReader reads Orders for the media service.
func OrderReader() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       subject.OrderConsumer,
		Description:   "The media service does what it is asked to",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       orderHeld,
		MaxAckPending: orderAtOnce,
	}
}

// Deliveries keeps notices until their platforms have taken them, the last one of
// each participant.
func Deliveries(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              subject.DeliveryStream,
		Description:       "Whose part in which board platforms are to be told of, until they are",
		Subjects:          []string{subject.AllDeliveries},
		Storage:           jetstream.FileStorage,
		Retention:         jetstream.WorkQueuePolicy,
		MaxMsgsPerSubject: 1,
		Discard:           jetstream.DiscardOld,
		Replicas:          replicas,
	}
}

// Carrier reads Deliveries.
func Carrier(hold time.Duration) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       subject.DeliveryConsumer,
		Description:   "Tells platforms who takes part in their boards",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       hold,
		MaxAckPending: deliveriesPending,
	}
}

// Guesses counts wrong guesses for all replicas; kept is how long one counts.
func Guesses(kept time.Duration, replicas int) jetstream.KeyValueConfig {
	return bucket(subject.GuessBucket, "Wrong guesses of the last while, by keyed hash", kept, replicas)
}

// Calls counts how often each calls.
func Calls(replicas int) jetstream.KeyValueConfig {
	return bucket(subject.CallBucket, "How often each has called in this minute, by keyed hash", CallsKept, replicas)
}

// MediaCalls counts what addresses ask of the media service.
func MediaCalls(replicas int) jetstream.KeyValueConfig {
	return bucket(subject.MediaCalls, "What each address has asked of the media service in this minute, by keyed hash", CallsKept, replicas)
}

// bucket forgets, and is in memory: what is lost with it is counted from nothing.
func bucket(name, about string, kept time.Duration, replicas int) jetstream.KeyValueConfig {
	return jetstream.KeyValueConfig{Bucket: name, Description: about, TTL: kept, Storage: jetstream.MemoryStorage, Replicas: replicas}
}

// UploadsKept is how long the replicas of the media service remember an upload:
// for as long after it may rest as a ticket for it is good.
func UploadsKept(stale time.Duration) time.Duration { return 2*stale + ticketGood }

// Uploads tell which replica of the media service has an upload, and how it ended.
func Uploads(kept time.Duration, replicas int) jetstream.KeyValueConfig {
	return lasting(subject.MediaUploads, "Which replica has an upload, and how it ended", kept, replicas)
}

// Replicas tell which replicas of the media service are there.
func Replicas(replicas int) jetstream.KeyValueConfig {
	return lasting(subject.MediaReplicas, "Which replicas of the media service are there", replicasKept, replicas)
}

// lasting is a bucket that is on the disk.
func lasting(name, about string, kept time.Duration, replicas int) jetstream.KeyValueConfig {
	b := bucket(name, about, kept, replicas)
	b.Storage = jetstream.FileStorage
	return b
}

// Declared is a stream and who reads it.
type Declared struct {
	Stream  jetstream.StreamConfig
	Readers []jetstream.ConsumerConfig
}

// All are those that there are to be.
func All(l Limits) []Declared {
	return []Declared{
		{Board(l), []jetstream.ConsumerConfig{Changes(Hold)}},
		{News(l.Replicas), []jetstream.ConsumerConfig{NewsReader()}},
		{Orders(l.Replicas), []jetstream.ConsumerConfig{OrderReader()}},
		{Deliveries(l.Replicas), []jetstream.ConsumerConfig{Carrier(Hold)}},
	}
}

// Buckets are those that there are to be.
func Buckets(l Limits) []jetstream.KeyValueConfig {
	return []jetstream.KeyValueConfig{
		Guesses(GuessesKept, l.Replicas), Calls(l.Replicas),
		Uploads(UploadsKept(l.Stale), l.Replicas), Replicas(l.Replicas), MediaCalls(l.Replicas),
	}
}

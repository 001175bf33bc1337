package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsconn"
)

// maxWaiting is how much may wait for who reads a stream.
const maxWaiting = 10_000

// askWithin bounds one question: one that the service's user may not ask has no
// answer.
const askWithin = 3 * time.Second

// Stream is one that a service uses. Reader is who reads it, of whom it may ask;
// empty for nobody. ReaderOnly is for one of which it may not ask itself.
type Stream struct {
	Name, Reader string
	ReaderOnly   bool
}

// NATS looks whether a service reaches NATS under its own name, and how its
// streams stand, of which there should be so many copies.
func (r *Report) NATS(ctx context.Context, cfg natsconn.Config, who subject.Service, replicas int, streams ...Stream) {
	nc, err := cfg.Once(who)
	if err != nil {
		mend := cmp.Or(cfg.Mend(err), "Start NATS, or mend NATS_URL and what goes with it")
		r.Fault(ofNATS, err, strings.ToUpper(mend[:1])+mend[1:]+". What goes on without NATS: docs/operations.md.")
		return
	}
	defer nc.Close()
	r.Good(ofNATS, "%s answers (NATS %s)", nc.ConnectedServerName(), nc.ConnectedServerVersion())
	js, err := jetstream.New(nc)
	if err != nil {
		r.Fault(ofNATS, err, "Start NATS anew.")
		return
	}
	for _, s := range streams {
		found := ""
		if !s.ReaderOnly {
			if found, err = r.stream(ctx, js, s.Name, replicas); err != nil {
				r.Fault(ofNATS, err, mendStream(err))
				continue
			}
		}
		waiting, err := waits(ctx, js, s)
		switch {
		case err != nil:
			r.Fault(ofNATS, err, mendStream(err))
		case waiting > maxWaiting:
			r.Fault(ofNATS, fmt.Errorf("%d messages of %s wait for their reader", waiting, s.Name), "See whether the service that reads them runs, and what its log says.")
		case s.Reader == "":
			r.Good(ofNATS, "%s:%s read by browsers' streams alone", s.Name, found)
		default:
			r.Good(ofNATS, "%s:%s %d messages wait to be read", s.Name, found, waiting)
		}
	}
}

const ofNATS = "nats"

func mendStream(err error) string {
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return "Switch JetStream on (jetstream { store_dir: … }) with a disk that lasts, for the account that the services use."
	case errors.Is(err, jetstream.ErrStreamNotFound), errors.Is(err, jetstream.ErrConsumerNotFound):
		return "Start the services once, which make it, or run fresquectl nats streams -apply where NATS_STREAMS is check."
	}
	return "See whether JetStream has a leader (three servers, of which two are there), and whether the service's user has its rights: fresquectl nats permissions."
}

// stream looks at one, and says what is there.
func (r *Report) stream(ctx context.Context, js jetstream.JetStream, name string, replicas int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	found, err := js.Stream(ctx, name)
	if err != nil {
		return "", fmt.Errorf("the stream %s: %w", name, err)
	}
	info := found.CachedInfo()
	r.Skew(ofNATS, info.TimeStamp)
	if have := info.Config.Replicas; have != replicas {
		r.Fault(ofNATS, fmt.Errorf("the stream %s has %d copies, not %d", name, have, replicas), "Start a service with REPLICAS as it is to be, the same for board and media, or run fresquectl nats streams -apply -replicas.")
	}
	if info.Cluster != nil {
		for _, peer := range info.Cluster.Replicas {
			if peer.Offline || !peer.Current {
				r.Fault(ofNATS, fmt.Errorf("the copy of %s at %s is away or behind", name, peer.Name), "Bring that server of NATS back, and let it catch up before you stop another.")
			}
		}
	}
	return fmt.Sprintf(" %d messages in %d copies,", info.State.Msgs, info.Config.Replicas), nil
}

// waits tells how much is before who reads a stream.
func waits(ctx context.Context, js jetstream.JetStream, s Stream) (uint64, error) {
	if s.Reader == "" {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	reader, err := js.Consumer(ctx, s.Name, s.Reader)
	if err != nil {
		return 0, fmt.Errorf("the consumer %s of %s: %w", s.Reader, s.Name, err)
	}
	return reader.CachedInfo().NumPending, nil
}

package bus

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/streams"
)

const (
	// mediaRetry is how long news that could not be applied waits.
	mediaRetry  = 2 * time.Second
	applyWithin = 10 * time.Second
	// openFirst and openLast bound the pauses between tries to listen.
	openFirst = 100 * time.Millisecond
	openLast  = 5 * time.Second
)

// Advancer takes news of uploads.
type Advancer interface {
	AdvanceMedia(ctx context.Context, news board.MediaProgress) error
}

// FollowMedia applies the media service's news, each at least once, until the
// context ends. The stream is the media service's: until it is there, this
// waits.
func (b *Bus) FollowMedia(ctx context.Context, to Advancer) {
	for pause := openFirst; ctx.Err() == nil; pause = min(2*pause, openLast) {
		consumer, err := b.keep.Consumer(ctx, subject.MediaStream, streams.NewsReader())
		if err == nil {
			pause = openFirst
			err = b.consume(ctx, consumer, to)
		}
		if err != nil && ctx.Err() == nil {
			b.log.Debug("waiting for the media service's events", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// consume runs until the context ends or the consumer is lost.
func (b *Bus) consume(ctx context.Context, c jetstream.Consumer, to Advancer) error {
	messages, err := c.Messages()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	defer messages.Stop()
	for {
		m, err := messages.Next()
		if err != nil {
			return err
		}
		b.apply(ctx, m, to)
	}
}

func (b *Bus) apply(ctx context.Context, m jetstream.Msg, to Advancer) {
	news, known, err := decodeProgress(m.Data())
	if err != nil || !known {
		b.log.Error("news of an upload not understood", "error", err)
		_ = m.Term()
		return
	}
	ctx, cancel := context.WithTimeout(ctx, applyWithin)
	defer cancel()
	ctx, span := b.cfg.Tracer.Take(ctx, "apply news of an upload", m.Headers())
	err = to.AdvanceMedia(ctx, news)
	span.End(err)
	switch {
	case err == nil:
		_ = m.Ack()
	case fault.KindOf(err) == fault.NotFound:
		b.log.Warn("news of an upload that is not there", "board", string(news.Board), "media", string(news.Media))
		_ = m.Term()
	default:
		b.log.Warn("news of an upload not applied yet", "media", string(news.Media), "error", err)
		_ = m.NakWithDelay(mediaRetry)
	}
}

// ServeKeys answers whoever asks for the public keys of our tokens, with those that
// there are then.
func (b *Bus) ServeKeys(keys func() map[string]ed25519.PublicKey) (stop func(), err error) {
	sub, err := b.nc.QueueSubscribe(subject.VerificationKeys, "board", func(m *nats.Msg) {
		answer := &boardv1.GetVerificationKeysResponse{}
		for id, key := range keys() {
			answer.Keys = append(answer.Keys, &boardv1.VerificationKey{KeyId: id, PublicKey: key})
		}
		data, err := proto.Marshal(answer)
		if err == nil {
			err = m.Respond(data)
		}
		if err != nil {
			b.log.Warn("keys not told", "error", err)
		}
	})
	if err != nil {
		return nil, err
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

package bus

import (
	"context"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/streams"
)

// order gives the media service what follows from a document. The document's
// mark is cleared when all of it is stored.
func (p *Publisher) order(ctx context.Context, doc board.Document) ([]jetstream.PubAckFuture, error) {
	given := board.OrdersOf(doc)
	if len(given) == 0 {
		return nil, nil
	}
	if err := p.bus.ensureOrders(); err != nil {
		return nil, err
	}
	var acks []jetstream.PubAckFuture
	for i, o := range given {
		data, err := proto.Marshal(encodeOrder(o))
		if err != nil {
			return nil, err
		}
		m := nats.NewMsg(subject.MediaCommand(string(o.Board)))
		m.Data = data
		m.Header.Set(jetstream.MsgIDHeader, messageID(doc)+":"+strconv.Itoa(i))
		_, span := p.bus.cfg.Tracer.Send(ctx, "publish order", m.Header)
		ack, err := p.bus.js.PublishMsgAsync(m)
		span.End(err)
		if err != nil {
			return nil, err
		}
		acks = append(acks, ack)
	}
	return acks, nil
}

func encodeOrder(o board.Order) *mediav1.Command {
	if u := o.Unfurl; u != nil {
		return &mediav1.Command{Command: &mediav1.Command_Unfurl{Unfurl: &mediav1.Unfurl{
			BoardId: string(o.Board), MediaId: string(u.Media), Turn: int32(u.Turn),
			Url: u.Lookup.URL, Oembed: u.Lookup.OEmbed, Restrictable: u.Lookup.Restrictable,
		}}}
	}
	if c := o.Copy; c != nil {
		return &mediav1.Command{Command: &mediav1.Command_Copy{Copy: &mediav1.Copy{
			FromBoardId: string(c.FromBoard), FromMediaId: string(c.FromMedia), BoardId: string(o.Board), MediaId: string(c.Media),
		}}}
	}
	erase := &mediav1.Erase{BoardId: string(o.Board)}
	if o.Erase != nil {
		erase.MediaIds = texts(o.Erase.Media)
	}
	return &mediav1.Command{Command: &mediav1.Command_Erase{Erase: erase}}
}

// ensureOrders makes the stream of orders, or brings it up to date, once.
func (b *Bus) ensureOrders() error {
	b.ordersMu.Lock()
	defer b.ordersMu.Unlock()
	if b.orders {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	_, err := b.keep.Stream(ctx, streams.Orders(b.cfg.Replicas))
	b.orders = err == nil
	return err
}

// forgetOrders makes sure that the stream is looked for again.
func (b *Bus) forgetOrders() {
	b.ordersMu.Lock()
	defer b.ordersMu.Unlock()
	b.orders = false
}

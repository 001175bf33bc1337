package bus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/media/internal/media"
)

const (
	// ordersAtOnce are followed together; most of their time they wait for
	// servers of the world.
	ordersAtOnce = 8
	// holdEvery is how often a process that follows an order says that it lives.
	holdEvery = 2 * time.Second
	// orderRetry is the pause before what failed is tried again.
	orderRetry = 5 * time.Second
	openFirst  = 100 * time.Millisecond
	openLast   = 5 * time.Second
)

// Unfurler makes previews; an error means that it is to be asked again.
type Unfurler interface {
	Make(ctx context.Context, in media.Unfurl) error
}

// Eraser removes uploads of a board, or all of them when none is named.
type Eraser interface {
	Erase(ctx context.Context, board media.ID, uploads []media.ID) error
}

// Copier copies an upload to another.
type Copier interface {
	Copy(ctx context.Context, from, to media.Upload) error
}

// Followers do what the board orders. Each order may come again.
type Followers struct {
	Unfurl Unfurler
	Erase  Eraser
	Copy   Copier
}

// FollowOrders does what the board service asks for, each at least once, until
// the context ends. What it leaves half done is done again by who comes next.
func (b *Bus) FollowOrders(ctx context.Context, to Followers) {
	for pause := openFirst; ctx.Err() == nil; pause = min(2*pause, openLast) {
		consumer, err := b.orderConsumer(ctx)
		if err == nil {
			pause = openFirst
			err = b.follow(ctx, consumer, to)
		}
		if err != nil && ctx.Err() == nil {
			b.log.Debug("waiting for orders", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (b *Bus) orderConsumer(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := b.keep.Stream(ctx, streams.Orders(b.replicas)); err != nil {
		return nil, err
	}
	return b.keep.Consumer(ctx, subject.MediaCommands, streams.OrderReader())
}

// follow runs until the context ends or the consumer is lost.
func (b *Bus) follow(ctx context.Context, c jetstream.Consumer, to Followers) error {
	messages, err := c.Messages(jetstream.PullMaxMessages(ordersAtOnce))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	defer messages.Stop()
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan struct{}, ordersAtOnce)
	for {
		m, err := messages.Next()
		if err != nil {
			return err
		}
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			b.obey(ctx, m, to)
		})
	}
}

// obey does one thing and says so. An order that it does not know is of a later
// release, and left to it.
func (b *Bus) obey(ctx context.Context, m jetstream.Msg, to Followers) {
	command := new(mediav1.Command)
	if err := proto.Unmarshal(m.Data(), command); err != nil {
		b.log.Error("order not understood", "error", err)
		_ = m.Term()
		return
	}
	ctx, span := b.Tracer.Take(ctx, "follow order", m.Headers())
	err := errUnknownOrder
	switch c := command.GetCommand().(type) {
	case *mediav1.Command_Unfurl:
		err = holding(m, func() error { return to.Unfurl.Make(ctx, decodeUnfurl(c.Unfurl)) })
	case *mediav1.Command_Copy:
		err = holding(m, func() error { return b.copy(ctx, c.Copy, to.Copy) })
	case *mediav1.Command_Erase:
		err = holding(m, func() error { return b.erase(ctx, c.Erase, to.Erase) })
	}
	span.End(err)
	switch {
	case err == nil:
		_ = m.Ack()
	case ctx.Err() != nil:
		_ = m.Nak() // for who comes next, at once
	default:
		b.log.Warn("order not followed yet", "error", err)
		_ = m.NakWithDelay(orderRetry)
	}
}

var errUnknownOrder = errors.New("unknown order")

// holding keeps an order while it is being followed.
func holding(m jetstream.Msg, do func() error) error {
	tick := time.NewTicker(holdEvery)
	defer tick.Stop()
	done := make(chan error, 1)
	go func() { done <- do() }()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			_ = m.InProgress()
		}
	}
}

func (b *Bus) erase(ctx context.Context, e *mediav1.Erase, eraser Eraser) error {
	board := media.ID(e.GetBoardId())
	valid := board.Valid()
	var uploads []media.ID
	for _, raw := range e.GetMediaIds() {
		id := media.ID(raw)
		uploads, valid = append(uploads, id), valid && id.Valid()
	}
	if !valid {
		b.log.Error("an order names what can be no upload", "board", e.GetBoardId())
		return nil // it will not get better
	}
	return eraser.Erase(ctx, board, uploads)
}

func (b *Bus) copy(ctx context.Context, c *mediav1.Copy, copier Copier) error {
	from := media.Upload{Board: media.ID(c.GetFromBoardId()), ID: media.ID(c.GetFromMediaId())}
	to := media.Upload{Board: media.ID(c.GetBoardId()), ID: media.ID(c.GetMediaId())}
	if !from.Board.Valid() || !from.ID.Valid() || !to.Board.Valid() || !to.ID.Valid() {
		b.log.Error("an order names what can be no upload", "board", c.GetBoardId())
		return nil // it will not get better
	}
	return copier.Copy(ctx, from, to)
}

func decodeUnfurl(u *mediav1.Unfurl) media.Unfurl {
	return media.Unfurl{
		Media: media.ID(u.GetMediaId()), Board: media.ID(u.GetBoardId()), Turn: int(u.GetTurn()),
		Lookup: media.Lookup{URL: u.GetUrl(), OEmbed: u.GetOembed(), Restrictable: u.GetRestrictable()},
	}
}

func encodePage(l *media.Link) *mediav1.Page {
	if l == nil {
		return nil
	}
	return &mediav1.Page{Title: l.Title, Description: l.Description, Site: l.Site, Host: l.Host, Restricted: l.Restricted}
}

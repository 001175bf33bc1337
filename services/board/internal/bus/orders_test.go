package bus_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

// ordered reads what waits for the media service.
func ordered(t *testing.T, nc *nats.Conn) []*mediav1.Erase {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), subject.MediaCommands)
	if err != nil {
		return nil
	}
	var out []*mediav1.Erase
	for seq := max(1, stream.CachedInfo().State.FirstSeq); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		command := new(mediav1.Command)
		if err := proto.Unmarshal(m.Data, command); err != nil {
			t.Fatal(err)
		}
		out = append(out, command.GetErase())
	}
	return out
}

func erased(doc board.Document, id board.ID) board.Document {
	*doc.Head() = board.Meta{ID: id, Board: wall, Rev: 1, DeletedAt: time.Now()}
	return doc
}

// TestS5_WhatFollowsFromADocumentIsOrderedWithItsEvent: announced twice, and
// told by the relay for one whose process died.
func TestS5_WhatFollowsFromADocumentIsOrderedWithItsEvent(t *testing.T) {
	server := natstest.Start(t)
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	p := bus.NewPublisher(b, store, settled, func() time.Time { return time.Now().Add(time.Minute) })
	upload := erased(&board.Media{}, "00000000-0000-7000-8000-000000000011")
	whole := erased(&board.Board{}, wall)
	live := post(12, 1)
	for _, doc := range []board.Document{upload, whole, live} {
		if err := store.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	running(t, p)
	p.Announce(t.Context(), upload)
	p.Announce(t.Context(), upload)
	eventually(t, "marks cleared", func() bool {
		left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100)
		return err == nil && len(left) == 0
	})
	got := ordered(t, server.Connect())
	if len(got) != 2 {
		t.Fatalf("ordered %v", got)
	}
	var one, all bool
	for _, e := range got {
		one = one || e.GetBoardId() == string(wall) && len(e.GetMediaIds()) == 1 && e.GetMediaIds()[0] == string(upload.Head().ID)
		all = all || e.GetBoardId() == string(wall) && len(e.GetMediaIds()) == 0
	}
	if !one || !all {
		t.Fatalf("ordered %v", got)
	}
}

// A preview that is awaited is ordered with its document, whoever relays it; one
// that was answered is not.
func TestS5_PreviewsAreOrdered(t *testing.T) {
	server := natstest.Start(t)
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	preview := func(id board.ID, answered int) board.Document {
		m := &board.Media{State: board.MediaProcessing, Content: board.ContentLink, Preview: &board.Preview{
			Lookup: board.Lookup{URL: "https://example.org/", OEmbed: "https://oembed.example/", Restrictable: true}, Asked: 3, Answered: answered,
		}}
		m.ID, m.Board, m.Rev = id, wall, 1
		return m
	}
	for _, doc := range []board.Document{preview("00000000-0000-7000-8000-000000000021", 2), preview("00000000-0000-7000-8000-000000000022", 3)} {
		if err := store.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	running(t, bus.NewPublisher(b, store, settled, func() time.Time { return time.Now().Add(time.Minute) }))
	eventually(t, "marks cleared", func() bool {
		left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100)
		return err == nil && len(left) == 0
	})
	command, n := firstOrder(t, server)
	want := &mediav1.Unfurl{
		BoardId: string(wall), MediaId: "00000000-0000-7000-8000-000000000021", Turn: 3,
		Url: "https://example.org/", Oembed: "https://oembed.example/", Restrictable: true,
	}
	if n != 1 || !proto.Equal(command.GetUnfurl(), want) {
		t.Errorf("%d orders, the first %v", n, command)
	}
}

// firstOrder is the first that waits, and how many do.
func firstOrder(t *testing.T, server *natstest.Server) (*mediav1.Command, uint64) {
	t.Helper()
	js, err := jetstream.New(server.Connect())
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), subject.MediaCommands)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.GetMsg(t.Context(), stream.CachedInfo().State.FirstSeq)
	if err != nil {
		t.Fatal(err)
	}
	command := new(mediav1.Command)
	if err := proto.Unmarshal(m.Data, command); err != nil {
		t.Fatal(err)
	}
	return command, stream.CachedInfo().State.Msgs
}

// A copy that is awaited is ordered with its document; one that is there is not.
func TestS5_CopiesAreOrdered(t *testing.T) {
	server := natstest.Start(t)
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	const from = board.ID("00000000-0000-7000-8000-000000000099")
	for i, state := range []board.MediaState{board.MediaProcessing, board.MediaRefused} {
		m := &board.Media{State: state, Source: &board.MediaSource{Board: from, Media: from}}
		m.ID, m.Board, m.Rev = board.ID(fmt.Sprint("00000000-0000-7000-8000-00000000003", i)), wall, 1
		if err := store.Insert(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	running(t, bus.NewPublisher(b, store, settled, func() time.Time { return time.Now().Add(time.Minute) }))
	eventually(t, "marks cleared", func() bool {
		left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100)
		return err == nil && len(left) == 0
	})
	command, n := firstOrder(t, server)
	want := &mediav1.Copy{FromBoardId: string(from), FromMediaId: string(from), BoardId: string(wall), MediaId: "00000000-0000-7000-8000-000000000030"}
	if n != 1 || !proto.Equal(command.GetCopy(), want) {
		t.Errorf("%d orders, the first %v", n, command)
	}
}

// TestAnOrderThatIsNotStoredKeepsItsMark, though the event itself is.
func TestAnOrderThatIsNotStoredKeepsItsMark(t *testing.T) {
	server := natstest.Start(t)
	nc := server.Connect()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	// Its subject is somebody else's: the stream of orders cannot be made.
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "SQUATTER", Subjects: []string{"fresque.media.commands.>"}}); err != nil {
		t.Fatal(err)
	}
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	doc := erased(&board.Media{}, "00000000-0000-7000-8000-000000000011")
	if err := store.Insert(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	p := bus.NewPublisher(b, store, settled, func() time.Time { return time.Now().Add(time.Minute) })
	running(t, p)
	p.Announce(t.Context(), doc)
	var got recorder
	stop, err := b.Follow(wall, got.add)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p.Announce(t.Context(), post(12, 1)) // what comes after is not held up
	eventually(t, "the next event", func() bool { return len(got.all()) > 0 })
	if left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100); err != nil || len(left) != 1 {
		t.Fatalf("marks: %v, %v", left, err)
	}
	if err := js.DeleteStream(t.Context(), "SQUATTER"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the order", func() bool { return len(ordered(t, nc)) == 1 })
}

// TestS5_WhatHasTheIDOfSomethingElseIsSomethingElse: clients make ids.
func TestS5_WhatHasTheIDOfSomethingElseIsSomethingElse(t *testing.T) {
	server := natstest.Start(t)
	store, b := openStore(t), openBus(t, server.ConnectAs(subject.BoardService), 1000)
	const id, other = board.ID("00000000-0000-7000-8000-000000000031"), board.ID("00000000-0000-7000-8000-000000000002")
	elsewhere := erased(&board.Media{}, id)
	elsewhere.Head().Board = other
	docs := []board.Document{erased(&board.Post{}, id), erased(&board.Media{}, id), elsewhere, erased(&board.Comment{}, id)}
	var got recorder
	for _, wall := range []board.ID{wall, other} {
		stop, err := b.Follow(wall, got.add)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	p := bus.NewPublisher(b, store, settled, time.Now)
	running(t, p)
	for _, doc := range docs {
		if err := store.Insert(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
		p.Announce(t.Context(), doc)
	}
	eventually(t, "marks cleared", func() bool {
		left, err := store.Unpublished(t.Context(), time.Now().Add(time.Hour), 100)
		return err == nil && len(left) == 0
	})
	eventually(t, "each is told of", func() bool { return len(got.all()) == len(docs) })
	if orders := ordered(t, server.Connect()); len(orders) != 2 {
		t.Errorf("ordered %v", orders)
	}
}

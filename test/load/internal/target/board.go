//go:build linux

package target

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/proc"
	"fresque.dev/test/load/internal/wire"
)

const (
	// postsOfAWall is how many posts the events of a wall take turns on, so
	// that the wall does not grow with the number of events.
	postsOfAWall = 100
	// publishPending bounds what NATS has not acknowledged.
	publishPending = 4096
	// openers is how many sessions are opened at once.
	openers = 8
)

// BoardOptions change how the board service is run and fed.
type BoardOptions struct {
	// Store replaces SQLite in a folder of the bench.
	Store string
	// ThroughAPI publishes by posting, not through NATS.
	ThroughAPI bool
}

// Board is the real board service with a real NATS server beside it.
type Board struct {
	programs Programs
	options  BoardOptions
	folder   string
	broker   *broker
	server   *proc.Process
	js       jetstream.JetStream
	port     int
	operator string
	walls    []Wall
	readers  []string // the session of each
	poster   *wire.Client
	posterAt sync.Mutex
}

// Wall is one board and a session on it that may write.
type Wall struct{ ID, Session, secret string }

// NewBoard makes the target; Open starts it.
func NewBoard(p Programs, o BoardOptions) *Board { return &Board{programs: p, options: o} }

// Open starts NATS and the service, and makes the walls.
func (b *Board) Open(ctx context.Context, walls int) (err error) {
	if b.folder, err = b.programs.folder(KindBoard); err != nil {
		return err
	}
	if b.broker, err = startBroker(ctx, b.programs, b.folder); err != nil {
		return err
	}
	if b.port, err = freePort(ctx); err != nil {
		return err
	}
	master, operator := make([]byte, 32), make([]byte, 32)
	_, _ = rand.Read(master) // never fails
	_, _ = rand.Read(operator)
	b.operator = base64.RawURLEncoding.EncodeToString(operator)
	store := b.options.Store
	if store == "" {
		store = "sqlite:" + filepath.Join(b.folder, "board.db")
	}
	b.server, err = proc.Start(b.folder, b.programs.Boardd, nil, []string{
		"FRESQUE_BOARD_ADDR=" + b.Address(), "FRESQUE_BOARD_STORE=" + store, "FRESQUE_BOARD_NATS_URL=" + b.broker.address,
		"FRESQUE_BOARD_MASTER_KEY=" + base64.StdEncoding.EncodeToString(master), "FRESQUE_BOARD_OPERATOR_KEY=" + b.operator,
		// All of the load comes from one address, and its people are faster than people.
		"FRESQUE_BOARD_ADDRESS_CALLS=10000000", "FRESQUE_BOARD_ADDRESS_SESSIONS=10000000", "FRESQUE_BOARD_ADDRESS_STREAMS=1000000",
		"FRESQUE_BOARD_SESSION_WRITES=10000000", "FRESQUE_BOARD_SESSION_READS=10000000", "FRESQUE_BOARD_SESSION_STREAMS=1000000",
		"FRESQUE_BOARD_CONNECTIONS=1000000", "FRESQUE_BOARD_ADDRESS_CONNECTIONS=1000000", "FRESQUE_BOARD_STREAMS=1000000",
	})
	if err != nil {
		return err
	}
	if err = b.ready(ctx); err != nil {
		return err
	}
	if b.js, err = jetstream.New(b.broker.conn, jetstream.WithPublishAsyncMaxPending(publishPending)); err != nil {
		return err
	}
	return b.makeWalls(ctx, walls)
}

// ready waits until the service says that it is.
func (b *Board) ready(ctx context.Context) error {
	if err := awaitPort(ctx, b.server, b.port); err != nil {
		return err
	}
	c, err := b.Dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	for end := time.Now().Add(openWithin); ; time.Sleep(20 * time.Millisecond) {
		a, err := c.Do(wire.Request(http.MethodGet, "/readyz", nil))
		if err == nil && a.Status == http.StatusOK {
			return nil
		}
		if err != nil || time.Now().After(end) {
			return fmt.Errorf("the service is not ready: %d %s %w", a.Status, a.Body, errors.Join(err))
		}
	}
}

// makeWalls makes the walls, many at once.
func (b *Board) makeWalls(ctx context.Context, n int) error {
	b.walls = make([]Wall, n)
	if err := b.each(ctx, n, b.makeWall); err != nil {
		return err
	}
	var err error
	b.poster, err = b.Dial(ctx)
	return err
}

func (b *Board) makeWall(c *wire.Client, i int) error {
	var made struct {
		Board struct{ ID string }
		Links []struct{ Role, URL string }
	}
	err := call(c, &made, http.MethodPost, "/api/v1/boards", b.operator, map[string]any{"title": fmt.Sprintf("Wall %d", i)})
	if err != nil {
		return err
	}
	w := Wall{ID: made.Board.ID}
	for _, l := range made.Links {
		if l.Role == "writer" {
			_, w.secret, _ = strings.Cut(l.URL, "#")
		}
	}
	if w.Session, err = enter(c, w, "Writer"); err != nil {
		return err
	}
	b.walls[i] = w
	return nil
}

// each does something n times, several at once, each with a connection.
func (b *Board) each(ctx context.Context, n int, do func(c *wire.Client, i int) error) error {
	var (
		work  = make(chan int, n)
		fails = make(chan error, openers)
		wg    sync.WaitGroup
	)
	for i := range n {
		work <- i
	}
	close(work)
	for range min(openers, n) {
		wg.Go(func() {
			c, err := b.Dial(ctx)
			if err != nil {
				fails <- err
				return
			}
			defer func() { _ = c.Close() }()
			for i := range work {
				if err := errors.Join(ctx.Err(), do(c, i)); err != nil {
					fails <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(fails)
	return <-fails
}

// enter opens a session of a new participant.
func enter(c *wire.Client, w Wall, name string) (string, error) {
	var session struct{ Token string }
	err := call(c, &session, http.MethodPost, "/api/v1/sessions", "", map[string]any{"boardId": w.ID, "secret": w.secret, "name": name})
	return session.Token, err
}

// call sends JSON and reads JSON.
func call(c *wire.Client, into any, method, path, credential string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	a, err := c.Do(wire.Request(method, path, data, "Authorization", "Bearer "+credential))
	if err != nil {
		return err
	}
	if a.Status >= http.StatusBadRequest {
		return fmt.Errorf("%s %s answered %d: %s", method, path, a.Status, a.Body)
	}
	return json.Unmarshal(a.Body, into)
}

// Address is where the service listens.
func (b *Board) Address() string { return fmt.Sprintf("127.0.0.1:%d", b.port) }

// Dial opens a connection for requests.
func (b *Board) Dial(ctx context.Context) (*wire.Client, error) { return wire.Dial(ctx, b.Address()) }

// Wall gives a wall.
func (b *Board) Wall(i int) Wall { return b.walls[i] }

// Sessions opens sessions of so many participants of a wall.
func (b *Board) Sessions(ctx context.Context, wall, n int) ([]string, error) {
	out := make([]string, n)
	return out, b.each(ctx, n, func(c *wire.Client, i int) (err error) {
		out[i], err = enter(c, b.walls[wall], fmt.Sprintf("Participant %d", i))
		return err
	})
}

// PostRequest puts a post on a wall.
func (b *Board) PostRequest(wall int, session, title, body string) ([]byte, error) {
	data, err := json.Marshal(map[string]string{"title": title, "body": "<p>" + body + "</p>"})
	return wire.Request(http.MethodPost, "/api/v1/boards/"+b.walls[wall].ID+"/posts", data, "Authorization", "Bearer "+session), err
}

// SnapshotRequest asks for a whole wall in one of some codings, unless it is
// still what a tag names.
func (b *Board) SnapshotRequest(wall int, session, codings, tag string) []byte {
	headers := []string{"Authorization", "Bearer " + session, "Accept-Encoding", codings}
	if tag != "" {
		headers = append(headers, "If-None-Match", tag)
	}
	return wire.Request(http.MethodGet, "/api/v1/boards/"+b.walls[wall].ID+"/snapshot", nil, headers...)
}

// Prepare opens a session for each reader: each is a participant of their own.
func (b *Board) Prepare(ctx context.Context, readers int) error {
	b.readers = make([]string, readers)
	return b.each(ctx, readers, func(c *wire.Client, i int) (err error) {
		b.readers[i], err = enter(c, b.walls[i%len(b.walls)], fmt.Sprintf("Reader %d", i))
		return err
	})
}

// Connect opens an event stream that begins after all that has been published.
func (b *Board) Connect(_ context.Context, wall, reader int) (int, error) {
	request := wire.Request(http.MethodGet, "/api/v1/boards/"+b.walls[wall].ID+"/events", nil,
		"Accept", "text/event-stream", "Authorization", "Bearer "+b.readers[reader])
	return connect(b.port, request, func(answer []byte) (bool, error) {
		head, body, whole := bytes.Cut(answer, []byte("\r\n\r\n"))
		if whole && !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) {
			return false, fmt.Errorf("a stream was answered %s", answer)
		}
		// Without a cursor the stream begins with a reset; a browser would take
		// a snapshot now.
		return bytes.Contains(body, []byte("event: reset\ndata: {}\n\n")), nil
	})
}

// Publish sends the event to JetStream as the service itself does, or posts it.
func (b *Board) Publish(wall int, seq uint32, padding int) error {
	if b.options.ThroughAPI {
		return b.post(wall, seq, padding)
	}
	w := b.walls[wall]
	now := time.Now()
	turn, rev := (seq-1)%postsOfAWall, (seq-1)/postsOfAWall+1
	id := fmt.Sprintf("01980000-0000-7000-8000-%012x", turn)
	data, err := proto.Marshal(&boardv1.DocumentChanged{
		BoardId: w.ID,
		Meta: &boardv1.Meta{
			Id: id, Rev: int64(rev), Kind: boardv1.Kind_KIND_POST, ShownTo: []string{"members", "moderators"},
			CreatedAt: timestamppb.New(now), UpdatedAt: timestamppb.New(now),
		},
		Document: &boardv1.DocumentChanged_Post{Post: &boardv1.Post{
			Author: &boardv1.Author{Id: "01980000-0000-7000-8000-00000000000a", Name: "Writer"},
			Title:  mark.New(seq, now).String(), Body: paragraph(padding),
		}},
	})
	if err != nil {
		return err
	}
	m := nats.NewMsg(subject.BoardEvents(w.ID))
	m.Data = data
	// An id of its own for each wall: JetStream drops what it has seen.
	m.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("%s:%s:%d", w.ID, id, rev))
	_, err = b.js.PublishMsgAsync(m)
	return err
}

func (b *Board) post(wall int, seq uint32, padding int) error {
	b.posterAt.Lock()
	defer b.posterAt.Unlock()
	w := b.walls[wall]
	return call(b.poster, new(struct{}), http.MethodPost, "/api/v1/boards/"+w.ID+"/posts", w.Session, map[string]any{
		"title": mark.New(seq, time.Now()).String(), "body": paragraph(padding),
	})
}

// paragraph is rich text of so many letters.
func paragraph(letters int) string { return "<p>" + strings.Repeat("x", letters) + "</p>" }

// Server is the board service.
func (b *Board) Server() *proc.Process { return b.server }

// Broker is NATS.
func (b *Board) Broker() *proc.Process { return b.broker.process }

// Close ends the service, then NATS.
func (b *Board) Close() {
	if b.poster != nil {
		_ = b.poster.Close()
	}
	if b.server != nil {
		b.server.Kill() // nothing of it is kept
	}
	b.broker.stop()
}

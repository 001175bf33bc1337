package live

import (
	"net"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Bounds of one stream (rule S15).
const (
	maxQueuedFrames = 1024
	maxQueuedBytes  = 4 << 20
	writeTimeout    = 15 * time.Second
)

// Stream is one browser's connection. It is made by Hub.Attach and lives while
// Serve runs.
type Stream struct {
	board       board.ID
	participant board.ID
	class       board.Class
	role        board.Role
	link        board.ID
	expires     time.Time
	leave       func(*Stream)

	mu     sync.Mutex
	queue  net.Buffers
	bytes  int
	last   []byte // written after the queue, then the stream ends
	ended  bool
	signal chan struct{}
}

func newStream(p board.Principal, class board.Class, expires time.Time, leave func(*Stream)) *Stream {
	return &Stream{
		board: p.Board, participant: p.Participant, class: class, role: p.Role, link: p.Link, expires: expires,
		leave: leave, signal: make(chan struct{}, 1),
	}
}

// push queues a frame. A queue that is full ends the stream: the browser comes
// back with its cursor and loses nothing.
func (s *Stream) push(frame []byte) {
	if len(frame) == 0 {
		return
	}
	s.mu.Lock()
	switch {
	case s.ended:
	case len(s.queue) >= maxQueuedFrames || s.bytes+len(frame) > maxQueuedBytes:
		s.queue, s.bytes = nil, 0
		s.last, s.ended = frameBye(0), true
	default:
		s.queue = append(s.queue, frame)
		s.bytes += len(frame)
	}
	s.mu.Unlock()
	s.wake()
}

// end closes the stream once what is queued has been written.
func (s *Stream) end(last []byte) {
	s.mu.Lock()
	if !s.ended {
		s.last, s.ended = last, true
	}
	s.mu.Unlock()
	s.wake()
}

func (s *Stream) wake() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// take empties the queue; done tells that nothing will follow.
func (s *Stream) take() (batch net.Buffers, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.queue, s.bytes = s.queue, nil, 0
	if s.ended && s.last != nil {
		batch = append(batch, s.last)
		s.last = nil
	}
	return batch, s.ended
}

// responseHead is the whole head of the answer: the stream writes its own,
// since it owns the connection. The body ends with the connection.
const responseHead = "HTTP/1.1 200 OK\r\n" +
	"Content-Type: text/event-stream; charset=utf-8\r\n" +
	"Cache-Control: no-store\r\n" +
	"X-Accel-Buffering: no\r\n" +
	"X-Content-Type-Options: nosniff\r\n" +
	"Connection: close\r\n\r\n"

// Serve writes the stream to a connection until either ends. Frames that wait
// go out in one write.
func (s *Stream) Serve(conn net.Conn) {
	defer s.leave(s)
	defer func() { _ = conn.Close() }()
	if watchPeer(conn) != nil || !write(conn, net.Buffers{[]byte(responseHead)}) {
		return
	}
	for range s.signal {
		batch, done := s.take()
		if len(batch) > 0 && !write(conn, batch) || done {
			return
		}
	}
}

func write(conn net.Conn, batch net.Buffers) bool {
	if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return false
	}
	_, err := batch.WriteTo(conn)
	return err == nil
}

// Abandon gives up a stream that will not be served.
func (s *Stream) Abandon() { s.leave(s) }

package live

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/headers"
	"fresque.dev/services/internal/nowait"
)

// Bounds of one stream (rule S15).
const (
	maxQueuedFrames = 1024
	maxQueuedBytes  = 4 << 20
	writeTimeout    = 15 * time.Second
)

// Stream is one browser's connection. It has no goroutine of its own: whoever
// pushes a frame writes it, without ever waiting. What a slow reader does not
// take at once waits in a bounded queue, for a goroutine that lives until the
// queue is empty.
type Stream struct {
	principal board.Principal
	// class changes with the sight of the board, under the shard's lock.
	class   board.Class
	expires time.Time
	leave   func(*Stream)
	// over is called when the stream has ended; nil for nobody.
	over func()

	// joined is the sequence up to which the stream was told everything when it
	// came; shard and place are where it is kept, under the shard's lock.
	joined uint64
	shard  *shard
	place  int

	mu       sync.Mutex
	conn     net.Conn
	fd       uintptr // of conn
	queue    net.Buffers
	bytes    int
	draining bool
	quiet    bool // nothing was written since the last beat
	ended    bool // nothing more is taken in
	closed   bool
	slow     bool // ended for taking too little
}

func newStream(p board.Principal, expires time.Time, leave func(*Stream)) *Stream {
	return &Stream{principal: p, expires: expires, leave: leave}
}

// push sends bytes, or queues them behind what waits. A queue that is full ends
// the stream: the browser comes back with its cursor and loses nothing.
func (s *Stream) push(frame []byte) {
	if len(frame) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(frame)
}

func (s *Stream) put(frame []byte) {
	switch {
	case s.ended:
	case s.ready():
		n, err := nowait.Write(s.fd, frame)
		s.took(frame, n, err)
	default:
		s.enqueue(frame)
		if s.conn != nil && !s.draining {
			s.wait()
		}
	}
}

// ready tells whether bytes may be written at once: nothing waits.
func (s *Stream) ready() bool { return !s.ended && s.conn != nil && !s.draining && s.fd != noSocket }

func (s *Stream) enqueue(frame []byte) {
	if len(s.queue) >= maxQueuedFrames || s.bytes+len(frame) > maxQueuedBytes {
		bye := frameBye(0)
		s.queue, s.bytes, s.ended, s.slow = net.Buffers{bye}, len(bye), true, true
		return
	}
	s.queue = append(s.queue, frame)
	s.bytes += len(frame)
}

// took goes on after the kernel took n bytes of a frame at once; the rest waits.
func (s *Stream) took(frame []byte, n int, err error) {
	s.quiet = false
	switch {
	case err != nil && !errors.Is(err, syscall.EAGAIN):
		s.close()
	case n < len(frame):
		s.enqueue(frame[n:])
		s.wait()
	}
}

// wait has what is queued written as the reader takes it.
func (s *Stream) wait() {
	s.draining = true
	go s.drain()
}

// beat tells that the connection lives, unless it has just been used.
func (s *Stream) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quiet {
		s.put(frameHeartbeat)
	}
	s.quiet = true
}

// end closes the stream once what waits has been written.
func (s *Stream) end(last []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if last != nil {
		s.put(last)
	}
	s.ended = true
	if s.conn != nil && !s.draining {
		s.close()
	}
}

// close ends it all. The caller holds the lock; the farewell wants others.
func (s *Stream) close() {
	s.ended = true
	if s.closed {
		return
	}
	s.closed, s.queue = true, nil
	if s.conn != nil {
		_ = s.conn.Close()
	}
	go s.farewell(s.over)
}

// farewell tells those who count.
func (s *Stream) farewell(over func()) {
	s.leave(s)
	if over != nil {
		over()
	}
}

// WhenOver tells when the stream has ended, once.
func (s *Stream) WhenOver(do func()) {
	s.mu.Lock()
	ended := s.closed
	s.over = do
	s.mu.Unlock()
	if ended {
		do()
	}
}

// drain writes what waits, as slowly as the reader takes it.
func (s *Stream) drain() {
	for {
		s.mu.Lock()
		batch := s.queue
		s.queue, s.bytes = nil, 0
		if len(batch) == 0 || s.closed {
			s.draining = false
			if s.ended {
				s.close()
			}
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		if !writeAll(s.conn, batch) {
			s.mu.Lock()
			s.draining = false
			s.close()
			s.mu.Unlock()
			return
		}
	}
}

// fewBytes are copied to be written: a connection that has ever written several
// buffers at once keeps room for as many for the rest of its life.
const fewBytes = 16 << 10

// writeAll waits for the reader, but not for ever.
func writeAll(conn net.Conn, batch net.Buffers) bool {
	if conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil {
		return false
	}
	size := 0
	for _, part := range batch {
		size += len(part)
	}
	var err error
	if size <= fewBytes {
		_, err = conn.Write(bytes.Join(batch, nil))
	} else {
		_, err = batch.WriteTo(conn)
	}
	return err == nil && conn.SetWriteDeadline(time.Time{}) == nil
}

// responseHead is the whole head of the answer: the stream writes its own,
// since it owns the connection. The body ends with the connection.
var responseHead = []byte("HTTP/1.1 200 OK\r\n" +
	"Content-Type: text/event-stream; charset=utf-8\r\n" +
	"X-Accel-Buffering: no\r\n" +
	headers.Lines(headers.Of(headers.API, "")) +
	"Connection: close\r\n\r\n")

// Serve takes a connection over and comes back at once. The stream closes it
// when it ends. A connection that its server closes is taken from it (Take).
func (s *Stream) Serve(conn net.Conn) {
	// fasthttp wraps the connection; the wrapping would keep buffers of the
	// request alive as long as the stream.
	if wrapped, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		conn = wrapped.UnsafeConn()
	}
	if held, ok := conn.(interface{ Take() net.Conn }); ok {
		conn = held.Take()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = conn
	if watchPeer(conn) != nil {
		s.close()
		return
	}
	s.fd = socketOf(conn)
	s.queue = append(net.Buffers{responseHead}, s.queue...)
	s.wait()
}

// Abandon gives up a stream that will not be served.
func (s *Stream) Abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

// noSocket is the fd of a connection that takes nothing at once, so that everything
// goes by the queue.
const noSocket = ^uintptr(0)

// socketOf is what a connection writes to. It is good for as long as the connection is
// not closed, which is done under the stream's lock alone.
func socketOf(conn net.Conn) uintptr {
	fd := noSocket
	if socket, ok := conn.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			_ = raw.Control(func(it uintptr) { fd = it })
		}
	}
	return fd
}

//go:build linux

// Package readers is the reading side of the load: thousands of sockets, one
// thread, one buffer. It looks for nothing but marks, so that the measuring
// costs little beside what is measured.
package readers

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/tally"
)

const (
	bufferSize = 256 << 10
	batchSize  = 512
	// slowest is the longest time that can be told, in microseconds.
	slowest = 120_000_000
	// digits that times are told with.
	precision = 3
	// pause is how long the reader looks away when nothing has come. A thread that
	// waited would be woken by the server's own write, which is a good part of
	// what a write costs on the loopback: readers elsewhere are woken elsewhere.
	pause = 500 * time.Microsecond
	// spread is how many events of one wall may be on their way at once.
	spread = 512
)

// conn is one reader.
type conn struct {
	fd    int
	wall  int
	track tally.Track
	kept  uint8
	cut   [mark.Size]byte
}

// wall is what is known of one wall's events on their way.
type wall struct {
	readers int
	slots   []slot
}

type slot struct {
	seq uint32
	got int
}

// Set is a set of readers over some walls. Add them all, then Start.
type Set struct {
	epoll, wake int
	done        chan struct{}
	through     func(wall int)

	mu      sync.Mutex
	conns   []conn
	walls   []wall
	counts  tally.Counts
	latency *hdrhistogram.Histogram
}

// New makes a set. through is called, from the reading thread, for each event
// that all but one in a hundred of its wall's readers have.
func New(walls int, through func(wall int)) (*Set, error) {
	s := &Set{
		through: through, done: make(chan struct{}), walls: make([]wall, walls),
		latency: hdrhistogram.New(1, slowest, precision),
	}
	var err error
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, errors.Join(err, unix.Close(s.epoll))
	}
	return s, s.watch(s.wake, -1)
}

func (s *Set) watch(fd, index int) error {
	return unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(index)})
}

// Add takes over a connected socket that expects the events of a wall after
// one. It must not be called once the set has started.
func (s *Set) Add(fd, at int, after uint32) error {
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn{fd: fd, wall: at, track: tally.From(after)})
	s.walls[at].readers++
	return s.watch(fd, len(s.conns)-1)
}

// Start begins to read.
func (s *Set) Start() {
	for i := range s.walls {
		s.walls[i].slots = make([]slot, spread)
	}
	go s.read()
}

func (s *Set) read() {
	runtime.LockOSThread()
	defer close(s.done)
	events, buffer := make([]unix.EpollEvent, batchSize), make([]byte, bufferSize)
	for {
		n, err := unix.EpollWait(s.epoll, events, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return
		case n == 0:
			_ = unix.Nanosleep(&unix.Timespec{Nsec: pause.Nanoseconds()}, nil)
		case !s.handle(events[:n], buffer):
			return
		}
	}
}

// handle reads what is ready; false when the set is to stop.
func (s *Set) handle(events []unix.EpollEvent, buffer []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		if e.Fd < 0 {
			return false
		}
		c := &s.conns[e.Fd]
		// What a mark was cut off from goes before what comes.
		kept := copy(buffer, c.cut[:c.kept])
		n, errno := readNow(c.fd, buffer[kept:])
		switch {
		case errno == unix.EAGAIN || errno == unix.EINTR:
		case errno != 0 || n == 0:
			s.lose(c)
		default:
			s.counts.Bytes += int64(n)
			s.take(c, buffer[:kept+n])
		}
	}
	return true
}

// readNow reads from a socket that does not block, without telling Go's
// scheduler: it could not do anything better meanwhile.
func readNow(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), errno
}

func (s *Set) take(c *conn, b []byte) {
	now := time.Now().UnixMicro()
	for {
		m, rest, ok := mark.Next(b)
		if !ok {
			c.kept = uint8(copy(c.cut[:], rest))
			return
		}
		b = rest
		s.counts.Add(c.track.Take(m.Seq))
		_ = s.latency.RecordValue(min(max(now-m.At, 1), slowest)) // within its bounds
		s.arrived(c.wall, m.Seq)
	}
}

// arrived counts an event's readers.
func (s *Set) arrived(at int, seq uint32) {
	w := &s.walls[at]
	p := &w.slots[seq%spread]
	if p.seq < seq {
		*p = slot{seq: seq}
	}
	if p.seq != seq {
		return
	}
	p.got++
	if p.got == w.readers-w.readers/100 && s.through != nil {
		s.through(at)
	}
}

// lose gives up a connection that has ended. The number stays taken until the
// set closes, so that no other socket gets it.
func (s *Set) lose(c *conn) {
	s.counts.Closed++
	_ = unix.EpollCtl(s.epoll, unix.EPOLL_CTL_DEL, c.fd, nil)
}

// Reading is what the set has seen.
type Reading struct {
	tally.Counts
	// Latency in microseconds since the last Reset.
	Latency *hdrhistogram.Histogram
}

// Read gives what has been seen so far.
func (s *Set) Read() Reading {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Reading{Counts: s.counts, Latency: hdrhistogram.Import(s.latency.Export())}
}

// Counts gives the counts alone, which is cheaper.
func (s *Set) Counts() tally.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Reset forgets the latencies, and gives the counts so far.
func (s *Set) Reset() tally.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency.Reset()
	return s.counts
}

// Missing is how many deliveries have still to come when each wall has
// published so many events.
func (s *Set) Missing(published []uint32) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n int64
	for i := range s.conns {
		c := &s.conns[i]
		n += int64(c.track.Missing(published[c.wall]))
	}
	return n
}

// Close ends every connection, at once and without the kernel keeping their
// ports.
func (s *Set) Close() error {
	var one [8]byte
	one[0] = 1
	if _, err := unix.Write(s.wake, one[:]); err != nil {
		return fmt.Errorf("wake the readers: %w", err)
	}
	if s.walls[0].slots != nil { // it was started
		<-s.done
	}
	for i := range s.conns {
		_ = unix.SetsockoptLinger(s.conns[i].fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		_ = unix.Close(s.conns[i].fd)
	}
	return errors.Join(unix.Close(s.epoll), unix.Close(s.wake))
}

//go:build linux

// Package target runs what the bench measures, each in processes of its own and
// on the loopback only: the board service, the peer, and the floor.
package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/proc"
)

// Target is a server that brings events to readers.
type Target interface {
	// Open starts its processes and makes walls 0 to walls-1.
	Open(ctx context.Context, walls int) error
	// Prepare makes ready for so many readers, before they connect.
	Prepare(ctx context.Context, readers int) error
	// Connect opens the connection of a reader to a wall, ready for its events:
	// a blocking socket, nothing read beyond the opening.
	Connect(ctx context.Context, wall, reader int) (socket int, err error)
	// Publish sends an event to a wall, stamped now, with so many bytes of
	// padding in it. It does not wait for the event to arrive.
	Publish(wall int, seq uint32, padding int) error
	// Server is the process that is measured, Broker the one that feeds it, nil
	// when there is none.
	Server() *proc.Process
	Broker() *proc.Process
	// Close ends everything.
	Close()
}

// Kind names a target.
type Kind string

// The targets.
const (
	KindBoard      Kind = "fresque"
	KindCentrifugo Kind = "centrifugo"
	KindFloor      Kind = "floor"
)

// Kinds are all targets, in the order of the tables.
func Kinds() []Kind { return []Kind{KindFloor, KindBoard, KindCentrifugo} }

// Programs are where the executables are.
type Programs struct {
	// Self is the bench, which is also NATS and the floor.
	Self string
	// Boardd and Centrifugo are the servers.
	Boardd, Centrifugo string
	// Folder takes the data and the logs.
	Folder string
}

// folder makes one for a target.
func (p Programs) folder(kind Kind) (string, error) {
	return os.MkdirTemp(p.Folder, string(kind)+"-")
}

// New makes a target.
func New(kind Kind, p Programs) (Target, error) {
	switch kind {
	case KindBoard:
		return NewBoard(p, BoardOptions{}), nil
	case KindCentrifugo:
		return &centrifugo{programs: p}, nil
	case KindFloor:
		return &floor{programs: p}, nil
	}
	return nil, fmt.Errorf("no target is called %q", kind)
}

// freePort gives a port that nobody listens on now.
func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// openWithin bounds the opening of one connection, and of one server.
const openWithin = 20 * time.Second

// connect opens a socket to a port of the loopback, says something and waits
// until the answer satisfies.
func connect(port int, say []byte, enough func(answer []byte) (bool, error)) (socket int, err error) {
	if socket, err = dial(port); err != nil {
		return -1, err
	}
	if err := converse(socket, say, enough); err != nil {
		return -1, errors.Join(err, unix.Close(socket))
	}
	return socket, nil
}

// dial opens a socket to a port of the loopback.
func dial(port int) (socket int, err error) {
	socket, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	wait := unix.NsecToTimeval(openWithin.Nanoseconds())
	err = errors.Join(
		unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait),
		unix.SetsockoptInt(socket, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		persist(func() error {
			return unix.Connect(socket, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
		}))
	if err != nil {
		return -1, errors.Join(fmt.Errorf("connect: %w", err), unix.Close(socket))
	}
	return socket, nil
}

// persist repeats a call that a signal interrupts: Go's scheduler sends itself
// some, and a socket with a timeout does not go on by itself.
func persist(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// converse says something and waits until the answer satisfies.
func converse(socket int, say []byte, enough func(answer []byte) (bool, error)) error {
	if err := persist(func() error { _, err := unix.Write(socket, say); return err }); err != nil {
		return fmt.Errorf("open a stream: %w", err)
	}
	answer := make([]byte, 0, 4<<10)
	for {
		n, err := unix.Read(socket, answer[len(answer):cap(answer)])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return fmt.Errorf("no stream is opened, after %q: %w", answer, errors.Join(err, errEnded))
		}
		answer = answer[:len(answer)+n]
		if ok, err := enough(answer); ok || err != nil {
			return err
		}
		if len(answer) == cap(answer) {
			return fmt.Errorf("no stream is opened, after %q", answer)
		}
	}
}

var errEnded = errors.New("the connection ended")

// awaitPort waits until a process listens.
func awaitPort(ctx context.Context, p *proc.Process, port int) error {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.Ended():
			return p.Failure()
		case <-ctx.Done():
			return fmt.Errorf("process %d does not listen: %w", p.PID(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends processes that may not have started.
func stop(processes ...*proc.Process) {
	for _, p := range processes {
		if p != nil {
			p.Stop()
		}
	}
}

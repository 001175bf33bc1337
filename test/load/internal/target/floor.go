//go:build linux

package target

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/proc"
)

// A connection to the floor opens with one line: a reader names its wall, the
// publisher says so. The publisher then sends frames: the wall and the length,
// 4 bytes each, and the bytes that the wall's readers get.
const (
	publisherLine = "publisher"
	frameHead     = 8
	floorBacklog  = 4096
)

// ServeFloor writes to sockets and does nothing else: what no server can do
// without. The port is told on the first line of the output. It ends with its
// publisher's connection.
func ServeFloor() error {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	if err := unix.Listen(listener, floorBacklog); err != nil {
		return err
	}
	at, err := unix.Getsockname(listener)
	if err != nil {
		return err
	}
	fmt.Println(at.(*unix.SockaddrInet4).Port)
	walls := make(map[int][]int)
	for {
		socket, _, err := unix.Accept4(listener, unix.SOCK_CLOEXEC)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		line, err := admit(socket)
		if err != nil {
			return err
		}
		if line == publisherLine {
			return spread(socket, walls)
		}
		wall, err := strconv.Atoi(line)
		if err != nil {
			return err
		}
		walls[wall] = append(walls[wall], socket)
	}
}

// admit reads the line that a connection opens with, and answers.
func admit(socket int) (string, error) {
	var b [32]byte
	n, err := unix.Read(socket, b[:])
	if err != nil {
		return "", err
	}
	if _, err := unix.Write(socket, []byte("+")); err != nil {
		return "", err
	}
	return strings.TrimSpace(string(b[:n])), unix.SetsockoptInt(socket, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
}

// spread is the loop: one write for each reader of each frame.
func spread(publisher int, walls map[int][]int) error {
	for _, sockets := range walls {
		for _, s := range sockets {
			if err := unix.SetNonblock(s, true); err != nil {
				return err
			}
		}
	}
	in := os.NewFile(uintptr(publisher), publisherLine)
	defer func() { _ = in.Close() }()
	head, frame := make([]byte, frameHead), make([]byte, 0)
	for {
		if _, err := io.ReadFull(in, head); err != nil {
			return nil // the publisher is gone
		}
		length := int(binary.BigEndian.Uint32(head[4:]))
		if cap(frame) < length {
			frame = make([]byte, length)
		}
		frame = frame[:length]
		if _, err := io.ReadFull(in, frame); err != nil {
			return nil
		}
		for _, s := range walls[int(binary.BigEndian.Uint32(head))] {
			if err := writeAll(s, frame); err != nil {
				return err
			}
		}
	}
}

// writeAll writes, and waits where the kernel's buffer is full.
func writeAll(socket int, b []byte) error {
	for len(b) > 0 {
		n, err := unix.Write(socket, b)
		switch {
		case errors.Is(err, unix.EAGAIN):
			if _, err := unix.Poll([]unix.PollFd{{Fd: int32(socket), Events: unix.POLLOUT}}, -1); err != nil && !errors.Is(err, unix.EINTR) {
				return err
			}
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNRESET):
			return nil // the reader is gone
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return err
		default:
			b = b[n:]
		}
	}
	return nil
}

// floor is the bare write loop as a target.
type floor struct {
	programs  Programs
	process   *proc.Process
	port      int
	publisher int
	out       []byte
}

// Open starts the process.
func (f *floor) Open(ctx context.Context, _ int) error {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	folder, err := f.programs.folder(KindFloor)
	if err != nil {
		return err
	}
	if f.process, err = proc.Start(folder, f.programs.Self, []string{"floor"}, nil); err != nil {
		return err
	}
	line, err := f.process.FirstLine(ctx)
	if err != nil {
		return err
	}
	f.port, err = strconv.Atoi(line)
	return err
}

// Prepare has nothing to do.
func (f *floor) Prepare(context.Context, int) error { return nil }

// Connect opens a reader.
func (f *floor) Connect(_ context.Context, wall, _ int) (int, error) {
	return f.join(strconv.Itoa(wall))
}

func (f *floor) join(line string) (int, error) {
	return connect(f.port, []byte(line+"\n"), func(answer []byte) (bool, error) { return string(answer) == "+", nil })
}

// Publish sends the bytes to be written. It waits while the loop is behind.
func (f *floor) Publish(wall int, seq uint32, padding int) error {
	if f.publisher == 0 {
		var err error
		if f.publisher, err = f.join(publisherLine); err != nil {
			return err
		}
	}
	length := mark.Size + padding
	f.out = binary.BigEndian.AppendUint32(f.out[:0], uint32(wall))
	f.out = binary.BigEndian.AppendUint32(f.out, uint32(length))
	f.out = append(f.out, mark.New(seq, time.Now()).String()...)
	f.out = append(f.out, strings.Repeat("x", padding)...)
	return writeAll(f.publisher, f.out)
}

// Server is the loop.
func (f *floor) Server() *proc.Process { return f.process }

// Broker is none.
func (f *floor) Broker() *proc.Process { return nil }

// Close ends the loop.
func (f *floor) Close() {
	if f.publisher != 0 {
		_ = unix.Close(f.publisher)
	}
	stop(f.process)
}

// Package clamav asks a ClamAV daemon whether a file is infected. The file goes
// over its socket, so that the daemon may run on another machine and needs no
// access to the quarantine.
package clamav

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"fresque.dev/services/media/internal/media"
)

const (
	// chunk is how many bytes are sent at a time.
	chunk = 64 << 10
	// silence is how long the daemon may say nothing, within a file and after it.
	silence = 5 * time.Minute
	// answerWithin bounds a question about the daemon itself.
	answerWithin = 2 * time.Second
)

// Scanner asks one daemon.
type Scanner struct{ network, address string }

var _ media.Scanner = (*Scanner)(nil)

// New makes a scanner that asks the daemon at unix:PATH or tcp:HOST:PORT.
func New(address string) (*Scanner, error) {
	network, at, ok := strings.Cut(address, ":")
	if !ok || at == "" || network != "unix" && network != "tcp" {
		return nil, fmt.Errorf("%q is neither unix:PATH nor tcp:HOST:PORT", address)
	}
	return &Scanner{network, at}, nil
}

// Check tells whether the daemon answers.
func (s *Scanner) Check(ctx context.Context) error {
	said, err := s.ask(ctx, "PING")
	if err == nil && said != "PONG" {
		err = fmt.Errorf("the virus scanner says %q", said)
	}
	return err
}

// Signatures tells the daemon's version and of when its signatures are; zero when
// it does not say.
func (s *Scanner) Signatures(ctx context.Context) (version string, of time.Time, err error) {
	said, err := s.ask(ctx, "VERSION")
	version, rest, _ := strings.Cut(said, "/")
	if _, day, found := strings.Cut(rest, "/"); found {
		of, _ = time.Parse(time.ANSIC, day)
	}
	return version, of, err
}

// ask asks about the daemon itself.
func (s *Scanner) ask(ctx context.Context, what string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	if _, err := io.WriteString(conn, "z"+what+"\x00"); err != nil {
		return "", err
	}
	return answer(conn)
}

func (s *Scanner) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, s.network, s.address)
}

// Scan sends a file and gives what the daemon makes of it.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) (media.Code, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sent := send(conn, r)
	var reading *readError
	if errors.As(sent, &reading) {
		return "", reading.err
	}
	// A daemon that has had enough answers and hangs up: what it says counts
	// more than that sending failed.
	said, err := answer(conn)
	if err != nil || said == "" {
		return "", errors.Join(errors.New("the virus scanner did not answer"), sent, err)
	}
	return verdict(said)
}

// readError is of the file, not of the daemon.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// send speaks INSTREAM: each chunk after its length, and a length of nothing.
func send(conn net.Conn, r io.Reader) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return err
	}
	buffer := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(r, buffer[4:])
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return &readError{err}
		}
		binary.BigEndian.PutUint32(buffer, uint32(n))
		message := buffer[:4+n]
		if ended && n > 0 {
			message = binary.BigEndian.AppendUint32(message, 0)
		}
		if err := conn.SetDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		if _, err := conn.Write(message); err != nil || ended {
			return err
		}
	}
}

// answer reads one answer, without its end mark.
func answer(conn net.Conn) (string, error) {
	said, err := bufio.NewReaderSize(io.LimitReader(conn, 4096), 4096).ReadBytes(0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(string(bytes.TrimSuffix(said, []byte{0}))), err
}

// verdict reads an answer such as "stream: OK".
func verdict(said string) (media.Code, error) {
	switch {
	case said == "stream: OK":
		return "", nil
	case strings.HasSuffix(said, " FOUND") && strings.Contains(said, "Heuristics.Limits.Exceeded"):
		return media.NotScannable, nil
	case strings.HasSuffix(said, " FOUND"):
		return media.Infected, nil
	case strings.HasPrefix(said, "INSTREAM size limit exceeded"):
		return media.NotScannable, nil
	}
	return "", fmt.Errorf("the virus scanner says %q", said)
}

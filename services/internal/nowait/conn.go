package nowait

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// conn is a connection that is read without telling the scheduler; waiting for
// what comes is as always. Everything else is the connection's own.
type conn struct {
	net.Conn
	raw syscall.RawConn

	mu sync.Mutex // one reads at a time
	// What the reading is about: a closure for each would be garbage for each.
	into []byte
	n    int
	err  error
	do   func(fd uintptr) bool
}

// NewConn wraps a connection; one that is no socket stays as it is.
func NewConn(of net.Conn) net.Conn {
	socket, ok := of.(syscall.Conn)
	if !ok {
		return of
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return of
	}
	c := &conn{Conn: of, raw: raw}
	c.do = c.attempt
	return c
}

// attempt tells whether there is no need to wait.
func (c *conn) attempt(fd uintptr) bool {
	c.n, c.err = Read(fd, c.into)
	return !errors.Is(c.err, syscall.EAGAIN)
}

// Read waits until there is something, as net.Conn says.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.into = p
	err := c.raw.Read(c.do)
	c.into = nil
	switch {
	case err != nil:
		return 0, err
	case c.err != nil:
		return 0, &net.OpError{Op: "read", Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: c.err}
	case c.n == 0:
		return 0, io.EOF
	}
	return c.n, nil
}

// Dialer opens connections that are read so.
type Dialer struct{ net.Dialer }

// NewDialer gives up on a connection that is not there within a time.
func NewDialer(within time.Duration) *Dialer { return &Dialer{net.Dialer{Timeout: within}} }

// Dial opens a connection.
func (d *Dialer) Dial(network, address string) (net.Conn, error) {
	dialled, err := d.Dialer.Dial(network, address)
	if err != nil {
		return nil, err
	}
	return NewConn(dialled), nil
}

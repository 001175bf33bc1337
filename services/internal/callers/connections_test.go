package callers

import (
	"errors"
	"net"
	"testing"
)

// TestConnectionsThatAreOverLeaveNothing: closed twice, or taken and closed, each is
// counted out once, and nobody's address is kept.
func TestConnectionsThatAreOverLeaveNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := NewConnections(l, 10, 2, nil)
	t.Cleanup(func() { _ = c.Close() })
	accept := func() *Connection {
		t.Helper()
		dialled, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = dialled.Close() })
		conn, err := c.Accept()
		if err != nil {
			t.Fatal(err)
		}
		return conn.(*Connection)
	}
	for range 3 {
		closed, taken := accept(), accept()
		if c.Count() != 2 {
			t.Fatalf("%d are counted", c.Count())
		}
		conn := taken.Take()
		if err := errors.Join(closed.Close(), taken.Close(), taken.Close(), conn.Close()); err != nil {
			t.Fatal(err)
		}
		if err := closed.Close(); !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
		if c.all != 0 || len(c.of) != 0 {
			t.Fatalf("%d are counted, of %v", c.all, c.of)
		}
	}
}

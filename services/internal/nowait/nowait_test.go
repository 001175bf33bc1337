//go:build unix

package nowait_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"fresque.dev/services/internal/nowait"
)

// pair is a connection of ours and its other side.
func pair(t *testing.T) (net.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ours, err := nowait.NewDialer(5*time.Second).Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
	return ours, theirs.(*net.TCPConn)
}

func TestAConnectionIsReadToItsEnd(t *testing.T) {
	ours, theirs := pair(t)
	const said = "a text that comes in parts"
	go func() {
		for i := range said {
			_, _ = theirs.Write([]byte(said[i : i+1]))
		}
		_ = theirs.CloseWrite()
	}()
	if got, err := io.ReadAll(ours); err != nil || string(got) != said {
		t.Fatalf("read %q, %v", got, err)
	}
	if n, err := ours.Read(nil); n != 0 || err != nil {
		t.Fatalf("an empty reading gives %d, %v", n, err)
	}
}

func TestWhatEndsAReading(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(ours net.Conn, theirs *net.TCPConn) error
		want error
	}{
		"a deadline": {func(ours net.Conn, _ *net.TCPConn) error { return ours.SetReadDeadline(time.Now()) }, os.ErrDeadlineExceeded},
		"closing it": {func(ours net.Conn, _ *net.TCPConn) error { return ours.Close() }, net.ErrClosed},
		"a reset": {func(_ net.Conn, theirs *net.TCPConn) error {
			return errors.Join(theirs.SetLinger(0), theirs.Close())
		}, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := pair(t)
			ended := make(chan error, 1)
			go func() { _, err := ours.Read(make([]byte, 8)); ended <- err }()
			if err := c.end(ours, theirs); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, c.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestReadingMakesNoGarbage(t *testing.T) {
	ours, theirs := pair(t)
	into, out := make([]byte, 8), []byte("x")
	if n := testing.AllocsPerRun(100, func() {
		_, _ = theirs.Write(out)
		if _, err := ours.Read(into); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Fatalf("%v objects for each reading", n)
	}
}

func TestAFullSocketTakesNothingAndDoesNotWait(t *testing.T) {
	_, theirs := pair(t)
	raw, err := theirs.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var said error
	sent, much := 0, make([]byte, 1<<20)
	if err := raw.Write(func(fd uintptr) bool {
		for said == nil {
			var n int
			n, said = nowait.Write(fd, much)
			sent += n
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if sent == 0 || !errors.Is(said, syscall.EAGAIN) {
		t.Fatalf("%d bytes were taken, then %v", sent, said)
	}
}

func TestWhatIsNoSocketStaysAsItIs(t *testing.T) {
	a, b := net.Pipe()
	defer func() { _, _ = a.Close(), b.Close() }()
	if got := nowait.NewConn(a); got != a {
		t.Fatalf("got %T", got)
	}
}

//go:build unix

package nowait_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"fresque.dev/services/internal/nowait"
)

// ring gives a ring, where the system has any.
func ring(t *testing.T) *nowait.Ring {
	t.Helper()
	r, err := nowait.NewRing()
	if errors.Is(err, nowait.ErrNoRing) {
		t.Skip(err) // sandboxes forbid it, and then nobody is given one
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func fdOf(t *testing.T, c *net.TCPConn) (fd uintptr) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err == nil {
		err = raw.Control(func(it uintptr) { fd = it })
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// several are connections of ours, and the other sides.
func several(t *testing.T, n int) (ours []net.Conn, sends []nowait.Send) {
	t.Helper()
	for range n {
		mine, theirs := pair(t)
		ours = append(ours, mine)
		sends = append(sends, nowait.Send{FD: fdOf(t, theirs)})
	}
	return ours, sends
}

func TestARingWritesToEverySocketInOrder(t *testing.T) {
	r := ring(t)
	ours, sends := several(t, nowait.RingSize)
	const rounds = 300 // round the queues several times
	for n := range rounds {
		to := sends[:1+n%nowait.RingSize] // of whatever number
		for i := range to {
			to[i].P = []byte{byte(n), byte(i)}
		}
		r.Write(to)
		for i, s := range to {
			if s.N != 2 || s.Err != nil {
				t.Fatalf("round %d: socket %d took %d, %v", n, i, s.N, s.Err)
			}
		}
	}
	for i, c := range ours {
		for n := range rounds {
			if i > n%nowait.RingSize {
				continue
			}
			got := make([]byte, 2)
			if _, err := io.ReadFull(c, got); err != nil || got[0] != byte(n) || got[1] != byte(i) {
				t.Fatalf("socket %d, round %d: %v, %v", i, n, got, err)
			}
		}
	}
}

func TestARingTellsOfEachWhatAWriteWouldHave(t *testing.T) {
	r := ring(t)
	ours, sends := several(t, 4)
	full, gone, none := &sends[1], &sends[2], &sends[3]
	full.P = make([]byte, 64<<20)
	sends[0].P, gone.P, none.P = []byte("un"), []byte("deux"), []byte("trois")
	none.FD = 1 << 20
	if err := ours[2].Close(); err != nil {
		t.Fatal(err)
	}
	for range 50 { // the first write to who is gone is taken
		r.Write(sends)
		if full.Err != nil {
			break
		}
	}
	if sends[0].Err != nil || sends[0].N != 2 {
		t.Errorf("a socket with room took %d, %v", sends[0].N, sends[0].Err)
	}
	if full.N != 0 || !errors.Is(full.Err, syscall.EAGAIN) {
		t.Errorf("a full one took %d, %v", full.N, full.Err)
	}
	if !errors.Is(gone.Err, syscall.EPIPE) && !errors.Is(gone.Err, syscall.ECONNRESET) {
		t.Errorf("one whose peer is gone says %v", gone.Err)
	}
	if !errors.Is(none.Err, syscall.EBADF) {
		t.Errorf("none says %v", none.Err)
	}
}

func TestASocketThatTakesAPartSaysHowMuch(t *testing.T) {
	r := ring(t)
	ours, sends := several(t, 1)
	much := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	sends[0].P = much
	r.Write(sends)
	taken := sends[0].N
	if sends[0].Err != nil || taken <= 0 || taken >= len(much) {
		t.Fatalf("took %d of %d, %v", taken, len(much), sends[0].Err)
	}
	got := make([]byte, taken)
	if _, err := io.ReadFull(ours[0], got); err != nil || !bytes.Equal(got, much[:taken]) {
		t.Fatalf("something else came: %v", err)
	}
}

func TestARingThatFailsWritesOneByOne(t *testing.T) {
	r := ring(t)
	ours, sends := several(t, 3)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range sends {
		sends[i].P = []byte("x")
	}
	r.Write(sends)
	for i, c := range ours {
		if n, err := c.Read(make([]byte, 4)); n != 1 || err != nil {
			t.Fatalf("socket %d: %d, %v, %+v", i, n, err, sends[i])
		}
	}
}

func TestARingMakesNoGarbage(t *testing.T) {
	r := ring(t)
	ours, sends := several(t, 8)
	into := make([]byte, 8)
	if n := testing.AllocsPerRun(100, func() {
		for i := range sends {
			sends[i].P = into[:1]
		}
		r.Write(sends)
		for _, c := range ours {
			if _, err := c.Read(into); err != nil {
				t.Fatal(err)
			}
		}
	}); n > 0 {
		t.Fatalf("%v objects for each", n)
	}
}

package clamav_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/clamav"
	"fresque.dev/services/media/internal/media"
)

// The real daemon is in the tests of app. This one is for what it does when it
// is not well.
func daemon(t *testing.T, serve func(net.Conn)) *clamav.Scanner {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	s, err := clamav.New("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take reads what INSTREAM sends.
func take(conn net.Conn) []byte {
	_, _ = io.ReadFull(conn, make([]byte, len("zINSTREAM\x00")))
	var out bytes.Buffer
	for {
		var n uint32
		if binary.Read(conn, binary.BigEndian, &n) != nil || n == 0 {
			return out.Bytes()
		}
		_, _ = io.CopyN(&out, conn, int64(n))
	}
}

func TestEveryByteIsSent(t *testing.T) {
	for _, size := range []int{1, 64 << 10, 64<<10 + 1, 300_000} {
		got := make(chan []byte, 1)
		s := daemon(t, func(conn net.Conn) {
			got <- take(conn)
			_, _ = io.WriteString(conn, "stream: OK\x00")
		})
		file := bytes.Repeat([]byte("x"), size)
		if code, err := s.Scan(t.Context(), bytes.NewReader(file)); code != "" || err != nil {
			t.Errorf("%d bytes: %q, %v", size, code, err)
		}
		if !bytes.Equal(<-got, file) {
			t.Errorf("%d bytes came otherwise", size)
		}
	}
}

func TestWhatTheDaemonSays(t *testing.T) {
	for said, want := range map[string]struct {
		code media.Code
		ok   bool
	}{
		"stream: OK\x00":               {"", true},
		"stream: Eicar-Test FOUND\x00": {media.Infected, true},
		"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00": {media.NotScannable, true},
		"INSTREAM size limit exceeded. ERROR\x00":                  {media.NotScannable, true},
		"stream: Can't allocate memory ERROR\x00":                  {"", false},
		"":                            {"", false},
		"OK\x00":                      {"", false},
		"stream: OK FOUND or not\x00": {"", false},
		strings.Repeat("x", 10_000):   {"", false},
	} {
		s := daemon(t, func(conn net.Conn) { take(conn); _, _ = io.WriteString(conn, said) })
		code, err := s.Scan(t.Context(), strings.NewReader("file"))
		if code != want.code || (err == nil) != want.ok {
			t.Errorf("%.60q: %q, %v", said, code, err)
		}
	}
}

// TestADaemonThatHasHadEnough answers and hangs up in the middle.
func TestADaemonThatHasHadEnough(t *testing.T) {
	s := daemon(t, func(conn net.Conn) {
		_, _ = io.ReadFull(conn, make([]byte, 100))
		_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
		_ = conn.(*net.UnixConn).CloseWrite()
		_, _ = io.Copy(io.Discard, conn)
	})
	if code, err := s.Scan(t.Context(), bytes.NewReader(make([]byte, 5<<20))); code != media.NotScannable || err != nil {
		t.Errorf("%q, %v", code, err)
	}
}

func TestADaemonThatIsNotThere(t *testing.T) {
	s, err := clamav.New("unix:" + filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	if code, err := s.Scan(t.Context(), strings.NewReader("file")); code != "" || err == nil {
		t.Errorf("passed: %q, %v", code, err)
	}
	if s.Check(t.Context()) == nil {
		t.Error("ready")
	}
	for _, address := range []string{"", "unix:", "/run/clamd", "udp:localhost:1"} {
		if _, err := clamav.New(address); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}

func TestStoppingEndsAScan(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := daemon(t, func(conn net.Conn) { take(conn); cancel(); _, _ = io.Copy(io.Discard, conn) })
	if code, err := s.Scan(ctx, strings.NewReader("file")); code != "" || err == nil {
		t.Errorf("%q, %v", code, err)
	}
}

// TestAFileThatCannotBeReadIsNotClean.
func TestAFileThatCannotBeReadIsNotClean(t *testing.T) {
	s := daemon(t, func(conn net.Conn) { take(conn); _, _ = io.WriteString(conn, "stream: OK\x00") })
	broken := errors.New("disk")
	if code, err := s.Scan(t.Context(), io.MultiReader(strings.NewReader("half"), failing{broken})); code != "" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", code, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

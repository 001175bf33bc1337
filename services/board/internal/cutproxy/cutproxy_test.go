package cutproxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"fresque.dev/services/board/internal/cutproxy"
)

// echo answers each line with itself.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *cutproxy.Proxy) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, bufio.NewReader(c)
}

func says(t *testing.T, c net.Conn, r *bufio.Reader) error {
	t.Helper()
	if _, err := c.Write([]byte("word\n")); err != nil {
		return err
	}
	_, err := r.ReadString('\n')
	return err
}

func TestProxy(t *testing.T) {
	p, err := cutproxy.Start(t.Context(), echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c, r := dial(t, p)
	if err := says(t, c, r); err != nil {
		t.Fatal(err)
	}

	p.Freeze(true)
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if says(t, c, r) == nil {
		t.Fatal("a frozen proxy let bytes through")
	}
	p.Freeze(false)
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if line, err := r.ReadString('\n'); err != nil || line != "word\n" {
		t.Fatalf("after the thaw: %q, %v", line, err)
	}

	p.Cut()
	if says(t, c, r) == nil {
		t.Fatal("the connection was not cut")
	}
	p.Refuse(true)
	if c, r := dial(t, p); says(t, c, r) == nil {
		t.Fatal("it was let in")
	}
	p.Refuse(false)
	c, r = dial(t, p)
	if err := says(t, c, r); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { p.CutEvery(ctx, time.Millisecond); close(done) }()
	for says(t, c, r) == nil {
	}
	cancel()
	<-done
	if p.Cuts() == 0 {
		t.Fatal("nothing was counted")
	}
}

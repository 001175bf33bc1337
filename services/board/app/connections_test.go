package app

import (
	"bufio"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"fresque.dev/services/internal/callers"
)

// TestAConnectionThatAStreamTookIsNoMoreTheServers: it stays open when the server
// is done with it, and what the server read it with is used for the next.
func TestAConnectionThatAStreamTookIsNoMoreTheServers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan net.Conn, 1)
	served := &fasthttp.Server{ReadBufferSize: headerLimit, Handler: func(c *fasthttp.RequestCtx) {
		if string(c.Path()) == "/kept" {
			return
		}
		c.HijackSetNoResponse(true)
		c.Hijack(func(conn net.Conn) {
			taken <- conn.(interface{ UnsafeConn() net.Conn }).UnsafeConn().(*callers.Connection).Take()
		})
	}}
	connections := callers.NewConnections(l, 10, 10, callers.Proxies{})
	go func() { _ = served.Serve(connections) }()
	t.Cleanup(func() { _ = served.Shutdown() })

	ask := func(path string) (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		return conn, bufio.NewReaderSize(conn, 64)
	}
	stream := func() {
		_, lines := ask("/stream")
		conn := <-taken
		if _, err := conn.Write([]byte("live\n")); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); err != nil || got != "live\n" {
			t.Fatalf("a stream reads %q, %v", got, err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); err == nil {
			t.Fatalf("after its end a stream reads %q", got)
		}
	}
	stream()
	const streams = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range streams {
		stream()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / streams; each > headerLimit {
		t.Errorf("a stream is %d bytes of garbage", each)
	}
	_, lines := ask("/kept")
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Error("a connection that nobody took was not closed by the server")
	}
	for n := 0; connections.Count() > 0; n++ { // a moment after the other side sees its end
		if n == 5000 {
			t.Fatal("a connection that has ended is counted still")
		}
		time.Sleep(time.Millisecond)
	}
}

package mongostore

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"fresque.dev/services/board/internal/board"
)

// A write whose answer is lost on the way was made, and is told as made.
func TestS4ALostAnswerIsNotAFailure(t *testing.T) {
	address := freshDatabase(t)
	way := listen(t, hostOf(t, address))
	s := open(t, strings.Replace(address, hostOf(t, address), way.address(), 1)+"&directConnection=true")

	post := newPost()
	way.loseAnswerTo("insert")
	if err := s.Insert(t.Context(), post); err != nil {
		t.Errorf("insert: %v", err)
	}
	post.Rev = 2
	way.loseAnswerTo("update") // the wire's name for a replace
	if err := s.Replace(t.Context(), post, 1); err != nil {
		t.Errorf("replace: %v", err)
	}
	if n := way.lost.Load(); n != 2 {
		t.Errorf("%d answers were lost", n)
	}
	doc, err := s.Get(t.Context(), board.KeyOf(post))
	if err != nil || doc.Head().Rev != 2 {
		t.Errorf("stored: %v, %v", doc, err)
	}
}

// hostOf is the host and port of a plain address of one server.
func hostOf(t *testing.T, address string) string {
	t.Helper()
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "mongodb://"), "/")
	if strings.ContainsAny(host, ",@") || strings.Contains(address, "+srv") || strings.Contains(address, "tls=") {
		t.Skip("needs one server without authentication or TLS in MONGODB_URI, to stand between")
	}
	return host
}

// way stands between the driver and a server, and can lose an answer.
type way struct {
	listener net.Listener
	server   string
	losing   atomic.Pointer[string]
	lost     atomic.Int32
}

func listen(t *testing.T, server string) *way {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	w := &way{listener: listener, server: server}
	go w.run()
	return w
}

func (w *way) address() string { return w.listener.Addr().String() }

// loseAnswerTo cuts the connection that next carries a command, once the
// server has answered it.
func (w *way) loseAnswerTo(command string) { w.losing.Store(&command) }

func (w *way) run() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &crossing{way: w, client: client, server: server}
		go c.requests()
		go c.answers()
	}
}

// crossing is one connection over the way.
type crossing struct {
	way            *way
	client, server net.Conn
	losing         atomic.Bool
}

func (c *crossing) requests() {
	defer func() { _ = c.server.Close() }()
	relay(c.client, c.server, func(request []byte) bool {
		command := c.way.losing.Load()
		if command != nil && bytes.Contains(request, append([]byte(*command), 0)) && c.way.losing.CompareAndSwap(command, nil) {
			c.losing.Store(true)
		}
		return true
	})
}

func (c *crossing) answers() {
	defer func() { _ = c.client.Close() }()
	relay(c.server, c.client, func([]byte) bool {
		if c.losing.Load() {
			c.way.lost.Add(1)
			return false
		}
		return true
	})
}

// relay passes on what comes, until a piece is not to pass.
func relay(from io.Reader, to io.Writer, passes func(piece []byte) bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !passes(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

package live

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// dial makes both ends of a real connection.
func dial(t testing.TB) (server, client *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	return in.(*net.TCPConn), out.(*net.TCPConn)
}

// joinBySocket is join over a real connection.
func joinBySocket(t *testing.T, h *Hub, p board.Principal, cursor string) *reader {
	t.Helper()
	cursor = seen(cursor)
	s, err := h.Attach(t.Context(), p, cursor, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	server, client := dial(t)
	s.Serve(server)
	r := &reader{t: t, lines: bufio.NewScanner(client)}
	r.lines.Buffer(nil, 1<<20)
	for r.lines.Scan() && r.lines.Text() != "" {
	}
	return r
}

// written runs a test with every way of writing to streams.
func written(t *testing.T, test func(t *testing.T, w *wire, h *Hub)) {
	t.Helper()
	t.Run("one by one", func(t *testing.T) {
		w := &wire{}
		test(t, w, newHub(w))
	})
	t.Run("many at a time", func(t *testing.T) {
		w := &wire{}
		h := newHub(w)
		if err := h.UseRings(); err != nil {
			t.Skip(err) // a sandbox forbids it, and then nobody is written to so
		}
		test(t, w, h)
	})
}

func large(n int) *board.Post {
	p := post(n)
	p.Body = strings.Repeat("x", 60_000)
	return p
}

func TestS15_AReaderThatStopsLosesNothingBeforeItsEndAndHoldsUpNobody(t *testing.T) {
	written(t, func(t *testing.T, w *wire, h *Hub) {
		stopped := joinBySocket(t, h, writer("stopped"), "e-0")
		quick := joinBySocket(t, h, writer("quick"), "e-0")
		quick.wants("hello")
		const events = 400 // 24 MB: more than the sockets and the queue hold
		for n := 1; n <= events; n++ {
			w.publish(large(n))
			quick.wants(fmt.Sprint("post ", n))
		}
		stopped.wants("hello")
		for n := 1; ; n++ {
			event, _, data := stopped.next()
			if event == "bye" || event == "end" {
				if n > events {
					t.Fatal("it was never cut off")
				}
				return
			}
			if !strings.Contains(data, fmt.Sprintf(`"title":"post %d"`, n)) {
				t.Fatalf("event %d is %.80s", n, data)
			}
		}
	})
}

func TestWhatWaitsGoesOutTogetherAndInOrder(t *testing.T) {
	written(t, func(t *testing.T, w *wire, h *Hub) {
		readers := []*reader{joinBySocket(t, h, writer("a"), "e-0"), joinBySocket(t, h, writer("b"), "e-0")}
		const events = 2000
		for n := 1; n <= events; n++ {
			w.publish(post(n))
		}
		for _, r := range readers {
			r.wants("hello")
			for n := 1; n <= events; n++ {
				r.wants(fmt.Sprint("post ", n))
			}
		}
	})
}

// TestARoomIsToldEverythingInOrder: more readers than one system call writes to, some of
// whom go away in the middle of it.
func TestARoomIsToldEverythingInOrder(t *testing.T) {
	written(t, func(t *testing.T, w *wire, h *Hub) {
		const people, events = 200, 60
		var stay []*reader
		var leave []*net.TCPConn
		for n := range people {
			if n%10 == 0 {
				s, err := h.Attach(t.Context(), writer(board.ID(fmt.Sprint("p", n))), seen("e-0"), time.Now().Add(time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				server, client := dial(t)
				s.Serve(server)
				leave = append(leave, client)
				continue
			}
			stay = append(stay, joinBySocket(t, h, writer(board.ID(fmt.Sprint("p", n))), "e-0"))
		}
		for n := 1; n <= events; n++ {
			w.publish(post(n))
			if n == events/2 {
				for _, client := range leave {
					_ = client.SetLinger(0)
					_ = client.Close()
				}
			}
		}
		for _, r := range stay {
			r.wants("hello")
			for n := 1; n <= events; n++ {
				r.wants(fmt.Sprint("post ", n))
			}
		}
	})
}

func TestWhoJoinsWhileEventsWaitIsToldEachOnce(t *testing.T) {
	written(t, func(t *testing.T, w *wire, h *Hub) {
		first := joinBySocket(t, h, writer("a"), "e-0")
		var late []*reader
		for n := 1; n <= 300; n++ {
			w.publish(post(n))
			if n%30 == 0 {
				late = append(late, joinBySocket(t, h, writer("b"), fmt.Sprintf("e-%d", n-20)))
			}
		}
		first.wants("hello")
		for n := 1; n <= 300; n++ {
			first.wants(fmt.Sprint("post ", n))
		}
		for i, r := range late {
			r.wants("hello")
			for n := (i+1)*30 - 19; n <= 300; n++ {
				r.wants(fmt.Sprint("post ", n))
			}
		}
	})
}

func TestABrowserThatGoesAwayIsForgotten(t *testing.T) {
	written(t, func(t *testing.T, w *wire, h *Hub) {
		s, err := h.Attach(t.Context(), writer("a"), seen("e-0"), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		server, client := dial(t)
		s.Serve(server)
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		for n := 1; ; n++ {
			if len(h.all()) == 1 && h.all()[0].watched() == 0 {
				break
			}
			w.publish(post(n))
			time.Sleep(time.Millisecond)
		}
		h.serving.Wait()
	})
}

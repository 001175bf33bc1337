package live

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

const wall = board.ID("00000000-0000-7000-8000-000000000001")

// reader is a browser at the end of a stream.
type reader struct {
	t     *testing.T
	lines *bufio.Scanner
}

// seen is a member's cursor of a wall whose sight is as newHub made it.
func seen(cursor string) string {
	return seenBy(board.Class{Level: board.LevelMembers}, cursor)
}

func seenBy(class board.Class, cursor string) string {
	class.Group = ""
	b := &board.Board{}
	return cursor + "." + signOf(board.NewSight(b, nil, nil, time.Now()).Fingerprint(), class)
}

// join opens a stream from a cursor of the wall as newHub made it.
func join(t *testing.T, h *Hub, p board.Principal, cursor string) *reader {
	t.Helper()
	if cursor != "" && !strings.Contains(cursor, ".") {
		class, _ := board.ClassOf(p)
		cursor = seenBy(class, cursor)
	}
	s, err := h.Attach(t.Context(), p, cursor, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	server, client := net.Pipe()
	go s.Serve(server)
	t.Cleanup(func() { _ = client.Close() })
	r := &reader{t: t, lines: bufio.NewScanner(client)}
	r.lines.Buffer(nil, 1<<20)
	for r.lines.Scan() && r.lines.Text() != "" {
	}
	return r
}

// next reads one event: its name, its id and its data.
func (r *reader) next() (event, id, data string) {
	r.t.Helper()
	for r.lines.Scan() {
		line := r.lines.Text()
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && event == "you":
			event, data = "", "" // told to everybody; see TestWhoOneIsAndWhatOneMay
		case line == "" && event != "":
			return event, id, data
		case name == "event":
			event = value
		case name == "id":
			id = value
		case name == "data":
			data = value
		}
	}
	return "end", id, data
}

// wants checks the events that come next, each by name or by a post's title.
func (r *reader) wants(want ...string) {
	r.t.Helper()
	for _, w := range want {
		event, _, data := r.next()
		if event == "change" && strings.Contains(data, `"title":"`+w+`"`) {
			continue
		}
		if event != w {
			r.t.Fatalf("got %s %s, want %s", event, data, w)
		}
	}
}

func writer(id board.ID) board.Principal {
	return board.Principal{Board: wall, Participant: id, Role: board.RoleWriter}
}

func TestAStreamWithoutACursorBeginsWithAReset(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "")
	w.publish(post(1))
	r.wants("hello", "reset", "post 1")
}

func TestS9_ResumeFromTheRingFromTheStreamOrAnew(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	w.store(post(1))
	w.store(post(2))
	first := join(t, h, writer("a"), "e-2") // opens the channel at 2
	w.publish(post(3))
	first.wants("hello", "post 3")
	join(t, h, writer("b"), "e-2").wants("hello", "post 3")
	join(t, h, writer("c"), "e-1").wants("hello", "post 2", "post 3")
	join(t, h, writer("d"), "other-1").wants("hello", "reset")
	join(t, h, writer("d"), "nonsense").wants("hello", "reset")
	w.mu.Lock()
	w.oldest = 2
	w.mu.Unlock()
	join(t, h, writer("e"), "e-0").wants("hello", "reset")
	ahead := join(t, h, writer("f"), "e-3")
	w.publish(post(4))
	ahead.wants("hello", "post 4")
}

func TestS9_TheRingForgetsTheOldest(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	s, err := h.Attach(t.Context(), writer("a"), "", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abandon()
	for n := 1; n <= ringSize+10; n++ {
		w.publish(post(n))
	}
	w.mu.Lock()
	w.oldest = len(w.log) // only the ring can answer
	w.mu.Unlock()
	join(t, h, writer("b"), "e-10").wants("hello", "post 11")
	join(t, h, writer("c"), "e-9").wants("hello", "reset")
}

func TestS10_AGapIsClosedBeforeGoingOn(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "")
	w.publish(post(1))
	w.store(post(2)) // lost on the way
	w.publish(post(3))
	r.wants("hello", "reset", "post 1", "post 2", "post 3")
	w.store(post(4))
	h.Resync()
	r.wants("post 4")
}

func TestS10_AGapThatCannotBeClosedResets(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "")
	w.store(post(1))
	w.mu.Lock()
	w.oldest = 1
	w.mu.Unlock()
	w.publish(post(2))
	w.publish(post(3))
	r.wants("hello", "reset", "reset", "post 3")
}

func TestWithoutEventsAStreamEndsAndCanComeBack(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "")
	w.mu.Lock()
	w.down = true
	w.mu.Unlock()
	h.Resync()
	r.wants("hello", "reset", "bye", "end")
	if _, err := h.Attach(t.Context(), writer("a"), "", time.Now().Add(time.Hour)); err == nil {
		t.Fatal("attached to nothing")
	}
	w.mu.Lock()
	w.down = false
	w.mu.Unlock()
	join(t, h, writer("a"), "e-0").wants("hello")
}

func TestS12_OneEncodingForAClassAndOwnersSeeTheirOwn(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	owner, other := join(t, h, writer("a"), "e-0"), join(t, h, writer("b"), "e-0")
	m := &board.Media{Owner: "a", State: board.MediaProcessing}
	m.ID, m.Board, m.Rev = "m", wall, 1
	w.publish(m)
	w.publish(post(1))
	owner.wants("hello")
	if event, _, data := owner.next(); event != "change" || !strings.Contains(data, `"state":"processing"`) {
		t.Fatalf("the owner got %s %s", event, data)
	}
	owner.wants("post 1")
	other.wants("hello", "post 1")
}

func TestS13_LinksNeverReachABrowser(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	p := writer("a")
	p.Role = board.RoleModerator
	r := join(t, h, p, "e-0")
	l := &board.Link{Role: board.RoleModerator}
	l.ID, l.Board, l.Rev = "l", wall, 1
	w.publish(l)
	w.publish(post(1))
	r.wants("hello", "post 1")
}

// taken is what waits in a stream that is not served yet, and whether it has
// ended; what waited is gone then.
func taken(s *Stream) (batch net.Buffers, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.queue, s.bytes = s.queue, nil, 0
	return batch, s.ended
}

func TestS15_AReaderThatDoesNotReadDelaysNobodyAndIsCutOff(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	slow, err := h.Attach(t.Context(), writer("slow"), seen("e-0"), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Abandon()
	quick := join(t, h, writer("quick"), "e-0")
	quick.wants("hello")
	for n := 1; n <= maxQueuedFrames+10; n++ {
		w.publish(post(n))
		quick.wants(fmt.Sprint("post ", n))
	}
	batch, done := taken(slow)
	if !done || len(batch) != 1 || !strings.Contains(string(batch[0]), "event: bye") {
		t.Fatalf("%d frames wait, ended %v", len(batch), done)
	}
}

func TestS16_HeartbeatsAndTheEndOfASession(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	s, err := h.Attach(t.Context(), writer("a"), seen("e-0"), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Abandon()
	taken(s)
	h.beat() // something was written since the last one: none is needed
	h.beat()
	if batch, done := taken(s); done || len(batch) != 1 || string(batch[0]) != ": hb\n\n" {
		t.Fatalf("got %q, ended %v", batch, done)
	}
	h.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	h.beat()
	h.expire()
	if batch, done := taken(s); !done || !strings.Contains(string(batch[len(batch)-1]), "event: expired") {
		t.Fatalf("got %q, ended %v", batch, done)
	}
}

func TestS16_ClosingTellsBrowsersToComeBack(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "e-0")
	r.wants("hello")
	closed := make(chan struct{})
	go func() { h.Close(context.Background()); close(closed) }()
	r.wants("bye", "end")
	<-closed
	if _, err := h.Attach(t.Context(), writer("a"), seen("e-0"), time.Now().Add(time.Hour)); err == nil {
		t.Fatal("attached to a closed hub")
	}
}

func TestS16_ADrainEndsAFewStreamsAtATimeAndTheWallStaysLive(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	const many = 300
	for range many {
		s, err := h.Attach(t.Context(), writer("a"), seen("e-0"), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Abandon()
	}
	ended := func() (n int) {
		for _, c := range h.all() {
			c.each(func(s *Stream) {
				if s.ended {
					n++
				}
			})
		}
		return n
	}
	for left := drainSteps; left > drainSteps/2; left-- {
		h.endSome(left)
	}
	if n := ended(); n < many/4 || n > many*3/4 {
		t.Fatalf("half way %d of %d have ended", n, many)
	}
	late := join(t, h, writer("late"), "e-0") // no ingress knows at once
	late.wants("hello")
	w.publish(post(1))
	late.wants("post 1")
	closed := make(chan struct{})
	go func() { h.Drain(context.Background(), drainSteps*time.Millisecond); close(closed) }()
	late.wants("bye", "end")
	<-closed
	if n := ended(); n < many {
		t.Fatalf("%d of %d have ended", n, many)
	}
}

func TestAChannelThatNobodyWatchesIsDropped(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	s, err := h.Attach(t.Context(), writer("a"), seen("e-0"), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s.Abandon()
	h.serving.Wait()
	h.now = func() time.Time { return time.Now().Add(2 * lingers) }
	h.beat()
	if len(h.all()) != 0 {
		t.Fatal("the channel is still there")
	}
	r := join(t, h, writer("a"), "e-0")
	w.publish(post(1))
	r.wants("hello", "post 1")
}

func TestWhoMayNotReadGetsNoStream(t *testing.T) {
	h := newHub(&wire{})
	for _, role := range []board.Role{"", "unknown"} {
		p := writer("a")
		p.Role = role
		if _, err := h.Attach(t.Context(), p, "", time.Now().Add(time.Hour)); !errors.Is(err, board.ErrForbidden) {
			t.Fatalf("%q got %v", role, err)
		}
	}
}

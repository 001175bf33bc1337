package live

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// served is the channel of a wall with so many people on real connections, all
// of which have been told everything.
func served(tb testing.TB, people int) (*wire, *channel) {
	tb.Helper()
	w := &wire{}
	h := newHub(w)
	for i := range people {
		p := writer(board.ID(fmt.Sprint("reader ", i)))
		s, err := h.Attach(tb.Context(), p, seen("e-0"), time.Now().Add(time.Hour))
		if err != nil {
			tb.Fatal(err)
		}
		server, client := dial(tb)
		s.Serve(server)
		go func() { _, _ = client.WriteTo(devNull{}) }()
		for told := false; !told; time.Sleep(time.Millisecond) {
			s.mu.Lock()
			told = !s.draining
			s.mu.Unlock()
		}
	}
	return w, h.channels[wall]
}

type devNull struct{}

func (devNull) Write(p []byte) (int, error) { return len(p), nil }

// edits are so many events, the first revisions of one post after another.
func edits(n int) []board.Event {
	const posts = 10
	out := make([]board.Event, n)
	for i := range out {
		p := post(i % posts)
		p.Rev, p.ShownTo, p.Author.ID = board.Rev(i/posts+1), []board.Audience{board.Members}, "somebody"
		p.Body = "<p>" + string(bytes.Repeat([]byte("x"), 600)) + "</p>"
		seq := uint64(i + 1)
		out[i] = board.Event{Position: board.Position{Epoch: "e", Seq: seq}, Prev: seq - 1, Doc: p}
	}
	return out
}

func TestAnEventIsNoMoreGarbageForManyReadersThanForOne(t *testing.T) {
	garbage := func(people int) float64 {
		const known, runs = 2 * ringSize, 200
		_, c := served(t, people)
		events := edits(known + runs + 1)
		for _, e := range events[:known] {
			c.receive(e)
		}
		i := known
		n := testing.AllocsPerRun(runs, func() { c.receive(events[i]); i++ })
		if c.head.Seq != uint64(len(events)) {
			t.Fatalf("%d of %d events were taken in", c.head.Seq, len(events))
		}
		return n
	}
	// The frame, the view of the post and what its JSON needs, and what says how
	// to tell it: 8 objects; some more with the race detector, under which sheets
	// are lost by chance. See the profile of BenchmarkEvent before raising this.
	const most, chance = 14, 4
	one, many := garbage(1), garbage(30)
	if one > most || many > one+chance {
		t.Fatalf("an event is %v objects for one reader, %v for 30", one, many)
	}
}

func BenchmarkEvent(b *testing.B) {
	_, c := served(b, 10)
	events := edits(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for _, e := range events {
		c.receive(e)
	}
}

func TestWhatManyReadIsNotWrittenTo(t *testing.T) {
	h := newHub(&wire{})
	m, err := loadMirror(t.Context(), h.docs, wall, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	all := crowd{levels: map[board.Level]int{board.LevelMembers: 1, board.LevelModerators: 1}}
	var entries []*entry
	for i, e := range edits(3) {
		en := newEntry(h.render, m, e.Position, m.merge(e.Doc), &all)
		en.quiet = i < 2
		for v := range en.frames {
			// As a slice with room behind it would be.
			en.frames[v].bytes = slices.Grow(en.frames[v].bytes, 1<<12)
		}
		entries = append(entries, en)
	}
	room := func(f frame) string { return string(f.bytes[:cap(f.bytes)]) }
	before := room(entries[0].frames[forMembers])
	members, group, moderators := board.Class{Level: board.LevelMembers}, board.Class{Level: board.LevelMembers, Group: "A"}, board.Class{Level: board.LevelModerators}
	for _, class := range []board.Class{members, group, moderators} {
		got := string(batchFor(entries, class, "", 0))
		var want []byte
		for _, en := range entries {
			want = append(want, frameChange(board.KindPost, m.encoded(h.render, m.docs[board.Key{Board: wall, Kind: board.KindPost, ID: board.ID(fmt.Sprint(en.at.Seq - 1))}], viewerOf(class.Level)))...)
		}
		want = append(want[:len(want)-1], "id: "+cursorOf(entries[2].at, m.sign, class)+"\n\n"...)
		if got != string(want) {
			t.Errorf("%v is told\n%s\nnot\n%s", class, got, want)
		}
	}
	if room(entries[0].frames[forMembers]) != before {
		t.Error("a frame that others read was written to")
	}
}

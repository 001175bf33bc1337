package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

func named(id board.ID, name string) board.Principal {
	p := writer(id)
	p.Name = name
	return p
}

// presence reads the next event, which must be of presence.
func (r *reader) presence() string {
	r.t.Helper()
	event, id, data := r.next()
	if event != "presence" || id != "" {
		r.t.Fatalf("got %s %q %s", event, id, data)
	}
	return data
}

func TestS7_WhoIsHereIsToldWhenItChanges(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	ada := join(t, h, named("a", "Ada"), "e-0")
	ada.wants("hello")
	h.tellPresence()
	if got := ada.presence(); got != `{"count":1,"people":[{"id":"a","name":"Ada"}]}` {
		t.Fatalf("got %s", got)
	}
	h.tellPresence() // nothing has changed: nothing is told
	bob := join(t, h, named("b", "Bob"), "e-0")
	join(t, h, named("b", "Bob"), "e-0") // a second page of the same person
	join(t, h, writer("c"), "e-0")       // somebody without a name
	bob.wants("hello")
	if got := bob.presence(); !strings.Contains(got, `"count":1`) {
		t.Fatalf("on arrival: %s", got)
	}
	h.tellPresence()
	for _, r := range []*reader{ada, bob} {
		if got := r.presence(); got != `{"count":3,"people":[{"id":"a","name":"Ada"},{"id":"b","name":"Bob"}]}` {
			t.Fatalf("got %s", got)
		}
	}
}

func TestS7_WritingExpiresByItself(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	now := time.Now()
	h.now = func() time.Time { return now }
	r := join(t, h, named("a", "Ada"), "e-0")
	r.wants("hello")
	if err := h.SetWriting(t.Context(), named("a", "Ada"), true); err != nil {
		t.Fatal(err)
	}
	h.tellPresence()
	if got := r.presence(); !strings.Contains(got, `"writing":true`) {
		t.Fatalf("got %s", got)
	}
	now = now.Add(writingKept + time.Second)
	h.tellPresence()
	if got := r.presence(); strings.Contains(got, `"writing"`) {
		t.Fatalf("got %s", got)
	}
	if err := h.SetWriting(t.Context(), named("a", "Ada"), true); err != nil {
		t.Fatal(err)
	}
	if err := h.SetWriting(t.Context(), named("a", "Ada"), false); err != nil {
		t.Fatal(err)
	}
	h.tellPresence() // as before: nothing is told
	w.publish(post(1))
	r.wants("post 1")
}

func TestS7_ReplicasGatherAndForgetOneThatFallsSilent(t *testing.T) {
	shared := &hall{each: make(map[string]func(string, board.Presence))}
	here, there := &wire{hall: shared, name: "here"}, &wire{hall: shared, name: "there"}
	h, other := newHub(here), newHub(there)
	now := time.Now()
	h.now = func() time.Time { return now }
	r := join(t, h, named("a", "Ada"), "e-0")
	join(t, other, named("b", "Bob"), "e-0")
	other.tellPresence()
	for h.all()[0].heard() == 0 {
		time.Sleep(time.Millisecond)
	}
	h.tellPresence()
	r.wants("hello")
	if got := r.presence(); !strings.Contains(got, `"count":2`) || !strings.Contains(got, "Bob") {
		t.Fatalf("got %s", got)
	}
	now = now.Add(reportKept + time.Second)
	h.tellPresence()
	if got := r.presence(); strings.Contains(got, "Bob") {
		t.Fatalf("got %s", got)
	}
}

func TestS7_WhoIsHereIsRepeatedForReplicasThatAreThere(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	now := time.Now()
	h.now = func() time.Time { return now }
	join(t, h, named("a", "Ada"), "e-0").wants("hello")
	repeats := func(during time.Duration) int32 {
		before := w.reports.Load()
		for end := now.Add(during); now.Before(end); now = now.Add(presenceEvery) {
			h.tellPresence()
		}
		return w.reports.Load() - before
	}
	repeats(presenceEvery) // the first
	if n := repeats(10 * time.Minute); n != 10 {
		t.Errorf("alone, it was told %d times in ten minutes", n)
	}
	c, other := h.all()[0], board.Presence{Nameless: 1}
	c.hear("there", other)
	if n := repeats(presenceEvery); n != 1 {
		t.Errorf("one that is new was answered %d times", n)
	}
	if n := repeats(2 * reportEvery); n != 2 {
		t.Errorf("beside another it was told %d times in %v", n, 2*reportEvery)
	}
}

func (c *channel) heard() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.roster.others)
}

func TestS7_AHiddenPresenceIsToldToNobody(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, named("a", "Ada"), "e-0")
	r.wants("hello")
	h.tellPresence()
	r.presence()
	hidden := &board.Board{Title: "Mur", PresenceHidden: true}
	hidden.ID, hidden.Board, hidden.Rev = wall, wall, 2
	w.publish(hidden)
	r.wants("change")
	h.tellPresence()
	if got := r.presence(); got != `{"count":0,"people":[]}` {
		t.Fatalf("got %s", got)
	}
	late := join(t, h, named("b", "Bob"), "e-1")
	h.tellPresence()
	late.wants("hello")
	if got := late.presence(); strings.Contains(got, "Ada") {
		t.Fatalf("got %s", got)
	}
}

func TestS7_ACrowdIsCountedAndFiftyAreNamed(t *testing.T) {
	var p board.Presence
	for n := range 500 {
		p.People = append(p.People, board.Person{ID: board.ID(string(rune('a'+n%26)) + time.Duration(n).String()), Name: "N", Writing: n == 499})
	}
	news := gather([]board.Presence{p, {Nameless: 3}})
	if news.Count != 503 || len(news.People) != presenceNames || !news.People[0].Writing {
		t.Fatalf("%d counted, %d named, first %+v", news.Count, len(news.People), news.People[0])
	}
}

func TestS7_AReportOfManyCountsThoseItDoesNotName(t *testing.T) {
	var p board.Presence
	for n := range reportNames + 10 {
		p.People = append(p.People, board.Person{ID: board.ID(fmt.Sprint(n)), Writing: n == reportNames+5})
	}
	got := brief(p)
	if len(got.People) != reportNames+1 || got.Nameless != 9 || !got.People[reportNames].Writing {
		t.Fatalf("%d named, %d counted", len(got.People), got.Nameless)
	}
}

// TestPeopleAndWhatTheyAreToldAreCounted: somebody with two pages is one; who reads
// without a name is somebody, also where nobody is shown.
func TestPeopleAndWhatTheyAreToldAreCounted(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	wants := func(streams, people int, frames uint64) {
		t.Helper()
		if s := h.Stats(); s.Streams != streams || s.People != people || s.PresenceFrames != frames {
			t.Fatalf("%+v", s)
		}
	}
	wants(0, 0, 0)
	readers := []*reader{join(t, h, named("a", "Ada"), "e-0"), join(t, h, named("a", "Ada"), "e-0"), join(t, h, named("b", ""), "e-0")}
	for _, r := range readers {
		r.wants("hello")
	}
	wants(3, 2, 0)
	h.tellPresence()
	wants(3, 2, 3)
	h.tellPresence() // nothing has changed
	wants(3, 2, 3)
	late := join(t, h, named("c", "Cy"), "e-0")
	late.wants("hello")
	wants(4, 3, 4) // what is known, at once
	h.tellPresence()
	wants(4, 3, 8)
}

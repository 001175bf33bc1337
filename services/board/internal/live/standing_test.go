package live

import (
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TestS17_ASessionOutlivesNothing: a session says who comes; what they may see
// is what their link and the trainers say now.
func TestS17_ASessionOutlivesNothing(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	link := &board.Link{Role: board.RoleWriter}
	link.ID, link.Board, link.Rev = "l", wall, 1
	w.docs = append(w.docs, link)
	p := writer("a")
	p.Link = "l"
	r := join(t, h, p, "e-0")
	r.wants("hello")
	person := &board.Participant{Name: "Ada", Role: board.RoleWriter, Link: "l"}
	person.ID, person.Board, person.Rev, person.UpdatedAt = "a", wall, 1, time.Now()
	w.publish(person)
	grouped := *person
	grouped.Rev, grouped.Group = 2, "g"
	w.publish(&grouped)
	r.wants("expired", "end") // with a new session they come back in their group
	blocked := grouped
	blocked.Rev, blocked.Blocked = 3, true
	again := p
	again.Group = "g"
	r = join(t, h, again, "e-3")
	r.wants("hello")
	w.publish(&blocked)
	r.wants("expired", "end")
	if _, err := h.Snapshot(t.Context(), again); err == nil {
		t.Fatal("a snapshot for somebody blocked")
	}
	if _, err := h.Attach(t.Context(), again, "", time.Now().Add(time.Hour)); err == nil {
		t.Fatal("a stream for somebody blocked")
	}
	revoked := *link
	revoked.Rev, revoked.RevokedAt = 2, time.Now()
	w.publish(&revoked)
	other := writer("b")
	other.Link = "l"
	if _, err := h.Snapshot(t.Context(), other); err == nil {
		t.Fatal("a snapshot by a revoked link")
	}
}

// TestS17_ALinkThatChangesEndsItsStreams, by its event or when its time is over,
// and only those of people for whom that changes something.
func TestS17_ALinkThatChangesEndsItsStreams(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*board.Link)
		later  time.Duration
		ended  bool
	}{
		"another role":         {func(l *board.Link) { l.Role = board.RoleReader }, 0, true},
		"another group":        {func(l *board.Link) { l.Group = "B" }, 0, true},
		"no group any more":    {func(l *board.Link) { l.Group = "" }, 0, true},
		"run out":              {func(l *board.Link) { l.ExpiresAt = time.Now().Add(-time.Second) }, 0, true},
		"to run out":           {func(l *board.Link) { l.ExpiresAt = time.Now().Add(time.Minute) }, 0, false},
		"run out by then":      {func(l *board.Link) { l.ExpiresAt = time.Now().Add(time.Minute) }, 2 * time.Minute, true},
		"revoked":              {func(l *board.Link) { l.RevokedAt = time.Now() }, 0, true},
		"a name or a password": {func(l *board.Link) { l.Name, l.Password = "x", "x" }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{}
			h := newHub(w)
			link := board.Link{Role: board.RoleWriter, Group: "A"}
			link.ID, link.Board, link.Rev = "l", wall, 1
			w.docs = append(w.docs, &link)
			p := writer("a")
			p.Link, p.Group = "l", "A"
			person := &board.Participant{Name: "Eve", Role: board.RoleWriter, Link: "l", Group: "C"}
			person.ID, person.Board, person.Rev = "placed", wall, 1
			w.docs = append(w.docs, person)
			placed := p // by a trainer: their link's group is not theirs
			placed.Participant, placed.Group = "placed", "C"
			streams := make([]*Stream, 2)
			for i, p := range []board.Principal{p, placed} {
				s, err := h.Attach(t.Context(), p, seen("e-0"), time.Now().Add(time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(s.Abandon)
				streams[i] = s
			}
			changed := link
			changed.Rev = 2
			tc.change(&changed)
			w.publish(&changed)
			h.now = func() time.Time { return time.Now().Add(tc.later) }
			h.expire()
			_, ended := taken(streams[0])
			if ended != tc.ended {
				t.Errorf("ended %v, want %v", ended, tc.ended)
			}
			if _, ended := taken(streams[1]); ended != (tc.ended && changed.Group == link.Group) {
				t.Errorf("whom a trainer placed: ended %v", ended)
			}
		})
	}
}

// TestS17_WhomAPlatformLetInGoesWhenItSaysSo: their stream ends when they come
// under another role elsewhere, are put into another group, or are erased.
func TestS17_WhomAPlatformLetInGoesWhenItSaysSo(t *testing.T) {
	for name, change := range map[string]func(*board.Participant){
		"another role":  func(d *board.Participant) { d.Role = board.RoleReader },
		"another group": func(d *board.Participant) { d.Group = "B" },
		"no group":      func(d *board.Participant) { d.Group = "" },
		"erased":        func(d *board.Participant) { d.DeletedAt = time.Now() },
		"blocked":       func(d *board.Participant) { d.Blocked = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := &wire{}
			h := newHub(w)
			person := &board.Participant{Name: "Ada", Role: board.RoleWriter, Group: "A"}
			person.ID, person.Board, person.Rev, person.UpdatedAt = "a", wall, 1, time.Now()
			w.docs = append(w.docs, person)
			p := writer("a")
			p.Platform, p.User, p.Group = "moodle", "u", "A"
			r := join(t, h, p, "e-0")
			r.wants("hello")
			renamed := *person
			renamed.Rev, renamed.Name = 2, "Ada Martin"
			w.publish(&renamed)
			then := renamed
			then.Rev, then.UpdatedAt = 3, time.Now()
			change(&then)
			w.publish(&then)
			r.wants("expired", "end")
		})
	}
}

// TestS17_WhoIsGoneIsKnownToBeGone, also to a replica that has not heard of it: one
// that reads the board anew, after a gap that cannot be closed, or for whoever comes.
func TestS17_WhoIsGoneIsKnownToBeGone(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	link := &board.Link{Role: board.RoleWriter}
	link.ID, link.Board, link.Rev, link.UpdatedAt = "l", wall, 1, time.Now()
	person := &board.Participant{Name: "Ada", Role: board.RoleWriter}
	person.ID, person.Board, person.Rev, person.UpdatedAt = "a", wall, 1, time.Now()
	w.docs = append(w.docs, link, person)
	let := writer("a")
	let.Platform, let.User, let.Name = "moodle", "u", "Ada"
	guest := writer("b")
	guest.Link = "l"
	stays := join(t, h, writer("c"), "e-0")
	streams := map[string]*reader{"a person": join(t, h, let, "e-0"), "a guest": join(t, h, guest, "e-0")}
	for _, doc := range []board.Document{person, link} {
		gone := board.Tombstone(doc)
		gone.Head().Rev++
		w.store(gone)
	}
	w.mu.Lock()
	w.oldest = 2 // nobody tells of it any more
	w.mu.Unlock()
	w.publish(post(1))
	for who, r := range streams {
		r.wants("hello")
		if event, _, _ := r.next(); event != "expired" {
			t.Errorf("the stream of %s who is gone goes on: %s", who, event)
		}
	}
	stays.wants("hello", "reset")
	if _, err := again(w).Attach(t.Context(), let, "", time.Now().Add(time.Hour)); err == nil {
		t.Error("a replica that reads the board lets in who is gone")
	}
	// Who has just come elsewhere, before this replica has heard of them.
	late := &board.Participant{Name: "Bea", Role: board.RoleWriter, Group: "g"}
	late.ID, late.Board, late.Rev, late.UpdatedAt = "d", wall, 1, time.Now()
	w.store(late)
	came := writer("d")
	came.Platform, came.User, came.Name, came.Group = "moodle", "v", "Bea", "g"
	join(t, h, came, "").wants("hello", "reset")
}

// TestS17_WhoWasMovedElsewhereStays, where this replica has not heard of it yet.
func TestS17_WhoWasMovedElsewhereStays(t *testing.T) {
	w := &wire{}
	person := &board.Participant{Name: "Ada", Role: board.RoleWriter, Group: "A"}
	person.ID, person.Board, person.Rev, person.UpdatedAt = "a", wall, 1, time.Now()
	w.docs = append(w.docs, person)
	h := newHub(w)
	p := writer("a")
	p.Platform, p.User, p.Name, p.Group = "moodle", "u", "Ada", "A"
	join(t, h, p, "e-0").wants("hello")
	moved := *person
	moved.Rev, moved.Group = 2, "B"
	w.mu.Lock()
	w.keep(&moved)
	w.mu.Unlock()
	p.Group = "B"
	r := joinBySocket(t, h, p, "e-0")
	r.wants("hello")
	h.expire() // it looks at who may stay
	w.publish(post(1))
	for event, _, _ := r.next(); event != "change"; event, _, _ = r.next() {
		if event == "expired" || event == "end" {
			t.Fatalf("the stream says %s", event)
		}
	}
}

// again is another replica of the same wall.
func again(w *wire) *Hub {
	other := newHub(w)
	w.docs = w.docs[:len(w.docs)-1] // the wall is there once
	return other
}

// TestWhatIsDeletedIsHeldByNoReplica, be it the one where it was.
func TestWhatIsDeletedIsHeldByNoReplica(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "e-0")
	p := post(1)
	p.ShownTo = []board.Audience{board.Members}
	h.Announce(t.Context(), p)
	w.publish(p)
	gone := *p
	gone.Rev, gone.DeletedAt, gone.PurgeAt, gone.Deed = 2, time.Now(), time.Now().Add(time.Hour), &board.Deed{Before: "what it was"}
	h.Announce(t.Context(), &gone)
	if held := h.channels[wall].mirror.post("1"); held.Title != "" || held.Deed != nil || !held.Deleted() {
		t.Errorf("it holds %+v", held)
	}
	if gone.Title == "" || gone.Deed == nil {
		t.Error("what was announced is not what it was")
	}
	w.publish(&gone)
	r.wants("hello", "post 1", "change")
}

package live

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TestWhenTheSightChangesEverybodyStartsAnew: hiding, separating, freezing,
// naming otherwise: what was shown may now be shown otherwise.
func TestWhenTheSightChangesEverybodyStartsAnew(t *testing.T) {
	visible := aSection("s", nil)
	next := func(doc board.Document, change func()) board.Document {
		change()
		doc.Head().Rev++
		doc.Head().UpdatedAt = time.Now()
		return doc
	}
	settings := func(change func(*board.Settings)) func() board.Document {
		return func() board.Document {
			b := wallWith(board.Settings{})
			return next(b, func() { change(&b.Settings) })
		}
	}
	sec := func(change func(*board.Section)) func() board.Document {
		return func() board.Document {
			s := aSection("s", nil)
			return next(s, func() { change(s) })
		}
	}
	for name, tc := range map[string]struct {
		change func() board.Document
		ended  string // those whose board it is no more
	}{
		"a section is hidden":               {sec(func(s *board.Section) { s.Hidden = true }), ""},
		"a section is deleted, posts too":   {sec(func(s *board.Section) { s.RemovedAt, s.Fate = time.Now(), board.FateDelete }), ""},
		"a section is deleted, posts stay":  {sec(func(s *board.Section) { s.RemovedAt, s.Fate = time.Now(), board.FateKeep }), ""},
		"groups are separated":              {settings(func(s *board.Settings) { s.Groups = board.GroupsSeparate }), ""},
		"groups become visible":             {settings(func(s *board.Settings) { s.Groups = board.GroupsVisible }), ""},
		"authors are anonymous to peers":    {settings(func(s *board.Settings) { s.Anonymity = board.AnonymousToPeers }), ""},
		"authors are anonymous to everyone": {settings(func(s *board.Settings) { s.Anonymity = board.AnonymousToAll }), ""},
		"the wall freezes":                  {settings(func(s *board.Settings) { s.FreezeAt = time.Now().Add(-time.Second) }), ""},
		"the wall closes":                   {settings(func(s *board.Settings) { s.OpenUntil = time.Now().Add(-time.Second) }), "nabor"},
		"the wall is not open yet":          {settings(func(s *board.Settings) { s.OpenFrom = time.Now().Add(time.Hour) }), "nabor"},
	} {
		for way, tell := range map[string]func(st *stage, doc board.Document){
			"by its event":             func(st *stage, doc board.Document) { st.wire.publish(doc) },
			"before its event":         func(st *stage, doc board.Document) { st.wire.keep(doc); st.hub.Announce(context.Background(), doc) },
			"missed, and found later":  func(st *stage, doc board.Document) { st.wire.store(doc); st.hub.Resync() },
			"missed, and the log gone": func(st *stage, doc board.Document) { st.wire.store(doc); st.wire.oldest = 99; st.hub.Resync() },
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				st := newStage(t, wallWith(board.Settings{}), visible)
				st.wire.publish(post(1))
				for _, s := range st.streams {
					told(s)
				}
				tell(st, tc.change())
				for letter, s := range st.streams {
					batch, ended := taken(s)
					text := ""
					for _, frame := range batch {
						text += string(frame)
					}
					if want := strings.IndexByte(tc.ended, letter) >= 0; ended != want || want != strings.Contains(text, "event: expired") {
						t.Errorf("%c: ended %v, want %v: %s", letter, ended, want, text)
					} else if !ended && strings.Count(text, "event: reset\n") != 1 {
						t.Errorf("%c is told %s", letter, text)
					}
					// Nothing that was encoded before is told after.
					if _, after, _ := strings.Cut(text, "event: reset"); strings.Contains(after, "event: change") {
						t.Errorf("%c reads after the reset %s", letter, after)
					}
					if ended {
						if _, err := st.hub.Attach(t.Context(), classes[letter], st.cursors[letter], time.Now().Add(time.Hour)); err == nil {
							t.Errorf("%c comes back onto a wall that is closed", letter)
						}
						continue
					}
					// Whoever comes back from before begins anew, and finds nothing kept.
					if again := told(st.open(st.hub, letter)); !strings.Contains(again, "event: reset") || strings.Contains(again, "event: change") {
						t.Errorf("%c comes back to %s", letter, again)
					}
				}
				c := st.hub.channels[wall]
				if len(c.ring) != 0 || len(c.snapshots) != 0 {
					t.Errorf("%d entries and %d snapshots are kept", len(c.ring), len(c.snapshots))
				}
			})
		}
	}
}

// TestWhatTimeChangesIsSeenWhenItComes: nobody writes anything when a wall
// freezes or closes by itself.
func TestWhatTimeChangesIsSeenWhenItComes(t *testing.T) {
	at := time.Now()
	st := &stage{t: t, wire: &wire{}, streams: make(map[byte]*Stream), cursors: make(map[byte]string)}
	st.wire.keep(wallWith(board.Settings{FreezeAt: at.Add(time.Minute), OpenUntil: at.Add(2 * time.Minute)}))
	st.hub = newHub(st.wire)
	now := at
	st.hub.now = func() time.Time { return now }
	st.watch()
	st.hub.expire()
	if text := told(st.streams['n']); text != "" {
		t.Fatalf("told for nothing: %s", text)
	}
	now = at.Add(time.Minute)
	st.hub.expire()
	for letter, s := range st.streams {
		text := told(s)
		if !strings.Contains(text, "event: reset") {
			t.Errorf("%c is not reset: %s", letter, text)
		}
		if letter != 'r' && letter != 'b' && !strings.Contains(text, "event: you") {
			t.Errorf("%c is not told that they may write no more: %s", letter, text)
		}
		if letter != 'm' && strings.Contains(text, `"post.create"`) {
			t.Errorf("%c is told that they may post: %s", letter, text)
		}
	}
	now = at.Add(2 * time.Minute)
	st.hub.expire()
	for letter, s := range st.streams {
		if _, ended := taken(s); ended != (letter != 'm') {
			t.Errorf("%c: ended %v", letter, ended)
		}
	}
}

// TestWhoComesBackAsAnotherClassStartsAnew: a cursor says what a class was
// told, and not what another one was.
func TestWhoComesBackAsAnotherClassStartsAnew(t *testing.T) {
	st := newStage(t, wallWith(board.Settings{Groups: board.GroupsSeparate}))
	for _, from := range []byte("mnab") {
		for _, to := range []byte("mnabr") {
			cursor := st.cursors[from]
			s, err := st.hub.Attach(t.Context(), classes[to], cursor, time.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Abandon)
			same := from == to || from == 'n' && to == 'r'
			if anew := strings.Contains(told(s), "event: reset"); anew == same {
				t.Errorf("%c comes back as %c: anew %v", from, to, anew)
			}
		}
	}
	// The cursors of changes are as good as those of snapshots.
	st.wire.publish(post(1))
	frame := told(st.streams['a'])
	_, cursor, _ := strings.Cut(frame, "id: ")
	cursor, _, _ = strings.Cut(cursor, "\n")
	st.cursors['a'], st.cursors['b'] = cursor, cursor
	if text := told(st.open(st.hub, 'a')); strings.Contains(text, "event: reset") {
		t.Errorf("the same class begins anew: %s", text)
	}
	if text := told(st.open(st.hub, 'b')); !strings.Contains(text, "event: reset") {
		t.Errorf("another group goes on: %s", text)
	}
}

// TestApprovingAPostBringsItsPictureAlong: whoever has just come to see a post
// was never told of what it shows; and who loses it, loses it by class.
func TestApprovingAPostBringsItsPictureAlong(t *testing.T) {
	pending, picture := adas(func(p *board.Post) {
		p.State, p.ShownTo = board.StatePending, []board.Audience{board.Moderators, board.PersonAudience("id-of-ada")}
	})
	st := newStage(t, wallWith(board.Settings{}), pending, picture)
	next := func(state board.PostState, shownTo ...board.Audience) *board.Post {
		p, _ := adas(func(p *board.Post) { p.State, p.ShownTo = state, shownTo })
		p.Rev = pending.Rev + 1
		pending = p
		return p
	}
	st.wire.publish(next(board.StatePublished, board.Members, board.Moderators))
	for letter, s := range st.streams {
		text := told(s)
		pic, doc := strings.Index(text, "SECRET pixels"), strings.Index(text, "SECRET title")
		if pic < 0 || doc < 0 || pic > doc || strings.Count(text, "id: ") != 1 || strings.Index(text, "id: ") < doc {
			t.Errorf("%c is told %s", letter, text)
		}
	}
	st.wire.publish(next(board.StateRejected, board.Members, board.Moderators))
	for letter, s := range st.streams {
		text := told(s)
		if removed := strings.Contains(text, `"deleted":true`); removed != (letter != 'm' && letter != 'o') {
			t.Errorf("%c is told %s", letter, text)
		}
	}
}

// TestS14_ARemovalGoesToThoseWhoSawIt also when a setting showed it to them,
// and not a write of its own.
func TestS14_ARemovalGoesToThoseWhoSawIt(t *testing.T) {
	hidden := aSection("s", func(s *board.Section) { s.Hidden = true })
	p, _ := adas(func(p *board.Post) {
		p.Section, p.Attachments = "s", nil
		p.ShownTo = []board.Audience{board.Moderators, board.PersonAudience("id-of-ada")}
	})
	st := newStage(t, wallWith(board.Settings{}), hidden, p)
	shown := aSection("s", nil)
	shown.Rev = 3
	st.wire.publish(shown)
	for letter := range st.streams {
		st.cursors[letter] = ""
	}
	st.watch()
	// Whoever deletes it notes who saw it just then.
	gone, _ := adas(func(p *board.Post) {
		p.Section, p.ShownTo, p.DeletedAt = "s", []board.Audience{board.Members, board.Moderators, board.PersonAudience("id-of-ada")}, time.Now()
	})
	gone.Rev = 3
	st.wire.publish(board.Tombstone(gone))
	for letter, s := range st.streams {
		if text := told(s); !strings.Contains(text, `"deleted":true`) || strings.Contains(text, "SECRET") {
			t.Errorf("%c is told %s", letter, text)
		}
	}
}

// TestAnotherReplicasAuthorIsToldOfTheirLoss: of a tombstone a replica knows no
// author, and yet only they and moderators saw the post.
func TestAnotherReplicasAuthorIsToldOfTheirLoss(t *testing.T) {
	st := newStage(t, wallWith(board.Settings{}))
	gone, _ := adas(func(p *board.Post) {
		p.ShownTo, p.DeletedAt = []board.Audience{board.Moderators, board.PersonAudience("id-of-ada")}, time.Now()
	})
	st.wire.publish(board.Tombstone(gone))
	for surface, byClass := range st.surfaces() {
		for letter, text := range byClass {
			want := (letter == 'o' || letter == 'm') && surface != "snapshot"
			if got := strings.Contains(text, `"deleted":true`); got != want {
				t.Errorf("%s, %c: told of the loss %v, want %v", surface, letter, got, want)
			}
			if strings.Contains(text, "person:") {
				t.Errorf("%s, %c reads who saw it: %s", surface, letter, text)
			}
		}
	}
}

// TestWhatWaitsToBeWrittenNeverFollowsAReset: with many readers, events are
// written by another goroutine than the one that resets them.
func TestWhatWaitsToBeWrittenNeverFollowsAReset(t *testing.T) {
	st := newStage(t, wallWith(board.Settings{}), aSection("s", nil))
	cursor := st.cursors['n']
	var streams []*Stream
	for n := range 3 * writtenAtOnce {
		p := writer(board.ID(fmt.Sprint("reader-", n)))
		s, err := st.hub.Attach(t.Context(), p, cursor, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Abandon)
		told(s)
		streams = append(streams, s)
	}
	for round := range 20 {
		for n := range 5 {
			p := post(1000 + 10*round + n)
			p.Title = "before"
			p.Section = "s"
			st.wire.publish(p)
		}
		sec := aSection("s", func(s *board.Section) { s.Hidden = round%2 == 0 })
		sec.Rev = board.Rev(3 + round)
		st.wire.publish(sec)
	}
	c := st.hub.channels[wall]
	for i := range c.shards { // what is still to be written is, once nobody is at it
		for sh := &c.shards[i]; ; {
			sh.inbox.Lock()
			idle := !sh.awake
			sh.inbox.Unlock()
			if idle {
				break
			}
			runtime.Gosched()
		}
	}
	for n, s := range streams {
		parts := strings.Split(told(s), "event: reset")
		if len(parts) != 21 {
			t.Fatalf("reader %d has %d resets", n, len(parts)-1)
		}
		for round, part := range parts[1:] {
			// Between hiding and showing again nothing of the section is told.
			if round%2 == 0 && strings.Contains(part, "before") {
				t.Fatalf("reader %d reads after the reset of round %d: %s", n, round, part)
			}
		}
	}
}

// TestS7_NamesAreGoneWithTheSetting: who comes the moment after is not told who
// was here the moment before.
func TestS7_NamesAreGoneWithTheSetting(t *testing.T) {
	for name, b := range map[string]*board.Board{
		"anonymous": wallWith(board.Settings{Anonymity: board.AnonymousToPeers}),
		"hidden":    wallWith(board.Settings{}),
	} {
		b.Rev, b.PresenceHidden = 3, name == "hidden"
		st := newStage(t, wallWith(board.Settings{}))
		ada := named("id-of-ada", "NAME-OF-ADA")
		s, err := st.hub.Attach(t.Context(), ada, "", time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Abandon)
		if err := st.hub.SetWriting(t.Context(), ada, true); err != nil {
			t.Fatal(err)
		}
		st.hub.tellPresence()
		if text := told(st.open(st.hub, 'n')); !strings.Contains(text, "NAME-OF-ADA") {
			t.Fatalf("%s: who is here is not told: %s", name, text)
		}
		st.wire.publish(b)
		for range 2 {
			if text := told(st.open(st.hub, 'n')); strings.Contains(text, "NAME-OF-ADA") || strings.Contains(text, "id-of-ada") {
				t.Fatalf("%s: told %s", name, text)
			}
			st.hub.tellPresence()
		}
	}
}

package live

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// classes are all who may watch a wall, each by a letter: a moderator, a member
// without a group, one of group A, one of group B, the author (of group A), a
// reader without a group.
var classes = map[byte]board.Principal{
	'm': {Board: wall, Participant: "id-of-mod", Role: board.RoleModerator},
	'n': {Board: wall, Participant: "id-of-none", Role: board.RoleWriter},
	'a': {Board: wall, Participant: "id-of-aa", Role: board.RoleWriter, Group: "A"},
	'b': {Board: wall, Participant: "id-of-bb", Role: board.RoleCommenter, Group: "B"},
	'o': {Board: wall, Participant: "id-of-ada", Role: board.RoleWriter, Group: "A"},
	'r': {Board: wall, Participant: "id-of-reader", Role: board.RoleReader},
}

// unknownKind is a document of a kind that nobody knows.
type unknownKind struct{ board.Meta }

func (*unknownKind) Kind() board.Kind { return "unknown" }

func head(doc board.Document, id board.ID, shownTo ...board.Audience) {
	*doc.Head() = board.Meta{ID: id, Board: wall, Rev: 2, UpdatedAt: time.Now(), ShownTo: shownTo}
}

func aSection(id board.ID, change func(*board.Section)) *board.Section {
	s := &board.Section{Title: "SECRET section " + string(id), Description: "SECRET", Order: "V"}
	head(s, id)
	if change != nil {
		change(s)
	}
	return s
}

// ada's post, and the picture that it shows.
func adas(change func(*board.Post)) (*board.Post, *board.Media) {
	p := &board.Post{
		Author: board.Author{ID: "id-of-ada", Name: "NAME-OF-ADA"}, Title: "SECRET title", Body: "SECRET body",
		Attachments: []board.Attachment{{ID: "x", Type: board.AttachmentMedia, Media: "pic", Alt: "SECRET alt"}},
	}
	head(p, "p")
	if change != nil {
		change(p)
	}
	m := &board.Media{Owner: "id-of-ada", Post: "p", State: board.MediaReady, Picture: &board.Picture{Placeholder: "SECRET pixels"}}
	head(m, "pic")
	return p, m
}

func wallWith(settings board.Settings) *board.Board {
	b := &board.Board{Title: "Mur", Settings: settings}
	head(b, wall)
	return b
}

// stage is a wall in front of all classes.
type stage struct {
	t    *testing.T
	wire *wire
	hub  *Hub
	// streams are not served: what they are told waits to be looked at.
	streams map[byte]*Stream
	cursors map[byte]string
}

func newStage(t *testing.T, docs ...board.Document) *stage {
	t.Helper()
	st := &stage{t: t, wire: &wire{}, streams: make(map[byte]*Stream), cursors: make(map[byte]string)}
	for _, doc := range docs {
		st.wire.keep(doc)
	}
	st.hub = newHub(st.wire)
	st.wire.store(post(900)) // the stream has a past
	st.watch()
	return st
}

// watch opens a stream for everybody who may, from a fresh snapshot.
func (st *stage) watch() {
	st.t.Helper()
	for letter, p := range classes {
		if _, err := st.hub.Snapshot(st.t.Context(), p); err != nil {
			continue
		}
		fresh, _ := snapshotOf(st.t, st.hub, p)
		st.cursors[letter] = fresh.Cursor
		st.streams[letter] = st.open(st.hub, letter)
		told(st.streams[letter])
	}
}

func (st *stage) open(h *Hub, letter byte) *Stream {
	st.t.Helper()
	s, err := h.Attach(st.t.Context(), classes[letter], st.cursors[letter], time.Now().Add(time.Hour))
	if err != nil {
		st.t.Fatal(err)
	}
	st.t.Cleanup(s.Abandon)
	return s
}

// told is what waits in a stream, as text.
func told(s *Stream) string {
	batch, _ := taken(s)
	var out strings.Builder
	for _, frame := range batch {
		out.Write(frame)
	}
	return out.String()
}

// surfaces is what each class gets on every way out of the hub.
func (st *stage) surfaces() map[string]map[byte]string {
	st.t.Helper()
	another := newHub(st.wire) // with nothing in memory: a replay of the stream
	another.events = st.wire
	out := map[string]map[byte]string{"live": {}, "ring": {}, "replay": {}, "snapshot": {}}
	for letter, stream := range st.streams {
		out["live"][letter] = told(stream)
		out["ring"][letter] = told(st.open(st.hub, letter))
		out["replay"][letter] = told(st.open(another, letter))
		_, s := snapshotOf(st.t, st.hub, classes[letter])
		out["snapshot"][letter] = string(s.Encoded(""))
	}
	return out
}

// TestS12_S13_S14_NothingLeaks goes through every class, every state of a
// document and every way out. Whole are those who read it, removed those who
// are told that it is gone; the others are told nothing at all of it.
func TestS12_S13_S14_NothingLeaks(t *testing.T) {
	separate := board.Settings{Groups: board.GroupsSeparate}
	put := func(in board.ID) func(*board.Post) { return func(p *board.Post) { p.Section = in } }
	state := func(s board.PostState) func(*board.Post) { return func(p *board.Post) { p.State = s } }
	group := func(id board.ID) func(*board.Post) { return func(p *board.Post) { p.Group = id } }
	shown := func(to ...board.Audience) func(*board.Post) { return func(p *board.Post) { p.ShownTo = to } }
	then := func(changes ...func(*board.Post)) func(*board.Post) {
		return func(p *board.Post) {
			for _, change := range changes {
				change(p)
			}
		}
	}
	deleted := func(p *board.Post) { p.DeletedAt = time.Now() }
	sections := []board.Document{
		aSection("open", nil), aSection("hidden", func(s *board.Section) { s.Hidden = true }),
		aSection("kept", func(s *board.Section) { s.RemovedAt, s.Fate, s.MovedTo = time.Now(), board.FateKeep, "open" }),
		aSection("tohidden", func(s *board.Section) { s.RemovedAt, s.Fate, s.MovedTo = time.Now(), board.FateKeep, "hidden" }),
		aSection("gone", func(s *board.Section) { s.RemovedAt, s.Fate = time.Now(), board.FateDelete }),
	}
	type row struct {
		name           string
		settings       board.Settings
		doc            board.Document
		with           []board.Document
		whole, removed string
	}
	var rows []row
	for _, tc := range []struct {
		name           string
		settings       board.Settings
		change         func(*board.Post)
		whole, removed string
	}{
		{"published", board.Settings{}, nil, "mnabor", ""},
		{"pending", board.Settings{}, state(board.StatePending), "mo", ""},
		{"held", board.Settings{}, then(state(board.StatePending), func(p *board.Post) { p.Held = "SECRET word" }), "mo", ""},
		{"rejected that was on the wall", board.Settings{}, then(state(board.StateRejected), shown(board.Members)), "mo", "nabr"},
		{"withheld that was on the wall", board.Settings{}, then(func(p *board.Post) { p.Withheld = true }, shown(board.Members)), "mo", "nabr"},
		{"in a section", board.Settings{}, put("open"), "mnabor", ""},
		{"in a hidden section", board.Settings{}, put("hidden"), "mo", ""},
		{"moved into a hidden section", board.Settings{}, then(put("hidden"), shown(board.Members)), "mo", "nabr"},
		{"in a removed section, kept", board.Settings{}, put("kept"), "mnabor", ""},
		{"in a removed section, moved into a hidden one", board.Settings{}, put("tohidden"), "mo", ""},
		{"in a removed section, gone with it", board.Settings{}, put("gone"), "", "o"},
		{"in a removed section, gone with it, once shown", board.Settings{}, then(put("gone"), shown(board.Members)), "", "mnabor"},
		{"in a section that nobody knows", board.Settings{}, put("nowhere"), "mo", ""},
		{"of group A, separate", separate, group("A"), "mao", ""},
		{"of group B, separate, by somebody moved to A", separate, group("B"), "mbo", ""},
		{"of group A, visible", board.Settings{Groups: board.GroupsVisible}, group("A"), "mnabor", ""},
		{"of group A, pending, shown to it before", separate, then(group("A"), state(board.StatePending), shown(board.GroupAudience("A"))), "mo", "a"},
		{"deleted", board.Settings{}, deleted, "", ""},
		{"deleted, seen by members", board.Settings{}, then(deleted, shown(board.Members)), "", "mnabor"},
		{"deleted, seen by moderators and its author", board.Settings{}, then(deleted, shown(board.Moderators, board.PersonAudience("id-of-ada"))), "", "mo"},
		{"deleted, seen by group B", separate, then(deleted, shown(board.GroupAudience("B"))), "", "mb"},
		{"sealed", board.Settings{Anonymity: board.AnonymousToPeers}, func(p *board.Post) { p.Sealed = board.AnonymousToPeers }, "mnabor", ""},
	} {
		p, m := adas(tc.change)
		var event board.Document = p
		if p.Deleted() {
			event = board.Tombstone(p) // of a tombstone, replicas tell each other no more
		}
		rows = append(rows, row{"a post " + tc.name, tc.settings, event, []board.Document{m}, tc.whole, tc.removed})
		if !p.Deleted() {
			whole := tc.whole
			if !strings.Contains(whole, "o") {
				whole += "o" // one's own upload one always sees
			}
			rows = append(rows, row{"the picture of a post " + tc.name, tc.settings, m, []board.Document{p}, whole, ""})
		}
	}
	rows = append(rows, commentRows[row](func(name string, settings board.Settings, doc board.Document, with []board.Document, whole, removed string) row {
		return row{name, settings, doc, with, whole, removed}
	})...)
	_, uploading := adas(nil)
	uploading.State, uploading.Post = board.MediaProcessing, ""
	g := &board.Group{Name: "SECRET group"}
	head(g, "A")
	link := &board.Link{Role: board.RoleModerator, Name: "SECRET link", Code: "SECRET"}
	head(link, "id-of-link")
	person := &board.Participant{Name: "SECRET name", Role: board.RoleWriter}
	head(person, "id-of-zoe")
	report := &board.Report{Post: "p", Reporter: "id-of-ada", Reason: "SECRET reason"}
	head(report, "rep")
	act := &board.Act{Done: board.Deed{ActorName: "SECRET", Before: "SECRET"}}
	head(act, "act")
	tally := &board.Tally{Posts: []board.ID{"SECRET"}}
	head(tally, "id-of-ada")
	told := &board.Told{User: "SECRET"}
	head(told, "id-of-ada")
	odd := &unknownKind{}
	head(odd, "odd")
	rows = append(rows,
		row{"an upload under way", board.Settings{}, uploading, nil, "o", ""},
		row{"a section", board.Settings{}, aSection("new", nil), nil, "mnabor", ""},
		row{"a locked section", board.Settings{}, aSection("new", func(s *board.Section) { s.Locked = true }), nil, "mnabor", ""},
		row{"a group, none", board.Settings{}, g, nil, "m", ""},
		row{"a group, visible", board.Settings{Groups: board.GroupsVisible}, g, nil, "mnabor", ""},
		row{"a group, separate", separate, g, nil, "mao", ""},
		row{"a link", board.Settings{}, link, nil, "", ""},
		row{"a participant", board.Settings{}, person, nil, "m", ""},
		row{"a report", board.Settings{}, report, nil, "m", ""},
		row{"an act", board.Settings{}, act, nil, "", ""},
		row{"a tally", board.Settings{}, tally, nil, "", ""},
		row{"what a platform was told", board.Settings{}, told, nil, "", ""},
		row{"reactions", board.Settings{Reactions: board.ReactLike}, reactions("p", map[board.ID]int{"SECRET": 1}), nil, "", ""},
		row{"a kind that nobody knows", board.Settings{}, odd, nil, "", ""},
	)
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			base := append([]board.Document{wallWith(tc.settings)}, sections...)
			st := newStage(t, append(base, tc.with...)...)
			st.wire.publish(tc.doc)
			for surface, byClass := range st.surfaces() {
				for letter, text := range byClass {
					got := sightOf(text, tc.doc)
					want := "nothing"
					switch {
					case strings.IndexByte(tc.whole, letter) >= 0:
						want = "whole"
					case strings.IndexByte(tc.removed, letter) >= 0:
						want = "removed"
					}
					if surface == "snapshot" && (want == "removed" || want == "whole" && !inSnapshots(tc.doc, letter, tc.whole)) {
						want = "nothing"
					}
					if surface == "ring" || surface == "replay" {
						// What is one's own is told on arrival, whatever is replayed.
						if letter == 'o' && want == "nothing" && strings.HasPrefix(tc.name, "the picture of") {
							continue
						}
					}
					if got != want {
						t.Errorf("%s, %c: %s, want %s\n%s", surface, letter, got, want, text)
					}
					for _, secret := range secretsFor(letter, tc.doc, got) {
						if strings.Contains(text, secret) {
							t.Errorf("%s, %c reads %q\n%s", surface, letter, secret, text)
						}
					}
				}
			}
		})
	}
}

// inSnapshots tells whether a document that a class sees stands in a snapshot:
// what is a participant's own alone comes by the stream.
func inSnapshots(doc board.Document, letter byte, whole string) bool {
	if c, ok := doc.(*board.Comment); ok {
		return letter == 'm' && c.Waits()
	}
	if letter != 'o' || strings.Contains(whole, "a") {
		return true
	}
	return false
}

// sightOf tells what a text tells of a document.
func sightOf(text string, doc board.Document) string {
	i := strings.Index(text, fmt.Sprintf(`{"id":%q,"rev":2`, doc.Head().ID))
	switch {
	case i < 0:
		return "nothing"
	case strings.Contains(strings.SplitN(text[i:], "}", 2)[0], `"deleted":true`):
		return "removed"
	default:
		return "whole"
	}
}

// secretsFor are what a class must not read, wherever it stands in a text.
func secretsFor(letter byte, doc board.Document, got string) []string {
	secrets := []string{"id-of-link", "SECRET link"}
	if letter != 'm' {
		secrets = append(secrets, "id-of-zoe", "SECRET name", "SECRET reason", "SECRET word")
	}
	if letter != 'o' {
		secrets = append(secrets, `"ownerId"`)
	}
	if got == "nothing" || got == "removed" {
		if _, ok := doc.(*board.Comment); ok {
			secrets = append(secrets, "SECRET comment", "NAME-OF-BOB")
		}
		if p, ok := doc.(*board.Post); ok && letter != 'o' {
			secrets = append(secrets, "SECRET title", "SECRET body", "SECRET alt", "SECRET pixels", "NAME-OF-ADA", "id-of-ada", p.Held)
		}
	}
	if p, ok := doc.(*board.Post); ok && p.Sealed != "" && letter != 'm' && letter != 'o' {
		secrets = append(secrets, "NAME-OF-ADA", "id-of-ada")
	}
	sort.Strings(secrets)
	for len(secrets) > 0 && secrets[0] == "" {
		secrets = secrets[1:]
	}
	return secrets
}

package board_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// unknownKind is a document of a kind that the sight rule does not know.
type unknownKind struct{ board.Meta }

func (*unknownKind) Kind() board.Kind { return "unknown" }

// witnesses are all classes that there are, each by a letter: a moderator, a
// member without a group, one of group A, one of group B, the author (of group
// A), a reader without a group, somebody of another board, an unknown role.
var witnesses = map[byte]board.Principal{
	'm': {Board: "b", Participant: "m", Role: board.RoleModerator},
	'n': {Board: "b", Participant: "n", Role: board.RoleWriter},
	'a': {Board: "b", Participant: "a", Role: board.RoleWriter, Group: "A"},
	'b': {Board: "b", Participant: "b", Role: board.RoleCommenter, Group: "B"},
	'o': {Board: "b", Participant: "o", Role: board.RoleWriter, Group: "A"},
	'r': {Board: "b", Participant: "r", Role: board.RoleReader},
	'x': {Board: "c", Participant: "o", Role: board.RoleOwner},
	'u': {Board: "b", Participant: "o", Role: "unknown"},
	'z': {},
}

const everybody = "mnabor"

// TestSight has a row for every state of a document, with the letters of those
// who see it while groups are none or visible, and while they are separate
// (rules S12, S13).
func TestSight(t *testing.T) {
	sections := []*board.Section{
		section("open", nil), section("hidden", func(s *board.Section) { s.Hidden = true }), section("locked", func(s *board.Section) { s.Locked = true }),
		section("kept", func(s *board.Section) { s.RemovedAt, s.Fate, s.MovedTo = time.Unix(1, 0), board.FateKeep, "open" }),
		section("tohidden", func(s *board.Section) { s.RemovedAt, s.Fate, s.MovedTo = time.Unix(1, 0), board.FateKeep, "hidden" }),
		section("gone", func(s *board.Section) { s.RemovedAt, s.Fate = time.Unix(1, 0), board.FateDelete }),
		section("purged", func(s *board.Section) { s.DeletedAt = time.Unix(1, 0) }),
		section("loop", func(s *board.Section) { s.RemovedAt, s.Fate, s.MovedTo = time.Unix(1, 0), board.FateKeep, "loop" }),
	}
	put := func(in board.ID) func(*board.Post) { return func(p *board.Post) { p.Section = in } }
	state := func(s board.PostState) func(*board.Post) { return func(p *board.Post) { p.State = s } }
	posts := []struct {
		name           string
		change         func(*board.Post)
		with, separate string
	}{
		{"published", nil, everybody, everybody},
		{"pending", state(board.StatePending), "mo", "mo"},
		{"rejected", state(board.StateRejected), "mo", "mo"},
		{"withheld", func(p *board.Post) { p.Withheld = true }, "mo", "mo"},
		{"of group A, withheld", func(p *board.Post) { p.Group, p.Withheld = "A", true }, "mo", "mo"},
		{"held", func(p *board.Post) { p.State, p.Held = board.StatePending, "mot" }, "mo", "mo"},
		{"of a state nobody knows", state("unknown"), "mo", "mo"},
		{"in a section", put("open"), everybody, everybody},
		{"in a locked section", put("locked"), everybody, everybody},
		{"in a hidden section", put("hidden"), "mo", "mo"},
		{"in a removed section that keeps its posts", put("kept"), everybody, everybody},
		{"in a removed section that moved them into a hidden one", put("tohidden"), "mo", "mo"},
		{"in a removed section that deletes its posts", put("gone"), "", ""},
		{"in a section that was purged", put("purged"), "mo", "mo"},
		{"in a section that is not there", put("nowhere"), "mo", "mo"},
		{"in a removed section that leads to itself", put("loop"), everybody, everybody},
		{"of group A", func(p *board.Post) { p.Group = "A" }, everybody, "mao"},
		{"of group B", func(p *board.Post) { p.Group = "B" }, everybody, "mbo"},
		{"of a group that is not there", func(p *board.Post) { p.Group = "C" }, everybody, "mo"},
		{"of group A, pending", func(p *board.Post) { p.Group, p.State = "A", board.StatePending }, "mo", "mo"},
		{"of group A, in a hidden section", func(p *board.Post) { p.Group, p.Section = "A", "hidden" }, "mo", "mo"},
		{"deleted", func(p *board.Post) { p.DeletedAt = time.Unix(1, 0) }, "o", "o"},
		{"deleted, shown to members", func(p *board.Post) { p.DeletedAt, p.ShownTo = time.Unix(1, 0), []board.Audience{board.Members} }, everybody, everybody},
		{"deleted, shown to group B", func(p *board.Post) {
			p.DeletedAt, p.ShownTo = time.Unix(1, 0), []board.Audience{board.GroupAudience("B")}
		}, "mo", "mbo"},
		{"deleted, shown to its author alone", func(p *board.Post) {
			p.DeletedAt, p.ShownTo = time.Unix(1, 0), []board.Audience{board.PersonAudience("o")}
		}, "o", "o"},
		{"sealed", func(p *board.Post) { p.Sealed = board.AnonymousToAll }, everybody, everybody},
	}
	check := func(t *testing.T, groups board.GroupMode, want string, doc board.Document, post *board.Post) {
		t.Helper()
		for phase, admitted := range map[board.Phase]string{board.PhaseOpen: "", board.PhaseFrozen: "", board.PhaseArchived: "", board.PhaseBefore: "m", board.PhaseAfter: "m"} {
			s := board.NewSight(wallOf(groups, phase), sections, func(id board.ID) *board.Post {
				if post != nil && id == post.ID {
					return post
				}
				return nil
			}, now)
			for letter, p := range witnesses {
				wanted := strings.IndexByte(want, letter) >= 0 && (admitted == "" || strings.IndexByte(admitted, letter) >= 0)
				if got := s.SeenBy(p, doc); got != wanted {
					t.Errorf("groups %q, %s: %c sees it: %v, want %v", groups, phase, letter, got, wanted)
				}
			}
		}
	}
	both := func(t *testing.T, with, separate string, doc board.Document, post *board.Post) {
		t.Helper()
		check(t, board.GroupsNone, with, doc, post)
		check(t, board.GroupsVisible, with, doc, post)
		check(t, board.GroupsSeparate, separate, doc, post)
	}
	for _, tc := range posts {
		t.Run("a post "+tc.name, func(t *testing.T) {
			post := &board.Post{Author: board.Author{ID: "o"}, Attachments: []board.Attachment{{Type: board.AttachmentMedia, Media: "media"}}}
			post.ID, post.Board = "p", "b"
			if tc.change != nil {
				tc.change(post)
			}
			both(t, tc.with, tc.separate, post, post)
			if post.Deleted() {
				tc.with, tc.separate = "o", "o"
			}
			both(t, owns(tc.with), owns(tc.separate), upload(board.MediaReady, "p"), post)
			comments(t, both, tc.with, tc.separate, post)
			post.Attachments = []board.Attachment{{Type: board.AttachmentLink, URL: "https://example.org/", Preview: "media"}}
			both(t, owns(tc.with), owns(tc.separate), upload(board.MediaReady, "p"), post)
			post.Attachments = nil
			both(t, "o", "o", upload(board.MediaReady, "p"), post) // it shows it no more
		})
	}
	for state, want := range map[board.MediaState]string{board.MediaUploading: "o", board.MediaProcessing: "o", board.MediaRefused: "o", board.MediaReady: "o"} {
		both(t, want, want, upload(state, ""), nil)
	}
	both(t, everybody, everybody, upload(board.MediaReady, "b"), nil) // the background
	for _, sec := range sections {
		want := everybody
		switch {
		case sec.Removed(), sec.Deleted():
			want = ""
		case sec.Hidden:
			want = "m"
		}
		both(t, want, want, sec, nil)
	}
	group := &board.Group{Name: "A"}
	group.ID, group.Board = "A", "b"
	check(t, board.GroupsNone, "m", group, nil)
	check(t, "", "m", group, nil)
	check(t, board.GroupsVisible, everybody, group, nil)
	check(t, board.GroupsSeparate, "mao", group, nil)
	for want, docs := range map[string][]board.Document{
		"":        {&board.Link{}, &board.Act{}, &board.Code{}, &board.Tally{}, &board.Reactions{}, &board.Ballot{}, &board.Told{}, &board.Visit{}},
		"m":       {&board.Participant{}, &board.Report{}, &unknownKind{}},
		everybody: {&board.Board{}},
	} {
		for _, doc := range docs {
			doc.Head().Board = "b"
			both(t, want, want, doc, nil)
		}
	}
}

// comments are seen by nobody who does not see their post, whatever their own
// state is and whoever wrote them.
func comments(t *testing.T, both func(*testing.T, string, string, board.Document, *board.Post), with, separate string, post *board.Post) {
	t.Helper()
	among := func(who, these string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(these, r) {
				return r
			}
			return -1
		}, who)
	}
	// The author of a post, who sees it as its author alone, is no reader of it.
	readers := func(who string) string {
		if !strings.Contains(who, "a") {
			return strings.TrimSuffix(who, "o")
		}
		return who
	}
	if post.Deleted() {
		with, separate = "", ""
	}
	for _, by := range []string{"o", "n", "b", "m"} {
		for state, may := range map[board.PostState]string{board.StatePublished: "", board.StatePending: "m", board.StateRejected: "m", "unknown": "m"} {
			c := &board.Comment{Post: "p", Author: board.Author{ID: board.ID(by)}, State: state}
			c.ID, c.Board = "c", "b"
			wants := func(who string) string {
				seen := readers(who)
				if may != "" {
					seen = among(seen, may)
				}
				if own := among(by, who); !strings.Contains(seen, own) {
					seen += own
				}
				return seen
			}
			both(t, wants(with), wants(separate), c, post)
			if state == board.StatePublished {
				c.Withheld, may = true, "m"
				both(t, wants(with), wants(separate), c, post)
			}
			c.DeletedAt = time.Unix(1, 0)
			both(t, by, by, c, post) // its tombstone, which says nothing
		}
	}
}

var now = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

func owns(who string) string {
	if strings.Contains(who, "o") {
		return who
	}
	return who + "o" // one's own upload one always sees
}

func section(id board.ID, change func(*board.Section)) *board.Section {
	s := &board.Section{Title: string(id)}
	s.ID, s.Board = id, "b"
	if change != nil {
		change(s)
	}
	return s
}

func upload(state board.MediaState, post board.ID) *board.Media {
	m := &board.Media{Owner: "o", State: state, Post: post}
	m.ID, m.Board = "media", "b"
	return m
}

func wallOf(groups board.GroupMode, phase board.Phase) *board.Board {
	b := &board.Board{Settings: board.Settings{Groups: groups}}
	b.ID, b.Board = "b", "b"
	switch phase {
	case board.PhaseFrozen:
		b.Settings.FreezeAt = now
	case board.PhaseBefore:
		b.Settings.OpenFrom = now.Add(time.Second)
	case board.PhaseAfter:
		b.Settings.OpenUntil = now
	case board.PhaseArchived:
		b.ArchivedAt = now
	}
	return b
}

// TestABoardThatIsNotThereIsSeenByNobody: nor is anything on it.
func TestABoardThatIsNotThereIsSeenByNobody(t *testing.T) {
	post := &board.Post{Author: board.Author{ID: "o"}}
	post.Board = "b"
	deleted := wallOf("", board.PhaseOpen)
	deleted.DeletedAt = now
	for _, b := range []*board.Board{nil, deleted} {
		s := board.NewSight(b, nil, func(board.ID) *board.Post { return post }, now)
		for letter, p := range witnesses {
			if s.SeenBy(p, post) || s.SeenBy(p, upload(board.MediaReady, "p")) {
				t.Errorf("%c sees something", letter)
			}
		}
	}
}

// TestASightLastsUntilItsTimeChangesIt: until then nobody makes it anew.
func TestASightLastsUntilItsTimeChangesIt(t *testing.T) {
	deleted := wallOf("", board.PhaseOpen)
	deleted.DeletedAt = now
	timed := wallOf("", board.PhaseOpen)
	timed.Settings.OpenFrom, timed.Settings.FreezeAt, timed.Settings.OpenUntil = now.Add(time.Hour), now.Add(2*time.Hour), now.Add(3*time.Hour)
	walls := map[string]*board.Board{"none": nil, "deleted": deleted, "open": wallOf("", board.PhaseOpen), "archived": wallOf("", board.PhaseArchived), "timed": timed}
	ends := 0
	for name, b := range walls {
		for hour := range 5 {
			before := now.Add(time.Duration(hour)*time.Hour - time.Minute)
			made, later := board.NewSight(b, nil, nil, before), before.Add(2*time.Minute)
			same := board.NewSight(b, nil, nil, later).Fingerprint() == made.Fingerprint()
			if made.Lasts(b, later) != same {
				t.Errorf("%s, about hour %d: it lasts: %v", name, hour, !same)
			}
			if !same {
				ends++
			}
		}
	}
	if ends != 3 {
		t.Errorf("%d sights ended with their time", ends)
	}
	if there := board.NewSight(walls["open"], nil, nil, now); there.Lasts(deleted, now) || there.Lasts(nil, now) {
		t.Error("the sight of a board lasts beyond its end")
	}
}

// TestTheFingerprintChangesWithTheSight, and with nothing else: whoever watches
// must start anew then, and should not otherwise.
func TestTheFingerprintChangesWithTheSight(t *testing.T) {
	base := func() (*board.Board, []*board.Section) {
		return wallOf("", board.PhaseOpen), []*board.Section{section("s", nil), section("t", nil)}
	}
	printOf := func(change func(*board.Board, []*board.Section)) string {
		b, secs := base()
		change(b, secs)
		return board.NewSight(b, secs, nil, now).Fingerprint()
	}
	plain := printOf(func(*board.Board, []*board.Section) {})
	changes := map[string]func(*board.Board, []*board.Section){
		"hide a section":                  func(_ *board.Board, s []*board.Section) { s[0].Hidden = true },
		"hide another":                    func(_ *board.Board, s []*board.Section) { s[1].Hidden = true },
		"delete a section with its posts": func(_ *board.Board, s []*board.Section) { s[0].RemovedAt, s[0].Fate = now, board.FateDelete },
		"delete a section and keep posts": func(_ *board.Board, s []*board.Section) { s[0].RemovedAt, s[0].Fate = now, board.FateKeep },
		"delete a section and move its posts": func(_ *board.Board, s []*board.Section) {
			s[0].RemovedAt, s[0].Fate, s[0].MovedTo = now, board.FateKeep, "t"
		},
		"separate groups":    func(b *board.Board, _ []*board.Section) { b.Settings.Groups = board.GroupsSeparate },
		"visible groups":     func(b *board.Board, _ []*board.Section) { b.Settings.Groups = board.GroupsVisible },
		"anonymous to peers": func(b *board.Board, _ []*board.Section) { b.Settings.Anonymity = board.AnonymousToPeers },
		"anonymous to all":   func(b *board.Board, _ []*board.Section) { b.Settings.Anonymity = board.AnonymousToAll },
		"freeze":             func(b *board.Board, _ []*board.Section) { b.Settings.FreezeAt = now },
		"close":              func(b *board.Board, _ []*board.Section) { b.Settings.OpenUntil = now },
		"not open yet":       func(b *board.Board, _ []*board.Section) { b.Settings.OpenFrom = now.Add(time.Hour) },
		"archive":            func(b *board.Board, _ []*board.Section) { b.ArchivedAt = now },
		"another language":   func(b *board.Board, _ []*board.Section) { b.Language = "en" },
		"react otherwise":    func(b *board.Board, _ []*board.Section) { b.Settings.Reactions = board.ReactStars },
		"delete the board":   func(b *board.Board, _ []*board.Section) { b.DeletedAt = now },
	}
	seen := []string{plain}
	for name, change := range changes {
		p := printOf(change)
		if slices.Contains(seen, p) {
			t.Errorf("%s: the fingerprint is one that was", name)
		}
		seen = append(seen, p)
	}
	for name, change := range map[string]func(*board.Board, []*board.Section){
		"a title":          func(b *board.Board, _ []*board.Section) { b.Title = "Autre" },
		"words":            func(b *board.Board, _ []*board.Section) { b.Settings.Words = []string{"mot"} },
		"a locked section": func(_ *board.Board, s []*board.Section) { s[0].Locked, s[0].Title, s[0].Order = true, "x", "z" },
		"to freeze later":  func(b *board.Board, _ []*board.Section) { b.Settings.FreezeAt = now.Add(time.Hour) },
		"groups stated":    func(b *board.Board, _ []*board.Section) { b.Settings.Groups = board.GroupsNone },
	} {
		if printOf(change) != plain {
			t.Errorf("%s: everybody starts anew for nothing", name)
		}
	}
}

// TestPseudonymsArePerPromise: what links two posts of one person, and what
// must not.
func TestPseudonymsArePerPromise(t *testing.T) {
	aliases := board.NewAliasMaker([]byte("key"))
	ada := aliases.Alias("b", "ada", board.AnonymousToPeers, "fr")
	if again := aliases.Alias("b", "ada", board.AnonymousToPeers, "fr"); again != ada {
		t.Errorf("two pseudonyms under one promise: %v, %v", ada, again)
	}
	for name, other := range map[string]board.Author{
		"of another person":       aliases.Alias("b", "bob", board.AnonymousToPeers, "fr"),
		"under the other promise": aliases.Alias("b", "ada", board.AnonymousToAll, "fr"),
		"on another board":        aliases.Alias("c", "ada", board.AnonymousToPeers, "fr"),
		"with another key":        board.NewAliasMaker([]byte("other")).Alias("b", "ada", board.AnonymousToPeers, "fr"),
		"of one post":             aliases.Unlinked("b", "ada", "fr"),
	} {
		if other.ID == ada.ID || other.Name == ada.Name {
			t.Errorf("the pseudonym %s is the same: %v", name, other)
		}
	}
}

package board_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// changes keeps what was announced, in order, as the stream of events does.
type changes struct {
	mu   sync.Mutex
	docs []board.Document
}

func (c *changes) Announce(_ context.Context, doc board.Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.docs = append(c.docs, doc)
}

func (c *changes) Position(context.Context, board.ID) (board.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return board.Position{Epoch: "e", Seq: uint64(len(c.docs))}, nil
}

func (c *changes) Replay(_ context.Context, id board.ID, after board.Position, limit int) ([]board.Event, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []board.Event
	for _, doc := range c.docs[after.Seq:] {
		if doc.Head().Deleted() {
			doc = board.Tombstone(doc) // as an event carries it
		}
		if doc.Head().Board == id {
			out = append(out, board.Event{Doc: doc})
		}
	}
	return out, after.Epoch == "e" && len(out) <= limit, nil
}

// site is a platform with a board and people on it.
type site struct {
	*fixture
	platform *board.Platform
	changes  *changes
	people   map[string]board.Principal
}

func newSite(t *testing.T, completion *board.Completion, refs ...string) *site {
	t.Helper()
	s := &site{fixture: newFixture(t), changes: &changes{}, people: make(map[string]board.Principal)}
	s.Service.Announce, s.Changes = s.changes, s.changes
	s.platform = must(s.ConnectPlatform(t.Context(), "", board.PlatformEdit{Name: ptr("Moodle"), Issuer: ptr("https://moodle.example"), KeysURL: ptr("https://moodle.example/keys")}))(t)
	b := must(s.CreatePlatformBoard(t.Context(), s.platform, board.PlatformBoard{
		Title: "Mur", Completion: completion, Settings: board.SettingsEdit{Reactions: ptr(board.ReactLike)},
	}))(t)
	s.board = b.ID
	for _, ref := range refs {
		u := must(s.EnsureUser(t.Context(), s.platform, ref, b.ID))(t)
		s.people[ref] = board.Principal{Board: b.ID, Participant: u.On(b.ID), Name: ref, Role: board.RoleWriter, User: u.ID, Platform: s.platform.ID}
	}
	return s
}

func (s *site) trainer() board.Principal { return s.as(99, board.RoleModerator) }

// read is who takes part, by reference, and what the answer says of now.
func (s *site) read(since string) (map[string]board.UserParticipation, string) {
	s.t.Helper()
	out, now, after := make(map[string]board.UserParticipation), "", ""
	for {
		page := must(s.Participation(s.t.Context(), s.platform, s.board, board.ParticipationQuery{Since: since, After: after, Limit: 2}))(s.t)
		for _, u := range page.People {
			out[u.User.Ref] = u
		}
		if now = page.Now; page.Next == "" {
			return out, now
		}
		after = page.Next
	}
}

// wants compares the numbers of somebody: posts, comments, peers, words, reactions.
func (s *site) wants(ref string, posts, comments, peers, words, reactions int) {
	s.t.Helper()
	all, _ := s.read("")
	p, there := all[ref]
	got := [5]int{p.Posts, p.Comments, p.Peers, p.Words, p.Reactions}
	if want := [5]int{posts, comments, peers, words, reactions}; !there || got != want {
		s.t.Fatalf("%s has posts, comments, peers, words, reactions %v, want %v", ref, got, want)
	}
}

func TestOnlyWhatIsLiveCounts(t *testing.T) {
	s, ctx := newSite(t, nil, "ada", "bob", "cy", "nobody"), t.Context()
	ada, bob := s.people["ada"], s.people["bob"]
	column := must(s.CreateSection(ctx, s.trainer(), s.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	first := s.post(ada, board.NewPost{Title: "Un titre", Body: "<p>l’école, <strong>aujourd’hui</strong> !</p>", Section: column.ID})
	s.post(ada, board.NewPost{Title: "Seul"})
	for range 2 {
		must(s.CreateComment(ctx, bob, s.board, first.ID, board.NewComment{Body: "<p>bien dit</p>"}))(t)
	}
	must(s.CreateComment(ctx, ada, s.board, first.ID, board.NewComment{Body: "merci"}))(t)
	must(s.React(ctx, bob, s.board, first.ID, 1))(t)

	s.wants("ada", 2, 1, 0, 6, 0)
	s.wants("bob", 0, 2, 1, 4, 1)
	s.wants("nobody", 0, 0, 0, 0, 0)
	all, _ := s.read("")
	if got := all["ada"].Sections; !reflect.DeepEqual(got, map[board.ID]int{column.ID: 1}) {
		t.Fatalf("by section: %v", got)
	}

	// What a post had goes with it, and comes back with it.
	must(s.DeletePost(ctx, ada, s.board, first.ID, 0))(t)
	s.wants("ada", 1, 0, 0, 1, 0)
	s.wants("bob", 0, 0, 0, 0, 0)
	must(s.RestorePost(ctx, s.trainer(), s.board, first.ID))(t)
	s.wants("bob", 0, 2, 1, 4, 1)
	must(s.RejectPost(ctx, s.trainer(), s.board, first.ID, "non"))(t)
	s.wants("ada", 1, 0, 0, 1, 0)
	must(s.ApprovePost(ctx, s.trainer(), s.board, first.ID))(t)
	s.wants("ada", 2, 1, 0, 6, 0)

	// A section that is hidden is there still; one that went with its posts is not.
	must(s.EditSection(ctx, s.trainer(), s.board, column.ID, 0, board.SectionEdit{Hidden: ptr(true)}))(t)
	s.wants("ada", 2, 1, 0, 6, 0)
	must(s.DeleteSection(ctx, s.trainer(), s.board, column.ID, board.FateDelete, ""))(t)
	s.wants("ada", 1, 0, 0, 1, 0)
	s.wants("bob", 0, 0, 0, 0, 0)

	// What waits does not count, nor reactions on another scale.
	sight := must(s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Moderation: ptr(board.ModerationAll), Reactions: ptr(board.ReactVotes)}}))(t)
	s.post(ada, board.NewPost{Title: "attend"})
	s.wants("ada", 1, 0, 0, 1, 0)
	mine := s.post(s.trainer(), board.NewPost{Title: "à voter"})
	must(s.React(ctx, bob, s.board, mine.ID, 2))(t)
	s.wants("bob", 0, 0, 0, 0, 2)
	if sight.Settings.Reactions != board.ReactVotes {
		t.Fatal("the scale did not change")
	}
}

func TestWordsAreCountedAsPeopleDo(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "un": 1, "l’école d'été": 2, "Bonjour : tout va bien !": 4, "—  …": 0, "<p>un</p><p>deux</p>": 2, "<p>un<br>deux</p>": 2,
		"<ul><li>a</li><li>b</li></ul>": 2, "mi<strong>-temps</strong>": 1, "&amp; 3,5 %": 1, "你好 world": 3, "<a href=\"https://x.example/a b\">lien</a>": 1,
	} {
		sight := board.NewSight(&board.Board{}, nil, nil, time.Time{})
		post := &board.Post{Author: board.Author{ID: "a"}, Body: text}
		if got := sight.Participations(board.Contents{Posts: []*board.Post{post}})["a"].Words; got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

func TestSinceTellsOfAllWhoseNumbersMayHaveChanged(t *testing.T) {
	s, ctx := newSite(t, nil, "ada", "bob", "cy"), t.Context()
	ada, bob := s.people["ada"], s.people["bob"]
	post := s.post(ada, board.NewPost{Title: "un"})
	comment := must(s.CreateComment(ctx, bob, s.board, post.ID, board.NewComment{Body: "oui"}))(t)
	_, now := s.read("")
	step := func(name string, do func(), want ...string) {
		t.Helper()
		do()
		got, next := s.read(now)
		for _, ref := range want {
			if _, there := got[ref]; !there {
				t.Fatalf("%s: %s is not told of", name, ref)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Fatalf("%s: %d are told of", name, len(got))
		}
		now = next
	}
	step("nothing", func() {})
	step("a post", func() { s.post(s.people["cy"], board.NewPost{Title: "deux"}) }, "cy")
	step("a comment in the trash", func() { must(s.DeleteComment(ctx, bob, s.board, comment.ID))(t) }, "bob")
	step("and out of it", func() { must(s.RestoreComment(ctx, s.trainer(), s.board, comment.ID))(t) }, "bob")
	step("a post with what it had", func() { must(s.DeletePost(ctx, ada, s.board, post.ID, 0))(t) }, "ada", "bob")
	step("erased for good", func() { s.clock.pass(board.TrashKept + time.Hour); s.purge() }, "ada", "bob")
	step("a setting", func() {
		must(s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Reactions: ptr(board.ReactStars)}}))(t)
	}, "ada", "bob", "cy")
	step("a section", func() {
		must(s.CreateSection(ctx, s.trainer(), s.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	}, "ada", "bob", "cy")
	if got, _ := s.read("other-1"); len(got) != 3 {
		t.Fatalf("of another epoch: %d are told of", len(got))
	}
}

// midway writes once, just after the posts were read.
type midway struct {
	board.Store
	write func()
}

func (m *midway) List(ctx context.Context, id board.ID, kind board.Kind) ([]board.Document, error) {
	docs, err := m.Store.List(ctx, id, kind)
	if write := m.write; kind == board.KindPost && write != nil {
		m.write = nil
		write()
	}
	return docs, err
}

func TestS8_AWriteDuringTheReadingIsTold(t *testing.T) {
	s := newSite(t, nil, "ada")
	m := &midway{Store: s.Store}
	m.write = func() { s.post(s.people["ada"], board.NewPost{Title: "entre-temps"}) }
	s.Store = m
	before, now := s.read("")
	if before["ada"].Posts != 0 {
		t.Fatal("the write came before the reading")
	}
	if after, _ := s.read(now); after["ada"].Posts != 1 {
		t.Fatal("what was written during the reading is not told of")
	}
}

func TestParticipationTellsNoMoreThanAPromiseLets(t *testing.T) {
	s, ctx := newSite(t, &board.Completion{Rules: []board.Rule{{Measure: board.MeasureWords, Least: 12}}}, "ada"), t.Context()
	must(s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Anonymity: ptr(board.AnonymousToAll)}}))(t)
	column := must(s.CreateSection(ctx, s.trainer(), s.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	s.post(s.people["ada"], board.NewPost{Title: "un deux trois quatre cinq six sept huit neuf dix onze douze treize", Section: column.ID})
	check := func(when string) {
		t.Helper()
		all, _ := s.read("")
		ada := all["ada"]
		if ada.Posts != 1 || !ada.Complete || ada.Words != 10 || ada.Rules[0].Have != 10 || len(ada.Sections) != 0 || !ada.ChangedAt.Equal(ada.ChangedAt.Truncate(24*time.Hour)) {
			t.Fatalf("%s: %+v", when, ada)
		}
	}
	check("while the promise is given")
	must(s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{SettingsEdit: board.SettingsEdit{Anonymity: ptr(board.Anonymity("named"))}}))(t)
	check("after it was given")
}

func TestRulesAreThePlatformsAndAreEvaluated(t *testing.T) {
	s, ctx := newSite(t, &board.Completion{Rules: []board.Rule{
		{Measure: board.MeasurePosts, Least: 2}, {Measure: board.MeasurePeers, Least: 1},
	}}, "ada"), t.Context()
	ada := s.people["ada"]
	other := s.post(s.as(7, board.RoleWriter), board.NewPost{Title: "autre"})
	s.post(ada, board.NewPost{Title: "un"})
	list := func(want ...int) (complete bool) {
		t.Helper()
		rules, complete, err := s.Checklist(ctx, ada, s.board)
		var got []int
		for _, r := range rules {
			got = append(got, r.Have)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v %v, want %v", got, err, want)
		}
		return complete
	}
	if list(1, 0) {
		t.Fatal("complete too early")
	}
	must(s.CreateComment(ctx, ada, s.board, other.ID, board.NewComment{Body: "oui"}))(t)
	two := s.post(ada, board.NewPost{Title: "deux"})
	if !list(2, 1) {
		t.Fatal("not complete")
	}
	if all, _ := s.read(""); !all["ada"].Complete || !all["ada"].Rules[0].Done {
		t.Fatalf("told %+v", all["ada"])
	}
	must(s.RejectPost(ctx, s.trainer(), s.board, two.ID, ""))(t)
	if list(1, 1) {
		t.Fatal("complete with a rejected post")
	}

	// Posts of a section that went follow the rule to where they stand.
	from := must(s.CreateSection(ctx, s.trainer(), s.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("A")}}))(t)
	to := must(s.CreateSection(ctx, s.trainer(), s.board, board.NewSection{SectionEdit: board.SectionEdit{Title: ptr("B")}}))(t)
	edit := func(rules ...board.Rule) error {
		_, err := s.EditBoard(ctx, s.trainer(), s.board, 0, board.BoardEdit{Completion: &board.Completion{Rules: rules}})
		return err
	}
	if err := edit(board.Rule{Measure: board.MeasurePosts, Section: from.ID, Least: 1}); err != nil {
		t.Fatal(err)
	}
	list(0)
	s.post(ada, board.NewPost{Title: "trois", Section: from.ID})
	list(1)
	must(s.DeleteSection(ctx, s.trainer(), s.board, from.ID, board.FateKeep, to.ID))(t)
	list(1)
	wantCode(t, edit(board.Rule{Measure: board.MeasurePosts, Section: from.ID, Least: 2}), fault.Invalid, "section_gone")
	wantCode(t, edit(board.Rule{Measure: board.MeasureWords, Section: to.ID, Least: 1}), fault.Invalid, "rule_without_section")
	wantCode(t, edit(board.Rule{Measure: "likes", Least: 1}), fault.Invalid, "unknown_choice")
	wantCode(t, edit(board.Rule{Measure: board.MeasurePosts}), fault.Invalid, "least_out_of_range")
	wantCode(t, edit(make([]board.Rule, 11)...), fault.Invalid, "too_many")
	if err := edit(); err != nil {
		t.Fatal(err)
	}
	if list() {
		t.Fatal("complete where nothing is asked")
	}
	_, err := s.CreatePlatformBoard(ctx, s.platform, board.PlatformBoard{Title: "x", Completion: &board.Completion{Rules: []board.Rule{{Measure: board.MeasurePosts, Section: to.ID, Least: 1}}}})
	wantCode(t, err, fault.Invalid, "section_gone")
}

func TestWhoeverTheSiteListsIsThereWithNothing(t *testing.T) {
	s := newSite(t, &board.Completion{Rules: []board.Rule{{Measure: board.MeasurePosts, Least: 1}}}, "ada")
	must(s.SetMembers(t.Context(), s.platform, s.board, nil, []board.MemberRef{{User: "ada"}, {User: "never"}}))(t)
	s.post(s.people["ada"], board.NewPost{Title: "un"})
	s.wants("ada", 1, 0, 0, 1, 0)
	s.wants("never", 0, 0, 0, 0, 0)
	all, _ := s.read("")
	if never := all["never"]; len(all) != 2 || never.Complete || len(never.Rules) != 1 || !never.ChangedAt.IsZero() {
		t.Fatalf("of %d: %+v", len(all), never)
	}
}

func TestParticipationIsThePlatformsAlone(t *testing.T) {
	s := newSite(t, nil, "ada")
	other := must(s.ConnectPlatform(t.Context(), "", board.PlatformEdit{Name: ptr("Autre"), Issuer: ptr("https://autre.example"), KeysURL: ptr("https://autre.example/keys")}))(t)
	_, err := s.Participation(t.Context(), other, s.board, board.ParticipationQuery{})
	wantCode(t, err, fault.NotFound, "not_found")
	_, err = s.Participation(t.Context(), s.platform, s.board, board.ParticipationQuery{After: "nonsense"})
	wantCode(t, err, fault.Invalid, "malformed")
}

func BenchmarkParticipations(b *testing.B) {
	var in board.Contents
	for i := range 500 {
		in.Posts = append(in.Posts, &board.Post{Meta: board.Meta{ID: testID(i)}, Author: board.Author{ID: testID(10_000 + i%100)}, Body: "<p>un deux trois</p>"})
	}
	for i := range 20_000 {
		in.Comments = append(in.Comments, &board.Comment{Post: testID(i % 500), Author: board.Author{ID: testID(10_000 + i%100)}, Body: fmt.Sprintf("<p>mot %d</p>", i)})
	}
	sight := board.NewSight(&board.Board{}, nil, nil, time.Time{})
	for b.Loop() {
		sight.Participations(in)
	}
}

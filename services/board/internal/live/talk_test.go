package live

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// bobs is a comment to ada's post, by the member of group B.
func bobs(change func(*board.Comment)) *board.Comment {
	c := &board.Comment{Post: "p", Author: board.Author{ID: "id-of-bb", Name: "NAME-OF-BOB"}, Body: "SECRET comment"}
	head(c, "c")
	c.Parent = "p"
	if change != nil {
		change(c)
	}
	return c
}

func reactions(post board.ID, given map[board.ID]int) *board.Reactions {
	r := &board.Reactions{Post: post, Scale: board.ReactLike, Given: given}
	head(r, board.ReactionsKey(wall, post, board.ReactLike).ID)
	return r
}

// commentRows are comments in every state, on posts in several.
func commentRows[R any](row func(name string, settings board.Settings, doc board.Document, with []board.Document, whole, removed string) R) []R {
	separate := board.Settings{Groups: board.GroupsSeparate}
	pending := func(c *board.Comment) { c.State = board.StatePending }
	once := func(to ...board.Audience) func(*board.Comment) { return func(c *board.Comment) { c.ShownTo = to } }
	both := func(a, b func(*board.Comment)) func(*board.Comment) { return func(c *board.Comment) { a(c); b(c) } }
	var rows []R
	for _, tc := range []struct {
		name           string
		settings       board.Settings
		post           func(*board.Post)
		change         func(*board.Comment)
		whole, removed string
	}{
		{"on the wall", board.Settings{}, nil, nil, "mnabor", ""},
		{"that waits", board.Settings{}, nil, pending, "mb", ""},
		{"that waits and was there", board.Settings{}, nil, both(pending, once(board.Members)), "mb", "naor"},
		{"to a post that waits", board.Settings{}, func(p *board.Post) { p.State = board.StatePending }, nil, "m", ""},
		{"in a hidden section", board.Settings{}, func(p *board.Post) { p.Section = "hidden" }, nil, "m", ""},
		{"in a removed section, gone with it", board.Settings{}, func(p *board.Post) { p.Section = "gone" }, nil, "", "b"},
		{"to group A, separate", separate, func(p *board.Post) { p.Group = "A" }, nil, "mao", ""},
		{"to group B, separate", separate, func(p *board.Post) { p.Group = "B" }, nil, "mb", ""},
		{"to what is deleted", board.Settings{}, func(p *board.Post) { p.DeletedAt = time.Now() }, nil, "", "b"},
		{"deleted", board.Settings{}, nil, func(c *board.Comment) { c.DeletedAt = time.Now(); c.ShownTo = []board.Audience{board.Members} }, "", "mnabor"},
	} {
		p, _ := adas(tc.post)
		c := bobs(tc.change)
		var event board.Document = c
		if c.Deleted() {
			event = board.Tombstone(c)
		}
		rows = append(rows, row("a comment "+tc.name, tc.settings, event, []board.Document{p}, tc.whole, tc.removed))
	}
	return rows
}

// counted is what a text told last of a post's counts; "" for nothing.
func counted(text, post string) string {
	i := strings.LastIndex(text, `{"id":"`+post+`","comments"`)
	if i < 0 {
		return ""
	}
	var counts struct {
		Comments, Reactions int
		Average             float64
	}
	end := strings.IndexByte(text[i:], '}')
	if json.Unmarshal([]byte(text[i:i+end+1]), &counts) != nil {
		return "unreadable"
	}
	return fmt.Sprint(counts.Comments, " ", counts.Reactions)
}

// TestCountsGoToWhoeverSeesThePost, are the same for all of them, and count
// nothing that waits.
func TestCountsGoToWhoeverSeesThePost(t *testing.T) {
	likes := board.Settings{Reactions: board.ReactLike}
	separate := board.Settings{Reactions: board.ReactLike, Groups: board.GroupsSeparate}
	for name, tc := range map[string]struct {
		settings board.Settings
		change   func(*board.Post)
		told     string
	}{
		"published":           {likes, nil, "mnabor"},
		"pending":             {likes, func(p *board.Post) { p.State = board.StatePending }, "mo"},
		"in a hidden section": {likes, func(p *board.Post) { p.Section = "hidden" }, "mo"},
		"of group B":          {separate, func(p *board.Post) { p.Group = "B" }, "mbo"},
		"deleted":             {likes, func(p *board.Post) { p.DeletedAt = time.Now() }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, m := adas(tc.change)
			st := newStage(t, wallWith(tc.settings), aSection("hidden", func(s *board.Section) { s.Hidden = true }), p, m)
			waits := bobs(func(c *board.Comment) { c.State = board.StatePending; c.ID = "w" })
			st.wire.publish(waits)
			st.wire.publish(bobs(nil))
			st.wire.publish(reactions("p", map[board.ID]int{"id-of-aa": 1, "id-of-none": 1}))
			for surface, byClass := range st.surfaces() {
				for letter, text := range byClass {
					want := ""
					if strings.IndexByte(tc.told, letter) >= 0 {
						want = "1 2"
					}
					if surface == "snapshot" && letter == 'o' && !strings.Contains(tc.told, "a") {
						want = "" // a snapshot is a class's
					}
					if got := counted(text, "p"); got != want {
						t.Errorf("%s, %c is told %q, want %q\n%s", surface, letter, got, want, text)
					}
				}
			}
		})
	}
}

// TestCountsFollowWhatBecomesOfComments: approved, rejected, deleted, restored.
func TestCountsFollowWhatBecomesOfComments(t *testing.T) {
	p, m := adas(nil)
	st := newStage(t, wallWith(board.Settings{}), p, m)
	for i, tc := range []struct {
		change func(*board.Comment)
		want   string
	}{
		{func(c *board.Comment) { c.State = board.StatePending }, ""},
		{nil, "1 0"},
		{func(c *board.Comment) { c.State = board.StateRejected }, "0 0"},
		{nil, "1 0"},
		{func(c *board.Comment) { c.Withheld = true }, "0 0"},
		{nil, "1 0"},
		{func(c *board.Comment) { c.DeletedAt = time.Now() }, "0 0"},
		{nil, "1 0"},
	} {
		c := bobs(tc.change)
		c.Rev, c.ShownTo = board.Rev(10+i), []board.Audience{board.Members}
		var event board.Document = c
		if c.Deleted() {
			event = board.Tombstone(c)
		}
		st.wire.publish(event)
		text := told(st.streams['n'])
		if tc.want == "" {
			tc.want = "0 0"
		}
		if got := counted(text, "p"); got != tc.want {
			t.Errorf("%d: %q, want %q in %s", i, got, tc.want, text)
		}
	}
}

// TestARoomThatReactsCostsABrowserFewFrames, and what waits is never beyond a
// cursor: whoever comes back with what they had is told it.
func TestARoomThatReactsCostsABrowserFewFrames(t *testing.T) {
	p, m := adas(nil)
	st := newStage(t, wallWith(board.Settings{Reactions: board.ReactLike}), p, m)
	given := make(map[board.ID]int)
	for i := range 500 {
		given[board.ID(fmt.Sprint("voter-", i))] = 1
		r := reactions("p", make(map[board.ID]int))
		for who, n := range given {
			r.Given[who] = n
		}
		r.Rev = board.Rev(2 + i)
		st.wire.publish(r)
	}
	given["id-of-none"] = 1
	last := reactions("p", given)
	last.Rev = 600
	st.wire.publish(last)
	other := post(7)
	other.Rev = 1
	st.wire.publish(other)
	text := told(st.streams['n'])
	if n := strings.Count(text, `"kind":"counts"`); n > 2 {
		t.Errorf("%d frames for 500 reactions that came at once", n)
	}
	cursor := ""
	for line := range strings.Lines(text) {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			cursor = strings.TrimSpace(id)
		}
	}
	st.cursors['n'] = cursor
	if back := told(st.open(st.hub, 'n')); counted(back, "p") != "0 501" {
		t.Errorf("back with what it had, it is told %s", back)
	}
	late := time.Now().Add(10 * time.Second)
	for counted(text, "p") != "0 501" || !strings.Contains(text, "event: reacted\ndata: {\"p\":1}") {
		if time.Now().After(late) {
			t.Fatalf("never told of all: %s", text)
		}
		time.Sleep(10 * time.Millisecond)
		text += told(st.streams['n'])
	}
	if n := strings.Count(text, `"kind":"counts"`); n > 3 {
		t.Errorf("%d frames in all", n)
	}
	if strings.Contains(told(st.streams['a']), "reacted") {
		t.Error("another is told what one gave")
	}
	if arrival := told(st.open(st.hub, 'n')); !strings.Contains(arrival, "event: reactions\ndata: {\"p\":1}") {
		t.Errorf("on arrival one is told %s", arrival)
	}
}

// TestAScaleHasCountsOfItsOwn: when the trainer chooses another, everybody
// starts anew.
func TestAScaleHasCountsOfItsOwn(t *testing.T) {
	p, m := adas(nil)
	st := newStage(t, wallWith(board.Settings{Reactions: board.ReactLike}), p, m, reactions("p", map[board.ID]int{"id-of-none": 1}))
	stars := wallWith(board.Settings{Reactions: board.ReactStars})
	stars.Rev = 3
	st.wire.publish(stars)
	if text := told(st.streams['n']); !strings.Contains(text, "event: reset") {
		t.Fatalf("told %s", text)
	}
	if arrival := told(st.open(st.hub, 'n')); arrival != string(frameHello)+string(frameReset) {
		t.Errorf("who comes with what was seen otherwise is told %s", arrival)
	}
	fresh, s := snapshotOf(t, st.hub, classes['n'])
	if text := string(s.Encoded("")); counted(text, "p") != "" {
		t.Errorf("likes are told as stars: %s", text)
	}
	st.cursors['n'] = fresh.Cursor
	if arrival := told(st.open(st.hub, 'n')); !strings.Contains(arrival, "event: reactions\ndata: {}") {
		t.Errorf("one's likes are told as stars: %s", arrival)
	}
}

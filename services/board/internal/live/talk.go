package live

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// countsEvery is how often browsers are told of reactions, at most: a room that
// votes at once is a few frames for each of them.
const countsEvery = 250 * time.Millisecond

// talk is what a mirror knows of what was said and given to posts.
type talk struct {
	// said counts the comments that whoever sees the post sees.
	said map[board.ID]int
	// given are all reactions, whatever their scale.
	given map[board.Key]*board.Reactions
	// moved are whose reactions to which posts have changed and were not yet told
	// them.
	moved map[board.ID]map[board.ID]bool
}

func newTalk() talk {
	return talk{said: make(map[board.ID]int), given: make(map[board.Key]*board.Reactions), moved: make(map[board.ID]map[board.ID]bool)}
}

// merge takes in what has become of a document; was is nil for a new one.
func (t *talk) merge(was, doc board.Document) {
	switch d := doc.(type) {
	case *board.Comment:
		if old, ok := was.(*board.Comment); ok && old.Counts() {
			t.count(old.Parent, -1)
		}
		if d.Counts() {
			t.count(d.Parent, 1)
		}
	case *board.Reactions:
		old, _ := was.(*board.Reactions)
		t.give(old, d)
	}
}

func (t *talk) count(post board.ID, n int) {
	if t.said[post] += n; t.said[post] == 0 {
		delete(t.said, post)
	}
}

func (t *talk) give(old, r *board.Reactions) {
	t.given[board.KeyOf(r)] = r
	if r.Deleted() || old == nil {
		old = &board.Reactions{}
	}
	moved := t.moved[r.Post]
	if moved == nil {
		moved = make(map[board.ID]bool)
		t.moved[r.Post] = moved
	}
	for who, n := range r.Given {
		if old.Given[who] != n {
			moved[who] = true
		}
	}
	for who := range old.Given {
		if r.Given[who] == 0 {
			moved[who] = true
		}
	}
}

// reactions are what a post was given on the board's scale; nil for nothing.
func (m *mirror) reactions(post board.ID) *board.Reactions {
	if m.sight.Reactions == "" {
		return nil
	}
	r := m.talk.given[board.ReactionsKey(m.id, post, m.sight.Reactions)]
	if r == nil || r.Deleted() {
		return nil
	}
	return r
}

// counts is the JSON of a post's; nil where nothing was said or given.
func (m *mirror) counts(post board.ID, evenNone bool) []byte {
	said, given := m.talk.said[post], m.reactions(post)
	if !evenNone && said == 0 && given == nil {
		return nil // most posts'
	}
	counts := view.CountsOf(post, said, given)
	if !evenNone && counts.Comments == 0 && counts.Reactions == 0 {
		return nil
	}
	data, err := json.Marshal(counts)
	if err != nil {
		return nil
	}
	return data
}

// reacted is what somebody gave to which post.
func (m *mirror) reacted(who board.ID) view.Given {
	out := view.Given{}
	for _, r := range m.talk.given {
		if n := r.Given[who]; n > 0 && r.Scale == m.sight.Reactions {
			out[string(r.Post)] = n
		}
	}
	return out
}

// countsFrame carries what a post has, which is no document.
func countsFrame(counts []byte) []byte { return frameChange("counts", counts) }

// newCounts tells what a post has to whoever sees it. Many of them may come at
// one position, and none moves a cursor: what is told after them does.
func newCounts(m *mirror, at board.Position, post *board.Post, who readers) *entry {
	counts := frame{bytes: countsFrame(m.counts(post.ID, true))}
	en := &entry{at: at, sign: m.sign, audience: m.sight.AudienceOf(post), bound: board.Members, quiet: true}
	for _, v := range []viewer{forModerators, forMembers} {
		if en.audience != board.Nobody && who.level(v.level()) {
			en.frames[v] = counts
		}
	}
	if m.sight.ToOwner(post) && who.person(post.Author.ID) {
		en.owner, en.frames[forOwner] = post.Author.ID, counts
	}
	return en
}

// postOf names the post of which a document changes the counts.
func postOf(doc board.Document) (board.ID, bool) {
	switch d := doc.(type) {
	case *board.Comment:
		return d.Parent, true
	case *board.Reactions:
		return d.Post, true
	default:
		return "", false
	}
}

// entries are what an event about a document tells: first what its post has by
// then, if it changes that.
func (c *channel) entries(at board.Position, held *mirrored, who readers) []*entry {
	var out []*entry
	if id, ok := postOf(held.doc); ok {
		if post := c.mirror.post(id); post != nil && !post.Deleted() {
			out = append(out, newCounts(c.mirror, at, post, who))
		}
	}
	if held.doc.Kind() != board.KindReactions {
		out = append(out, newEntry(c.render, c.mirror, at, held, who))
	}
	return out
}

// stirring are the posts of which reactions were not yet told.
type stirring struct {
	posts map[board.ID]bool
	// pause runs after some were told; until it ends others wait.
	pause *time.Timer
}

// stir has it told that a post's reactions have changed: at once, or with those
// that come until the pause is over. Until then nothing moves a cursor beyond
// what was not told.
func (c *channel) stir(post board.ID) {
	if c.stirring.posts == nil {
		c.stirring.posts = make(map[board.ID]bool)
	}
	c.stirring.posts[post] = true
	if c.stirring.pause == nil {
		c.tellCounts()
	}
}

// tellCounts tells the reactions that wait. The caller holds the lock.
func (c *channel) tellCounts() {
	waiting := slices.Sorted(maps.Keys(c.stirring.posts))
	c.stirring.posts, c.stirring.pause = nil, nil
	if len(waiting) == 0 || !c.open {
		return
	}
	var last *entry
	for _, id := range waiting {
		c.tellReacted(id)
		post := c.mirror.post(id)
		if post == nil || post.Deleted() {
			continue
		}
		if last != nil {
			c.tell(last)
		}
		last = newCounts(c.mirror, c.head, post, &c.here)
	}
	if last != nil {
		last.quiet = false
		c.tell(last)
	}
	var pause *time.Timer
	pause = time.AfterFunc(countsEvery, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.stirring.pause == pause {
			c.tellCounts()
		}
	})
	c.stirring.pause = pause
}

// tellReacted tells those people, in all their tabs, whose reactions to a post
// have changed.
func (c *channel) tellReacted(post board.ID) {
	moved := c.mirror.talk.moved[post]
	delete(c.mirror.talk.moved, post)
	frames := make(map[board.ID][]byte)
	given := c.mirror.reactions(post)
	for who := range moved {
		if !c.here.person(who) {
			continue
		}
		n := 0
		if given != nil {
			n = given.Given[who]
		}
		frames[who] = frameGiven("reacted", view.Given{string(post): n})
	}
	if len(frames) > 0 {
		c.give(func(s *Stream) []byte { return frames[s.principal.Participant] })
	}
}

// frameGiven tells a reader what they have given. It carries no cursor.
func frameGiven(event string, given view.Given) []byte {
	data, err := json.Marshal(given)
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", event, data)
}

// tell hands an entry to every stream.
func (c *channel) tell(en *entry) {
	c.counts.events.Add(1)
	c.counts.deliveries.Add(uint64(c.watched())) //nolint:gosec // a count
	for i := range c.shards {
		c.shards[i].tell(en)
	}
}

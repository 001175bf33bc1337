package live

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

const (
	// ringSize is how many events a channel keeps in memory.
	ringSize = 256
	// replayLimit is how many events are read back from the stream; beyond it a
	// snapshot is the shorter way.
	replayLimit = 2000
	// readBack bounds one reading from the stream.
	readBack = 5 * time.Second
)

// channel is one board on this replica.
type channel struct {
	id     board.ID
	events board.Events
	docs   Documents
	render *press
	log    *slog.Logger
	now    func() time.Time
	stop   func()
	counts *counts
	// gatherings carries the roster between replicas.
	gatherings board.Gatherings
	roster     roster

	mu      sync.Mutex
	open    bool
	dropped bool           // no longer the hub's: whoever holds it asks again
	head    board.Position // of the last event taken in
	start   board.Position // the ring holds every event after this
	ring    []place
	here    crowd // who has a stream
	shards  [maxShards]shard
	mirror  *mirror
	// stirring are the reactions that wait to be told.
	stirring stirring
	// snapshots are the classes' newest.
	snapshots map[board.Class]*Snapshot
	// making is held while a snapshot is made, so that one is made at a time.
	making sync.Mutex
	// told is what each role was last told of its abilities.
	told map[board.Role][]byte
	// idleSince is when the last stream left.
	idleSince time.Time
}

// connect starts following the board's events.
func (c *channel) connect(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open || c.dropped {
		return nil
	}
	// Following first, then the position, then the documents (rule S8): what
	// comes between is seen twice, not missed. The callback waits for the lock.
	stop, err := c.events.Follow(c.id, c.receive)
	if err != nil {
		return err
	}
	head, err := c.events.Position(ctx, c.id)
	if err != nil {
		stop()
		return err
	}
	m, err := loadMirror(ctx, c.docs, c.id, c.now())
	if err != nil {
		stop()
		return err
	}
	deaf, err := c.gatherings.FollowPresence(c.id, c.hear)
	if err != nil {
		stop()
		return err
	}
	c.stop = func() { stop(); deaf() }
	c.roster = newRoster()
	c.head, c.start, c.ring, c.open = head, head, nil, true
	c.mirror, c.snapshots = m, make(map[board.Class]*Snapshot)
	c.told = make(map[board.Role][]byte)
	c.tellAbilities() // to nobody yet: what comes later is told when it differs
	return nil
}

// receive takes in one event from the live subject.
func (c *channel) receive(e board.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.open:
	case e.Epoch != c.head.Epoch:
		c.resync()
	case e.Seq <= c.head.Seq:
	case e.Prev != c.head.Seq:
		c.resync()
	default:
		c.take(e)
	}
}

// take adds the next event and hands it to every stream.
func (c *channel) take(e board.Event) {
	known := c.knows(e.Doc)
	held := c.mirror.merge(c.newest(e.Doc, known))
	c.head = e.Position
	if c.sees(held.doc, known) {
		return // everybody starts anew
	}
	c.remember(placeOf(e.Seq, held.doc))
	if r, ok := held.doc.(*board.Reactions); ok {
		c.stir(r.Post)
		return
	}
	for _, en := range c.entries(e.Position, held, &c.here) {
		en.quiet = en.quiet || len(c.stirring.posts) > 0
		c.tell(en)
	}
}

func (c *channel) knows(doc board.Document) bool {
	_, known := c.mirror.docs[board.KeyOf(doc)]
	return known
}

// newest gives a document as the store has it when its event may be an old
// one: a tombstone is not in the mirror, and an event that comes late would
// bring back what is gone.
func (c *channel) newest(doc board.Document, known bool) board.Document {
	if known || !doc.Head().UpdatedAt.Before(c.mirror.loadedAt) {
		return doc
	}
	ctx, cancel := context.WithTimeout(context.Background(), readBack)
	defer cancel()
	stored, err := c.docs.Get(ctx, board.KeyOf(doc))
	if err != nil || stored.Head().Rev <= doc.Head().Rev {
		return doc
	}
	return stored
}

// sees does what a change of a document means for the streams themselves, and
// tells whether they have all been told to start anew.
func (c *channel) sees(doc board.Document, known bool) bool {
	switch d := doc.(type) {
	case *board.Link:
		c.reconsider(func(p board.Principal) bool { return p.Link == d.ID })
	case *board.Participant:
		c.reconsider(func(p board.Principal) bool { return p.Participant == d.ID })
	case *board.Board:
		if d.Deleted() {
			c.endAll(frameExpired)
			return true
		}
		return c.look(c.now(), true)
	case *board.Section:
		if c.look(c.now(), true) {
			return true
		}
		if !known && c.mirror.placesPosts(d.ID) {
			c.startAnew()
			return true
		}
	}
	return false
}

// look makes the sight of the board anew. When what is shown may now be shown
// otherwise, everybody starts anew, and the ring with them. Else, unless the
// board or a section was changed, there is nothing to tell anybody.
func (c *channel) look(now time.Time, changed bool) bool {
	if !changed && c.mirror.sight.Lasts(c.mirror.board(), now) {
		return false // on nearly every wall, every other second
	}
	anew := c.mirror.look(now)
	if !anew && !changed {
		return false
	}
	if anew {
		c.startAnew()
	}
	c.roster.stale = true // who is here may be hidden now
	if c.mirror.sight.PresenceHidden || c.mirror.sight.Anonymity != board.Named {
		c.roster.told = nil // nor is whoever comes told by name
	}
	c.tellAbilities()
	return anew
}

func (c *channel) startAnew() {
	c.start, c.ring = c.head, nil
	c.snapshots = make(map[board.Class]*Snapshot)
	c.each(func(s *Stream) {
		class, err := c.mirror.classOf(s.principal, c.now())
		if err != nil {
			s.end(frameExpired) // renewing, its browser learns why
			return
		}
		s.class = class
		s.joined = max(s.joined, c.head.Seq)
		s.push(frameReset)
	})
}

// you is what a role is told of itself.
func (c *channel) you(p board.Principal) view.You {
	you := view.You{Role: string(p.Role), GroupID: string(p.Group), Abilities: []string{}}
	if b := c.mirror.board(); b != nil {
		for _, a := range board.AbilitiesOf(p.Role, b.Settings, c.mirror.sight.Phase) {
			you.Abilities = append(you.Abilities, string(a))
		}
	}
	return you
}

// tellAbilities tells everybody what they may do now, where that has changed.
func (c *channel) tellAbilities() {
	changed := make(map[board.Role]bool)
	for _, role := range board.Roles() {
		now := frameYou(c.you(board.Principal{Role: role}))
		changed[role] = c.told[role] != nil && !bytes.Equal(now, c.told[role])
		c.told[role] = now
	}
	c.each(func(s *Stream) {
		if changed[s.principal.Role] {
			s.push(frameYou(c.you(s.principal)))
		}
	})
}

// each calls for every stream; the call must not ask the channel for anything.
func (c *channel) each(do func(*Stream)) {
	for i := range c.shards {
		c.shards[i].each(do)
	}
}

// give writes to every stream what is for it; the call must not ask the channel for
// anything.
func (c *channel) give(frameFor func(*Stream) []byte) {
	for i := range c.shards {
		c.shards[i].give(frameFor)
	}
}

// watched counts the streams.
func (c *channel) watched() int {
	n := 0
	for i := range c.shards {
		n += c.shards[i].size()
	}
	return n
}

// present counts the people who have a stream.
func (c *channel) present() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.here.people)
}

// roomiest is the shard for the next stream: the first that is not full, else
// the smallest.
func (c *channel) roomiest() *shard {
	best := &c.shards[0]
	for i := range c.shards {
		sh := &c.shards[i]
		if sh.size() < shardFull {
			return sh
		}
		if sh.size() < best.size() {
			best = sh
		}
	}
	return best
}

// reconsider ends the streams of those who may see the board no more, or
// otherwise than when they came (rule S17): their browsers renew, or learn that
// they may not.
func (c *channel) reconsider(about func(board.Principal) bool) {
	now := c.now()
	c.each(func(s *Stream) {
		if about(s.principal) && !c.opens(s, now) {
			s.end(frameExpired)
		}
	})
}

// opens tells whether a stream still stands for what its session says.
func (c *channel) opens(s *Stream, now time.Time) bool {
	p, err := s.principal.Standing(c.mirror.link(s.principal.Link), c.mirror.participant(s.principal.Participant), now)
	return err == nil && p.Group == s.principal.Group
}

// accept takes in a change that this replica has just made, before its event
// comes round, so that whoever made it reads it.
func (c *channel) accept(doc board.Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return
	}
	if doc.Head().Deleted() { // nor does its event say what it was
		doc = board.Tombstone(doc)
		doc.Head().Deed = nil
	}
	known := c.knows(doc)
	held := c.mirror.merge(doc)
	switch held.doc.(type) {
	case *board.Board, *board.Section:
		// At once: nobody reads in the old sight what is written after it.
		c.sees(held.doc, known)
	}
}

// resync closes a gap from the stream (rule S10); where it cannot be closed,
// every browser takes a snapshot again.
func (c *channel) resync() {
	ctx, cancel := context.WithTimeout(context.Background(), readBack)
	defer cancel()
	missing, whole, err := c.events.Replay(ctx, c.id, c.head, replayLimit)
	if err == nil && whole {
		for _, e := range missing {
			c.take(e)
		}
		return
	}
	c.log.Warn("gap not closed, browsers start anew", "board", string(c.id), "error", err)
	head, err := c.events.Position(ctx, c.id)
	if err != nil {
		// Without the stream there is nothing to follow: end, and be opened anew.
		c.shut(frameBye(retrySoon))
		return
	}
	m, err := c.anew(ctx)
	if err != nil {
		c.shut(frameBye(retrySoon))
		return
	}
	m.version += c.mirror.version // never the version of another content
	c.head, c.mirror = head, m
	c.startAnew()
	c.tellAbilities()
}

// anew reads the board again, and of those who watch whether they are gone: that
// is in no list.
func (c *channel) anew(ctx context.Context) (*mirror, error) {
	m, err := loadMirror(ctx, c.docs, c.id, c.now())
	var watching []board.Principal
	c.each(func(s *Stream) { watching = append(watching, s.principal) })
	for _, p := range watching {
		if err == nil {
			err = m.recall(ctx, c.docs, p, false)
		}
	}
	return m, err
}

// shut ends the channel and its streams. The caller holds the lock.
func (c *channel) shut(last []byte) {
	if c.open {
		c.open = false
		go c.stop() // not under the lock that its callback waits for
	}
	c.endAll(last)
}

func (c *channel) endAll(last []byte) {
	c.each(func(s *Stream) { s.end(last) })
}

// attach adds a stream that resumes after a position, or begins with a reset
// when it cannot (rule S9): from the ring, else from the stream, else anew. It
// gives false when the channel has closed meanwhile.
func (c *channel) attach(ctx context.Context, s *Stream, cursor string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return false, nil
	}
	// Their session may know what this replica has not heard yet.
	if err := c.mirror.recall(ctx, c.docs, s.principal, !c.opens(s, c.now())); err != nil {
		return false, err
	}
	class, err := c.mirror.classOf(s.principal, c.now())
	if err != nil {
		return false, err
	}
	s.class = class
	c.share(&s.principal)
	s.push(frameHello)
	after, sign, resumes := parseCursor(cursor)
	missed, whole := c.missed(ctx, s, after, resumes && sign == signOf(c.mirror.sign, class))
	if whole {
		c.counts.resumed.Add(1)
		c.welcome(s, missed)
	} else {
		c.counts.anew.Add(1)
		// It holds what was seen otherwise, and comes back with a snapshot: what is
		// its own is told then.
		s.push(frameReset)
	}
	s.joined = c.head.Seq
	c.roomiest().add(s)
	c.here.add(s, 1)
	c.roster.stale = true
	return true, nil
}

// welcome tells a reader what is their own, who is here and what they missed.
func (c *channel) welcome(s *Stream, missed [][]byte) {
	c.tellOwn(s)
	if c.roster.told != nil {
		s.push(framePresence(c.roster.told))
		c.counts.presenceFrames.Add(1)
	}
	for _, frame := range missed {
		s.push(frame)
	}
}

// share lets a stream hold the texts that the mirror holds, and not the copies
// that came with its session: a room is many streams.
func (c *channel) share(p *board.Principal) {
	p.Board = c.id
	if link := c.mirror.link(p.Link); link != nil {
		p.Link, p.Role = link.ID, link.Role
	}
	if person := c.mirror.participant(p.Participant); person != nil {
		p.Participant = person.ID
		if person.Name == p.Name {
			p.Name = person.Name
		}
	}
}

// tellOwn tells a reader what they may do, which posts are their own, and those
// of their documents that their class does not see.
func (c *channel) tellOwn(s *Stream) {
	own := c.mirror.own(s.principal.Participant)
	var posts []string
	for _, held := range own {
		if held.doc.Kind() == board.KindPost {
			posts = append(posts, string(held.doc.Head().ID))
		}
	}
	if shared := c.told[s.principal.Role]; shared != nil && len(posts) == 0 && s.principal.Group == "" {
		s.push(shared) // most people's: when a room arrives it is made once
	} else {
		you := c.you(s.principal)
		you.Own = posts
		s.push(frameYou(you))
	}
	if c.mirror.sight.Reactions != "" {
		s.push(frameGiven("reactions", c.mirror.reacted(s.principal.Participant)))
	}
	for _, held := range own {
		if !s.class.In(c.mirror.sight.AudienceOf(held.doc)) {
			s.push(frameChange(held.doc.Kind(), c.mirror.encoded(c.render, held, forOwner)))
			if held.doc.Kind() == board.KindPost {
				s.push(countsFrame(c.mirror.counts(held.doc.Head().ID, false)))
			}
		}
	}
}

// detach forgets a stream.
func (c *channel) detach(s *Stream, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.shards {
		if c.shards[i].remove(s) {
			c.here.add(s, -1)
		}
	}
	c.roster.stale = true
	c.idleSince = now
}

package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
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
	render Renderer
	log    *slog.Logger
	now    func() time.Time
	stop   func()
	// gatherings carries the roster between replicas.
	gatherings board.Gatherings
	roster     roster

	mu      sync.Mutex
	open    bool
	dropped bool           // no longer the hub's: whoever holds it asks again
	head    board.Position // of the last event taken in
	start   board.Position // the ring holds every event after this
	ring    []*entry
	shards  [maxShards]shard
	mirror  *mirror
	// snapshots are the classes' newest.
	snapshots map[board.Class]*Snapshot
	// making is held while a snapshot is made, so that one is made at a time.
	making sync.Mutex
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
	m, err := loadMirror(ctx, c.docs, c.id)
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
	en := c.entryOf(e)
	if len(c.ring) == ringSize {
		c.start = c.ring[0].event.Position
		c.ring = append(c.ring[:0:0], c.ring[1:]...)
	}
	c.ring = append(c.ring, en)
	c.head = e.Position
	switch doc := e.Doc.(type) {
	case *board.Link:
		c.relink(doc)
	case *board.Board:
		c.roster.stale = true // it may be hidden now
		if doc.Deleted() {
			c.endAll(frameExpired) // renewing, browsers learn why
			return
		}
	}
	for i := range c.shards {
		c.shards[i].tell(en)
	}
}

// entryOf takes an event's document into the mirror. A late event is told as
// what is there already: a reader whose snapshot is newer than the event would
// show again what is gone.
func (c *channel) entryOf(e board.Event) *entry {
	held := c.mirror.merge(e.Doc)
	e.Doc = held.doc
	return newEntry(c.render, e, held)
}

// each calls for every stream; the call must not ask the channel for anything.
func (c *channel) each(do func(*Stream)) {
	for i := range c.shards {
		c.shards[i].each(do)
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

// relink ends the streams of a link that has been revoked or has changed its
// role (rule S17): their browsers renew, or learn that they may not.
func (c *channel) relink(link *board.Link) {
	c.each(func(s *Stream) {
		if s.link == link.ID && (!link.Live() || s.role != link.Role) {
			s.end(frameExpired)
		}
	})
}

// accept takes in a change that this replica has just made, before its event
// comes round, so that whoever made it reads it.
func (c *channel) accept(doc board.Document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return
	}
	c.mirror.merge(doc)
	if doc.Kind() == board.KindBoard {
		c.roster.stale = true
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
	m, err := loadMirror(ctx, c.docs, c.id)
	if err != nil {
		c.shut(frameBye(retrySoon))
		return
	}
	m.version += c.mirror.version // never the version of another content
	c.head, c.start, c.ring, c.mirror = head, head, nil, m
	c.roster.stale = true
	c.each(func(s *Stream) { s.push(frameReset) })
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
func (c *channel) attach(ctx context.Context, s *Stream, after board.Position, resumes bool) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return false, nil
	}
	if !c.mirror.exists(c.id) {
		return false, board.ErrNotFound
	}
	s.push(frameHello)
	if c.roster.told != nil {
		s.push(framePresence(c.roster.told))
	}
	for _, own := range c.mirror.hidden(s.class, s.participant) {
		s.push(frameChange(nil, own.doc.Kind(), own.encoded(c.render)))
	}
	missed, whole := c.missed(ctx, s, after, resumes)
	if !whole {
		missed = [][]byte{frameReset}
	}
	for _, frame := range missed {
		s.push(frame)
	}
	s.joined = c.head.Seq
	c.roomiest().add(s)
	c.roster.stale = true
	return true, nil
}

// missed gives the frames of what came after a position; false when it cannot
// be told, or would not leave the stream room for what comes next: the reader
// would be sent away with the cursor it came with, again and again.
func (c *channel) missed(ctx context.Context, s *Stream, after board.Position, resumes bool) ([][]byte, bool) {
	if !resumes || after.Epoch != c.head.Epoch {
		return nil, false
	}
	entries := c.ring
	if after.Seq < c.start.Seq {
		events, whole, err := c.events.Replay(ctx, c.id, after, maxQueuedFrames/2)
		if err != nil || !whole {
			return nil, false
		}
		entries = nil
		for _, e := range events {
			entries = append(entries, newEntry(c.render, e, &mirrored{doc: e.Doc}))
		}
	}
	var frames [][]byte
	size := 0
	for _, e := range entries {
		if e.event.Seq > after.Seq && e.event.Seq <= c.head.Seq {
			frame := e.frameFor(s.class, s.participant)
			frames, size = append(frames, frame), size+len(frame)
		}
	}
	return frames, size <= maxQueuedBytes/2
}

// detach forgets a stream.
func (c *channel) detach(s *Stream, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.shards {
		c.shards[i].remove(s)
	}
	c.roster.stale = true
	c.idleSince = now
}

package live

import (
	"context"
	"slices"

	"fresque.dev/services/board/internal/board"
)

// place is where an event stands, and which document it is about: what a ring
// keeps of it. Whoever comes back is told the document as it is by then.
type place struct {
	at  board.Position
	key board.Key
}

// remember adds an event to the ring.
func (c *channel) remember(p place) {
	if len(c.ring) == ringSize {
		c.start = c.ring[0].at
		copy(c.ring, c.ring[1:])
		c.ring = c.ring[:ringSize-1]
	}
	c.ring = append(c.ring, p)
}

// missed gives the frames of what came after a position; false when it cannot
// be told, or would not leave the stream room for what comes next: the reader
// would be sent away with the cursor it came with, again and again.
func (c *channel) missed(ctx context.Context, s *Stream, after board.Position, resumes bool) ([][]byte, bool) {
	if !resumes || after.Epoch != c.head.Epoch {
		return nil, false
	}
	places, gone := c.ring, map[board.Key]*mirrored(nil)
	if after.Seq < c.start.Seq {
		events, whole, err := c.events.Replay(ctx, c.id, after, maxQueuedFrames/2)
		if err != nil || !whole {
			return nil, false
		}
		places, gone = c.past(events)
	}
	// Of each document the last state only: what it was may not be theirs to see
	// any more.
	var frames [][]byte
	size, told := 0, make(map[board.Key]bool)
	who := onlyOne{s.class.Level, s.principal.Participant}
	for _, p := range slices.Backward(places) {
		if p.at.Seq <= after.Seq || p.at.Seq > c.head.Seq || told[p.key] {
			continue
		}
		told[p.key] = true
		held := c.mirror.docs[p.key]
		if held == nil {
			held = gone[p.key]
		}
		for _, en := range slices.Backward(c.entries(p.at, held, who)) {
			frame := en.frameFor(s.class, s.principal.Participant)
			frames, size = append(frames, frame), size+len(frame)
		}
	}
	slices.Reverse(frames)
	return frames, size <= maxQueuedBytes/2
}

// past lists events of before the ring, and those documents of theirs that the
// mirror does not hold: they were gone before it was loaded, and what lives of
// them in the past stays there.
func (c *channel) past(events []board.Event) ([]place, map[board.Key]*mirrored) {
	places, gone := make([]place, 0, len(events)), make(map[board.Key]*mirrored)
	for _, e := range events {
		key := board.KeyOf(e.Doc)
		if c.mirror.docs[key] == nil {
			if !e.Doc.Head().Deleted() {
				continue
			}
			gone[key] = &mirrored{doc: e.Doc}
		}
		places = append(places, place{e.Position, key})
	}
	return places, gone
}

package live

import (
	"context"
	"slices"

	"fresque.dev/services/board/internal/board"
)

// place is where an event stands, and which document it is about: what a ring
// keeps of it. Whoever comes back is told the document as it is by then.
type place struct {
	seq  uint64 // of the channel's epoch
	kind board.Kind
	id   board.ID
}

func placeOf(seq uint64, doc board.Document) place { return place{seq, doc.Kind(), doc.Head().ID} }

// remember adds an event to the ring.
func (c *channel) remember(p place) {
	if len(c.ring) == ringSize {
		c.start.Seq = c.ring[0].seq
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
		key := board.Key{Board: c.id, Kind: p.kind, ID: p.id}
		if p.seq <= after.Seq || p.seq > c.head.Seq || told[key] {
			continue
		}
		told[key] = true
		held := c.mirror.docs[key]
		if held == nil {
			held = gone[key]
		}
		at := board.Position{Epoch: c.head.Epoch, Seq: p.seq}
		for _, en := range slices.Backward(c.entries(at, held, who)) {
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
		places = append(places, placeOf(e.Seq, e.Doc))
	}
	return places, gone
}

package board

import (
	"context"
	"strconv"
	"strings"
)

// Position is a place in the stream of events: after the event with this
// sequence. Sequences of another epoch (a stream made anew) mean nothing.
type Position struct {
	Epoch string
	// Seq is 0 before the first event.
	Seq uint64
}

// String is the cursor that clients keep and give back, unread.
func (p Position) String() string { return string(p.Append(nil)) }

// Append writes the cursor at the end of a text.
func (p Position) Append(to []byte) []byte {
	return strconv.AppendUint(append(append(to, p.Epoch...), '-'), p.Seq, 10)
}

// ParsePosition reads a cursor; false for what is none.
func ParsePosition(cursor string) (Position, bool) {
	epoch, seq, ok := strings.Cut(cursor, "-")
	if !ok || epoch == "" || len(epoch) > 32 {
		return Position{}, false
	}
	n, err := strconv.ParseUint(seq, 10, 64)
	return Position{Epoch: epoch, Seq: n}, err == nil
}

// Event is one accepted change as the stream tells it.
type Event struct {
	Position
	// Prev is the sequence of the board's event before this one, 0 for none.
	Prev uint64
	Doc  Document
}

// Presence is who watches a board, as far as one replica knows.
type Presence struct {
	People []Person
	// Nameless are those who have given no name.
	Nameless int
}

// Person is a participant who is here.
type Person struct {
	ID      ID
	Name    string
	Writing bool
}

// Gatherings carries presence between replicas. It is lost without harm: what
// is true is told again (rule S7).
type Gatherings interface {
	Report(board ID, p Presence)
	// FollowPresence calls back with what other replicas report, each by its own
	// id, until the returned function is called.
	FollowPresence(board ID, each func(replica string, p Presence)) (stop func(), err error)
}

// Events is where accepted changes come out again, in one order for all.
type Events interface {
	// Connected tells whether events can come at all now.
	Connected() bool
	// Follow calls back with each event of a board from now on, one at a time,
	// until the returned function is called.
	Follow(board ID, each func(Event)) (stop func(), err error)
	// Position is that of the board's last event.
	Position(ctx context.Context, board ID) (Position, error)
	// Replay gives the events after a position; false when some are gone, the
	// position is of another epoch, or there are more than limit.
	Replay(ctx context.Context, board ID, after Position, limit int) ([]Event, bool, error)
}

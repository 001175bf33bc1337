package live

import (
	"encoding/json"
	"fmt"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Renderer gives documents their public shape; false when they have none.
type Renderer interface {
	// Shape is a document as those read it who may see it.
	Shape(doc board.Document) (any, bool)
}

// Frames that are the same for everybody.
var (
	frameHeartbeat = []byte(": hb\n\n")
	frameReset     = []byte("event: reset\ndata: {}\n\n")
	frameExpired   = []byte("event: expired\ndata: {}\n\n")
)

// frameHello opens a stream. It carries no cursor: what the reader missed is
// still to come, and a cursor must never run ahead of what was taken in.
var frameHello = []byte("retry: 2000\nevent: hello\ndata: {}\n\n")

// frameBye ends a stream and says when to come back.
func frameBye(after time.Duration) []byte {
	return fmt.Appendf(nil, "event: bye\ndata: {\"retryMs\":%d}\n\n", after.Milliseconds())
}

// frameChange carries one document. Without a position it does not move the
// reader's cursor.
func frameChange(at *board.Position, kind board.Kind, doc []byte) []byte {
	if doc == nil {
		return nil
	}
	frame := make([]byte, 0, len(doc)+160)
	if at != nil {
		frame = fmt.Appendf(frame, "id: %s\n", at)
	}
	frame = fmt.Appendf(frame, "event: change\ndata: {\"kind\":%q,%q:", kind, kind)
	return append(append(frame, doc...), "}\n\n"...)
}

// entry is an event, encoded: once for all who see the document, once for all
// who have lost it (rule S12). It never changes.
type entry struct {
	event       board.Event
	shown, gone []byte
}

func newEntry(r Renderer, e board.Event, held *mirrored) *entry {
	en := &entry{event: e, shown: frameChange(&e.Position, e.Doc.Kind(), held.encoded(r))}
	for _, class := range board.Classes() {
		if board.Loses(class, e.Doc) {
			en.gone = frameChange(&e.Position, e.Doc.Kind(), removal(r, e.Doc))
			break
		}
	}
	return en
}

// frameFor gives the bytes for one reader, or nil when they are told nothing.
func (e *entry) frameFor(class board.Class, participant board.ID) []byte {
	doc := e.event.Doc
	switch {
	case board.Sees(class, doc), participant != "" && board.OwnerOf(doc) == participant:
		return e.shown
	case board.Loses(class, doc):
		return e.gone
	default:
		return nil
	}
}

// removal is what a class reads that has lost a document: its tombstone.
func removal(r Renderer, doc board.Document) []byte {
	shape, ok := r.Shape(board.Tombstone(doc))
	if !ok {
		return nil
	}
	data, err := json.Marshal(shape)
	if err != nil {
		return nil
	}
	return data
}

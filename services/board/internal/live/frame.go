package live

import (
	"encoding/json"
	"fmt"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// Renderer gives a document its public shape; false when it has none.
type Renderer interface {
	Change(doc board.Document) (view.Change, bool)
}

// Frames that are the same for everybody.
var (
	frameHeartbeat = []byte(": hb\n\n")
	frameReset     = []byte("event: reset\ndata: {}\n\n")
	frameExpired   = []byte("event: expired\ndata: {}\n\n")
)

// frameHello opens a stream and tells where it stands.
func frameHello(at board.Position) []byte {
	return fmt.Appendf(nil, "retry: 2000\nid: %s\nevent: hello\ndata: {}\n\n", at)
}

// frameBye ends a stream and says when to come back.
func frameBye(after time.Duration) []byte {
	return fmt.Appendf(nil, "event: bye\ndata: {\"retryMs\":%d}\n\n", after.Milliseconds())
}

// entry is an event and what has been encoded of it. Frames are made when the
// first reader of a class needs them; all access is under the channel's lock.
type entry struct {
	event  board.Event
	frames map[board.Class][]byte
	owner  []byte
}

// frameFor gives the bytes for one reader, or nil when they may not see it.
func (e *entry) frameFor(r Renderer, class board.Class, participant board.ID) []byte {
	if frame, ok := e.frames[class]; ok && frame != nil {
		return frame
	}
	if _, asked := e.frames[class]; !asked {
		var frame []byte
		if board.Sees(class, e.event.Doc) {
			frame = e.encode(r)
		}
		if e.frames == nil {
			e.frames = make(map[board.Class][]byte, 2)
		}
		e.frames[class] = frame
		if frame != nil {
			return frame
		}
	}
	if participant == "" || board.OwnerOf(e.event.Doc) != participant {
		return nil
	}
	if e.owner == nil {
		e.owner = e.encode(r)
	}
	return e.owner
}

// encode makes the frame of the event; nil when the document has no public
// shape.
func (e *entry) encode(r Renderer) []byte {
	change, ok := r.Change(e.event.Doc)
	if !ok {
		return nil
	}
	data, err := json.Marshal(change)
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "id: %s\nevent: change\ndata: %s\n\n", e.event.Position, data)
}

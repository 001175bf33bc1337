package live

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// Renderer gives documents their public shape; false when they have none.
type Renderer interface {
	Shape(doc board.Document, v view.Viewer) (any, bool)
	// Limits tells what may be sent to a board whose uploads have so many bytes.
	Limits(used int64) view.Limits
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

// frameYou tells a reader about themselves. It carries no cursor.
func frameYou(you view.You) []byte {
	data, err := json.Marshal(you)
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "event: you\ndata: %s\n\n", data)
}

// frameChange carries one document. It does not move the reader's cursor.
func frameChange(kind board.Kind, doc []byte) []byte {
	if doc == nil {
		return nil
	}
	var s sheet
	s.Grow(len(doc) + 64)
	s.change(kind, doc)
	return s.Bytes()
}

// entry is an event, encoded: once for each level that sees the document, once
// for its owner, once for all who have lost it (rule S12), and for nobody who is
// not there. It never changes.
type entry struct {
	at       board.Position
	sign     string // of the sight in which it was encoded
	audience board.Audience
	frames   [viewers]frame
	// owner is empty when they are not there.
	owner board.ID
	// shownTo are the audiences that have ever seen it: who is in none of them
	// now gets gone.
	shownTo []board.Audience
	gone    frame
	// bound is beyond which not even the owner sees it (Sight.Bound).
	bound       board.Audience
	boundPerson board.ID
	// quiet moves no cursor.
	quiet bool
}

// readers tells who is there to read an event.
type readers interface {
	level(board.Level) bool
	person(board.ID) bool
}

// newEntry encodes a document, as a mirror holds it, for an event at a position.
func newEntry(r *press, m *mirror, at board.Position, held *mirrored, who readers) *entry {
	en := &entry{at: at, sign: m.sign, audience: m.sight.AudienceOf(held.doc), shownTo: held.doc.Head().ShownTo}
	en.bound, en.boundPerson = m.sight.Bound(held.doc)
	for _, v := range []viewer{forModerators, forMembers} {
		seen := en.audience != board.Nobody && (v == forModerators || en.audience != board.Moderators)
		if seen && who.level(v.level()) {
			en.frames[v] = r.frameOf(m, at, held, v)
		}
	}
	if owner := board.OwnerOf(held.doc); owner != "" && who.person(owner) {
		en.owner = owner
		if m.sight.ToOwner(held.doc) {
			en.frames[forOwner] = r.frameOf(m, at, held, forOwner)
		}
	}
	if en.lost() {
		en.gone = frame{bytes: frameChange(held.doc.Kind(), removal(r, m, held.doc))}
	}
	return en
}

// lost tells whether somebody may have to be told that the document is gone:
// the owner who sees it no more, or those who saw it and are not among those who
// do now.
func (e *entry) lost() bool {
	if e.audience == board.Members {
		return false
	}
	return e.owner != "" && e.frames[forOwner].bytes == nil || slices.ContainsFunc(e.shownTo, func(a board.Audience) bool {
		return a != e.audience && (a != board.Moderators || e.audience == board.Nobody)
	})
}

// frameFor gives the bytes for one reader, with their cursor after it, or nil
// when they are told nothing.
func (e *entry) frameFor(class board.Class, participant board.ID) []byte {
	f, v := e.told(class, participant)
	switch {
	case f.bytes == nil:
		return nil
	case e.quiet:
		return f.bare()
	case f.body > 0 && class == board.Class{Level: v.level()}:
		return f.bytes // most people's
	default:
		return f.under(cursorOf(e.at, e.sign, class))
	}
}

// told gives the frame that one reader is told, and for whom it was made.
func (e *entry) told(class board.Class, participant board.ID) (frame, viewer) {
	mine, own := participant != "" && e.owner == participant, e.frames[forOwner]
	switch {
	case mine && own.bytes != nil && board.Lets(class, participant, e.bound, e.boundPerson) && (class.Level == board.LevelMembers || !class.In(e.audience)):
		return own, forOwner
	case class.In(e.audience):
		v := viewerOf(class.Level)
		return e.frames[v], v
	case mine, slices.ContainsFunc(e.shownTo, class.In):
		return e.gone, forMembers
	default:
		return frame{}, forMembers
	}
}

// removal is what those read who have lost a document: its tombstone.
func removal(r *press, m *mirror, doc board.Document) []byte {
	shape, ok := r.Shape(board.Tombstone(doc), view.Viewer{Level: board.LevelMembers, Sight: m.sight})
	if !ok {
		return nil
	}
	data, err := json.Marshal(shape)
	if err != nil {
		return nil
	}
	return data
}

package live

import (
	"bytes"
	"encoding/json"
	"sync"

	"fresque.dev/services/board/internal/board"
)

// largestSheet is the most that a sheet holds to be used again, in bytes.
const largestSheet = 64 << 10

// press puts frames together. Each is written on a sheet and copied from it
// once, whole: the sheets are used again and again, so nothing that leaves the
// press may be of one.
type press struct {
	Renderer
	sheets sync.Pool
}

// sheet is a text that grows.
type sheet struct {
	bytes.Buffer
	json *json.Encoder // writes here
}

// sheet gives an empty one; it goes back to done.
func (p *press) sheet() *sheet {
	if s, ok := p.sheets.Get().(*sheet); ok {
		return s
	}
	s := new(sheet)
	s.json = json.NewEncoder(&s.Buffer)
	return s
}

func (p *press) done(s *sheet) {
	if s.Cap() <= largestSheet {
		s.Reset()
		p.sheets.Put(s)
	}
}

// change writes what carries one document, or nothing when there is none.
func (s *sheet) change(kind board.Kind, doc []byte) {
	if doc == nil {
		return
	}
	s.open(kind)
	s.Write(doc)
	s.WriteString("}\n\n")
}

func (s *sheet) open(kind board.Kind) {
	for _, part := range [...]string{"event: change\ndata: {\"kind\":\"", string(kind), "\",\"", string(kind), "\":"} {
		s.WriteString(part)
	}
}

// shape writes what carries one document that is encoded here, and tells where
// in the sheet its JSON stands; false when it cannot be encoded.
func (s *sheet) shape(kind board.Kind, doc any) (from, to int, ok bool) {
	start := s.Len()
	s.open(kind)
	from = s.Len()
	if s.json.Encode(doc) != nil {
		s.Truncate(start)
		return 0, 0, false
	}
	to = s.Len() - len("\n")
	s.Truncate(to)
	s.WriteString("}\n\n")
	return from, to, true
}

// cursor moves the reader's with the last change that was written.
func (s *sheet) cursor(at board.Position, named string) {
	s.Truncate(s.Len() - len("\n"))
	room := s.AvailableBuffer()
	room = append(room, "id: "...)
	s.Write(append(appendCursor(room, at, named), "\n\n"...))
}

// frame is what is written to a stream of an event, made once for many readers.
// It never changes.
type frame struct {
	// bytes end with the cursor of those of a level who are of no group; without
	// one where body is 0.
	bytes []byte
	// body is how long they are without it, and without what ends a frame.
	body int
}

// bare is the frame without a cursor.
func (f frame) bare() []byte {
	if f.body == 0 {
		return f.bytes
	}
	return append(append(make([]byte, 0, f.body+1), f.bytes[:f.body]...), '\n')
}

// under is the frame with another cursor.
func (f frame) under(cursor string) []byte {
	body := f.body
	if body == 0 {
		body = len(f.bytes) - len("\n")
	}
	out := make([]byte, 0, body+len(cursor)+len("id: \n\n"))
	return append(append(append(append(out, f.bytes[:body]...), "id: "...), cursor...), "\n\n"...)
}

// frameOf carries a document for a viewer. A post brings its uploads and its
// counts along: whoever has just come to see it has not been told of them.
func (p *press) frameOf(m *mirror, at board.Position, held *mirrored, v viewer) frame {
	s := p.sheet()
	defer p.done(s)
	post, isPost := held.doc.(*board.Post)
	if isPost {
		for _, media := range m.media(post) {
			if v == forOwner || m.sight.AudienceOf(media.doc) != board.Nobody {
				s.change(board.KindMedia, m.encoded(p, media, v))
			}
		}
	}
	kind, from, to := held.doc.Kind(), 0, 0
	if held.json[v] == nil && s.Len() == 0 {
		if shape, ok := m.shape(p, held, v); ok {
			from, to, _ = s.shape(kind, shape)
		}
	} else {
		s.change(kind, m.encoded(p, held, v))
	}
	if isPost {
		s.change("counts", m.counts(post.ID, false))
	}
	if s.Len() == 0 {
		return frame{}
	}
	body := s.Len() - len("\n")
	s.cursor(at, m.names[v.level()])
	out := frame{bytes: bytes.Clone(s.Bytes()), body: body}
	if to > 0 {
		held.json[v] = out.bytes[from:to:to] // nearly all of the frame is the document
	}
	return out
}

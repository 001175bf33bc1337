package live

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"fresque.dev/services/board/internal/board"
)

// Documents is where a channel reads a board from, once.
type Documents interface {
	List(ctx context.Context, board board.ID, kind board.Kind) ([]board.Document, error)
}

// mirror is a channel's copy of one board. It starts as what the store has and
// follows the events; merging is by revision (rule S11), so that what is seen
// twice, late or early is harmless.
type mirror struct {
	docs map[board.Key]*mirrored
	// version grows with every change of what is shown.
	version uint64
}

// mirrored is a document and its JSON, made when it is first needed.
type mirrored struct {
	doc  board.Document
	json []byte
}

// loadMirror reads a whole board.
func loadMirror(ctx context.Context, from Documents, id board.ID) (*mirror, error) {
	m := &mirror{docs: make(map[board.Key]*mirrored)}
	for _, kind := range board.Kinds() {
		docs, err := from.List(ctx, id, kind)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			m.merge(doc)
		}
	}
	return m, nil
}

// merge takes a document in if it is newer, and gives what is held of it then.
func (m *mirror) merge(doc board.Document) *mirrored {
	key := board.KeyOf(doc)
	held, ok := m.docs[key]
	if ok && held.doc.Head().Rev >= doc.Head().Rev {
		return held
	}
	held = &mirrored{doc: doc}
	m.docs[key] = held
	m.version++
	return held
}

// exists tells whether the board is there and not deleted.
func (m *mirror) exists(id board.ID) bool {
	held, ok := m.docs[board.Key{Board: id, Kind: board.KindBoard, ID: id}]
	return ok && !held.doc.Head().Deleted()
}

// all lists the documents in the order of their ids.
func (m *mirror) all() []board.Document {
	docs := make([]board.Document, 0, len(m.docs))
	for _, held := range m.docs {
		docs = append(docs, held.doc)
	}
	slices.SortFunc(docs, func(a, b board.Document) int { return cmp.Compare(a.Head().ID, b.Head().ID) })
	return docs
}

// hidden lists the documents that a participant sees and their class does not.
func (m *mirror) hidden(class board.Class, participant board.ID) []*mirrored {
	var own []*mirrored
	for _, held := range m.docs {
		if participant != "" && board.OwnerOf(held.doc) == participant && !board.Sees(class, held.doc) {
			own = append(own, held)
		}
	}
	return own
}

// encoded gives a document's JSON in its public shape; nil when it has none.
func (h *mirrored) encoded(r Renderer) []byte {
	if h.json == nil {
		if shape, ok := r.Shape(h.doc); ok {
			h.json, _ = json.Marshal(shape)
		}
	}
	return h.json
}

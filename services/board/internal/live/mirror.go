package live

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
)

// Documents is where a channel reads a board from, once.
type Documents interface {
	List(ctx context.Context, board board.ID, kind board.Kind) ([]board.Document, error)
	Get(ctx context.Context, key board.Key) (board.Document, error)
}

// mirror is a channel's copy of one board. It starts as what the store has and
// follows the events; merging is by revision (rule S11), so that what is seen
// twice, late or early is harmless.
type mirror struct {
	id   board.ID
	docs map[board.Key]*mirrored
	// owned lists the documents that have an owner, by owner.
	owned map[board.ID]map[board.Key]bool
	// sections are at hand: the sight is looked at every other second.
	sections map[board.ID]*board.Section
	// talk is what was said and given to the posts.
	talk talk
	// version grows with every change of what is shown.
	version uint64
	// loadedAt is when the store was read.
	loadedAt time.Time
	// sight is that of the board now; sign tells when it has changed.
	sight *board.Sight
	sign  string
	// names are of the sight of those of each level who are of no group (signOf).
	names map[board.Level]string
}

// mirrored is a document and its JSON for each viewer, made when it is first
// needed.
type mirrored struct {
	doc  board.Document
	json [viewers][]byte
}

// viewer is for whom a document's JSON is made.
type viewer int

const (
	forModerators viewer = iota
	forMembers
	// forOwner is for a member, of what is theirs.
	forOwner
	viewers
)

func (v viewer) level() board.Level {
	if v == forModerators {
		return board.LevelModerators
	}
	return board.LevelMembers
}

// viewerOf is the one of a level.
func viewerOf(level board.Level) viewer {
	if level == board.LevelModerators {
		return forModerators
	}
	return forMembers
}

// loadMirror reads a whole board.
func loadMirror(ctx context.Context, from Documents, id board.ID, now time.Time) (*mirror, error) {
	m := &mirror{id: id, docs: make(map[board.Key]*mirrored), owned: make(map[board.ID]map[board.Key]bool), sections: make(map[board.ID]*board.Section), loadedAt: now, talk: newTalk()}
	for _, kind := range board.LiveKinds() {
		docs, err := from.List(ctx, id, kind)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			doc.Head().Deed = nil // which has in it what the document was
			m.merge(doc)
		}
	}
	m.look(now)
	clear(m.talk.moved) // whoever comes is told all of theirs
	return m, nil
}

// recall looks for what says where a principal stands and is not held: it was gone
// when the board was read, which a list does not tell, or has come since. Of who has
// given no name nothing is kept. Anew looks for it though it is held.
func (m *mirror) recall(ctx context.Context, from Documents, p board.Principal, anew bool) error {
	var keys []board.Key
	if p.Link != "" && (anew || m.link(p.Link) == nil) {
		keys = append(keys, board.Key{Board: m.id, Kind: board.KindLink, ID: p.Link})
	}
	if p.Name != "" && (anew || m.participant(p.Participant) == nil) {
		keys = append(keys, board.Key{Board: m.id, Kind: board.KindParticipant, ID: p.Participant})
	}
	for _, key := range keys {
		doc, err := from.Get(ctx, key)
		switch {
		case fault.KindOf(err) == fault.NotFound:
		case err != nil:
			return err
		default:
			m.merge(doc)
		}
	}
	return nil
}

// merge takes a document in if it is newer, and gives what is held of it then.
func (m *mirror) merge(doc board.Document) *mirrored {
	key := board.KeyOf(doc)
	held, ok := m.docs[key]
	if ok && held.doc.Head().Rev >= doc.Head().Rev {
		return held
	}
	// One text for all: of each event it came as a copy.
	doc.Head().Board, key.Board = m.id, m.id
	var was board.Document
	if ok {
		was = held.doc
		doc.Head().ID, key.ID = was.Head().ID, was.Head().ID
		*held = mirrored{doc: doc}
	} else {
		held = &mirrored{doc: doc}
		m.docs[key] = held
	}
	m.talk.merge(was, doc)
	m.hand(was, doc, key)
	if sec, ok := doc.(*board.Section); ok {
		m.sections[sec.ID] = sec
	}
	m.version++
	return held
}

// hand gives a document to its owner, from whoever had it.
func (m *mirror) hand(was, doc board.Document, key board.Key) {
	owner, before := board.OwnerOf(doc), board.ID("")
	if was != nil {
		before = board.OwnerOf(was)
	}
	if owner == before {
		return
	}
	if delete(m.owned[before], key); len(m.owned[before]) == 0 {
		delete(m.owned, before)
	}
	if owner == "" {
		return
	}
	if m.owned[owner] == nil {
		m.owned[owner] = make(map[board.Key]bool)
	}
	m.owned[owner][key] = true
}

// look makes the sight anew, and tells whether what is already shown may now
// be shown otherwise.
func (m *mirror) look(now time.Time) bool {
	m.sight = board.NewSight(m.board(), slices.Collect(maps.Values(m.sections)), m.post, now)
	sign := m.sight.Fingerprint()
	if sign == m.sign {
		return false
	}
	m.sign, m.names = sign, make(map[board.Level]string)
	for _, level := range []board.Level{board.LevelMembers, board.LevelModerators} {
		m.names[level] = signOf(sign, board.Class{Level: level})
	}
	m.version++
	for _, held := range m.docs {
		held.json = [viewers][]byte{}
	}
	return true
}

// placesPosts tells whether posts stand in a section that has just become
// known: until then only moderators saw them.
func (m *mirror) placesPosts(section board.ID) bool {
	for _, held := range m.docs {
		if p, ok := held.doc.(*board.Post); ok && p.Section == section {
			return true
		}
	}
	return false
}

// board gives the board itself; nil when there is none.
func (m *mirror) board() *board.Board {
	b := found[board.Board](m, board.KindBoard, m.id)
	if b == nil || b.Deleted() {
		return nil
	}
	return b
}

// found is a document of a known type, as it is; nil when it is not there.
func found[D any, P interface {
	*D
	board.Document
}](m *mirror, kind board.Kind, id board.ID) P {
	held, ok := m.docs[board.Key{Board: m.id, Kind: kind, ID: id}]
	if !ok {
		return nil
	}
	doc, _ := held.doc.(P)
	return doc
}

func (m *mirror) post(id board.ID) *board.Post { return found[board.Post](m, board.KindPost, id) }

func (m *mirror) link(id board.ID) *board.Link { return found[board.Link](m, board.KindLink, id) }

func (m *mirror) participant(id board.ID) *board.Participant {
	return found[board.Participant](m, board.KindParticipant, id)
}

// media lists the uploads and previews that a post shows, as they are.
func (m *mirror) media(p *board.Post) []*mirrored {
	var out []*mirrored
	for _, a := range p.Attachments {
		if a.MediaID() == "" {
			continue
		}
		if held, ok := m.docs[board.Key{Board: m.id, Kind: board.KindMedia, ID: a.MediaID()}]; ok && !held.doc.Head().Deleted() {
			out = append(out, held)
		}
	}
	return out
}

// all lists the documents in the order of their ids; of comments those that
// moderators are to see to.
func (m *mirror) all() []*mirrored {
	docs := make([]*mirrored, 0, len(m.docs))
	reported := make(map[board.ID]bool)
	for _, held := range m.docs {
		if r, ok := held.doc.(*board.Report); ok && !r.Settled && !r.Deleted() {
			reported[r.Comment] = true
		}
	}
	for _, held := range m.docs {
		if c, ok := held.doc.(*board.Comment); ok && !c.Waits() && !reported[c.ID] {
			continue
		}
		docs = append(docs, held)
	}
	slices.SortFunc(docs, func(a, b *mirrored) int { return cmp.Compare(a.doc.Head().ID, b.doc.Head().ID) })
	return docs
}

// own lists the documents of a participant's that they see, those first that
// others come after: uploads before the posts that show them. Comments are not
// among them: whoever opens a thread reads it.
func (m *mirror) own(participant board.ID) []*mirrored {
	var out []*mirrored
	for key := range m.owned[participant] {
		if held := m.docs[key]; held != nil && key.Kind != board.KindComment && m.sight.ToOwner(held.doc) {
			out = append(out, held)
		}
	}
	slices.SortFunc(out, func(a, b *mirrored) int {
		return cmp.Or(cmp.Compare(a.doc.Kind(), b.doc.Kind()), cmp.Compare(a.doc.Head().ID, b.doc.Head().ID))
	})
	return out
}

// encoded gives a document's JSON for a viewer; nil when it has no public
// shape.
func (m *mirror) encoded(r *press, held *mirrored, v viewer) []byte {
	if data := held.json[v]; data != nil {
		return data
	}
	shape, ok := m.shape(r, held, v)
	if !ok {
		return nil
	}
	data, err := json.Marshal(shape)
	if err != nil {
		return nil
	}
	held.json[v] = data
	return data
}

func (m *mirror) shape(r *press, held *mirrored, v viewer) (any, bool) {
	return r.Shape(held.doc, view.Viewer{Level: v.level(), Own: v == forOwner, Sight: m.sight})
}

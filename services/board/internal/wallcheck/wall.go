package wallcheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Wall is what one browser holds, merged as the web app merges (rule S11). It
// is safe for concurrent use.
type Wall struct {
	name string
	// Inspect looks at each document that arrives, in snapshots too, and names
	// what this browser may not be told; empty for nothing. It is set before the
	// wall is used.
	Inspect func(kind string, fields map[string]any) string

	mu   sync.Mutex
	docs map[key]document
	// lost are the tombstones of before a snapshot: what is told next stands at
	// the same revision too.
	lost   map[key]bool
	counts map[string]counts
	epoch  string
	seq    uint64
	faults []Fault
}

// NewWall makes an empty wall; the name is for faults.
func NewWall(name string) *Wall {
	return &Wall{name: name, docs: make(map[key]document), counts: make(map[string]counts)}
}

// Snapshot is the part of a snapshot that is compared. Media are left out: a
// snapshot shows them by what posts show, a stream as they come; and comments,
// of which a snapshot has those that moderators are to see to.
type Snapshot struct {
	Cursor       string            `json:"cursor"`
	Board        json.RawMessage   `json:"board"`
	Sections     []json.RawMessage `json:"sections"`
	Groups       []json.RawMessage `json:"groups"`
	Posts        []json.RawMessage `json:"posts"`
	Participants []json.RawMessage `json:"participants"`
	Reports      []json.RawMessage `json:"reports"`
	Comments     []json.RawMessage `json:"comments"`
	Counts       []counts          `json:"counts"`
}

// Load takes a snapshot in and gives its cursor: what is live here and not
// there is gone, the rest is merged.
func (w *Wall) Load(raw []byte) (cursor string, err error) {
	var s Snapshot
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", err
	}
	docs, err := s.documents()
	if err != nil {
		return "", err
	}
	comments, err := all("comment", s.Comments)
	if err != nil {
		return "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range comments {
		w.inspect(c)
	}
	w.counts = make(map[string]counts)
	for _, c := range s.Counts {
		w.counts[c.ID] = c
	}
	there := make(map[key]bool, len(docs))
	for _, doc := range docs {
		if there[doc.key] {
			w.fault(Doubled, "the snapshot has %s twice", doc.key)
		}
		there[doc.key] = true
	}
	w.lost = make(map[key]bool)
	for k, doc := range w.docs {
		if w.lost[k] = doc.deleted && !there[k]; !there[k] && !doc.deleted {
			delete(w.docs, k)
		}
	}
	for _, doc := range docs {
		// At one revision the snapshot stands: the sight of the wall may have
		// changed what is shown of the same document.
		if held, ok := w.docs[doc.key]; ok && held.rev == doc.rev {
			delete(w.docs, doc.key)
		}
		w.merge(doc)
	}
	return s.Cursor, nil
}

func (s Snapshot) documents() ([]document, error) {
	b, err := parse("board", s.Board)
	if err != nil {
		return nil, err
	}
	docs := []document{b}
	for kind, list := range map[string][]json.RawMessage{
		"section": s.Sections, "group": s.Groups, "post": s.Posts, "participant": s.Participants, "report": s.Reports,
	} {
		parsed, err := all(kind, list)
		if err != nil {
			return nil, err
		}
		docs = append(docs, parsed...)
	}
	return docs, nil
}

func all(kind string, list []json.RawMessage) ([]document, error) {
	var docs []document
	for _, raw := range list {
		doc, err := parse(kind, raw)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// counts are what a post has; the last that were told stand.
type counts struct {
	ID        string  `json:"id"`
	Comments  int     `json:"comments"`
	Reactions int     `json:"reactions"`
	Average   float64 `json:"average"`
}

// take takes counts in; those of a post that is not there would be a leak.
func (w *Wall) take(c counts) {
	w.counts[c.ID] = c
	if c.Comments == 0 && c.Reactions == 0 {
		delete(w.counts, c.ID)
	}
}

// Connected begins a connection: from here on cursors must ascend.
func (w *Wall) Connected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch, w.seq = "", 0
}

// Take merges the data of one change, with the cursor it carries, empty for
// none.
func (w *Wall) Take(cursor string, data []byte) error {
	doc, had, err := parseChange(data)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if had != nil {
		w.take(*had)
		return nil
	}
	if cursor != "" {
		w.advance(cursor)
	}
	if doc.kind == "media" || doc.kind == "comment" {
		w.inspect(doc)
		return nil
	}
	w.merge(doc)
	return nil
}

// advance holds the order of one connection.
func (w *Wall) advance(cursor string) {
	epoch, text, _ := strings.Cut(cursor, "-")
	text, _, _ = strings.Cut(text, ".") // the sign of a sight
	seq, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil:
		w.fault(Unordered, "%q is no cursor", cursor)
	case epoch == w.epoch && seq <= w.seq:
		w.fault(Unordered, "%s came after %d", cursor, w.seq)
	}
	w.epoch, w.seq = epoch, seq
}

// merge is the one rule of convergence: the greater revision stands.
func (w *Wall) merge(doc document) {
	if field, leaks := doc.leaks(); leaks {
		w.fault(Leaked, "the tombstone of %s tells its %s", doc.key, field)
	}
	w.inspect(doc)
	held, ok := w.docs[doc.key]
	if ok && held.rev == doc.rev && w.lost[doc.key] {
		ok = false
	}
	if ok && held.rev == doc.rev && !held.same(doc) {
		w.fault(Diverged, "%s has two contents at revision %d: %s", doc.key, doc.rev, held.differs(doc))
	}
	if !ok || held.rev < doc.rev {
		w.docs[doc.key] = doc
		delete(w.lost, doc.key)
	}
	if doc.kind == "post" && doc.deleted {
		delete(w.counts, doc.id)
	}
}

func (w *Wall) inspect(doc document) {
	if w.Inspect == nil || doc.deleted {
		return
	}
	if what := w.Inspect(doc.kind, doc.fields); what != "" {
		w.fault(Leaked, "%s tells %s", doc.key, what)
	}
}

func (w *Wall) fault(kind Kind, format string, args ...any) {
	w.faults = append(w.faults, Fault{Kind: kind, What: w.name + ": " + fmt.Sprintf(format, args...)})
}

// Count is how many posts are shown.
func (w *Wall) Count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for k, doc := range w.docs {
		if k.kind == "post" && !doc.deleted {
			n++
		}
	}
	return n
}

// countsNow copies the counts that are shown.
func (w *Wall) countsNow() map[string]counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}

// state copies what is held, and the faults seen so far.
func (w *Wall) state() (map[key]document, []Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.docs), slices.Clone(w.faults)
}

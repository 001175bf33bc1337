package wallcheck

import (
	"fmt"
	"sync"
)

// Ledger records what was asked of a wall and what was acknowledged. It is
// safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	sent    map[key]bool
	deleted map[key]bool // a deletion was asked for, answered or not
	acked   map[key]map[int64]document
	count   int
	faults  []Fault
}

// NewLedger makes an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{sent: make(map[key]bool), deleted: make(map[key]bool), acked: make(map[key]map[int64]document)}
}

// Sent notes that a document is about to be made.
func (l *Ledger) Sent(kind, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[key{kind, id}] = true
}

// Deleting notes that a deletion is about to be asked for.
func (l *Ledger) Deleting(kind, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deleted[key{kind, id}] = true
}

// Acknowledged records the document that a write was answered with.
func (l *Ledger) Acknowledged(kind string, raw []byte) error {
	doc, err := parse(kind, raw)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	revs := l.acked[doc.key]
	if revs == nil {
		revs = make(map[int64]document)
		l.acked[doc.key] = revs
	}
	if before, ok := revs[doc.rev]; ok && !before.same(doc) {
		l.faults = append(l.faults, Fault{Overwritten, fmt.Sprintf("%s was acknowledged with two contents at revision %d", doc.key, doc.rev)})
	}
	revs[doc.rev] = doc
	return nil
}

// Count is how many writes were acknowledged.
func (l *Ledger) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// check holds a state of the wall against what was acknowledged.
func (l *Ledger) check(where string, docs map[key]document) []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	faults := append([]Fault(nil), l.faults...)
	for k, revs := range l.acked {
		last := newest(revs)
		held, there := docs[k]
		there = there && !held.deleted
		switch {
		case !there && !last.deleted && !l.deleted[k]:
			faults = append(faults, Fault{Lost, fmt.Sprintf("%s: %s, acknowledged at revision %d, is not there", where, k, last.rev)})
		case there && held.rev < last.rev:
			faults = append(faults, Fault{Lost, fmt.Sprintf("%s: %s is at revision %d, but %d was acknowledged", where, k, held.rev, last.rev)})
		case there && held.rev == last.rev && !held.same(last):
			faults = append(faults, Fault{Overwritten, fmt.Sprintf("%s: %s is not what was acknowledged at revision %d", where, k, last.rev)})
		}
	}
	for k := range docs {
		if k.kind == "post" && !l.sent[k] {
			faults = append(faults, Fault{Doubled, fmt.Sprintf("%s: nobody sent %s", where, k)})
		}
	}
	return faults
}

func newest(revs map[int64]document) document {
	var last document
	for _, doc := range revs {
		if doc.rev > last.rev {
			last = doc
		}
	}
	return last
}

package wallcheck

import "fmt"

// Kind sorts faults.
type Kind string

// The kinds of fault.
const (
	// Lost: an acknowledged write is not on the wall.
	Lost Kind = "lost"
	// Doubled: a document is there twice, or one that nobody sent.
	Doubled Kind = "doubled"
	// Overwritten: an acknowledged content was replaced without a revision.
	Overwritten Kind = "overwritten"
	// Stale: a browser holds an older revision than a fresh snapshot, or the
	// snapshot an older one than a browser.
	Stale Kind = "stale"
	// Missing: a browser does not show what a fresh snapshot shows.
	Missing Kind = "missing"
	// Ghost: a browser shows what a fresh snapshot does not.
	Ghost Kind = "ghost"
	// Diverged: one revision with two contents.
	Diverged Kind = "diverged"
	// Leaked: a tombstone that tells its content.
	Leaked Kind = "leaked"
	// Unordered: a connection whose cursors do not ascend.
	Unordered Kind = "unordered"
)

// Fault is one broken promise.
type Fault struct {
	Kind Kind
	What string
}

// String is for people.
func (f Fault) String() string { return string(f.Kind) + ": " + f.What }

// Compare holds a fresh snapshot against what was acknowledged, and every
// browser's wall against the snapshot. Nil means that all is well.
func Compare(ledger *Ledger, snapshot []byte, browsers ...*Wall) ([]Fault, error) {
	fresh := NewWall("a fresh snapshot")
	if _, err := fresh.Load(snapshot); err != nil {
		return nil, err
	}
	want, _ := fresh.state()
	return append(ledger.check("a fresh snapshot", want), Same(fresh, browsers...)...), nil
}

// Same holds browsers' walls against that of one which has just come, and tells
// what each has seen that it should not.
func Same(fresh *Wall, browsers ...*Wall) []Fault {
	want, faults := fresh.state()
	for _, b := range browsers {
		have, seen := b.state()
		faults = append(append(faults, seen...), b.differs(want, have)...)
		faults = append(faults, b.miscounts(fresh.countsNow(), want)...)
	}
	return faults
}

// miscounts tells where a browser counts otherwise than a fresh snapshot. Posts
// that it does not compare with are its owner's alone.
func (w *Wall) miscounts(want map[string]counts, docs map[key]document) []Fault {
	var faults []Fault
	have := w.countsNow()
	for post, c := range want {
		if have[post] != c {
			faults = append(faults, Fault{Stale, fmt.Sprintf("%s: counts %+v, the snapshot %+v", w.name, have[post], c)})
		}
	}
	for post, c := range have {
		_, told := want[post]
		if there, shown := docs[key{"post", post}]; !told && shown && !there.deleted {
			faults = append(faults, Fault{Stale, fmt.Sprintf("%s: counts %+v, the snapshot nothing", w.name, c)})
		}
	}
	return faults
}

// differs tells where a browser and a fresh snapshot do not agree.
func (w *Wall) differs(want, have map[key]document) []Fault {
	var faults []Fault
	add := func(kind Kind, format string, args ...any) {
		faults = append(faults, Fault{kind, w.name + ": " + fmt.Sprintf(format, args...)})
	}
	for k, doc := range want {
		held, there := have[k]
		switch {
		case doc.deleted:
			// Whoever has just come may know less of what is gone.
		case !there:
			add(Missing, "%s is not there", k)
		case held.rev != doc.rev:
			add(Stale, "%s is at revision %d, the snapshot's at %d", k, held.rev, doc.rev)
		case !held.same(doc):
			add(Diverged, "%s is not the snapshot's at revision %d", k, doc.rev)
		}
	}
	for k, doc := range have {
		if w, there := want[k]; (!there || w.deleted) && !doc.deleted {
			add(Ghost, "%s is shown at revision %d", k, doc.rev)
		}
	}
	return faults
}

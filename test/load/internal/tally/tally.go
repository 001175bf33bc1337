// Package tally judges what arrives: whether a reader gets each event once and
// in order, and how long the events took.
package tally

// recent is how many events a reader remembers one by one.
const recent = 64

// Track follows one reader of one wall, whose events are numbered from 1. Its
// zero value has been told nothing.
type Track struct {
	last uint32
	seen uint64 // bit i: event last-i has come
}

// From starts a track behind an event: that one and those before it are not
// expected.
func From(last uint32) Track { return Track{last: last, seen: ^uint64(0)} }

// Verdict is what an arrival means.
type Verdict struct {
	// Skipped is how many events before this one have not come (yet).
	Skipped int
	// Doubled says that the event had come already, Late that it comes after
	// a later one: it was counted as skipped then.
	Doubled, Late bool
}

// Take notes an arrival.
func (t *Track) Take(seq uint32) Verdict {
	if seq > t.last {
		ahead := seq - t.last
		t.last = seq
		if ahead >= recent {
			t.seen = 1
		} else {
			t.seen = t.seen<<ahead | 1
		}
		return Verdict{Skipped: int(ahead) - 1}
	}
	behind := t.last - seq
	if behind >= recent || t.seen&(1<<behind) != 0 {
		return Verdict{Doubled: true}
	}
	t.seen |= 1 << behind
	return Verdict{Late: true}
}

// Missing is how many events up to one have still to come, besides those that
// were skipped.
func (t *Track) Missing(upTo uint32) int { return max(0, int(upTo)-int(t.last)) }

// Counts sums up many readers.
type Counts struct {
	// Deliveries are events that reached a reader, Bytes all that did.
	Deliveries, Bytes int64
	// Lost, Doubled and Reordered are the faults.
	Lost, Doubled, Reordered int64
	// Closed are the connections that ended by themselves.
	Closed int64
}

// Add notes a verdict.
func (c *Counts) Add(v Verdict) {
	c.Deliveries++
	c.Lost += int64(v.Skipped)
	switch {
	case v.Doubled:
		c.Doubled++
	case v.Late:
		c.Reordered++
		c.Lost--
	}
}

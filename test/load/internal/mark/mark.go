// Package mark writes and finds the marks by which the bench follows an event
// from its publisher to its readers, whatever protocol carries it: a tilde, the
// event's number and the time of its publication, all of fixed width. Nothing
// else that the servers send has a tilde in it.
package mark

import (
	"bytes"
	"fmt"
	"time"
)

const (
	tilde     = '~'
	seqDigits = 8
	atDigits  = 16
	// Size of a mark, in bytes.
	Size = 1 + seqDigits + atDigits
	// MaxSeq is the last number that a mark can carry.
	MaxSeq = 99_999_999
)

// Mark is what one event tells.
type Mark struct {
	// Seq counts the events of a wall from 1.
	Seq uint32
	// At is when it was published, in microseconds since 1970.
	At int64
}

// New marks an event that is published now.
func New(seq uint32, now time.Time) Mark { return Mark{Seq: seq, At: now.UnixMicro()} }

// String is the mark as it travels.
func (m Mark) String() string {
	return fmt.Sprintf("%c%0*d%0*d", tilde, seqDigits, m.Seq, atDigits, m.At)
}

// Next finds the first mark of b and gives what follows it. When ok is false
// there is none; rest then is the beginning of one that has been cut off, to be
// put before what comes next, or empty.
func Next(b []byte) (m Mark, rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(b, tilde)
		if i < 0 {
			return Mark{}, nil, false
		}
		b = b[i:]
		if len(b) < Size {
			return Mark{}, b, false
		}
		seq, good := digits(b[1 : 1+seqDigits])
		at, also := digits(b[1+seqDigits : Size])
		if good && also {
			return Mark{Seq: uint32(seq), At: at}, b[Size:], true
		}
		b = b[1:]
	}
}

func digits(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

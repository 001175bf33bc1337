package nowait

import "errors"

// ErrNoRing says that this system gives no ring: it is too old, another, or a sandbox
// forbids it.
var ErrNoRing = errors.New("nowait: no io_uring here")

// RingSize is how many sockets are written to by one system call at the most: with
// fewer, less is saved, and a call of so many takes about two milliseconds.
const RingSize = 512

// ringFew is up to how many the scheduler is not told of the call, as of a single one.
const ringFew = 32

// Send is one write of several: what it is to write, then what came of it as Write
// tells.
type Send struct {
	FD  uintptr
	P   []byte
	N   int
	Err error
}

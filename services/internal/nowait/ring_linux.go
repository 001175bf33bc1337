package nowait

import (
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// From <linux/io_uring.h>.
const (
	sysSetup = 425
	sysEnter = 426

	opSend     = 26
	singleMmap = 1 // of the features: both queues are in one mapping (5.4)

	offsetRings   = 0
	offsetEntries = 0x10000000
)

// entry is an io_uring_sqe.
type entry struct {
	op, flags   uint8
	priority    uint16
	fd          int32
	offset      uint64
	address     uint64
	length      uint32
	sendFlags   uint32
	userData    uint64
	buffer      uint16
	personality uint16
	splice      int32
	_           [2]uint64
}

// completion is an io_uring_cqe.
type completion struct {
	userData uint64
	result   int32
	flags    uint32
}

// params is an io_uring_params.
type params struct {
	sqEntries, cqEntries, flags, threadCPU, threadIdle, features, wq uint32
	_                                                                [3]uint32
	sq                                                               struct{ head, tail, mask, entries, flags, dropped, array, _, _, _ uint32 }
	cq                                                               struct{ head, tail, mask, entries, overflow, cqes, flags, _, _, _ uint32 }
}

// Ring writes to many sockets by one system call (io_uring): the kernel goes through a
// list, and is not entered for each. Nothing that it was given is still in its hands
// when a call comes back. It is used by one at a time.
type Ring struct {
	fd      int
	rings   []byte // both queues
	list    []byte // the entries
	at      params
	now     []Send // kept from the collector, and off the stack, while the kernel reads
	broken  error
	entries []entry
}

// NewRing asks the kernel for one; ErrNoRing where there is none to be had.
func NewRing() (*Ring, error) {
	r := new(Ring)
	fd, _, errno := syscall.Syscall(sysSetup, RingSize, uintptr(unsafe.Pointer(&r.at)), 0)
	if errno != 0 {
		return nil, fmt.Errorf("%w: %w", ErrNoRing, errno)
	}
	r.fd = int(fd)
	if err := r.open(); err != nil {
		_ = r.Close()
		return nil, fmt.Errorf("%w: %w", ErrNoRing, err)
	}
	return r, nil
}

func (r *Ring) open() (err error) {
	if r.at.features&singleMmap == 0 {
		return errors.New("its queues are apart")
	}
	size := max(r.at.sq.array+r.at.sqEntries*4, r.at.cq.cqes+r.at.cqEntries*uint32(unsafe.Sizeof(completion{})))
	const access, share = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_SHARED | syscall.MAP_POPULATE
	if r.rings, err = syscall.Mmap(r.fd, offsetRings, int(size), access, share); err != nil {
		return err
	}
	if r.list, err = syscall.Mmap(r.fd, offsetEntries, int(r.at.sqEntries)*int(unsafe.Sizeof(entry{})), access, share); err != nil {
		return err
	}
	r.entries = unsafe.Slice((*entry)(unsafe.Pointer(&r.list[0])), r.at.sqEntries)
	for i := range r.at.sqEntries { // an entry stands in its own place, always
		*r.word(r.at.sq.array + i*4) = i
	}
	return nil
}

// word is a number of the queues, by where it stands.
func (r *Ring) word(offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&r.rings[offset])) }

// Close gives the ring back.
func (r *Ring) Close() error {
	for _, mapped := range [][]byte{r.rings, r.list} {
		if mapped != nil {
			_ = syscall.Munmap(mapped)
		}
	}
	r.rings, r.list, r.entries, r.broken = nil, nil, nil, ErrNoRing
	return syscall.Close(r.fd)
}

// Write makes every one of some writes, RingSize at most, as Write does: what a socket
// takes at once, and no more. Where the ring fails, which it then does for good, they
// are made one by one.
func (r *Ring) Write(sends []Send) {
	r.now = sends
	done := 0
	if r.broken == nil {
		done = r.submit(sends)
	}
	for i := range sends[done:] {
		s := &sends[done+i]
		s.N, s.Err = Write(s.FD, s.P)
	}
	r.now = nil
}

// submit tells how many of the writes, from the first, were made.
func (r *Ring) submit(sends []Send) (made int) {
	tail := r.word(r.at.sq.tail)
	from := *tail // ours alone
	for i := range sends {
		s := &sends[i]
		s.N, s.Err = 0, errLost
		e := &r.entries[(from+uint32(i))&(r.at.sqEntries-1)]
		*e = entry{
			op: opSend, fd: int32(s.FD), userData: uint64(i), sendFlags: syscall.MSG_NOSIGNAL | syscall.MSG_DONTWAIT,
			address: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(s.P)))), length: uint32(len(s.P)),
		}
	}
	atomic.StoreUint32(tail, from+uint32(len(sends)))
	for made < len(sends) {
		n, err := r.enter(len(sends) - made)
		if err != nil || n == 0 {
			r.broken = errors.Join(ErrNoRing, err)
			break
		}
		made += n
		r.reap(sends)
	}
	return made
}

// errLost is what came of a write of which the kernel has said nothing, which it never
// does.
var errLost = errors.New("nowait: the kernel said nothing of a write")

// enter has the kernel make some writes, and tells how many it took on. None of them
// waits, so that what it took on is done.
func (r *Ring) enter(n int) (int, error) {
	for {
		call := syscall.RawSyscall6
		if n > ringFew {
			call = syscall.Syscall6
		}
		taken, _, errno := call(sysEnter, uintptr(r.fd), uintptr(n), 0, 0, 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(taken), nil
	}
}

// reap takes in what came of the writes.
func (r *Ring) reap(sends []Send) {
	head := r.word(r.at.cq.head)
	from, to := *head, atomic.LoadUint32(r.word(r.at.cq.tail))
	for ; from != to; from++ {
		at := r.at.cq.cqes + (from&(r.at.cqEntries-1))*uint32(unsafe.Sizeof(completion{}))
		c := (*completion)(unsafe.Pointer(&r.rings[at]))
		s := &sends[c.userData]
		if s.N, s.Err = int(c.result), nil; c.result < 0 {
			s.N, s.Err = 0, syscall.Errno(-c.result)
		}
	}
	atomic.StoreUint32(head, from)
}

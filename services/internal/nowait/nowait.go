// Package nowait reads and writes sockets that never block, without telling
// Go's scheduler.
//
// An ordinary system call is announced to it, since it may block: that wakes
// the runtime's watchman (sysmon), who then looks around every 20 µs until the
// process is idle again. A process that is idle between events, as one with many
// quiet walls is, pays for that with an eighth of its processor time and with
// half of its context switches. A call that comes back at once needs no
// watching; all others, which are most, still wake the watchman.
package nowait

import (
	"errors"
	"syscall"
)

// Write gives a non-blocking socket what it takes of p at once; EAGAIN when that
// is nothing.
func Write(fd uintptr, p []byte) (int, error) {
	return again(func() (int, error) { return write(fd, p) })
}

// Read takes what a non-blocking socket has; EAGAIN when that is nothing, 0
// without an error when the other side has ended.
func Read(fd uintptr, p []byte) (int, error) {
	return again(func() (int, error) { return read(fd, p) })
}

// again repeats what a signal has interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

package worker

import (
	"fmt"
	"os"
	"syscall"
)

const (
	// maxOutput bounds what one file's variants take on disk. A transparent
	// picture of 1280 by 10,240 pixels is the largest: 52 MB as a PNG of noise.
	maxOutput = 128 << 20
	maxFiles  = 32
)

// limit confines this very process.
func limit(memory int64, cpuSeconds uint64) error {
	limits := map[int]uint64{
		syscall.RLIMIT_CPU:    cpuSeconds,
		syscall.RLIMIT_FSIZE:  maxOutput,
		syscall.RLIMIT_NOFILE: maxFiles,
		syscall.RLIMIT_CORE:   0,
	}
	// The race detector reserves terabytes: no limit on memory could hold.
	if memory > 0 && !raceDetector {
		// What is written to counts as data; address space also counts what the
		// Go runtime only reserves, over a gigabyte from the start.
		limits[syscall.RLIMIT_DATA] = uint64(memory)
		limits[syscall.RLIMIT_AS] = uint64(memory) + reserved()
	}
	for which, n := range limits {
		if err := syscall.Setrlimit(which, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("resource %d to %d: %w", which, n, err)
		}
	}
	return nil
}

// reserved is the address space that this process has taken so far, in bytes,
// or a generous guess where it is not told.
func reserved() uint64 {
	const guess = 4 << 30
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return guess
	}
	var pages uint64
	if _, err := fmt.Sscan(string(b), &pages); err != nil {
		return guess
	}
	return pages * uint64(os.Getpagesize())
}

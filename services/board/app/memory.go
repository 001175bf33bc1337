package app

import "runtime/debug"

const (
	// gcPercent is how far the heap grows between two collections: streams live
	// long and make little garbage, so memory is dearer here than collecting is.
	// With 5,000 of them it is 1 KiB each.
	gcPercent        = 50
	defaultGCPercent = 100
)

// TuneMemory is for a process that serves walls, at its start. What an operator
// has said with GOGC stands.
func TuneMemory() {
	if was := debug.SetGCPercent(gcPercent); was != defaultGCPercent {
		debug.SetGCPercent(was)
	}
}

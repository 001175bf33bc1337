//go:build race

package worker

const raceDetector = true

// atEnd: a program with the race detector sleeps for a second when it ends, for
// the sake of goroutines that go on; a worker has none by then.
var atEnd = []string{"GORACE=atexit_sleep_ms=0"}

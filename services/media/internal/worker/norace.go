//go:build !race

package worker

const raceDetector = false

var atEnd []string

// Package uploads takes files in: the tus protocol (tusd as a library) on
// net/http, opened by the board's tickets, into a quarantine on the disk from
// which an upload goes on after a lost connection or a crash.
//
// It is not behind Fiber because fasthttp would hold each request's body in
// memory. The quarantine is the one place that knows the disk: an S3 store for
// several replicas would take its place behind the same ports.
package uploads

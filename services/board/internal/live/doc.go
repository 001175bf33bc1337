// Package live brings accepted changes to browsers: one hub for a replica, one
// channel for each board that somebody watches, one stream for each browser.
//
// A channel follows the board's events, notices gaps (rule S10), keeps the last
// events in a ring for browsers that come back (rule S9), and encodes each
// event once for all who see it (rule S12). Events are written without waiting
// by the one who has them: what a reader does not take at once goes into the
// bounded queue of its stream, so that a slow reader delays nobody (rule S15).
package live

// Package live brings accepted changes to browsers: one hub for a replica, one
// channel for each board that somebody watches, one stream for each browser.
//
// A channel follows the board's events, notices gaps (rule S10), keeps the last
// events in a ring for browsers that come back (rule S9), and encodes each
// event once for each view class (rule S12). A stream has a bounded queue and
// a writer of its own, so that a slow reader delays nobody (rule S15).
package live

// Package sqlitestore keeps the board's documents in one SQLite file: the
// engine of a wall that runs in one process, and of most tests.
//
// A write is on the disk when it is acknowledged (rule S4): WAL with
// synchronous=FULL. One fsync costs milliseconds, so one goroutine takes all
// the writes that wait and commits them together; each compare-and-set is still
// judged alone. Reads have connections of their own and never wait for it.
//
// Several processes may open the same file: every batch takes the write lock
// before it reads.
package sqlitestore

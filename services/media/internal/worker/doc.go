// Package worker lets the modules of the kinds look at a file in a process of
// its own: the program
// starts itself again with a hidden argument, with limits on memory, processor
// time and files, next to no environment, and a deadline. What a hostile file
// can do at most is to kill that process.
//
// The worker reads the file on standard input, writes what it makes one after
// the other to file descriptor 3, and a report on standard output.
package worker

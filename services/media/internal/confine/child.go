package confine

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// exitEnvironment says that the limits could not be taken, or that there is no
// such program: not the file's fault.
const exitEnvironment = 75 // EX_TEMPFAIL of sysexits.h

// politeness is the nice value of tools.
const politeness = 10

// RunIfAsked makes this process a confined tool when the program's arguments
// ask for that. Every main calls it first.
func RunIfAsked(args []string) {
	if len(args) < 2 || args[1] != verb {
		return
	}
	err := become(args[2:])
	fmt.Fprintln(os.Stderr, err)
	os.Exit(exitEnvironment)
}

// become takes the limits and turns into the tool; it comes back only with an
// error.
func become(args []string) error {
	// What a thread is forbidden is its own; the one that becomes the tool is
	// this one.
	runtime.LockOSThread()
	flags := flag.NewFlagSet(verb, flag.ContinueOnError)
	memory := flags.Uint64("memory", 0, "bytes")
	file := flags.Uint64("file", 0, "bytes")
	seconds := flags.Uint64("cpu", 0, "seconds")
	sockets := flags.Bool("sockets", false, "may make and remove sockets in /tmp")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, l := range []struct {
		which int
		n     uint64
	}{
		{syscall.RLIMIT_CPU, *seconds},
		{syscall.RLIMIT_FSIZE, *file},
		{syscall.RLIMIT_NOFILE, maxFiles},
		{syscall.RLIMIT_CORE, 0},
		{syscall.RLIMIT_DATA, *memory},
		{syscall.RLIMIT_AS, *memory + reach},
	} {
		if raceDetector && (l.which == syscall.RLIMIT_DATA || l.which == syscall.RLIMIT_AS) {
			continue // it reserves terabytes until the tool takes over
		}
		if err := syscall.Setrlimit(l.which, &syscall.Rlimit{Cur: l.n, Max: l.n}); err != nil {
			return fmt.Errorf("limit %d to %d: %w", l.which, l.n, err)
		}
	}
	tool := flags.Args()
	if len(tool) == 0 {
		return fmt.Errorf("no tool")
	}
	// Whoever reads or writes a wall meanwhile comes first.
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, politeness); err != nil {
		return err
	}
	if err := noNewPrivileges(); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err == nil {
		err = lockIn(dir, *sockets)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", tool[0], syscall.Exec(tool[0], tool, os.Environ())) //nolint:forbidigo // handed on as it was given
}

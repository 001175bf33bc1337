package worker

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/picture"
)

// verb is the hidden argument that makes a program a worker.
const verb = "fresque-picture-worker"

// hello is the first thing a worker says, when it stands ready and has not yet
// looked at the file: what kills it before is not the file's fault.
const hello = "ready\n"

// outputFD is where the variants go.
const outputFD = 3

// exitEnvironment says that the surroundings failed and not the file, such as
// a full disk: to be tried again without counting.
const exitEnvironment = 75 // EX_TEMPFAIL of sysexits.h

// report is what the worker says about a file.
type report struct {
	Refusal media.Code    `json:"refusal,omitempty"`
	Picture media.Picture `json:"picture"`
	Files   []reported    `json:"files"`
}

type reported struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
}

// RunIfAsked turns this process into a worker, and ends it, when the program's
// arguments ask for that. Every main calls it first.
func RunIfAsked(args []string) {
	if len(args) < 2 || args[1] != verb {
		return
	}
	code, err := run(args[2:], os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run(args []string, in io.ReadSeeker, out io.Writer) (int, error) {
	flags := flag.NewFlagSet(verb, flag.ContinueOnError)
	memory := flags.Int64("memory", 0, "bytes")
	seconds := flags.Uint64("cpu", 0, "seconds")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if err := limit(*memory, *seconds); err != nil {
		return exitEnvironment, fmt.Errorf("limits: %w", err)
	}
	if _, err := io.WriteString(out, hello); err != nil {
		return exitEnvironment, err
	}
	files := os.NewFile(outputFD, "variants")
	r, err := render(in, files)
	if err == nil {
		err = json.NewEncoder(out).Encode(r)
	}
	switch {
	case err == nil:
		return 0, nil
	case isEnvironment(err):
		return exitEnvironment, err
	default:
		return 1, err
	}
}

func isEnvironment(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EIO)
}

func render(in io.ReadSeeker, files io.Writer) (report, error) {
	var r report
	w := &counter{w: files}
	p, code, err := picture.Render(in, func(name, typ string, width, height int, encode func(io.Writer) error) error {
		at := w.n
		if err := encode(w); err != nil {
			return err
		}
		r.Files = append(r.Files, reported{name, typ, width, height, at, w.n - at})
		return nil
	})
	if code != "" {
		return report{Refusal: code}, err
	}
	r.Picture = p
	return r, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

package worker

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"syscall"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/kinds"
	"fresque.dev/services/media/internal/media"
)

// verb is the hidden argument that makes a program a worker.
const verb = "fresque-media-worker"

// hello is the first thing a worker says, when it stands ready and has not yet
// looked at the file: what kills it before is not the file's fault.
const hello = "ready\n"

// outputFD is where what is made goes.
const outputFD = 3

// exitEnvironment says that the surroundings failed and not the file, such as
// a full disk: to be tried again without counting.
const exitEnvironment = 75 // EX_TEMPFAIL of sysexits.h

// report is what the worker says about a file.
type report struct {
	Refusal   media.Code   `json:"refusal,omitempty"`
	Kind      media.Kind   `json:"kind,omitempty"`
	Type      string       `json:"type,omitempty"`
	Extension string       `json:"extension,omitempty"`
	Image     *media.Image `json:"image,omitempty"`
	Variants  []reported   `json:"variants,omitempty"`
	File      *reported    `json:"file,omitempty"`
}

// reported is one file among what the worker wrote.
type reported struct {
	// Name of a variant, extension of a whole file.
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
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

func run(args []string, in *os.File, out io.Writer) (int, error) {
	flags := flag.NewFlagSet(verb, flag.ContinueOnError)
	memory := flags.Int64("memory", 0, "bytes")
	seconds := flags.Uint64("cpu", 0, "seconds")
	about := flags.String("upload", "{}", "what is known of the file, as JSON")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	var u media.Upload
	if err := json.Unmarshal([]byte(*about), &u); err != nil {
		return 2, err
	}
	if err := limit(*memory, *seconds); err != nil {
		return exitEnvironment, fmt.Errorf("limits: %w", err)
	}
	if _, err := io.WriteString(out, hello); err != nil {
		return exitEnvironment, err
	}
	r, err := examine(in, u, os.NewFile(outputFD, "made"))
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

// examine finds out what the file is and makes what needs no tools.
func examine(in *os.File, u media.Upload, files io.Writer) (report, error) {
	f, found, module, err := kinds.Recognise(in, u)
	if err != nil || found.Refusal != "" {
		return report{Refusal: found.Refusal}, err
	}
	out := &output{w: &counter{w: files}}
	out.Kind, out.Type, out.Extension = found.Kind, found.Type, found.Extension
	code, err := module.Inside(f, found, out)
	if errors.Is(err, syscall.EFBIG) {
		code, err = media.TooLarge, nil
	}
	if code != "" {
		return report{Refusal: code}, err
	}
	return out.report, err
}

// output writes what is made one after the other, and reports it.
type output struct {
	report
	w *counter
}

var _ kind.Output = (*output)(nil)

// Image notes what shows the file.
func (o *output) Image(image media.Image) { o.report.Image = &image }

// Variant writes one variant.
func (o *output) Variant(name, mediaType string, width, height int, write func(io.Writer) error) error {
	at := o.w.n
	if err := write(o.w); err != nil {
		return err
	}
	o.Variants = append(o.Variants, reported{Name: name, Type: mediaType, Width: width, Height: height, Offset: at, Bytes: o.w.n - at})
	return nil
}

// File writes the whole file in another form.
func (o *output) File(extension string, write func(io.Writer) error) error {
	at := o.w.n
	if err := write(o.w); err != nil {
		return err
	}
	o.report.File = &reported{Name: extension, Offset: at, Bytes: o.w.n - at}
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

// Write counts what it hands on.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

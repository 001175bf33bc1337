// Package confine runs programs that read what strangers send: with limits on
// memory, processor time, file size and files, a deadline, next to no
// environment, and, where the system lets an ordinary user do that, without a
// network, among no other processes and with no other files than its own and
// the system's.
//
// The program starts itself again with a hidden argument, takes the limits
// upon itself, and becomes the tool.
package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// verb is the hidden argument.
const verb = "fresque-confined"

// ErrFailed says that a tool ended badly: most likely it could not make sense
// of its file.
var ErrFailed = errors.New("the tool failed")

// ErrTimeout says that a tool did not end in time.
var ErrTimeout = errors.New("the tool took too long")

// Command is one run of a tool.
type Command struct {
	// Path is the program's; Args do not begin with its name.
	Path string
	Args []string
	// Dir is where it works, and the only folder it is to write to.
	Dir string
	// Stdin is the file to work on; nil for none.
	Stdin *os.File
	// Sockets lets it make and remove things in /tmp: LibreOffice looks there
	// for others of its kind, whatever it is told.
	Sockets bool
	// Memory is in bytes, FileSize of one file that it writes too.
	Memory, FileSize int64
	// Timeout bounds its time, and that of the processor.
	Timeout time.Duration
	// Output bounds what is kept of its standard output, in bytes.
	Output int
}

const (
	maxFiles  = 256
	maxErrors = 4 << 10
	// reach is the address space that a tool may reserve beyond its memory.
	reach = 6 << 30
)

// Run runs a tool and gives its standard output. The error is ErrFailed or
// ErrTimeout when it is the file's fault as far as can be told.
func Run(ctx context.Context, c Command) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	args := []string{
		verb, "-memory", strconv.FormatInt(c.Memory, 10), "-file", strconv.FormatInt(c.FileSize, 10),
		"-cpu", strconv.FormatInt(4*int64(c.Timeout/time.Second)+4, 10), "-sockets=" + strconv.FormatBool(c.Sockets), "--", c.Path,
	}
	cmd := exec.CommandContext(limited, self(), append(args, c.Args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + c.Dir, "TMPDIR=" + c.Dir, "LANG=C.UTF-8"}
	cmd.Dir = c.Dir
	if c.Stdin != nil {
		if _, err := c.Stdin.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		cmd.Stdin = c.Stdin
	}
	stdout, stderr := &capped{max: c.Output}, &capped{max: maxErrors}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = attributes(isolated())
	cmd.Cancel = func() error { return killAll(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	// The tool is to die with this program, not with the thread that happens to
	// start it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	err := cmd.Wait()
	_ = killAll(cmd.Process) // whoever it left behind
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("%w: %s", ErrTimeout, c.Path)
	case cmd.ProcessState.ExitCode() == exitEnvironment, strings.Contains(stderr.String(), "No space left on device"):
		return nil, fmt.Errorf("confine %s: %s", c.Path, stderr.line())
	default:
		return nil, fmt.Errorf("%w: %s: %w: %s", ErrFailed, c.Path, err, stderr.line())
	}
}

// LockedIn tells whether tools see nothing here but their folder, their file and
// the system's own.
func LockedIn() bool { return landlocked() }

// Isolated tells whether tools run without a network here.
func Isolated() bool { return isolated() }

// isolated tries once whether this system lets us take the network away.
var isolated = sync.OnceValue(func() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self(), verb, "-memory", strconv.Itoa(1<<30), "-file", "1", "-cpu", "5", "--", "/bin/true")
	cmd.Dir = "/usr"
	cmd.SysProcAttr = attributes(true)
	return mayIsolate && cmd.Run() == nil
})

// capped keeps the first max bytes of what is written and drops the rest.
type capped struct {
	bytes.Buffer
	max int
}

// Write takes all and keeps what fits.
func (c *capped) Write(p []byte) (int, error) {
	c.Buffer.Write(p[:max(0, min(len(p), c.max-c.Len()))])
	return len(p), nil
}

// line is the last line, where most tools say what was wrong.
func (c *capped) line() string {
	lines := strings.Split(strings.TrimSpace(c.String()), "\n")
	return lines[len(lines)-1]
}

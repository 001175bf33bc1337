//go:build linux

// Package proc runs the processes that the bench measures: they live no longer
// than the bench, and are read and ended by their number only.
package proc

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long a process may take to end in order.
const grace = 3 * time.Second

// Process is a child.
type Process struct {
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
	first chan string
}

// Start runs a program; what it says goes to a file of the folder. The
// environment is given as NAME=value, on top of ours.
func Start(folder, name string, args, env []string) (*Process, error) {
	log, err := os.Create(filepath.Join(folder, filepath.Base(name)+"-"+strconv.FormatInt(time.Now().UnixNano(), 36)+".log"))
	if err != nil {
		return nil, err
	}
	// Not bound to a context: it is ended by Stop, and by the kernel if the
	// bench itself is killed.
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir = folder
	cmd.Env = append(cmd.Environ(), env...)
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_ = log.Close()
		return nil, err
	}
	p := &Process{cmd: cmd, log: log, ended: make(chan struct{}), first: make(chan string, 1)}
	go p.watch(bufio.NewScanner(out))
	return p, nil
}

func (p *Process) watch(out *bufio.Scanner) {
	for out.Scan() {
		select {
		case p.first <- out.Text():
		default:
			fmt.Fprintln(p.log, out.Text())
		}
	}
	_ = p.cmd.Wait() // how it ended is in its log
	_ = p.log.Close()
	close(p.ended)
}

// FirstLine waits for the first line that the process prints.
func (p *Process) FirstLine(ctx context.Context) (string, error) {
	select {
	case line := <-p.first:
		return line, nil
	case <-p.ended:
		return "", p.Failure()
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Failure tells what a process that should still run said at the end.
func (p *Process) Failure() error {
	said, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err
	}
	const last = 2000
	return fmt.Errorf("%s ended: %s", filepath.Base(p.cmd.Path), said[max(0, len(said)-last):])
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop ends the process, in order if it is willing.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// Kill ends the process at once.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// CPU is the processor time that the process has used, in user and kernel
// together, those of its threads that have ended included.
func (p *Process) CPU() (time.Duration, error) {
	var used unix.Timespec
	if err := unix.ClockGettime(cpuClock(p.PID()), &used); err != nil {
		return 0, fmt.Errorf("read the processor time of %d: %w", p.PID(), err)
	}
	return time.Duration(used.Nano()), nil
}

// cpuClock names the clock of another process as clock_getcpuclockid(3) does.
// It counts nanoseconds, where /proc counts hundredths of a second.
func cpuClock(pid int) int32 {
	const scheduled, shift = 2, 3
	return int32(^pid)<<shift | scheduled
}

// Memory is what a process holds, in bytes.
type Memory struct {
	// Resident now, and the most it ever was.
	Resident, Peak int64
}

// ForgetPeak makes the peak what is resident now.
func (p *Process) ForgetPeak() error {
	const peak = "5"
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.PID()), []byte(peak), 0)
}

// Memory reads what the process holds.
func (p *Process) Memory() (Memory, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return Memory{}, err
	}
	return parseStatus(string(raw))
}

func parseStatus(raw string) (Memory, error) {
	var m Memory
	for line := range strings.Lines(raw) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*int64{"VmRSS": &m.Resident, "VmHWM": &m.Peak}[name]
		if into == nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return m, fmt.Errorf("/proc/PID/status is not understood: %w", err)
		}
		*into = n << 10
	}
	return m, nil
}

//go:build linux

package proc

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestCPUIsWhatTheProcessUsed(t *testing.T) {
	p, err := Start(t.TempDir(), "/bin/sh", []string{"-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; exec sleep 60"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	if _, err := p.FirstLine(context.Background()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", p.PID())) // of the one thread that it has
	if err != nil {
		t.Fatal(err)
	}
	var want time.Duration
	if _, err := fmt.Sscan(string(raw), &want); err != nil {
		t.Fatal(err)
	}
	if got, err := p.CPU(); err != nil || got < want || want == 0 {
		t.Fatalf("%v, %v; the scheduler says %v before", got, err, want)
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t7\n")
	if err != nil || got != (Memory{Resident: 1 << 20, Peak: 2 << 20}) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := parseStatus("VmRSS:\tmuch\n"); err == nil {
		t.Error("a word is taken for a number")
	}
}

func TestAProcessIsReadAndEnded(t *testing.T) {
	p, err := Start(t.TempDir(), "/bin/sh", []string{"-c", "echo ready; exec sleep 60"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := p.FirstLine(context.Background()); err != nil || line != "ready" {
		t.Fatalf("%q, %v", line, err)
	}
	if m, err := p.Memory(); err != nil || m.Resident == 0 || m.Peak < m.Resident {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := p.CPU(); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	if _, err := p.CPU(); err == nil {
		t.Fatal("it is still there")
	}
}

func TestAProcessThatFailsSaysWhy(t *testing.T) {
	p, err := Start(t.TempDir(), "/bin/sh", []string{"-c", "echo no >&2; exit 3"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.FirstLine(context.Background()); err == nil || err.Error() != "sh ended: no\n" {
		t.Fatalf("got %v", err)
	}
}

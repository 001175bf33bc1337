//go:build linux

// Command load measures Fresque beside a floor and a public peer, and writes
// what it finds into docs/performance.md. `make bench` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/scenario"
	"fresque.dev/test/load/internal/target"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the bench, or one of the processes that it makes of itself.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		args = []string{""}
	}
	switch args[0] {
	case "nats":
		return target.ServeNATS(ctx, args[1])
	case "floor":
		return target.ServeFloor()
	case "static":
		return target.ServeStatic(ctx, args[1])
	default:
		return bench(ctx, args, os.Stdout)
	}
}

// options are the command line.
type options struct {
	suite scenario.Suite
	only  string
	page  string
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.StringVar(&o.suite.Programs.Boardd, "boardd", "", "the board service's executable")
	f.StringVar(&o.suite.Programs.Centrifugo, "centrifugo", "", "the peer's executable")
	f.StringVar(&o.suite.Mongo, "mongo", "", "address of a MongoDB server, to measure its store too")
	f.StringVar(&o.suite.Pictures, "pictures", "", "folder for the plots; none are drawn when empty")
	f.StringVar(&o.suite.Revision, "revision", "unknown", "revision of the source, to be written down")
	f.StringVar(&o.page, "page", "", "page to write the tables into; none when empty")
	f.StringVar(&o.only, "only", "", "scenarios, separated by commas; all when empty")
	f.IntVar(&o.suite.Runs, "runs", 3, "runs of each comparison")
	f.BoolVar(&o.suite.Small, "small", false, "small counts and short times, to see that it works")
	if err = f.Parse(args); err != nil {
		return o, err
	}
	for _, path := range []*string{&o.suite.Programs.Boardd, &o.suite.Programs.Centrifugo} {
		if *path, err = filepath.Abs(*path); err != nil {
			return o, err
		}
	}
	return o, nil
}

func bench(ctx context.Context, args []string, out io.Writer) (err error) {
	if args[0] == "" {
		args = nil
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	picked, err := scenario.Only(o.only)
	if err != nil {
		return err
	}
	if err := raiseLimit(); err != nil {
		return err
	}
	if o.suite.Programs.Self, err = os.Executable(); err != nil {
		return err
	}
	if o.suite.Programs.Folder, err = os.MkdirTemp("", "fresque-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.suite.Programs.Folder)) }()
	o.suite.Log = out
	if o.suite.Small { // to see that it works; the figures mean nothing
		o.page, o.suite.Pictures = "", ""
	}
	return measure(ctx, o, picked, out)
}

// measure runs the scenarios, writes each down as soon as it is known, and
// fails when the service has lost, doubled or reordered something.
func measure(ctx context.Context, o options, picked []scenario.Scenario, out io.Writer) error {
	var found []report.Section
	for _, s := range picked {
		section, err := s.Run(&o.suite, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		report.Print(out, section)
		if o.page != "" {
			if err := report.Write(o.page, section); err != nil {
				return err
			}
		}
		found = append(found, section)
	}
	return judge(o, found, out)
}

// judge sums up, and writes down where and with what this was measured.
func judge(o options, found []report.Section, out io.Writer) error {
	var faults int64
	var goals []report.Goal
	for _, s := range found {
		faults += s.Faults
		for _, g := range s.Goals {
			g.What = s.Name + ": " + g.What
			goals = append(goals, g)
		}
	}
	if len(goals) > 0 {
		fmt.Fprintf(out, "\n%s\n", report.GoalTable(goals))
	}
	if o.page != "" && o.only == "" {
		if err := report.Write(o.page, report.Section{Name: "machine", Body: machine()}); err != nil {
			return err
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d events or posts were lost, doubled or reordered", faults)
	}
	return nil
}

// machine says what the figures were taken on.
func machine() string {
	model := "unknown processor"
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
			}
		}
	}
	var system unix.Utsname
	_ = unix.Uname(&system) // an empty name is told as such
	return fmt.Sprintf("%d processors (%s), Linux %s, %s; centrifugo v5.4.9, nats-server v2.15.2.",
		runtime.NumCPU(), model, unix.ByteSliceToString(system.Release[:]), runtime.Version())
}

// raiseLimit lets this process and those that it starts open as many sockets as
// the kernel allows them.
func raiseLimit() error {
	const wanted = 65_536
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	more := unix.Rlimit{Cur: wanted, Max: max(wanted, limit.Max)}
	if unix.Setrlimit(unix.RLIMIT_NOFILE, &more) == nil {
		return nil
	}
	// Only root may go beyond the hard limit.
	limit.Cur = limit.Max
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}

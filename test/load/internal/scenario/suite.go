//go:build linux

// Package scenario holds what the bench measures, each under a name.
package scenario

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"fresque.dev/test/load/internal/report"
	"fresque.dev/test/load/internal/target"
)

// Suite is what the scenarios share.
type Suite struct {
	Programs target.Programs
	// Runs is how often what is compared is repeated; the median counts.
	Runs int
	// Small divides counts and times, to see that everything works.
	Small bool
	// Mongo is the address of a MongoDB server, empty for none.
	Mongo string
	// Pictures is the folder of the plots.
	Pictures string
	// Revision is that of the source.
	Revision string
	// Log is told how far it is.
	Log io.Writer
}

// Scenario is one thing that is measured.
type Scenario struct {
	Name string
	Run  func(*Suite, context.Context) (report.Section, error)
}

// All are the scenarios, in the order of the page.
func All() []Scenario {
	return []Scenario{
		{"one-wall", (*Suite).oneWall},
		{"many-walls", (*Suite).manyWalls},
		{"api", (*Suite).throughAPI},
		{"snapshot", (*Suite).snapshot},
		{"writes", (*Suite).writes},
		{"growth-readers", (*Suite).growthReaders},
		{"growth-walls", (*Suite).growthWalls},
		{"growth-backlog", (*Suite).growthBacklog},
		{"growth-posts", (*Suite).growthPosts},
	}
}

// Only picks scenarios by their names, separated by commas; all when empty.
func Only(names string) ([]Scenario, error) {
	if names == "" {
		return All(), nil
	}
	var picked []Scenario
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(All(), func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no scenario is called %q", name)
		}
		picked = append(picked, All()[i])
	}
	return picked, nil
}

// count is a number of things, smaller in a small suite.
func (s *Suite) count(n int) int {
	const divisor = 20
	if s.Small {
		return max(1, n/divisor)
	}
	return n
}

// counts are steps of something that grows.
func (s *Suite) counts(steps ...int) []int {
	out := make([]int, len(steps))
	for i, n := range steps {
		out[i] = max(s.count(n), i+1) // still growing
	}
	return out
}

// during is a stretch of time, shorter in a small suite.
func (s *Suite) during(d time.Duration) time.Duration {
	const divisor = 5
	if s.Small {
		return d / divisor
	}
	return d
}

// say tells how far it is, and how busy the machine was when it was not alone.
func (s *Suite) say(format string, args ...any) {
	fmt.Fprintf(s.Log, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// busy is the machine's load in the last minute: how many processes wanted a
// processor.
func busy() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	one, _, _ := strings.Cut(string(raw), " ")
	return one
}

// taken tells when a section was measured, of what, and beside how much else.
func (s *Suite) taken(began time.Time, load string) string {
	return fmt.Sprintf("_%s UTC; load of the machine before: %s; revision %s._\n", began.UTC().Format("2006-01-02 15:04"), load, s.Revision)
}

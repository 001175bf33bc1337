//go:build linux

package fanout

import (
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"fresque.dev/test/load/internal/tally"
	"fresque.dev/test/load/internal/target"
)

// TestMain is the test, or the floor that it starts as a process.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "floor" {
		if err := target.ServeFloor(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestTheFloorBringsEachEventOnceAndInOrder(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	floor, err := target.New(target.KindFloor, target.Programs{Self: self, Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	const size = 300
	got, err := Measure(t.Context(), floor, Load{
		Walls: 3, Readers: 12, PerSecond: 300, Size: size, Settle: 10 * time.Millisecond, Warm: 20 * time.Millisecond, Steady: 100 * time.Millisecond,
		Windows: []int{1, 8}, Saturated: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if Faulty(got.Faults) || got.Faults.Deliveries < 30*4 {
		t.Errorf("counts %+v", got.Faults)
	}
	if p := got.Steady; p.BytesEach != size || p.CPU <= 0 || p.PerSecond <= 0 || p.P50 > p.P99 || p.P99 > p.Max*1.01 {
		t.Errorf("steady %+v", p)
	}
	if len(got.Saturated) != 2 || got.Saturated[0].PerSecond <= 0 || got.Saturated[1].PerSecond <= 0 {
		t.Errorf("saturated %v", got.Saturated)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := Median(c.of); got != c.want {
			t.Errorf("of %v: %v", c.of, got)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("nothing has a median")
	}
}

// TestARatioIsTakenRunByRun shows that a run in which everything was slow does
// not move it.
func TestARatioIsTakenRunByRun(t *testing.T) {
	runs := func(cpu ...float64) (out []Sample) {
		for _, v := range cpu {
			out = append(out, Sample{Steady: &Part{CPU: v}})
		}
		return out
	}
	figure := func(s Sample) float64 { return s.Steady.CPU }
	if got := Ratio(runs(1, 2, 30), runs(2, 4, 60), figure); got != 0.5 {
		t.Errorf("got %v", got)
	}
	if !math.IsNaN(Ratio(runs(1), nil, figure)) {
		t.Error("a ratio to nothing")
	}
}

func TestFaulty(t *testing.T) {
	for _, c := range []tally.Counts{{Lost: 1}, {Doubled: 1}, {Reordered: 1}, {Closed: 1}} {
		if !Faulty(c) {
			t.Errorf("%+v passes", c)
		}
	}
	if Faulty(tally.Counts{Deliveries: 5, Bytes: 9}) {
		t.Error("what arrives is a fault")
	}
}

//go:build linux

package scenario

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"fresque.dev/test/load/internal/plot"
)

func TestOnly(t *testing.T) {
	if all, err := Only(""); err != nil || len(all) != len(All()) {
		t.Fatalf("%d, %v", len(all), err)
	}
	picked, err := Only("writes,api")
	if err != nil || len(picked) != 2 || picked[0].Name != "writes" || picked[1].Name != "api" {
		t.Fatalf("%v, %v", picked, err)
	}
	if _, err := Only("api,nothing"); err == nil {
		t.Fatal("a name that is none is taken")
	}
}

// TestEveryScenarioHasItsPlace reads the page that the bench writes into.
func TestEveryScenarioHasItsPlace(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range All() {
		if !bytes.Contains(page, []byte("<!-- bench:"+s.Name+" -->")) {
			t.Errorf("%s has none", s.Name)
		}
	}
}

func TestStepsGrowHoweverSmall(t *testing.T) {
	s := &Suite{Small: true}
	got := s.counts(1, 10, 100, 2000)
	for i := 1; i < len(got); i++ {
		if got[i] <= got[i-1] {
			t.Fatalf("%v", got)
		}
	}
	if big := (&Suite{}).counts(1, 10, 2000); big[0] != 1 || big[2] != 2000 {
		t.Fatalf("%v", big)
	}
}

func TestProseHasTheLengthThatIsAsked(t *testing.T) {
	for _, n := range []int{0, 10, 500} {
		if s := prose(n); len(s) < n || len(s) > n+20 || strings.ContainsAny(s, "~<&") {
			t.Errorf("%d letters: %q", n, s)
		}
	}
}

func TestAnAnswerOfAnotherStatusIsTold(t *testing.T) {
	a := &arrivals{status: map[int]int{200: 3}}
	if err := a.all(200); err != nil {
		t.Error(err)
	}
	if a.all(304) == nil {
		t.Error("200 passes for 304")
	}
	a.status[500] = 1
	if a.all(200) == nil {
		t.Error("a failure is not seen")
	}
}

func TestAPlotIsWrittenWhereItIsShown(t *testing.T) {
	s := &Suite{Pictures: t.TempDir()}
	text, err := s.draw("x", plot.Chart{Title: "T", Lines: []plot.Line{{Name: "a", Points: []plot.Point{{X: 1, Y: 1}}}}})
	if err != nil || text != "![T](pictures/bench-x.svg)\n\n" {
		t.Fatalf("%q, %v", text, err)
	}
	if _, err := os.Stat(s.Pictures + "/bench-x.svg"); err != nil {
		t.Fatal(err)
	}
	s.Pictures = ""
	if text, err := s.draw("x", plot.Chart{Lines: []plot.Line{{Name: "a", Points: []plot.Point{{X: 1, Y: 1}}}}}); err != nil || text != "" {
		t.Fatalf("without a folder: %q, %v", text, err)
	}
}

package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.01234: "0.0123", 1.5: "1.5", 2: "2", 12.345: "12.3", 999.4: "999", 1234567.8: "1,234,568", -1234: "-1,234", 0.9996: "1",
	} {
		if got := Figure(v); got != want {
			t.Errorf("%v is %s, not %s", v, got, want)
		}
	}
	if Figure(math.NaN()) != "–" || Figure(math.Inf(1)) != "–" {
		t.Error("what is no number looks like one")
	}
}

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		name string
		goal Goal
		met  bool
	}{
		{"below", Goal{Got: 1, Limit: 2}, true},
		{"just", Goal{Got: 2, Limit: 2}, true},
		{"above", Goal{Got: 3, Limit: 2}, false},
		{"enough", Goal{Got: 3, Limit: 2, AtLeast: true}, true},
		{"not enough", Goal{Got: 1, Limit: 2, AtLeast: true}, false},
		{"not measured", Goal{Got: math.NaN(), Limit: 2}, false},
		{"not measured, at least", Goal{Got: math.NaN(), Limit: 2, AtLeast: true}, false},
	} {
		if c.goal.Met() != c.met {
			t.Errorf("%s: met is %v", c.name, !c.met)
		}
	}
}

func TestASectionIsPutInItsPlaceAgainAndAgain(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	const text = "# P\n\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n\nwords\n\n<!-- bench:b --><!-- /bench:b -->\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, s := range []Section{{Name: "a", Body: "A"}, {Name: "b", Body: "B", Goals: []Goal{{What: "g", Got: 1, Limit: 2}}}} {
			if err := Write(page, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := os.ReadFile(page)
	const want = "# P\n\n<!-- bench:a -->\n\nA\n\n<!-- /bench:a -->\n\nwords\n\n<!-- bench:b -->\n\nB\n" +
		"| goal | to reach | measured |  |\n| --- | ---: | ---: | ---: |\n| g | at most 2 | 1 | met |\n\n<!-- /bench:b -->\n"
	if err != nil || string(got) != want {
		t.Fatalf("got %s\n%v", got, err)
	}
	if err := Write(page, Section{Name: "c"}); err == nil || !strings.Contains(err.Error(), "bench:c") {
		t.Fatalf("a section without a place: %v", err)
	}
}

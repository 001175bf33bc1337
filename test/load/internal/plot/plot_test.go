package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAChartIsWellFormedAndStaysInItsFrame(t *testing.T) {
	for _, log := range []bool{false, true} {
		svg, err := SVG(Chart{
			Title: "a < b & c", X: Axis{"walls", log}, Y: Axis{"ms", log},
			Lines: []Line{{"one", []Point{{1, 3}, {2000, 500}}}, {"two", []Point{{1, 500}}}, {"three", []Point{{2000, 0.5}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"a &lt; b &amp; c", ">walls<", ">ms<", ">three<", "prefers-color-scheme"} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s is not there", want)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name  string
		scale scale
		want  []float64
	}{
		{"even", scale{from: 0, to: 10}.rounded(true), []float64{0, 2, 4, 6, 8, 10}},
		{"even, rounded", scale{from: 3, to: 9.1}.rounded(true), []float64{0, 2, 4, 6, 8, 10}},
		{"nothing but 0", scale{}.rounded(true), []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{"powers", scale{from: 3, to: 2000, log: true}.rounded(true), []float64{1, 10, 100, 1000, 10000}},
		{"exact ends", scale{from: 100, to: 20000, log: true}.rounded(false), []float64{100, 1000, 10000}},
		{"a short one", scale{from: 4, to: 256, log: true}.rounded(false), []float64{5, 10, 20, 50, 100, 200}},
	} {
		if got := c.scale.ticks(); !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9*max(1, b) }) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestNamesDoNotCoverEachOther(t *testing.T) {
	ys := scale{from: 0, to: 100, min: height - bottom, max: top}
	at := placed([]Line{{"a", []Point{{1, 50}}}, {"b", []Point{{1, 50.5}}}, {"c", []Point{{1, 51}}}}, ys)
	if at[2] >= at[1] || at[1]-at[2] < 16 || at[0]-at[1] < 16 {
		t.Fatalf("%v", at)
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	for name, c := range map[string]Chart{
		"nothing":     {},
		"no points":   {Lines: []Line{{Name: "a"}}},
		"0 on a log":  {Y: Axis{Log: true}, Lines: []Line{{"a", []Point{{1, 0}}}}},
		"no number":   {Lines: []Line{{"a", []Point{{1, math.NaN()}}}}},
		"many colors": {Lines: make([]Line, colours+1)},
	} {
		if _, err := SVG(c); err == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}

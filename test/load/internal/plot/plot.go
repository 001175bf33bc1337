// Package plot draws curves as SVG that reads in light and in dark: text and
// lines follow the scheme of whoever looks, and lines differ in their dashes and
// marks as well as in colour.
package plot

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Axis is one side of a chart.
type Axis struct {
	// Label tells what is measured, with its unit.
	Label string
	// Log makes it logarithmic: nothing on it may be 0 or less.
	Log bool
}

// Point is a place on a chart.
type Point struct{ X, Y float64 }

// Line is one curve.
type Line struct {
	Name   string
	Points []Point
}

// Chart is what is drawn.
type Chart struct {
	Title string
	X, Y  Axis
	Lines []Line
}

// The picture and the place of the curves in it, in pixels.
const (
	width, height            = 720, 400
	left, right, top, bottom = 78, 150, 44, 54
)

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}
.grid{stroke:#1f2328;stroke-opacity:.14}.axis{stroke:#1f2328;stroke-opacity:.6}
.l0{--c:#0b57d0}.l1{--c:#b3470a}.l2{--c:#0a7d4f}.l3{--c:#8430ce}
polyline{fill:none;stroke:var(--c);stroke-width:2.2}.mark{fill:var(--c)}.name{fill:var(--c);font-weight:600}
.l1 polyline{stroke-dasharray:7 4}.l2 polyline{stroke-dasharray:2 4}.l3 polyline{stroke-dasharray:9 3 2 3}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.grid,.axis{stroke:#e6edf3}
.l0{--c:#8ab4f8}.l1{--c:#ffb37a}.l2{--c:#6fd6a5}.l3{--c:#d7aefb}}
</style>`

// colours is how many lines can be told apart.
const colours = 4

// SVG draws a chart.
func SVG(c Chart) (string, error) {
	xs, ys, err := scales(c)
	if err != nil {
		return "", fmt.Errorf("%s: %w", c.Title, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n%s\n",
		width, height, width, height, html.EscapeString(c.Title), style)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="22">%s</text>`+"\n", left, html.EscapeString(c.Title))
	for _, v := range xs.ticks() {
		at := xs.at(v)
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			at, at, top, height-bottom, at, height-bottom+18, number(v))
	}
	for _, v := range ys.ticks() {
		at := ys.at(v)
		fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, width-right, at, at, left-8, at+4, number(v))
	}
	fmt.Fprintf(&b, `<path class="axis" fill="none" d="M%d %dV%dH%d"/>`+"\n", left, top, height-bottom, width-right)
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-14, html.EscapeString(c.X.Label))
	fmt.Fprintf(&b, `<text transform="translate(18 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+height-bottom)/2, html.EscapeString(c.Y.Label))
	names := placed(c.Lines, ys)
	for i, l := range c.Lines {
		b.WriteString(curve(i, l, xs, ys, names[i]))
	}
	b.WriteString("</svg>\n")
	return b.String(), nil
}

// curve draws one line, its points and its name behind the last of them.
func curve(i int, l Line, xs, ys scale, nameAt float64) string {
	var path, marks strings.Builder
	for _, p := range l.Points {
		x, y := xs.at(p.X), ys.at(p.Y)
		fmt.Fprintf(&path, "%.1f,%.1f ", x, y)
		marks.WriteString(mark(i, x, y))
	}
	last := l.Points[len(l.Points)-1]
	return fmt.Sprintf(`<g class="l%d"><polyline points="%s"/>%s<text class="name" x="%.1f" y="%.1f">%s</text></g>`+"\n",
		i, strings.TrimSpace(path.String()), marks.String(), xs.at(last.X)+10, nameAt, html.EscapeString(l.Name))
}

// mark is a point: round, square, pointed, flat.
func mark(i int, x, y float64) string {
	switch i {
	case 0:
		return fmt.Sprintf(`<circle class="mark" cx="%.1f" cy="%.1f" r="4"/>`, x, y)
	case 1:
		return fmt.Sprintf(`<rect class="mark" x="%.1f" y="%.1f" width="7" height="7"/>`, x-3.5, y-3.5)
	case 2:
		return fmt.Sprintf(`<path class="mark" d="M%.1f %.1fl5 9h-10z"/>`, x, y-5)
	default:
		return fmt.Sprintf(`<rect class="mark" x="%.1f" y="%.1f" width="10" height="4"/>`, x-5, y-2)
	}
}

// placed gives each name the height of its line's end, moved away from the
// names above it.
func placed(lines []Line, ys scale) []float64 {
	const apart, baseline = 16, 4
	at := make([]float64, len(lines))
	for range lines { // the highest that has no place yet
		best := -1
		for i, l := range lines {
			if at[i] == 0 && (best < 0 || l.Points[len(l.Points)-1].Y > lines[best].Points[len(lines[best].Points)-1].Y) {
				best = i
			}
		}
		wanted := ys.at(lines[best].Points[len(lines[best].Points)-1].Y) + baseline
		for _, taken := range at {
			if taken != 0 {
				wanted = max(wanted, taken+apart)
			}
		}
		at[best] = wanted
	}
	return at
}

// scale brings figures to pixels.
type scale struct {
	from, to float64 // figures
	min, max float64 // pixels
	log      bool
}

// scales finds what the axes must hold.
func scales(c Chart) (xs, ys scale, err error) {
	if len(c.Lines) == 0 || len(c.Lines) > colours {
		return xs, ys, fmt.Errorf("%d lines cannot be drawn", len(c.Lines))
	}
	x, y := scale{math.Inf(1), math.Inf(-1), left, width - right, c.X.Log}, scale{math.Inf(1), math.Inf(-1), height - bottom, top, c.Y.Log}
	for _, l := range c.Lines {
		if len(l.Points) == 0 {
			return xs, ys, fmt.Errorf("%s has no points", l.Name)
		}
		for _, p := range l.Points {
			if !x.takes(p.X) || !y.takes(p.Y) {
				return xs, ys, fmt.Errorf("%s has a point at %v, %v", l.Name, p.X, p.Y)
			}
		}
	}
	return x.rounded(false), y.rounded(true), nil
}

// takes widens the scale for a figure, false for one that has no place on it.
func (s *scale) takes(v float64) bool {
	s.from, s.to = min(s.from, v), max(s.to, v)
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!s.log || v > 0)
}

// rounded ends the scale at round figures; one that is not logarithmic begins
// at 0. Only a scale that is wide is rounded to powers of ten.
func (s scale) rounded(roomy bool) scale {
	if s.log {
		if roomy || s.from == s.to {
			s.from, s.to = math.Pow(10, math.Floor(math.Log10(s.from))), math.Pow(10, math.Ceil(math.Log10(s.to)))
		}
		if s.from == s.to {
			s.to = s.from * 10
		}
		return s
	}
	s.from = min(0, s.from)
	step := s.step()
	s.to = max(math.Ceil(s.to/step)*step, s.from+step)
	return s
}

// step is a round figure, a fifth of the scale or so.
func (s scale) step() float64 {
	raw := (s.to - s.from) / 5
	if raw <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*power >= raw {
			return m * power
		}
	}
	return raw
}

func (s scale) at(v float64) float64 {
	part := (v - s.from) / (s.to - s.from)
	if s.log {
		part = math.Log(v/s.from) / math.Log(s.to/s.from)
	}
	return s.min + part*(s.max-s.min)
}

// ticks are the figures that are written beside the scale.
func (s scale) ticks() []float64 {
	var out []float64
	if !s.log {
		for i := 0; s.from+float64(i)*s.step() <= s.to*(1+1e-9); i++ {
			out = append(out, s.from+float64(i)*s.step())
		}
		return out
	}
	steps := []float64{1}
	if s.to/s.from <= 100 { // short: more figures find room
		steps = []float64{1, 2, 5}
	}
	for power := math.Pow(10, math.Floor(math.Log10(s.from))); power <= s.to*(1+1e-9); power *= 10 {
		for _, m := range steps {
			if v := m * power; v >= s.from*(1-1e-9) && v <= s.to*(1+1e-9) {
				out = append(out, v)
			}
		}
	}
	return out
}

// number is a figure beside an axis.
func number(v float64) string {
	const thousand, million = 1e3, 1e6
	switch {
	case math.Abs(v) >= million:
		return strconv.FormatFloat(v/million, 'g', 3, 64) + " M"
	case math.Abs(v) >= 10*thousand:
		return strconv.FormatFloat(v/thousand, 'g', 3, 64) + " k"
	default:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
}

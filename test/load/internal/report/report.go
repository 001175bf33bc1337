// Package report writes what the bench found: tables between markers of a page,
// and goals, met or missed.
package report

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// Section is what one scenario has found.
type Section struct {
	// Name is that of the scenario and of its markers in the page.
	Name string
	// Body is Markdown.
	Body  string
	Goals []Goal
	// Faults are events or posts that were lost, doubled or out of order.
	Faults int64
}

// Goal is a figure and where it should be.
type Goal struct {
	// What says which figure of what, and in which unit.
	What       string
	Got, Limit float64
	// AtLeast makes the limit the least that will do, not the most.
	AtLeast bool
}

// Met tells whether the goal is reached; a figure that is missing reaches none.
func (g Goal) Met() bool {
	if g.AtLeast {
		return g.Got >= g.Limit
	}
	return g.Got <= g.Limit
}

func (g Goal) verdict() string {
	if g.Met() {
		return "met"
	}
	return "**missed**"
}

func (g Goal) bound() string {
	if g.AtLeast {
		return "at least " + Figure(g.Limit)
	}
	return "at most " + Figure(g.Limit)
}

// Figure writes a number with three significant digits.
func Figure(v float64) string {
	const digits = 3
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case v == 0:
		return "0"
	}
	decimals := max(0, digits-1-int(math.Floor(math.Log10(math.Abs(v)))))
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		fraction = "." + fraction
	}
	return grouped(whole) + fraction
}

// grouped puts a comma between thousands.
func grouped(whole string) string {
	const group = 3
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - group; i > 0; i -= group {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole
}

// Table is a table in Markdown: the first column is words, the others figures.
func Table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(head)
	line(append([]string{"---"}, strings.Split(strings.Repeat("---: ", len(head)-1), " ")[:len(head)-1]...))
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

// GoalTable is the goals as a table.
func GoalTable(goals []Goal) string {
	var rows [][]string
	for _, g := range goals {
		rows = append(rows, []string{g.What, g.bound(), Figure(g.Got), g.verdict()})
	}
	return Table([]string{"goal", "to reach", "measured", ""}, rows)
}

// Print tells the goals to whoever started the bench.
func Print(w io.Writer, s Section) {
	fmt.Fprintf(w, "\n## %s\n\n%s\n", s.Name, s.Body)
	for _, g := range s.Goals {
		verdict := "met   "
		if !g.Met() {
			verdict = "MISSED"
		}
		fmt.Fprintf(w, "%s  %s: %s (%s)\n", verdict, g.What, Figure(g.Got), g.bound())
	}
	if s.Faults > 0 {
		fmt.Fprintf(w, "BROKEN  %d lost, doubled or reordered\n", s.Faults)
	}
}

// Write puts a section between its markers in a page.
func Write(page string, s Section) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	body := s.Body
	if len(s.Goals) > 0 {
		body += "\n" + GoalTable(s.Goals)
	}
	spliced, err := splice(string(text), s.Name, body)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	const mode = 0o644
	return os.WriteFile(page, []byte(spliced), mode)
}

func splice(text, name, body string) (string, error) {
	open, shut := "<!-- bench:"+name+" -->", "<!-- /bench:"+name+" -->"
	before, rest, opens := strings.Cut(text, open)
	_, after, shuts := strings.Cut(rest, shut)
	if !opens || !shuts {
		return "", fmt.Errorf("there is no place for %s: the markers %s and %s are missing", name, open, shut)
	}
	return before + open + "\n\n" + strings.TrimSpace(body) + "\n\n" + shut + after, nil
}

package metrics

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Command is how a program is asked for the reference of its metrics.
const Command = "metrics"

// Reference writes a table of the families, for the page of all programs.
func (m *Metrics) Reference(out io.Writer, program string) error {
	families := slices.SortedFunc(slices.Values(m.families), func(a, b Family) int { return strings.Compare(a.Name, b.Name) })
	text := "\n## " + program + "\n\n| metric | type | labels | what |\n|---|---|---|---|\n"
	for _, f := range families {
		labels := ""
		if len(f.Labels) > 0 {
			labels = "`" + strings.Join(f.Labels, "`, `") + "`"
		}
		text += fmt.Sprintf("| `%s` | %s | %s | %s |\n", f.Name, f.Type, labels, f.Help)
	}
	_, err := io.WriteString(out, text)
	return err
}

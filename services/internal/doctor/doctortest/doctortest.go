// Package doctortest reads what examinations have found, in tests.
package doctortest

import (
	"strings"

	"fresque.dev/services/internal/doctor"
)

// Found is what an examination says of one part, each finding with what to mend.
func Found(r doctor.Report, of string) string {
	var all []string
	for _, f := range r.Findings {
		if f.Of == of {
			all = append(all, string(f.State)+" "+f.Found+" | "+f.Mend)
		}
	}
	return strings.Join(all, "\n")
}

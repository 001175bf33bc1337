// Package doctor examines what a service needs, from where it runs, and says of
// each fault what to mend. An examination changes nothing: what it writes to try
// an engine out it takes away again.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"fresque.dev/services/internal/settings"
)

// Command is the first argument that asks for it: `boardd doctor`.
const Command = "doctor"

// ErrBroken ends an examination that found a fault; it has been told.
var ErrBroken = errors.New("something is to be mended")

// lookWithin bounds one look at one engine.
const lookWithin = 15 * time.Second

// State is how something was found.
type State string

// The states.
const (
	OK     State = "ok"
	Broken State = "broken"
	// Skipped was not looked at; why is told.
	Skipped State = "skipped"
)

// Finding is what one look found.
type Finding struct {
	// Of is the part that was looked at, such as store; By who looked.
	Of    string `json:"of"`
	By    string `json:"by"`
	State State  `json:"state"`
	// Found says what there is, without secrets, and Mend what to do about it.
	Found string `json:"found"`
	Mend  string `json:"mend,omitempty"`
}

// Report is all that was found.
type Report struct {
	// Well tells that nothing is broken.
	Well     bool      `json:"well"`
	Findings []Finding `json:"findings"`
	by       string
}

// New makes the report of one who looks: board, media or operator.
func New(by string) *Report { return &Report{Well: true, Findings: []Finding{}, by: by} }

// Good notes what is as it should be.
func (r *Report) Good(of, found string, args ...any) {
	r.Add(Finding{Of: of, State: OK, Found: fmt.Sprintf(found, args...)})
}

// Fault notes what is not, and what to mend.
func (r *Report) Fault(of string, err error, mend string) {
	r.Add(Finding{Of: of, State: Broken, Found: settings.Redact(err.Error()), Mend: mend})
}

// Skip notes what could not be looked at.
func (r *Report) Skip(of, why string) { r.Add(Finding{Of: of, State: Skipped, Found: why}) }

// Add notes a finding.
func (r *Report) Add(f Finding) {
	if f.By == "" {
		f.By = r.by
	}
	f.Found = strings.Join(strings.Fields(f.Found), " ")
	r.Well = r.Well && f.State != Broken
	r.Findings = append(r.Findings, f)
}

// Settings notes each fault of the settings, and whether there is none.
func (r *Report) Settings(err error) bool {
	for _, one := range settings.Each(err) {
		r.Fault("settings", one, "Mend that setting; docs/configuration.md describes each.")
	}
	if err == nil {
		r.Good("settings", "all are valid")
	}
	return err == nil
}

// Tell writes the report, as JSON or for people; ErrBroken when something is.
func (r *Report) Tell(out io.Writer, asJSON bool) error {
	if asJSON {
		encode := json.NewEncoder(out)
		encode.SetIndent("", "  ")
		if err := encode.Encode(r); err != nil {
			return err
		}
	} else {
		r.print(out)
	}
	if !r.Well {
		return ErrBroken
	}
	return nil
}

func (r *Report) print(out io.Writer) {
	broken, skipped := 0, 0
	for _, f := range r.Findings {
		switch f.State {
		case Broken:
			broken++
		case Skipped:
			skipped++
		}
		fmt.Fprintf(out, "%-8s %-16s %s\n", f.State, f.By+" "+f.Of, f.Found)
		if f.Mend != "" {
			fmt.Fprintf(out, "%25s → %s\n", "", f.Mend)
		}
	}
	fmt.Fprintf(out, "\n%d to mend, %d not looked at, %d well\n", broken, skipped, len(r.Findings)-broken-skipped)
}

// Within bounds one look.
func Within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, lookWithin)
}

// Run does the command of a service: it reads -o json, has the settings loaded
// from what else there is, and tells what an examination by these settings finds.
func Run[C any](ctx context.Context, by string, args []string, out io.Writer, load func([]string, io.Writer) (C, error), examine func(context.Context, C, *Report)) error {
	asJSON, args := TakeFormat(args)
	cfg, err := load(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	r := New(by)
	if r.Settings(err) {
		examine(ctx, cfg, r)
	} else {
		r.Skip("engines", "the settings come first")
	}
	return r.Tell(out, asJSON)
}

// TakeFormat takes -o json out of the arguments of a service's command.
func TakeFormat(args []string) (asJSON bool, rest []string) {
	for i := 0; i < len(args); i++ {
		switch name := strings.TrimLeft(args[i], "-"); {
		case name == "o=json":
			asJSON = true
		case args[i] != name && name == "o" && i+1 < len(args) && args[i+1] == "json":
			asJSON = true
			i++
		default:
			rest = append(rest, args[i])
		}
	}
	return asJSON, rest
}

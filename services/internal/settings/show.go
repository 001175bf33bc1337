package settings

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"
)

// ShowCommand is the first argument of a process that prints its settings instead
// of serving.
const ShowCommand = "config"

// Shown is a setting as it may be shown to anybody.
type Shown struct {
	// Name is its variable.
	Name string `json:"name"`
	// Value is what holds; "set" or "unset" of a secret.
	Value string `json:"value"`
	// From is where it was found: default, flag, environment, or the file.
	From   string `json:"from"`
	Secret bool   `json:"secret,omitempty"`
}

// Shown gives the settings as they were read, in the order of their declaration,
// with nothing secret in them.
func (s *Set) Shown() []Shown {
	out := make([]Shown, 0, len(s.settings))
	for _, one := range s.settings {
		shown := Shown{Name: s.prefix + one.name, Value: Redact(one.value), From: or(one.from, "default"), Secret: one.secret}
		if one.secret {
			shown.Value = "unset"
			if one.value != "" {
				shown.Value = "set"
			}
		}
		out = append(out, shown)
	}
	return out
}

// Show does what "config" asks for: it prints the settings that hold, or with
// -reference describes all there are. declare declares them and gives what checks
// them once they are read. Faults come after what is printed.
func Show(binary, prefix string, environ, args []string, out io.Writer, declare func(*Set) (check func() error)) error {
	s := New(prefix, environ)
	check := declare(s)
	var asJSON, reference bool
	s.flags.BoolVar(&asJSON, "json", false, "print as JSON")
	s.flags.BoolVar(&reference, "reference", false, "describe every setting instead, in Markdown")
	parsed := s.Parse(args)
	if errors.Is(parsed, flag.ErrHelp) {
		fmt.Fprintf(out, "%s config [-json] [settings]   print the settings that hold, without secrets\n%s config -reference         describe every setting\n\n", binary, binary)
		s.Usage(out)
		return parsed
	}
	if reference {
		return s.describe(binary, out)
	}
	if err := s.print(out, asJSON); err != nil {
		return err
	}
	return s.Faults(parsed, check())
}

func (s *Set) print(out io.Writer, asJSON bool) error {
	if asJSON {
		encode := json.NewEncoder(out)
		encode.SetIndent("", "  ")
		return encode.Encode(map[string]any{"settings": s.Shown()})
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, one := range s.Shown() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", one.Name, or(one.Value, "-"), one.From)
	}
	return w.Flush()
}

// describe writes a table of every setting, for the reference.
func (s *Set) describe(binary string, out io.Writer) error {
	fmt.Fprintf(out, "\n## %s\n\n| variable | flag | default | what it is |\n|---|---|---|---|\n", binary)
	fmt.Fprintf(out, "| `%s%s` | `-%s` | | file of settings |\n", s.prefix, fileSetting, flagName(fileSetting))
	for _, one := range s.settings {
		variable, written, byDefault := fmt.Sprintf("`%s%s`", s.prefix, one.name), fmt.Sprintf("`-%s`", flagName(one.name)), ""
		if one.secret {
			variable, written = fmt.Sprintf("%s, or `%s%s_FILE`", variable, s.prefix, one.name), "none: a secret"
		}
		if one.byDefault != "" {
			byDefault = "`" + one.byDefault + "`"
		}
		meaning := one.usage
		if one.list {
			meaning += "; a list with commas"
		}
		if one.bounds != "" {
			meaning += "; " + one.bounds
		}
		if _, err := fmt.Fprintf(out, "| %s | %s | %s | %s |\n", variable, written, byDefault, strings.ReplaceAll(meaning, "|", "\\|")); err != nil {
			return err
		}
	}
	return nil
}

var (
	scheme = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://`)
	// Of parameters of an address, these have keys and passwords.
	telling = regexp.MustCompile(`(?i)([?&;][^=&;\s]*(?:password|secret|token|key|credential|authmechanismproperties)[^=&;\s]*=)[^&;\s]*`)
	// An address of NATS may be written without a scheme.
	bare = regexp.MustCompile(`^[^/@=\s]*:[^/@=\s]*@`)
)

const hidden = "***"

// Redact hides the names and passwords in addresses. Rather than to understand
// every address it hides too much: all before the last @ of each.
func Redact(text string) string {
	text = bare.ReplaceAllString(text, hidden+"@")
	starts := scheme.FindAllStringIndex(text, -1)
	var out strings.Builder
	last := 0
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		out.WriteString(text[last:at[1]])
		rest := text[at[1]:end]
		if cut := strings.LastIndexByte(rest, '@'); cut >= 0 {
			rest = hidden + rest[cut:]
		}
		out.WriteString(rest)
		last = end
	}
	out.WriteString(text[last:])
	return telling.ReplaceAllString(out.String(), "${1}"+hidden)
}

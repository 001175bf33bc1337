// Package settings reads a process's configuration from the environment and
// the command line, and tells everything that is wrong with it at once:
// unknown names too, since a setting misspelt is a setting lost.
package settings

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Set is the settings of one process. A setting ADDR of the prefix FRESQUE is
// read from the flag -addr, else from FRESQUE_ADDR, else stays as it is.
type Set struct {
	prefix string
	env    map[string]string
	known  map[string]bool
	flags  *flag.FlagSet
	faults []error
}

// New reads an environment (as os.Environ gives it).
func New(prefix string, environ []string) *Set {
	s := &Set{
		prefix: prefix + "_", env: map[string]string{}, known: map[string]bool{},
		flags: flag.NewFlagSet(strings.ToLower(prefix), flag.ContinueOnError),
	}
	s.flags.SetOutput(io.Discard)
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, s.prefix) {
			s.env[strings.TrimPrefix(name, s.prefix)] = value
		}
	}
	return s
}

// String declares a text. The value that target holds is its default.
func (s *Set) String(target *string, name, usage string) {
	s.value(name, usage, *target, func(v string) error { *target = v; return nil })
}

// Strings declares a list, written with commas.
func (s *Set) Strings(target *[]string, name, usage string) {
	s.value(name, usage, strings.Join(*target, ","), func(v string) error {
		*target = nil
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				*target = append(*target, part)
			}
		}
		return nil
	})
}

// Int declares a whole number between two bounds.
func (s *Set) Int(target *int, name, usage string, least, most int) {
	s.value(name, usage, fmt.Sprint(*target), func(v string) error {
		var n int
		if _, err := fmt.Sscanf(v, "%d", &n); err != nil || fmt.Sprint(n) != v || n < least || n > most {
			return fmt.Errorf("%q is not a whole number from %d to %d", v, least, most)
		}
		*target = n
		return nil
	})
}

// Secret declares a text that is read from the environment only, or from the
// file that NAME_FILE names: a command line can be seen by others.
func (s *Set) Secret(target *string, name string) {
	s.known[name], s.known[name+"_FILE"] = true, true
	value, given := s.env[name]
	path, inFile := s.env[name+"_FILE"]
	switch {
	case given && inFile:
		s.fault(name, errors.New("is given twice, as a value and as a file"))
	case given:
		*target = value
	case inFile:
		data, err := os.ReadFile(path)
		if err != nil {
			s.fault(name+"_FILE", err)
			return
		}
		*target = strings.TrimSpace(string(data))
	}
}

func (s *Set) value(name, usage, byDefault string, set func(string) error) {
	s.known[name] = true
	if v, ok := s.env[name]; ok {
		if err := set(v); err != nil {
			s.fault(name, err)
		}
	}
	s.flags.Var(&flagValue{text: byDefault, set: set}, flagName(name), usage)
}

func (s *Set) fault(name string, err error) {
	s.faults = append(s.faults, fmt.Errorf("%s%s: %w", s.prefix, name, err))
}

// Parse reads the command line, once all settings are declared. It answers
// flag.ErrHelp when help is asked for, else every fault found, joined.
func (s *Set) Parse(args []string) error {
	for {
		err := s.flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		if err == nil {
			break
		}
		s.faults = append(s.faults, err)
		args = s.flags.Args() // go on after the one that was wrong
	}
	for _, arg := range s.flags.Args() {
		s.faults = append(s.faults, fmt.Errorf("unexpected argument %q", arg))
	}
	for name := range s.env {
		if !s.known[name] {
			s.fault(name, errors.New("is not a setting"))
		}
	}
	slices.SortStableFunc(s.faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(s.faults...)
}

// Usage writes every setting with its flag, its variable and its default.
func (s *Set) Usage(w io.Writer) {
	s.flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(w, "  -%s (%s)\n      %s", f.Name, s.prefix+envName(f.Name), f.Usage)
		if f.DefValue != "" {
			fmt.Fprintf(w, " [%s]", f.DefValue)
		}
		fmt.Fprintln(w)
	})
}

func flagName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }
func envName(name string) string  { return strings.ReplaceAll(strings.ToUpper(name), "-", "_") }

// flagValue sets a setting from the command line.
type flagValue struct {
	text string
	set  func(string) error
}

// String is the default.
func (v *flagValue) String() string { return v.text }

// Set takes what the command line says.
func (v *flagValue) Set(text string) error { return v.set(text) }

// Variable reads one variable of the environment, for a tool whose few are shared
// with others.
func Variable(name string) string { return os.Getenv(name) }

// Package settings reads a process's configuration from the command line, the
// environment and a file, and tells everything that is wrong with it at once:
// unknown names too, since a setting misspelt is a setting lost. What is declared
// here is read, printed and described from the one declaration.
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

// fileSetting names the configuration file itself.
const fileSetting = "CONFIG"

// fileSuffix ends the variable that names the file of a secret.
const fileSuffix = "_FILE"

// Set is the settings of one process. A setting ADDR of the prefix FRESQUE is
// read from the flag -addr, else from FRESQUE_ADDR, else from the line
// FRESQUE_ADDR=… of the configuration file, else stays as it is.
type Set struct {
	prefix   string
	env      map[string]string
	file     map[string]line
	path     string
	settings []*setting
	flags    *flag.FlagSet
	faults   []error
	// faulty are the settings that could not be read.
	faulty map[string]bool
}

// setting is one declaration, and what was found for it.
type setting struct {
	name, usage, byDefault, bounds string
	secret, list                   bool
	// path is told the file that a secret was read from; nil when nobody asks.
	path *string
	set  func(string) error
	// value is what holds, and from where: empty for the default.
	value, from string
}

// New reads an environment (as os.Environ gives it).
func New(prefix string, environ []string) *Set {
	s := &Set{
		prefix: prefix + "_", env: map[string]string{}, faulty: map[string]bool{},
		flags: flag.NewFlagSet(strings.ToLower(prefix), flag.ContinueOnError),
	}
	s.flags.SetOutput(io.Discard)
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, s.prefix) {
			s.env[strings.TrimPrefix(name, s.prefix)] = value
		}
	}
	s.flags.Func(flagName(fileSetting), "file of settings, a line NAME=VALUE each", func(v string) error { s.path = v; return nil })
	return s
}

// String declares a text. The value that target holds is its default.
func (s *Set) String(target *string, name, usage string) {
	s.declare(&setting{name: name, usage: usage, byDefault: *target, set: func(v string) error { *target = v; return nil }})
}

// Strings declares a list, written with commas.
func (s *Set) Strings(target *[]string, name, usage string) {
	s.declare(&setting{name: name, usage: usage, byDefault: strings.Join(*target, ","), list: true, set: func(v string) error {
		*target = nil
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				*target = append(*target, part)
			}
		}
		return nil
	}})
}

// Int declares a whole number between two bounds.
func (s *Set) Int(target *int, name, usage string, least, most int) {
	s.declare(&setting{name: name, usage: usage, byDefault: fmt.Sprint(*target), bounds: fmt.Sprintf("%d to %d", least, most), set: func(v string) error {
		var n int
		if _, err := fmt.Sscanf(v, "%d", &n); err != nil || fmt.Sprint(n) != v || n < least || n > most {
			return fmt.Errorf("%q is not a whole number from %d to %d", v, least, most)
		}
		*target = n
		return nil
	}})
}

// Secret declares a text that is read from the environment or the file of
// settings, or from the file that NAME_FILE names, and never from the command
// line, which can be seen by others.
func (s *Set) Secret(target *string, name string, usage ...string) {
	s.declare(&setting{name: name, usage: strings.Join(usage, " "), secret: true, set: func(v string) error { *target = v; return nil }})
}

// SecretFrom is Secret for who reads it anew later: path is the file that it was
// read from, empty where it was given as a value.
func (s *Set) SecretFrom(target, path *string, name, usage string) {
	s.declare(&setting{name: name, usage: usage, secret: true, path: path, set: func(v string) error { *target = v; return nil }})
}

func (s *Set) declare(one *setting) {
	one.value = one.byDefault
	s.settings = append(s.settings, one)
	if !one.secret {
		s.flags.Var(&flagValue{of: one}, flagName(one.name), one.usage)
	}
}

func (s *Set) fault(name string, err error) {
	s.faulty[strings.TrimSuffix(name, fileSuffix)] = true
	s.faults = append(s.faults, fmt.Errorf("%s%s: %w", s.prefix, name, err))
}

// Faults joins what Parse found with what a check of the values finds, which begins
// with the name of a setting each: it is told by its variable, and not of a setting
// that could not be read, whose value is not the one that was meant.
func (s *Set) Faults(parsed, checked error) error {
	all := Each(parsed)
	for _, err := range Each(checked) {
		name, _, _ := strings.Cut(err.Error(), ":")
		switch {
		case s.faulty[name]:
		case slices.ContainsFunc(s.settings, func(one *setting) bool { return one.name == name }):
			all = append(all, fmt.Errorf("%s%w", s.prefix, err))
		default:
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Parse reads the command line, the environment and the file, once all settings
// are declared. It answers flag.ErrHelp when help is asked for, else every fault
// found, joined.
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
		s.faults = append(s.faults, fmt.Errorf("unexpected argument %q: -h tells what there is", arg))
	}
	s.readFile()
	known := map[string]bool{fileSetting: true}
	for _, one := range s.settings {
		known[one.name] = true
		if one.secret {
			known[one.name+fileSuffix] = true
			s.findSecret(one)
		} else {
			s.find(one)
		}
	}
	for name := range s.env {
		if !known[name] {
			s.fault(name, errors.New("is not a setting"))
		}
	}
	for name, l := range s.file {
		if !known[name] || name == fileSetting {
			s.faults = append(s.faults, fmt.Errorf("%s:%d: %s%s is not a setting", s.path, l.number, s.prefix, name))
		}
	}
	slices.SortStableFunc(s.faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(s.faults...)
}

// find takes the value of a setting from where it counts most.
func (s *Set) find(one *setting) {
	if one.from == fromFlag {
		return
	}
	value, from, given := s.given(one.name)
	if !given {
		return
	}
	if err := one.set(value); err != nil {
		s.fault(one.name, fmt.Errorf("%w (%s)", err, from))
		return
	}
	one.value, one.from = value, from
}

// given looks into the environment, then into the file of settings.
func (s *Set) given(name string) (value, from string, given bool) {
	if v, ok := s.env[name]; ok {
		return v, "environment", true
	}
	if l, ok := s.file[name]; ok {
		return l.value, fmt.Sprintf("%s:%d", s.path, l.number), true
	}
	return "", "", false
}

func (s *Set) findSecret(one *setting) {
	value, from, given := s.given(one.name)
	path, _, inFile := s.given(one.name + fileSuffix)
	switch {
	case given && inFile:
		s.fault(one.name, errors.New("is given twice, as a value and as a file"))
		return
	case inFile:
		data, err := os.ReadFile(path)
		if err != nil {
			s.fault(one.name+fileSuffix, err)
			return
		}
		value, from = SecretIn(data), path
		if one.path != nil {
			*one.path = path
		}
	case !given:
		return
	}
	if err := one.set(value); err != nil {
		s.fault(one.name, err)
		return
	}
	one.value, one.from = value, from
}

// SecretIn is what a file of a secret says.
func SecretIn(data []byte) string { return strings.TrimSpace(string(data)) }

// Usage writes every setting with its flag, its variable and its default.
func (s *Set) Usage(w io.Writer) {
	fmt.Fprintf(w, "  -%s (%s)\n      file of settings, a line NAME=VALUE each; the environment and flags count more\n", flagName(fileSetting), s.prefix+fileSetting)
	for _, one := range s.settings {
		if one.secret {
			fmt.Fprintf(w, "  (%s, or %s_FILE)\n      %s", s.prefix+one.name, s.prefix+one.name, or(one.usage, "a secret"))
		} else {
			fmt.Fprintf(w, "  -%s (%s)\n      %s", flagName(one.name), s.prefix+one.name, one.usage)
		}
		if one.bounds != "" {
			fmt.Fprintf(w, ", %s", one.bounds)
		}
		if one.byDefault != "" {
			fmt.Fprintf(w, " [%s]", one.byDefault)
		}
		fmt.Fprintln(w)
	}
}

func flagName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

const fromFlag = "flag"

// flagValue sets a setting from the command line.
type flagValue struct{ of *setting }

// String is the default; the flag package asks an empty one as well.
func (v *flagValue) String() string {
	if v.of == nil {
		return ""
	}
	return v.of.byDefault
}

// Set takes what the command line says.
func (v *flagValue) Set(text string) error {
	if err := v.of.set(text); err != nil {
		return err
	}
	v.of.value, v.of.from = text, fromFlag
	return nil
}

// Variable reads one variable of the environment, for a tool whose few are shared
// with others.
func Variable(name string) string { return os.Getenv(name) }

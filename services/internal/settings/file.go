package settings

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// line is one of the file of settings.
type line struct {
	value  string
	number int
}

// readFile reads the file of settings, if one is named. A line is NAME=VALUE, or
// empty, or begins with #. The names are those of the variables, so that the same
// file serves as an EnvironmentFile of systemd, an env_file of Compose and a
// ConfigMap made by kustomize; what these read in different ways is refused.
func (s *Set) readFile() {
	if s.path == "" {
		s.path = s.env[fileSetting]
	}
	if s.path == "" {
		return
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		s.fault(fileSetting, err)
		return
	}
	s.file = map[string]line{}
	for number, text := range strings.Split(string(data), "\n") {
		if text = strings.TrimSpace(text); text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if err := s.readLine(text, number+1); err != nil {
			s.faults = append(s.faults, fmt.Errorf("%s:%d: %w", s.path, number+1, err))
		}
	}
}

func (s *Set) readLine(text string, number int) error {
	name, value, found := strings.Cut(text, "=")
	short, ours := strings.CutPrefix(name, s.prefix)
	switch {
	case !found:
		return errors.New("is not NAME=VALUE")
	case !ours:
		return fmt.Errorf("%q is not a setting: they all begin with %s", name, s.prefix)
	case s.file[short].number != 0:
		return fmt.Errorf("%s is given before, on line %d", name, s.file[short].number)
	case strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'"):
		return fmt.Errorf("%s: write the value without quotes", name)
	case strings.Contains(value, " #"):
		return fmt.Errorf("%s: a comment has a line of its own", name)
	}
	s.file[short] = line{strings.TrimSpace(value), number}
	return nil
}

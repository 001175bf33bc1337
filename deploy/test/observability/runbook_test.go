package observability

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func read(t testing.TB, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// TestEachAlertHasItsRunbook: whoever is called finds what it means and what to do,
// and the page tells of no alert that is none any more.
func TestEachAlertHasItsRunbook(t *testing.T) {
	const page = "docs/operations.md"
	parts, told := map[string]string{}, read(t, page)
	for _, at := range heading.FindAllStringSubmatchIndex(told, -1) {
		rest := told[at[1]:]
		if next := heading.FindStringIndex(rest); next != nil {
			rest = rest[:next[0]]
		}
		parts[told[at[2]:at[3]]] = rest
	}
	alerts := map[string]bool{}
	for _, g := range rules(t) {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts[r.Alert] = true
			part := parts[r.Alert]
			if r.Annotations["runbook_url"] != page+"#"+strings.ToLower(r.Alert) || !strings.Contains(part, "**Means**") || !strings.Contains(part, "**Do**") {
				t.Errorf("%s sends people to %s, which says %q", r.Alert, r.Annotations["runbook_url"], part)
			}
			if s := r.Labels["severity"]; s != "page" && s != "ticket" || r.Annotations["summary"] == "" {
				t.Errorf("%s: severity %q, summary %q", r.Alert, s, r.Annotations["summary"])
			}
		}
	}
	for name := range parts {
		if strings.HasPrefix(name, "Fresque") && !alerts[name] {
			t.Errorf("there is no alert %s", name)
		}
	}
}

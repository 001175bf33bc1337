package ctl

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestEveryCommandIsExplainedAndExitsAsItSays: help at each level, in the list of all and
// in docs/fresquectl.md; 2 for what was asked wrongly, 1 for what cannot be done.
func TestEveryCommandIsExplainedAndExitsAsItSays(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	run := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		env := map[string]string{"FRESQUE_URL": "http://127.0.0.1:1", "FRESQUE_OPERATOR_KEY": "k"}
		code := Run(t.Context(), args, func(name string) string { return env[name] }, &out, &errs)
		return code, out.String(), errs.String()
	}
	page, err := os.ReadFile("../../../../docs/fresquectl.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ := run(referenceCommand); out != string(page) {
		t.Error("docs/fresquectl.md is stale: make generate")
	}
	if code, out, _ := run("help"); code != ok || out != usage {
		t.Errorf("help exits with %d", code)
	}
	const id = "01980000-0000-7000-8000-0000000000c1"
	for _, g := range groups {
		if g.name != "audit" {
			code, out, _ := run(g.name, "-h")
			if code != ok || !strings.Contains(out, g.about) {
				t.Errorf("%s -h exits with %d: %s", g.name, code, out)
			}
			if code, _, errs := run(g.name); code != misused || !strings.Contains(errs, g.about) {
				t.Errorf("%s alone exits with %d: %s", g.name, code, errs)
			}
			if code, _, errs := run(g.name, "undo"); code != misused || !strings.Contains(errs, "no command "+g.name) {
				t.Errorf("%s undo exits with %d: %s", g.name, code, errs)
			}
		}
		for _, c := range g.commands {
			call := []string{g.name, c.name}
			if g.name == "audit" {
				call = call[:1]
			}
			name := strings.Join(call, " ")
			with := func(more ...string) []string { return append(append([]string{}, call...), more...) }
			if !strings.Contains(usage, "fresquectl "+name) {
				t.Errorf("%s is not in the list of all commands", name)
			}
			if code, out, _ := run(with("-h")...); code != ok || !strings.Contains(out, c.usage) || !strings.Contains(out, "-o json") {
				t.Errorf("%s -h exits with %d: %s", name, code, out)
			}
			if code, out, errs := run(with("-nonsense")...); code != misused || out != "" || errs == "" {
				t.Errorf("%s with an unknown flag exits with %d: %s%s", name, code, out, errs)
			}
			if code, _, _ := run(with(id, "more")...); code != misused {
				t.Errorf("%s with too much exits with %d", name, code)
			}
			if c.about == anID || c.about == aFile {
				if code, _, errs := run(call...); code != misused || errs == "" {
					t.Errorf("%s of nothing exits with %d: %s", name, code, errs)
				}
			}
			// What it takes is given; nobody listens there, and nothing is said of it on
			// the output, which programs read.
			given := map[string][]string{
				"board export": {"-out", t.TempDir() + "/a.zip"}, "link revoke": {"-link", id}, "platform replay": {"-delivery", id}, "account reset": {"-login", "ada"},
				"person show": {"-person", id}, "person export": {"-person", id, "-out", t.TempDir() + "/a.json"}, "person erase": {"-person", id, "-yes"},
				"person suspend": {"-person", id}, "person restore": {"-person", id},
			}[name]
			if given != nil {
				if code, _, errs := run(with(id)...); code != misused || errs == "" {
					t.Errorf("%s without its flags exits with %d: %s", name, code, errs)
				}
			}
			asked := with(append(given, "-o", "json")...)
			switch c.about {
			case anID:
				asked = append(asked, id)
			case aFile:
				asked = append(asked, "reference.go")
			case nothing, alone:
			}
			if code, out, errs := run(asked...); code != failed || out != "" || errs == "" {
				t.Errorf("%v where nobody listens exits with %d: %s%s", asked, code, out, errs)
			}
		}
	}
}

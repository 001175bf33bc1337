package ctl

import (
	"flag"
	"fmt"
	"slices"
	"strings"
)

// referenceCommand writes docs/fresquectl.md.
const referenceCommand = "reference"

const referenceHead = `# fresquectl

The operator's command. This page is made of what the commands declare ("make generate"); each tells the same with -h.

Every command takes, before or after its name, -url, -key-file and -o json (the same as -json), by which it answers programs. It exits with 0 when done, 1 when it could not be done (which it says on standard error), and 2 when it was not asked as it should be.

`

// shared are the flags that every command has.
var shared = []string{"url", "key-file", "json", "o"}

// reference describes every command, by its own declaration.
func (t *tool) reference() error {
	fmt.Fprintf(t.out, "%s\x60\x60\x60text\n%s\x60\x60\x60\n", referenceHead, usage)
	for _, g := range groups {
		fmt.Fprintf(t.out, "\n## %s: %s\n", g.name, g.about)
		for _, c := range g.commands {
			f := t.flags(c.name, "")
			c.do(f)
			title := g.name + " " + c.name
			if g.name == "audit" {
				title = g.name
			}
			fmt.Fprintf(t.out, "\n### %s\n%s\n", title, described(c.usage))
			flagTable(t, f)
		}
	}
	fmt.Fprintf(t.out, "\n## doctor\n\x60\x60\x60text\n%s\n\x60\x60\x60\n", strings.TrimSpace(doctorUsage))
	_, err := fmt.Fprintf(t.out, "\n## nats\n\x60\x60\x60text\n%s\n\x60\x60\x60\n", strings.TrimSpace(natsUsage))
	return err
}

// described sets what is to be typed apart from what is said of it.
func described(usage string) string {
	typed, said, _ := strings.Cut(usage, ": ")
	return "\x60" + typed + "\x60: " + strings.ReplaceAll(said, "\n", " ")
}

func flagTable(t *tool, f *flag.FlagSet) {
	head := "\n| flag | |\n|---|---|\n"
	f.VisitAll(func(one *flag.Flag) {
		if slices.Contains(shared, one.Name) {
			return
		}
		_, about := flag.UnquoteUsage(one)
		if one.DefValue != "" && one.DefValue != "0" && one.DefValue != "false" {
			about += " (" + one.DefValue + " when left out)"
		}
		fmt.Fprintf(t.out, "%s| \x60-%s\x60 | %s |\n", head, one.Name, strings.ReplaceAll(about, "|", "\\|"))
		head = ""
	})
}

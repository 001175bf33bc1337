// Package ctl is the operator's command line: a thin client of the part of the
// API that the operator's key opens.
package ctl

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fresque.dev/services/internal/doctor"
)

// The exit codes.
const (
	ok = iota
	failed
	misused
)

// group is the commands on one thing.
type group struct {
	name, about string
	commands    []command
}

// groups are all that ask the service or its program, in the order of the reference.
// doctor and nats read their arguments themselves.
var groups = []group{
	{"platform", "sites, such as a Moodle", platformCommands},
	{"board", "walls", append(listBoards, boardCommands...)},
	{"link", "ways onto a wall", linkCommands},
	{"account", "who signs in", append(setupCommands, accountCommands...)},
	{"person", "the people of a site", personCommands},
	{"audit", "what was done with the operator's key", auditCommands},
	{"migrations", "the schema of the store", migrationCommands},
}

func groupOf(name string) *group {
	i := slices.IndexFunc(groups, func(g group) bool { return g.name == name })
	if i < 0 {
		return nil
	}
	return &groups[i]
}

// help tells the commands of a group.
func (g *group) help() string {
	text := "fresquectl " + g.name + ": " + g.about + ".\n\n"
	for _, c := range g.commands {
		text += "  " + strings.ReplaceAll(c.usage, "\n", "\n  ") + "\n"
	}
	return text + "\nIts flags: fresquectl " + g.name + " COMMAND -h\n"
}

// asksHelp tells a word that asks for help.
func asksHelp(word string) bool {
	return slices.Contains([]string{"help", "-h", "-help", "--help"}, word)
}

const usage = `fresquectl is the operator's command: it examines a Fresque service, connects sites
to it, such as a Moodle, and looks after walls, links and people.

  fresquectl doctor [-board FILE] [-media FILE]   what is wrong, and what to mend
  fresquectl platform add -name NAME -issuer URL (-keys-url URL | -keys FILE) [-origin URL …]
  fresquectl platform list
  fresquectl platform show ID
  fresquectl platform edit ID [what changes, as in add]
  fresquectl platform close ID     shut it out: nothing is deleted
  fresquectl platform open ID      let it in again
  fresquectl platform webhook ID [-renew]
  fresquectl platform operations ID [-before OPERATION]
  fresquectl platform deliveries ID [-waiting]
  fresquectl platform replay ID -delivery DELIVERY

  fresquectl board list            every wall, whose it is and since when
  fresquectl board create -title TITLE [-lang fr|en]
  fresquectl board export BOARD -out FILE.zip [-lang fr|en]
  fresquectl board show BOARD      whose it is, since when, and how much is on it
  fresquectl board archive BOARD [-back]
  fresquectl board delete BOARD    for 30 days it can be restored
  fresquectl board restore BOARD
  fresquectl board import FILE.zip [-title TITLE] [-another WORD]

  fresquectl link list BOARD       the ways onto a wall, without their addresses
  fresquectl link create BOARD [-role ROLE] [-expires WHEN] [-uses N] [-password-file FILE]
  fresquectl link revoke BOARD -link LINK

  fresquectl account setup         an address to make the first account by
  fresquectl account list          who signs in
  fresquectl account reset -login LOGIN   an address to choose a new password by
  fresquectl account close ACCOUNT [-now -yes]   in two weeks, with its walls
  fresquectl account keep ACCOUNT     after all
  fresquectl account promote ACCOUNT  to administrator, who invites others

  fresquectl person list PLATFORM  a site's people, by its own references
  fresquectl person show PLATFORM -person PERSON
  fresquectl person export PLATFORM -person PERSON -out FILE.json
  fresquectl person erase PLATFORM -person PERSON -yes
  fresquectl person suspend PLATFORM -person PERSON   out of sight, and out
  fresquectl person restore PLATFORM -person PERSON

  fresquectl audit [-since WHEN]   what was done with the operator's key

  fresquectl migrations status [-config FILE]   how far the store's schema is
  fresquectl migrations run [-config FILE]      bring it up to date

  fresquectl nats permissions      what each service may do at NATS
  fresquectl nats streams [-apply] how its streams stand; make and mend them

Before or after the command:
  -url URL         of the service; else FRESQUE_URL, else http://localhost:8080
  -key-file FILE   has the operator's key; else FRESQUE_OPERATOR_KEY_FILE, or the
                   key itself in FRESQUE_OPERATOR_KEY, else data/keys/operator.key.
                   The key is never given on the command line, where others see it.
  -o json          answer as the service does, for programs (-json is the same)

Help on one thing, and on one command: fresquectl platform -h, fresquectl platform add -h
It exits with 0 when done, 1 when it could not be done, 2 when it was not asked as it should be.
`

// errTold is what went wrong, which has been told.
var errTold = errors.New("told")

// errUsage is what was not asked for as it should be; it has been told.
var errUsage = errors.New("usage")

// misuse is what is missing in what was asked.
type misuse string

// Error says what to give.
func (m misuse) Error() string { return string(m) }

// tool is one call of the command.
type tool struct {
	client
	json bool
	out  io.Writer
	errs io.Writer
}

// Run does what the arguments say, and gives the code to exit with. env reads one
// variable of the environment.
func Run(ctx context.Context, args []string, env func(string) string, out, errs io.Writer) int {
	t := &tool{out: out, errs: errs, client: client{url: cmp.Or(env("FRESQUE_URL"), "http://localhost:8080"), language: env("LANG")}}
	err := t.run(ctx, args, env)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return ok
	case errors.Is(err, errUsage):
		return misused
	case errors.As(err, new(misuse)):
		fmt.Fprintln(errs, "fresquectl:", err)
		return misused
	case errors.Is(err, doctor.ErrBroken) || errors.Is(err, errTold):
		return failed
	}
	fmt.Fprintln(errs, "fresquectl:", err)
	return failed
}

func (t *tool) run(ctx context.Context, args []string, env func(string) string) error {
	keyFile := env("FRESQUE_OPERATOR_KEY_FILE")
	declare := func(f *flag.FlagSet) {
		f.StringVar(&t.url, "url", t.url, "address of the service")
		f.StringVar(&keyFile, "key-file", keyFile, "file with the operator's key")
		t.formats(f)
	}
	f := t.flags("fresquectl", usage)
	declare(f)
	if err := t.parse(f, args); err != nil {
		return err
	}
	args = f.Args()
	if len(args) > 0 && args[0] == "nats" {
		return t.nats(ctx, args[1:], env)
	}
	if len(args) > 0 && args[0] == "doctor" {
		f := t.flags("fresquectl doctor", doctorUsage)
		declare(f)
		return t.doctor(ctx, f, args[1:], func() error { return t.findKey(env, keyFile) }, env)
	}
	if len(args) > 0 && args[0] == "audit" {
		args = append([]string{"audit", "list"}, args[1:]...)
	}
	if len(args) == 1 && asksHelp(args[0]) {
		fmt.Fprint(t.out, usage)
		return nil
	}
	if len(args) == 1 && args[0] == referenceCommand {
		return t.reference()
	}
	if len(args) == 0 || groupOf(args[0]) == nil {
		fmt.Fprint(t.errs, usage)
		return errUsage
	}
	g := groupOf(args[0])
	if len(args) == 1 {
		fmt.Fprint(t.errs, g.help())
		return errUsage
	}
	if asksHelp(args[1]) {
		fmt.Fprint(t.out, g.help())
		return nil
	}
	i := slices.IndexFunc(g.commands, func(c command) bool { return c.name == args[1] })
	if i < 0 {
		fmt.Fprintf(t.errs, "fresquectl: there is no command %s %s\n\n%s", args[0], args[1], g.help())
		return errUsage
	}
	c := g.commands[i]
	f = t.flags("fresquectl "+args[0]+" "+c.name, c.usage+"\n")
	declare(f)
	do := c.do(f)
	id, err := t.parseWith(f, args[0], args[2:], c.about)
	if err != nil {
		return err
	}
	if c.about != alone {
		if err := t.findKey(env, keyFile); err != nil {
			return err
		}
	}
	return do(ctx, t, id)
}

// formats declares how to answer.
func (t *tool) formats(f *flag.FlagSet) {
	f.BoolVar(&t.json, "json", t.json, "answer as the service does, in JSON")
	f.Func("o", "`json` to answer in JSON", func(format string) error {
		if format != "json" {
			return errors.New("there is no format but json")
		}
		t.json = true
		return nil
	})
}

func (t *tool) findKey(env func(string) string, file string) (err error) {
	t.key, err = readKey(env("FRESQUE_OPERATOR_KEY"), file)
	return err
}

// parseWith reads flags around what a command is about, if it is about something.
func (t *tool) parseWith(f *flag.FlagSet, group string, args []string, wanted about) (string, error) {
	if err := t.parse(f, args); err != nil {
		return "", err
	}
	id := ""
	if rest := f.Args(); (wanted == anID || wanted == aFile) && len(rest) > 0 {
		id = rest[0]
		if err := t.parse(f, rest[1:]); err != nil {
			return "", err
		}
	}
	switch {
	case f.NArg() > 0:
		fmt.Fprintf(t.errs, "fresquectl: unexpected %q\n", f.Arg(0))
		return "", errUsage
	case wanted == anID && (group == "platform" || group == "person") && !isID(id):
		fmt.Fprintln(t.errs, "fresquectl: name the platform by its id; fresquectl platform list tells the ids")
		return "", errUsage
	case wanted == anID && group == "account" && !isID(id):
		fmt.Fprintln(t.errs, "fresquectl: name the account by its id; fresquectl account list tells the ids")
		return "", errUsage
	case wanted == anID && !isID(id):
		fmt.Fprintln(t.errs, "fresquectl: name the wall by its id, which is in its address")
		return "", errUsage
	case wanted == aFile && !isFile(id):
		fmt.Fprintf(t.errs, "fresquectl: name a file that is there; %q is none\n", id)
		return "", errUsage
	}
	return id, nil
}

func (t *tool) flags(name, usage string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.Init(name, flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(t.out, usage)
		if name != "fresquectl" {
			f.SetOutput(t.out)
			f.PrintDefaults()
			f.SetOutput(io.Discard)
		}
	}
	return f
}

// parse tells what is wrong with flags in one line; help goes to the output.
func (t *tool) parse(f *flag.FlagSet, args []string) error {
	help := f.Usage
	f.Usage = func() {}
	err := f.Parse(args)
	f.Usage = help
	if errors.Is(err, flag.ErrHelp) {
		f.Usage()
		return err
	}
	if err != nil {
		fmt.Fprintf(t.errs, "fresquectl: %v; see %s -h\n", err, f.Name())
		return errUsage
	}
	return nil
}

// readKey finds the operator's key.
func readKey(key, file string) (string, error) {
	if file == "" && key != "" {
		return key, nil
	}
	usual := file == ""
	if usual {
		file = "data/keys/operator.key"
	}
	raw, err := os.ReadFile(file)
	switch {
	case err != nil && usual:
		return "", errors.New("no operator's key: set FRESQUE_OPERATOR_KEY, or name its file with -key-file")
	case err != nil:
		return "", err
	case strings.TrimSpace(string(raw)) == "":
		return "", fmt.Errorf("%s is empty", file)
	}
	return strings.TrimSpace(string(raw)), nil
}

// isID tells a UUID from what cannot be one: it goes into an address.
func isID(text string) bool {
	return len(text) == 36 && strings.Trim(strings.ToLower(text), "0123456789abcdef-") == ""
}

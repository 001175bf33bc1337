package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natsrights"
	"fresque.dev/services/internal/streams"
)

const natsUsage = `fresquectl nats prepares NATS for Fresque.

  fresquectl nats permissions [-format conf|nsc] [-make]
                   what each service may do, for a server's configuration (conf) or
                   as commands that make credentials (nsc); -make lets the services
                   make their streams, see NATS_STREAMS
  fresquectl nats streams [-apply | -print] [-replicas N] [-keep-hours H] [-keep-events N]
                   [-stale-hours H]
                   how the streams stand beside what this release declares; -apply
                   makes and mends them, losing nothing; -print only writes what it
                   would make, as JSON

The numbers are those that the services have as REPLICAS, KEEP_HOURS, KEEP_EVENTS
and STALE_HOURS. The connection is the administrator's: the flags below, else FRESQUE_NATS_URL,
_CREDENTIALS, _USER, _CA, _CERT, _KEY and _SERVER_NAME; the password is in
FRESQUE_NATS_PASSWORD, or in the file that FRESQUE_NATS_PASSWORD_FILE names.
`

// applyWithin bounds one look at NATS, or one change of all streams.
const applyWithin = 30 * time.Second

// nats does what concerns NATS: no service is asked.
func (t *tool) nats(ctx context.Context, args []string, env func(string) string) error {
	if len(args) == 0 {
		fmt.Fprint(t.errs, natsUsage)
		return errUsage
	}
	f := t.flags("fresquectl nats "+args[0], natsUsage)
	t.formats(f)
	switch args[0] {
	case "permissions":
		return t.permissions(f, args[1:])
	case "streams":
		return t.streams(ctx, f, args[1:], env)
	case "-h", "-help", "--help":
		fmt.Fprint(t.out, natsUsage)
		return nil
	}
	fmt.Fprintf(t.errs, "fresquectl: there is no command nats %s\n\n%s", args[0], natsUsage)
	return errUsage
}

func (t *tool) permissions(f *flag.FlagSet, args []string) error {
	format := f.String("format", "conf", "conf or nsc")
	makes := f.Bool("make", false, "let the services make their streams")
	account := f.String("account", "FRESQUE", "the account of nsc's users")
	if _, err := t.parseWith(f, "nats", args, nothing); err != nil {
		return err
	}
	text := ""
	switch *format {
	case "conf":
		text = natsrights.Conf(*makes)
	case "nsc":
		text = natsrights.Nsc(*account, *makes)
	default:
		fmt.Fprintf(t.errs, "fresquectl: the format is conf or nsc, not %q\n", *format)
		return errUsage
	}
	if t.json {
		return t.asJSON(map[string]any{"format": *format, "text": text})
	}
	fmt.Fprint(t.out, text)
	return nil
}

func (t *tool) streams(ctx context.Context, f *flag.FlagSet, args []string, env func(string) string) error {
	cfg, err := connection(f, env)
	if err != nil {
		return err
	}
	apply := f.Bool("apply", false, "make what is missing and mend what differs")
	show := f.Bool("print", false, "write what is declared, as JSON, and ask nobody")
	replicas := f.Int("replicas", 1, "copies of each stream, 1 to 5")
	hours := f.Int("keep-hours", 24, "hours that events are kept")
	events := f.Int64("keep-events", 10_000, "events of one board that are kept")
	stale := f.Int("stale-hours", 24, "hours that an unfinished upload may rest")
	if _, err := t.parseWith(f, "nats", args, nothing); err != nil {
		return err
	}
	limits := streams.Limits{
		Replicas: *replicas, Keep: time.Duration(*hours) * time.Hour, PerBoard: *events,
		Stale: time.Duration(*stale) * time.Hour,
	}
	switch {
	case *apply && *show, *replicas < 1 || *replicas > 5, *hours < 1, *events < 1, *stale < 1:
		fmt.Fprintln(t.errs, "fresquectl: either -apply or -print; -replicas is from 1 to 5, and the others 1 at least")
		return errUsage
	case *show:
		return t.asJSON(map[string]any{"streams": streams.All(limits), "buckets": streams.Buckets(limits)})
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	nc, err := cfg.Dial("fresquectl")
	if err != nil {
		return fmt.Errorf("connect to NATS: %w", err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, applyWithin)
	defer cancel()
	if *apply {
		if err := streams.Apply(ctx, js, limits); err != nil {
			return err
		}
	}
	states, err := streams.Look(ctx, js, limits)
	if err != nil {
		return err
	}
	return t.stand(states)
}

// connection declares the flags of how NATS is reached.
func connection(f *flag.FlagSet, env func(string) string) (*natsconn.Config, error) {
	c := natsconn.Default()
	for _, one := range []struct {
		target           *string
		name, about, own string
	}{
		{&c.URL, "url", "addresses of NATS, with commas", c.URL},
		{&c.Credentials, "credentials", "path of the administrator's credentials file", ""},
		{&c.User, "user", "the administrator's name, where there is no credentials file", ""},
		{&c.CA, "ca", "path of the certificates that NATS is trusted by", ""},
		{&c.Cert, "cert", "path of the certificate that is shown to NATS", ""},
		{&c.Key, "key", "path of its private key", ""},
		{&c.ServerName, "server-name", "name in NATS's certificate", ""},
	} {
		variable := "FRESQUE_NATS_" + strings.ToUpper(strings.ReplaceAll(one.name, "-", "_"))
		f.StringVar(one.target, "nats-"+one.name, cmp.Or(env(variable), one.own), one.about)
	}
	c.Password = env("FRESQUE_NATS_PASSWORD")
	if path := env("FRESQUE_NATS_PASSWORD_FILE"); path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("FRESQUE_NATS_PASSWORD_FILE: %w", err)
		}
		c.Password = strings.TrimSpace(string(raw))
	}
	return &c, nil
}

// errDiffers ends a look at streams that are not as declared.
var errDiffers = errors.New("the streams are not as this release declares them: -apply mends that")

// stand tells how streams stand; an error when not as declared.
func (t *tool) stand(states []streams.State) error {
	whole := true
	for _, s := range states {
		whole = whole && s.Found == streams.AsDeclared
	}
	if t.json {
		if err := t.asJSON(map[string]any{"streams": states, "asDeclared": whole}); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "KIND\tNAME\tFOUND\tREPLICAS\tLEADER\tMESSAGES\tBYTES\tWAITING")
		for _, s := range states {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%d\t%d\t%d\n", s.Kind, s.Name, strings.Join(append([]string{s.Found}, s.Differs...), "; "),
				s.Replicas, cmp.Or(s.Leader, "-"), s.Messages, s.Bytes, s.Waiting)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if !whole {
		return errDiffers
	}
	return nil
}

func (t *tool) asJSON(v any) error {
	e := json.NewEncoder(t.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

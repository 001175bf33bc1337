package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
)

// onPerson is a command about one of a site's people.
func onPerson(do func(ctx context.Context, t *tool, address string) error) func(*flag.FlagSet) action {
	return func(f *flag.FlagSet) action {
		person := f.String("person", "", "whom, by the id that person list tells")
		return func(ctx context.Context, t *tool, id string) error {
			if !isID(*person) {
				return misuse("name the person with -person; fresquectl person list tells the ids")
			}
			return do(ctx, t, "/platforms/"+id+"/people/"+*person)
		}
	}
}

func holding(suspended bool) func(*flag.FlagSet) action {
	return onPerson(func(ctx context.Context, t *tool, address string) error {
		return t.told(ctx, http.MethodPut, address+"/suspended", map[string]any{"suspended": suspended}, t.person)
	})
}

var personCommands = []command{
	{"list", "fresquectl person list PLATFORM: a site's people, by its own references, without their names.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error { return t.people(ctx, id) }
	}},
	{"show", "fresquectl person show PLATFORM -person PERSON: what is known of one of them.", anID, onPerson(func(ctx context.Context, t *tool, address string) error {
		return t.told(ctx, http.MethodGet, address, nil, t.person)
	})},
	{"export", "fresquectl person export PLATFORM -person PERSON -out FILE.json: all that they have left, in JSON, and\nnothing of anybody else.", anID, func(f *flag.FlagSet) action {
		out := f.String("out", "", "where to write it; it must not be there yet")
		return onPerson(func(ctx context.Context, t *tool, address string) error {
			if *out == "" {
				return misuse("say with -out where to write it")
			}
			return t.fetch(ctx, address+"/data", *out)
		})(f)
	}},
	{"erase", "fresquectl person erase PLATFORM -person PERSON -yes: erases all that they have left, for good.", anID, func(f *flag.FlagSet) action {
		sure := f.Bool("yes", false, "it is meant: nothing brings it back")
		return onPerson(func(ctx context.Context, t *tool, address string) error {
			if !*sure {
				return misuse("nothing brings it back: say -yes; fresquectl person export keeps a copy")
			}
			return t.told(ctx, http.MethodDelete, address, nil, func(raw []byte) error {
				var op struct{ Operation, State string }
				err := json.Unmarshal(raw, &op)
				fmt.Fprintf(t.out, "operation %s is %s; fresquectl platform operations tells how far it is\n", op.Operation, op.State)
				return err
			})
		})(f)
	}},
	{"suspend", "fresquectl person suspend PLATFORM -person PERSON: what they wrote is out of sight, and they come in no\nmore, until restore.", anID, holding(true)},
	{"restore", "fresquectl person restore PLATFORM -person PERSON: what they wrote is back, and they may come again.", anID, holding(false)},
}

// listedPerson is one as the service tells them.
type listedPerson struct {
	ID, User, Name, CameAt, SeenAt, SuspendedAt, HeldAt string
	Boards                                              int
	BoardIDs                                            []string
}

func (p listedPerson) state() string {
	switch {
	case p.HeldAt != "":
		return "suspended by the operator"
	case p.SuspendedAt != "":
		return "suspended"
	}
	return "open"
}

// people lists all of a site's, page by page.
func (t *tool) people(ctx context.Context, platform string) error {
	return t.listed(ctx, "/platforms/"+platform+"/people?before=", "people", "ID\tUSER\tWALLS\tSEEN\tSTATE", func(w io.Writer, one []byte) error {
		var p listedPerson
		err := json.Unmarshal(one, &p)
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", p.ID, p.User, p.Boards, cmp.Or(day(p.SeenAt), "never"), p.state())
		return err
	})
}

// listed tells all that a list has, under a head and a line for each.
func (t *tool) listed(ctx context.Context, address, field, head string, line func(w io.Writer, one []byte) error) error {
	all, w := []json.RawMessage{}, tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if !t.json {
		fmt.Fprintln(w, head)
	}
	err := t.pages(ctx, address, field, func(one json.RawMessage) error {
		if t.json {
			all = append(all, one)
			return nil
		}
		return line(w, one)
	})
	if err != nil {
		return err
	}
	if t.json {
		return t.asJSON(map[string]any{field: all})
	}
	return w.Flush()
}

// pages gives each of what a list has, over all of its pages.
func (t *tool) pages(ctx context.Context, address, field string, each func(json.RawMessage) error) error {
	for from, more := "", true; more; {
		raw, err := t.ask(ctx, http.MethodGet, address+url.QueryEscape(from), nil)
		if err != nil {
			return err
		}
		var page map[string]json.RawMessage
		var some []json.RawMessage
		if err := json.Unmarshal(raw, &page); err != nil {
			return err
		}
		if err := json.Unmarshal(page[field], &some); err != nil {
			return fmt.Errorf("this is no list of %s: %w", field, err)
		}
		from = ""
		if next := page["next"]; next != nil {
			if err := json.Unmarshal(next, &from); err != nil {
				return err
			}
		}
		more = from != ""
		for _, one := range some {
			if err := each(one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tool) person(raw []byte) error {
	var p listedPerson
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	return t.facts([][2]string{
		{"id", p.ID}, {"user", p.User}, {"name", p.Name}, {"came", p.CameAt}, {"seen", p.SeenAt}, {"state", p.state()},
		{"walls", strings.Join(p.BoardIDs, " ")},
	})
}

package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// action does a command; id is empty where the command takes none.
type action func(ctx context.Context, t *tool, id string) error

// about is what a command is given besides its flags.
type about int

const (
	nothing about = iota
	// alone is nothing, too, and no service is asked: there needs to be no key.
	alone
	anID
	aFile
)

// command is one thing that can be done.
type command struct {
	name, usage string
	about       about
	// do declares its flags, and gives what it does once they are read.
	do func(f *flag.FlagSet) action
}

var platformCommands = []command{
	{"add", "fresquectl platform add: connects a site, and tells what to enter there.", nothing, func(f *flag.FlagSet) action {
		e := edits(f)
		id := f.String("id", "", "id of the platform, so that a retry makes one; made by the service when left out")
		return func(ctx context.Context, t *tool, _ string) error {
			body, err := e.body(nil)
			if err != nil {
				return err
			}
			if *id != "" {
				body["id"] = *id
			}
			return t.told(ctx, http.MethodPost, "/platforms", body, t.connected)
		}
	}},
	{"list", "fresquectl platform list: every site, by name.", nothing, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, _ string) error {
			return t.told(ctx, http.MethodGet, "/platforms", nil, t.list)
		}
	}},
	{"show", "fresquectl platform show ID: all that is known of a site.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodGet, "/platforms/"+id, nil, t.show)
		}
	}},
	{"edit", "fresquectl platform edit ID: changes what is named, and nothing else.", anID, func(f *flag.FlagSet) action {
		e := edits(f)
		return func(ctx context.Context, t *tool, id string) error {
			// Quotas and retention are written whole.
			raw, err := t.ask(ctx, http.MethodGet, "/platforms/"+id, nil)
			if err != nil {
				return err
			}
			var now map[string]any
			if err := json.Unmarshal(raw, &now); err != nil {
				return err
			}
			body, err := e.body(now)
			if err != nil {
				return err
			}
			return t.told(ctx, http.MethodPatch, "/platforms/"+id, body, t.show)
		}
	}},
	{"close", "fresquectl platform close ID: shuts a site out; its walls stay as they are.", anID, closing(true)},
	{"open", "fresquectl platform open ID: lets a site in again.", anID, closing(false)},
	{"webhook", "fresquectl platform webhook ID: tells the secret by which the site knows our messages.", anID, func(f *flag.FlagSet) action {
		renew := f.Bool("renew", false, "make the secret anew: the site must be given it")
		return func(ctx context.Context, t *tool, id string) error {
			if *renew {
				return t.told(ctx, http.MethodPost, "/platforms/"+id+"/webhook/secret", nil, t.webhook)
			}
			return t.told(ctx, http.MethodGet, "/platforms/"+id+"/webhook", nil, t.webhook)
		}
	}},
	{"deliveries", "fresquectl platform deliveries ID: messages to a site that were given up, and why.", anID, func(f *flag.FlagSet) action {
		waiting := f.Bool("waiting", false, "those that are still tried instead")
		return func(ctx context.Context, t *tool, id string) error {
			state := "dead"
			if *waiting {
				state = "waiting"
			}
			return t.told(ctx, http.MethodGet, "/platforms/"+id+"/deliveries?state="+state, nil, t.deliveries)
		}
	}},
	{"operations", "fresquectl platform operations ID: what was done with people's data, newest first.", anID, func(f *flag.FlagSet) action {
		before := f.String("before", "", "go on where a page ended")
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodGet, "/platforms/"+id+"/operations?before="+url.QueryEscape(*before), nil, t.operations)
		}
	}},
	{"replay", "fresquectl platform replay ID -delivery DELIVERY: sends a message again that was given up.", anID, func(f *flag.FlagSet) action {
		delivery := f.String("delivery", "", "which, as platform deliveries tells")
		return func(ctx context.Context, t *tool, id string) error {
			if !isID(*delivery) {
				return misuse("name the message with -delivery; fresquectl platform deliveries tells them")
			}
			return t.told(ctx, http.MethodPost, "/platforms/"+id+"/deliveries/"+*delivery+"/replay", nil, func([]byte) error {
				fmt.Fprintln(t.out, "It is on its way again.")
				return nil
			})
		}
	}},
}

func closing(closed bool) func(*flag.FlagSet) action {
	return func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodPatch, "/platforms/"+id, map[string]any{"closed": closed}, t.show)
		}
	}
}

// edit is what the flags of add and edit say.
type edit struct {
	f       *flag.FlagSet
	origins []string
}

// texts and numbers are those flags, and where each stands in a request.
var texts = []struct{ name, field, usage string }{
	{"name", "name", "what people call the site"},
	{"issuer", "issuer", "the site's own address, https://…"},
	{"keys-url", "keysUrl", "where it publishes its public keys (a JWKS), https://…; for a Moodle with the plugin: ISSUER/mod/fresque/jwks.php"},
	{"webhook", "webhook", "the address that is told of participation, https://…; empty for none"},
	{"language", "language", "of its new walls: fr or en"},
}

var numbers = []struct{ name, group, field, usage string }{
	{"boards", "quotas", "boards", "the most walls; 0 for the service's own bound"},
	{"media-mib", "quotas", "mediaMib", "the most MiB of files, all walls together; 0 for no bound"},
	{"calls", "quotas", "callsPerMinute", "the most calls in a minute; 0 for the service's own bound"},
	{"suspend-after", "retention", "suspendAfter", "days of absence after which what somebody posted is put out of sight; 0 for never"},
	{"erase-after", "retention", "eraseAfter", "days of absence after which it is erased; 0 for never"},
	{"walls-after", "retention", "wallsAfter", "days without a change after which a wall ends; 0 for never"},
}

func edits(f *flag.FlagSet) *edit {
	e := &edit{f: f}
	for _, one := range texts {
		f.String(one.name, "", one.usage)
	}
	for _, one := range numbers {
		f.Int(one.name, 0, one.usage)
	}
	f.String("keys", "", "file with its public keys (a JWKS), where it publishes none")
	f.String("ends", "", "what becomes of a wall then: anonymise or erase")
	f.Func("origin", "a site whose pages may show the walls in a frame, https://host; may be repeated", func(v string) error {
		e.origins = append(e.origins, v)
		return nil
	})
	return e
}

// body is the request; now is the platform as it is, nil for a new one.
func (e *edit) body(now map[string]any) (map[string]any, error) {
	given := make(map[string]string)
	e.f.Visit(func(one *flag.Flag) { given[one.Name] = one.Value.String() })
	body := make(map[string]any)
	for _, one := range texts {
		if v, there := given[one.name]; there {
			body[one.field] = v
		}
	}
	if file, there := given["keys"]; there {
		body["keys"] = ""
		if file != "" {
			raw, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			body["keys"] = string(raw)
		}
	}
	if len(e.origins) > 0 {
		body["origins"] = e.origins
	}
	group := func(name string) map[string]any {
		if _, there := body[name]; !there {
			all := map[string]any{}
			for _, one := range numbers {
				if one.group == name {
					all[one.field] = 0
				}
			}
			was, _ := now[name].(map[string]any)
			for field, value := range was {
				all[field] = value
			}
			body[name] = all
		}
		return body[name].(map[string]any)
	}
	for _, one := range numbers {
		if v, there := given[one.name]; there {
			group(one.group)[one.field] = json.Number(v)
		}
	}
	if v, there := given["ends"]; there {
		group("retention")["ends"] = v
	}
	return body, nil
}

// told asks, and writes the answer: as it is, or in words.
func (t *tool) told(ctx context.Context, method, path string, body any, words func(raw []byte) error) error {
	raw, err := t.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	if t.json {
		fmt.Fprintln(t.out, cmp.Or(strings.TrimSpace(string(raw)), "{}"))
		return nil
	}
	return words(raw)
}

// platform is one as the service tells it.
type platform struct {
	ID, Name, Issuer, KeysURL, Keys, Webhook, Language string
	Origins                                            []string
	Closed                                             bool
	Quotas, Retention                                  map[string]any
}

func (t *tool) connected(raw []byte) error {
	if err := t.show(raw); err != nil {
		return err
	}
	var p platform
	err := json.Unmarshal(raw, &p)
	fmt.Fprintf(t.out, "\nEnter in the site's settings of Fresque:\n  address of the service  %s\n  id of the platform      %s\n", strings.TrimRight(t.url, "/"), p.ID)
	return err
}

func (t *tool) show(raw []byte) error {
	var p platform
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	keys := p.KeysURL
	if p.Keys != "" {
		keys = "given by hand"
	}
	lines := [][2]string{
		{"id", p.ID}, {"name", p.Name}, {"issuer", p.Issuer}, {"keys", keys}, {"origins", strings.Join(p.Origins, " ")},
		{"webhook", p.Webhook}, {"language", p.Language},
	}
	for _, one := range numbers {
		of := p.Quotas
		if one.group == "retention" {
			of = p.Retention
		}
		if n, ok := of[one.field].(float64); ok && n != 0 {
			lines = append(lines, [2]string{one.name, fmt.Sprint(n)})
		}
	}
	if p.Closed {
		lines = append(lines, [2]string{"state", "closed"})
	}
	return t.facts(lines)
}

// facts tells of one thing by name and value; nothing of what has none.
func (t *tool) facts(lines [][2]string) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		if line[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
		}
	}
	return w.Flush()
}

func (t *tool) list(raw []byte) error {
	var all struct{ Platforms []platform }
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	if all.Platforms == nil {
		return errors.New("this is no list of platforms")
	}
	if len(all.Platforms) == 0 {
		fmt.Fprintln(t.out, "No site is connected yet: fresquectl platform add")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, p := range all.Platforms {
		state := "open"
		if p.Closed {
			state = "closed"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.ID, state, p.Name, p.Issuer)
	}
	return w.Flush()
}

func (t *tool) deliveries(raw []byte) error {
	var all struct {
		All        int
		Deliveries []struct{ ID, Board, User, Since, Why string }
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range all.Deliveries {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Since, d.Board, d.User, d.Why)
	}
	fmt.Fprintf(w, "%d in all\n", all.All)
	return w.Flush()
}

func (t *tool) operations(raw []byte) error {
	var page struct {
		Operations []struct {
			Operation, What, State, AskedAt, BoardID string
			Counts                                   map[string]int
		}
		Next string
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		return err
	}
	if len(page.Operations) == 0 {
		fmt.Fprintln(t.out, "Nothing was done with people's data.")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, o := range page.Operations {
		of := "all walls"
		if o.BoardID != "" {
			of = "wall " + o.BoardID
		}
		var counts []string
		for _, kind := range slices.Sorted(maps.Keys(o.Counts)) {
			counts = append(counts, fmt.Sprintf("%s %d", kind, o.Counts[kind]))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", o.AskedAt, o.What, o.State, o.Operation, of, strings.Join(counts, ", "))
	}
	if page.Next != "" {
		fmt.Fprintf(w, "older: -before %s\n", page.Next)
	}
	return w.Flush()
}

func (t *tool) webhook(raw []byte) error {
	var w struct{ URL, Secret string }
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "address  %s\nsecret   %s\n", cmp.Or(w.URL, "none"), w.Secret)
	return nil
}

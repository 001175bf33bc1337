package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

var linkCommands = []command{
	{"list", "fresquectl link list BOARD: the ways onto a wall, and those that there were; no address.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.told(ctx, http.MethodGet, "/operator/boards/"+id+"/links", nil, t.links)
		}
	}},
	{"create", "fresquectl link create BOARD: adds a way onto a wall. Its address is told now, and not again.", anID, func(f *flag.FlagSet) action {
		role := f.String("role", "reader", "what it gives: moderator, writer, commenter or reader")
		name := f.String("name", "", "for those who hand links out")
		uses := f.Int("uses", 0, "participants who may come by it; 0 for no limit")
		password := f.String("password-file", "", "`file` with the password that is asked for")
		again := f.String("id", "", "id of the link, so that a retry makes one; made by the service when left out")
		var expires time.Time
		f.Func("expires", "`WHEN` it ends: a day (2026-11-01), a moment (2026-11-01T08:00:00Z) or in so long (36h, 7d)", func(text string) (err error) {
			expires, err = moment(text, time.Now(), 1)
			return err
		})
		return func(ctx context.Context, t *tool, id string) error {
			body := map[string]any{"role": *role, "name": *name, "maxUses": *uses}
			if !expires.IsZero() {
				body["expiresAt"] = expires.UTC().Format(time.RFC3339)
			}
			if *again != "" {
				body["id"] = *again
			}
			if *password != "" {
				raw, err := os.ReadFile(*password)
				if err != nil {
					return err
				}
				body["password"] = strings.TrimSpace(string(raw))
			}
			return t.told(ctx, http.MethodPost, "/operator/boards/"+id+"/links", body, func(raw []byte) error {
				var made struct{ ID, Role, URL string }
				err := json.Unmarshal(raw, &made)
				fmt.Fprintf(t.out, "id       %s\nrole     %s\naddress  %s\n", made.ID, made.Role, made.URL)
				return err
			})
		}
	}},
	{"revoke", "fresquectl link revoke BOARD -link LINK: ends a link for good; who came by it is out at once.", anID, func(f *flag.FlagSet) action {
		link := f.String("link", "", "which, as link list tells")
		return func(ctx context.Context, t *tool, id string) error {
			if !isID(*link) {
				return misuse("name the link with -link; fresquectl link list tells them")
			}
			return t.told(ctx, http.MethodDelete, "/operator/boards/"+id+"/links/"+*link, nil, func([]byte) error {
				fmt.Fprintln(t.out, "It opens nothing any more.")
				return nil
			})
		}
	}},
}

func (t *tool) links(raw []byte) error {
	var all struct {
		Links []struct {
			ID, Role, ExpiresAt, RevokedAt string
			Password, Code                 bool
			MaxUses, Uses                  int
		}
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	if len(all.Links) == 0 {
		fmt.Fprintln(t.out, "No link opens this wall.")
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tROLE\tPASSWORD\tCODE\tUSES\tENDS\tREVOKED")
	for _, l := range all.Links {
		uses := "-"
		if l.MaxUses > 0 {
			uses = fmt.Sprintf("%d of %d", l.Uses, l.MaxUses)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Role, yes(l.Password), yes(l.Code), uses, cmp.Or(l.ExpiresAt, "-"), cmp.Or(l.RevokedAt, "-"))
	}
	return w.Flush()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

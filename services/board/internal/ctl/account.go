package ctl

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
)

var accountCommands = []command{
	{"list", "fresquectl account list: who signs in, by login or provider, without their names.", nothing, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, _ string) error {
			return t.listed(ctx, "/operator/accounts?after=", "accounts", "ID\tCREATED\tADMIN\tCLOSES\tSIGNS IN AS", func(w io.Writer, raw []byte) error {
				var a anAccount
				err := json.Unmarshal(raw, &a)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.ID, day(a.CreatedAt), yes(a.Admin), cmp.Or(day(a.ClosesAt), "no"), a.signsInAs())
				return err
			})
		}
	}},
	{"reset", "fresquectl account reset -login LOGIN: makes an address by which the owner of a local account chooses\na new password, once. Hand it to them and to nobody else.", nothing, func(f *flag.FlagSet) action {
		login := f.String("login", "", "what they sign in with, as account list tells")
		return func(ctx context.Context, t *tool, _ string) error {
			if *login == "" {
				return misuse("say with -login whose; fresquectl account list tells the logins")
			}
			return t.told(ctx, http.MethodPost, "/account/resets", map[string]any{"login": *login}, func(raw []byte) error {
				var made struct{ URL, ExpiresAt string }
				err := json.Unmarshal(raw, &made)
				fmt.Fprintf(t.out, "address  %s\nuntil    %s\n", made.URL, made.ExpiresAt)
				return err
			})
		}
	}},
	{"close", "fresquectl account close ACCOUNT [-now -yes]: has an account closed in two weeks, until which it can be\nkept: its walls are erased then, and all that its owner has written on others'.", anID, func(f *flag.FlagSet) action {
		atOnce := f.Bool("now", false, "at once: nothing brings it back")
		sure := f.Bool("yes", false, "it is meant")
		return func(ctx context.Context, t *tool, id string) error {
			if *atOnce && !*sure {
				return misuse("nothing brings it back: say -yes; without -now it can be kept for two weeks")
			}
			return t.onAccount(ctx, http.MethodPut, id+"/closing", map[string]any{"atOnce": *atOnce})
		}
	}},
	{"keep", "fresquectl account keep ACCOUNT: has it stay after all.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.onAccount(ctx, http.MethodDelete, id+"/closing", nil)
		}
	}},
	{"promote", "fresquectl account promote ACCOUNT: makes the owner of a local account an administrator, who invites others.", anID, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, id string) error {
			return t.onAccount(ctx, http.MethodPut, id+"/administrator", nil)
		}
	}},
}

// anAccount is an account as the operator sees it.
type anAccount struct {
	ID, Login, Issuer, CreatedAt, ClosesAt string
	Admin                                  bool
}

func (a *anAccount) signsInAs() string { return cmp.Or(a.Login, "at "+a.Issuer) }

// onAccount does something to an account, and tells how it is then.
func (t *tool) onAccount(ctx context.Context, method, path string, body any) error {
	return t.told(ctx, method, "/operator/accounts/"+path, body, func(raw []byte) error {
		var a anAccount
		if err := json.Unmarshal(raw, &a); err != nil {
			return err
		}
		return t.facts([][2]string{
			{"account", a.ID}, {"signs in as", a.signsInAs()}, {"administrator", yes(a.Admin)}, {"closes", cmp.Or(a.ClosesAt, "no")},
		})
	})
}

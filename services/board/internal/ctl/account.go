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
			return t.listed(ctx, "/operator/accounts?after=", "accounts", "ID\tCREATED\tADMIN\tSIGNS IN AS", func(w io.Writer, raw []byte) error {
				var a struct {
					ID, Login, Issuer, CreatedAt string
					Admin                        bool
				}
				err := json.Unmarshal(raw, &a)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", a.ID, day(a.CreatedAt), yes(a.Admin), cmp.Or(a.Login, "at "+a.Issuer))
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
}

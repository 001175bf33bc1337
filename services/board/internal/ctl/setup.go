package ctl

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
)

// setupCommands begin where nobody signs in yet.
var setupCommands = []command{
	{"setup", "fresquectl account setup: makes the address at which the first account is made, once. It invites others.\nHand it to whoever that is to be, and to nobody else. It is the same until then.", nothing, func(*flag.FlagSet) action {
		return func(ctx context.Context, t *tool, _ string) error {
			return t.told(ctx, http.MethodPost, "/operator/setup", nil, func(raw []byte) error {
				var made struct{ URL string }
				err := json.Unmarshal(raw, &made)
				fmt.Fprintf(t.out, "address  %s\n", made.URL)
				return err
			})
		}
	}},
}

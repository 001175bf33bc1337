package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
)

type closeAccountInput struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"4000" doc:"Of a local account, so that nobody else closes it"`
	}
}

type closedAccountOutput struct {
	CacheControl string        `header:"Cache-Control"`
	SetCookie    []http.Cookie `header:"Set-Cookie"`
	Body         Account
}

func (a *API) registerClosing() {
	op := below("/account/closing", "Accounts", needsAccount())
	handle(a, op("closeAccount", http.MethodPut, "", "Have one's account closed in two weeks: its walls are erased then, and all that its owner has written on others'. Every session ends; signing in until then, one can keep it"), a.closeAccount)
	handle(a, op("keepAccount", http.MethodDelete, "", "Keep one's account after all"),
		func(ctx context.Context, _ *struct{}) (*accountOutput, error) {
			account, err := a.Service.KeepAccount(ctx, mustAccount(ctx).ID)
			if err != nil {
				return nil, err
			}
			return &accountOutput{CacheControl: "no-store", Body: accountView(account)}, nil
		})
}

// closeAccount bounds the guesses at the password as signing in does.
func (a *API) closeAccount(ctx context.Context, in *closeAccountInput) (*closedAccountOutput, error) {
	who := mustAccount(ctx)
	account, err := limitedBy(ctx, a, a.logins, string(who.ID), func() (*board.Account, error) {
		return a.Service.CloseAccount(ctx, who, in.Body.Password)
	})
	if err != nil {
		return nil, err
	}
	return &closedAccountOutput{CacheControl: "no-store", SetCookie: a.signedOut(ctx).SetCookie, Body: accountView(account)}, nil
}

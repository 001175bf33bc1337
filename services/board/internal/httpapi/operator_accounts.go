package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// OperatorAccount is what the operator sees of an account: what it signs in with, and
// not who that is.
type OperatorAccount struct {
	ID        string    `json:"id" format:"uuid"`
	Login     string    `json:"login,omitempty" doc:"Of a local account"`
	Issuer    string    `json:"issuer,omitempty" doc:"The OpenID provider that knows the person, where it is no local account"`
	Admin     bool      `json:"admin,omitempty" doc:"Whether they invite others"`
	CreatedAt time.Time `json:"createdAt"`
}

type operatorAccountsInput struct {
	After string `query:"after" doc:"Go on where a page ended: its next"`
}

type operatorAccountsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Accounts []OperatorAccount `json:"accounts" nullable:"false" doc:"In the order of their ids"`
		Next     string            `json:"next,omitempty" doc:"Where the next page begins; absent of the last"`
	}
}

func (a *API) registerOperatorAccounts() {
	op := below("/operator/accounts", "Operator", needsOperator())
	handle(a, op("readOperatorAccounts", http.MethodGet, "", "List the accounts of everybody who signs in, page by page"),
		func(ctx context.Context, in *operatorAccountsInput) (*operatorAccountsOutput, error) {
			after, _ := board.ParseID(in.After)
			page, next, err := a.Service.OperatorAccounts(ctx, after)
			if err != nil {
				return nil, err
			}
			out := &operatorAccountsOutput{CacheControl: "no-store"}
			out.Body.Accounts, out.Body.Next = make([]OperatorAccount, 0, len(page)), string(next)
			for _, one := range page {
				out.Body.Accounts = append(out.Body.Accounts, OperatorAccount{
					ID: string(one.ID), Login: one.Login, Issuer: one.Issuer, Admin: one.Admin, CreatedAt: one.CreatedAt,
				})
			}
			return out, nil
		})
}

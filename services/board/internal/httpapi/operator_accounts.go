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
	ID        string     `json:"id" format:"uuid"`
	Login     string     `json:"login,omitempty" doc:"Of a local account"`
	Issuer    string     `json:"issuer,omitempty" doc:"The OpenID provider that knows the person, where it is no local account"`
	Admin     bool       `json:"admin,omitempty" doc:"Whether they invite others"`
	CreatedAt time.Time  `json:"createdAt"`
	ClosesAt  *time.Time `json:"closesAt,omitempty" doc:"When it is erased, as was asked; absent where that was not"`
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

type closingInput struct {
	Account string `path:"account" format:"uuid"`
	Body    struct {
		AtOnce bool `json:"atOnce,omitempty" doc:"Now, rather than in two weeks: nothing brings it back"`
	}
}

type operatorAccountOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         OperatorAccount
}

func (a *API) registerOperatorAccounts() {
	op := below("/operator/accounts", "Operator", needsOperator())
	handle(a, op("readOperatorAccounts", http.MethodGet, "", "List the accounts of everybody who signs in, page by page"), a.operatorAccounts)
	handle(a, op("closeOperatorAccount", http.MethodPut, "/{account}/closing", "Have an account closed: its walls are erased then, and all that its owner has written on others'"),
		func(ctx context.Context, in *closingInput) (*operatorAccountOutput, error) {
			id, _ := board.ParseID(in.Account)
			return operatorAccountOf(a.Service.CloseAccountOf(ctx, id, in.Body.AtOnce))
		})
	handle(a, op("keepOperatorAccount", http.MethodDelete, "/{account}/closing", "Keep an account that was to be closed"), ofAccount(a.Service.KeepAccount))
	handle(a, op("promoteOperatorAccount", http.MethodPut, "/{account}/administrator", "Make the owner of a local account an administrator, who invites others"), ofAccount(a.Service.Promote))
}

// ofAccount does one thing to an account.
func ofAccount(do func(context.Context, board.ID) (*board.Account, error)) func(context.Context, *accountPath) (*operatorAccountOutput, error) {
	return func(ctx context.Context, in *accountPath) (*operatorAccountOutput, error) {
		id, _ := board.ParseID(in.Account)
		return operatorAccountOf(do(ctx, id))
	}
}

func operatorAccountOf(one *board.Account, err error) (*operatorAccountOutput, error) {
	if err != nil {
		return nil, err
	}
	return &operatorAccountOutput{CacheControl: "no-store", Body: operatorAccount(one)}, nil
}

func operatorAccount(one *board.Account) OperatorAccount {
	return OperatorAccount{
		ID: string(one.ID), Login: one.Login, Issuer: one.Issuer, Admin: one.Admin, CreatedAt: one.CreatedAt, ClosesAt: momentOf(one.ClosesAt),
	}
}

func (a *API) operatorAccounts(ctx context.Context, in *operatorAccountsInput) (*operatorAccountsOutput, error) {
	after, _ := board.ParseID(in.After)
	page, next, err := a.Service.OperatorAccounts(ctx, after)
	if err != nil {
		return nil, err
	}
	out := &operatorAccountsOutput{CacheControl: "no-store"}
	out.Body.Accounts, out.Body.Next = make([]OperatorAccount, 0, len(page)), string(next)
	for _, one := range page {
		out.Body.Accounts = append(out.Body.Accounts, operatorAccount(one))
	}
	return out, nil
}

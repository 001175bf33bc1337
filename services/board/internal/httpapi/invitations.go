package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// NewInvitation is a link for one person, once.
type NewInvitation struct {
	URL       string    `json:"url" doc:"To hand to that person alone; its secret is in the fragment"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Invited is what an invitation opens, as whoever holds it reads.
type Invited struct {
	To        string    `json:"to" enum:"account,password,wall"`
	By        string    `json:"by,omitempty" doc:"The name of who gave it"`
	Login     string    `json:"login,omitempty" doc:"Of password: whose"`
	WallTitle string    `json:"wallTitle,omitempty" doc:"Of wall: which"`
	Role      string    `json:"role,omitempty" enum:"owner,moderator" doc:"Of wall: owner hands it over"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// LocalAccount is an account as administrators list it.
type LocalAccount struct {
	Account
	Login     string    `json:"login"`
	CreatedAt time.Time `json:"createdAt"`
}

type invitationOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         NewInvitation
}

type invitedOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Invited
}

type localAccountsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Accounts []LocalAccount `json:"accounts" nullable:"false"`
	}
}

// invitationCode is what stands in the fragment of an invitation's link.
type invitationCode struct {
	Code string `json:"code" maxLength:"200" doc:"From the fragment of the link"`
}

type readInvitationInput struct {
	Intent
	Body invitationCode
}

type takeAccountInput struct {
	Intent
	Body struct {
		Code     string `json:"code" maxLength:"200" doc:"From the fragment of the link"`
		Login    string `json:"login" doc:"User name or e-mail address, 200 characters at most"`
		Name     string `json:"name" doc:"How others will read you, 60 characters at most"`
		Password string `json:"password" maxLength:"4000" doc:"12 to 200 characters"`
	}
}

type takePasswordInput struct {
	Intent
	Body struct {
		Code     string `json:"code" maxLength:"200" doc:"From the fragment of the link"`
		Password string `json:"password" maxLength:"4000" doc:"12 to 200 characters"`
	}
}

type changePasswordInput struct {
	Body struct {
		Current  string `json:"current" maxLength:"4000"`
		Password string `json:"password" maxLength:"4000" doc:"12 to 200 characters"`
	}
}

type accountPath struct {
	Account string `path:"account" format:"uuid"`
}

type resetInput struct {
	Body struct {
		Login string `json:"login" maxLength:"800" doc:"User name or e-mail address of a local account"`
	}
}

func (a *API) registerInvitations() {
	op := below("/account", "Accounts", needsAccount())
	handle(a, op("changePassword", http.MethodPut, "/password", "Choose another password; every other session ends"), a.changePassword)
	handle(a, op("readLocalAccounts", http.MethodGet, "/people", "List the local accounts; for administrators"), a.localAccounts)
	handle(a, with(http.StatusCreated, op("inviteAccount", http.MethodPost, "/invitations", "Make a link by which somebody makes a local account, once; for administrators")),
		func(ctx context.Context, _ *struct{}) (*invitationOutput, error) {
			return a.invitation(a.Service.InviteAccount(ctx, mustAccount(ctx)))
		})
	handle(a, with(http.StatusCreated, op("resetPassword", http.MethodPost, "/people/{account}/reset", "Make a link by which somebody chooses a new password, once; for administrators")),
		func(ctx context.Context, in *accountPath) (*invitationOutput, error) {
			id, _ := board.ParseID(in.Account)
			return a.invitation(a.Service.InviteReset(ctx, mustAccount(ctx), id))
		})
	byOperator := below("/account", "Accounts", needsOperator())
	handle(a, with(http.StatusCreated, byOperator("resetPasswordOf", http.MethodPost, "/resets", "Make a link by which the owner of a local account chooses a new password, once; for the operator")),
		func(ctx context.Context, in *resetInput) (*invitationOutput, error) {
			return a.invitation(a.Service.InviteReset(ctx, nil, board.LocalAccount(in.Body.Login)))
		})
	open := below("/account/invitation", "Accounts", nil)
	handle(a, open("readInvitation", http.MethodPost, "", "Tell what an invitation opens"), a.readInvitation)
	handle(a, with(http.StatusCreated, open("takeAccount", http.MethodPost, "/account", "Make the account that one was invited to")),
		func(ctx context.Context, in *takeAccountInput) (*accountSessionOutput, error) {
			return a.take(ctx, func() (*board.Account, error) {
				return a.Service.TakeAccount(ctx, in.Body.Code, board.NewAccount{Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password})
			})
		})
	handle(a, with(http.StatusCreated, open("takePassword", http.MethodPost, "/password", "Choose the new password that one was invited to")),
		func(ctx context.Context, in *takePasswordInput) (*accountSessionOutput, error) {
			return a.take(ctx, func() (*board.Account, error) {
				return a.Service.TakePassword(ctx, in.Body.Code, in.Body.Password)
			})
		})
}

func (a *API) invitation(in *board.Invitation, err error) (*invitationOutput, error) {
	if err != nil {
		return nil, err
	}
	url := a.PublicURL + "/invited#" + a.Service.InvitationCode(in)
	return &invitationOutput{CacheControl: "no-store", Body: NewInvitation{URL: url, ExpiresAt: in.ExpiresAt}}, nil
}

func (a *API) readInvitation(ctx context.Context, in *readInvitationInput) (*invitedOutput, error) {
	told, err := limitedBy(ctx, a, a.passwords, addressOf(ctx), func() (board.Invited, error) { return a.Service.ReadInvitation(ctx, in.Body.Code) })
	if err != nil {
		return nil, err
	}
	return &invitedOutput{CacheControl: "no-store", Body: Invited{
		To: string(told.To), By: told.ByName, Login: told.Login, WallTitle: told.WallTitle, Role: string(told.As), ExpiresAt: told.ExpiresAt,
	}}, nil
}

// take makes the session of whoever an invitation made an account of.
func (a *API) take(ctx context.Context, take func() (*board.Account, error)) (*accountSessionOutput, error) {
	account, err := limitedBy(ctx, a, a.passwords, addressOf(ctx), take)
	if err != nil {
		return nil, err
	}
	return a.accountSession(account)
}

// changePassword bounds the guesses at the password as signing in does.
func (a *API) changePassword(ctx context.Context, in *changePasswordInput) (*accountSessionOutput, error) {
	who := mustAccount(ctx)
	account, err := limitedBy(ctx, a, a.logins, string(who.ID), func() (*board.Account, error) {
		return a.Service.ChangePassword(ctx, who, in.Body.Current, in.Body.Password)
	})
	if err != nil {
		return nil, err
	}
	return a.accountSession(account)
}

func (a *API) localAccounts(ctx context.Context, _ *struct{}) (*localAccountsOutput, error) {
	accounts, err := a.Service.LocalAccounts(ctx, mustAccount(ctx))
	out := &localAccountsOutput{CacheControl: "no-store"}
	out.Body.Accounts = make([]LocalAccount, 0, len(accounts))
	for _, one := range accounts {
		out.Body.Accounts = append(out.Body.Accounts, LocalAccount{accountView(one), one.Login, one.CreatedAt})
	}
	return out, err
}

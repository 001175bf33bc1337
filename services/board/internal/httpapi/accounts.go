package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/token"
)

// Wrong passwords per minute, of one address and for one account.
const (
	wrongFromAddress = 20
	wrongForAccount  = 10
)

// Account is somebody who has signed in.
type Account struct {
	ID    string `json:"id" format:"uuid"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	Local bool   `json:"local" doc:"Whether it has a password here; else a provider knows the person"`
	Admin bool   `json:"admin,omitempty" doc:"Whether it invites others, and lets them choose a new password"`
	// Told to whoever has signed in, who can still keep it.
	ClosesAt *time.Time `json:"closesAt,omitempty" doc:"When it is erased, as was asked; absent where that was not"`
}

// AccountSession is what opens the walls of an account for a while. What
// renews it is a cookie that no script reads.
type AccountSession struct {
	Token     string    `json:"token" doc:"To send as Authorization: Bearer"`
	ExpiresAt time.Time `json:"expiresAt"`
	Account   Account   `json:"account"`
}

// SignInOptions are the ways to sign in.
type SignInOptions struct {
	Local    bool   `json:"local" doc:"With a user name and a password"`
	Setup    bool   `json:"setup" doc:"Whether the first account is still to be made"`
	Provider string `json:"provider,omitempty" doc:"The name of the OpenID provider, if there is one"`
}

// Intent proves that a script of the page's own origin asks: another site's
// page can send the cookie along, but not this header.
type Intent struct {
	Intent string `header:"Fresque-Account" required:"true" enum:"1" doc:"Always 1"`
}

type signInInput struct {
	Intent
	Body struct {
		Login    string `json:"login" maxLength:"800" doc:"User name or e-mail address"`
		Password string `json:"password" maxLength:"800"`
	}
}

type setupInput struct {
	Intent
	Body struct {
		Code     string `json:"code" maxLength:"200" doc:"From the fragment of the link that the first start prints"`
		Login    string `json:"login" doc:"User name or e-mail address, 200 characters at most"`
		Name     string `json:"name" doc:"How others will read you, 60 characters at most"`
		Password string `json:"password" maxLength:"4000" doc:"12 to 200 characters"`
	}
}

type accountSessionOutput struct {
	CacheControl string      `header:"Cache-Control"`
	SetCookie    http.Cookie `header:"Set-Cookie"`
	Body         AccountSession
}

type signInOptionsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         SignInOptions
}

type accountOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Account
}

func (a *API) registerAccounts(f *fiber.App) {
	f.Use(Base+"/account", rememberCookies)
	a.registerProvider(f)
	a.registerInvitations()
	a.registerClosing()
	op := below("/account", "Accounts", nil)
	handle(a, op("readSignInOptions", http.MethodGet, "/options", "Tell the ways to sign in"), a.readSignInOptions)
	handle(a, with(http.StatusCreated, op("setUp", http.MethodPost, "/setup", "Make the first account")), a.setUp)
	handle(a, with(http.StatusCreated, op("signIn", http.MethodPost, "/sessions", "Sign in with a user name and a password")), a.signIn)
	handle(a, op("renewAccountSession", http.MethodPost, "/sessions/renewal", "Make a new session out of the cookie"),
		func(ctx context.Context, _ *Intent) (*accountSessionOutput, error) {
			account, err := a.accountOf(ctx, a.cookie(ctx), token.TypeAccountRenewal)
			if err != nil {
				return nil, err
			}
			return a.accountSession(account)
		})
	handle(a, op("signOut", http.MethodDelete, "/sessions", "Sign out on this device"),
		func(ctx context.Context, _ *Intent) (*signedOutOutput, error) { return a.signedOut(ctx), nil })
	everywhere := op("signOutEverywhere", http.MethodDelete, "/sessions/all", "Sign out on every device")
	everywhere.Security = needsAccount()
	handle(a, everywhere, func(ctx context.Context, _ *Intent) (*signedOutOutput, error) {
		return a.signedOut(ctx), a.Service.SignOutEverywhere(ctx, mustAccount(ctx))
	})
	read := op("readAccount", http.MethodGet, "", "Read one's account")
	read.Security = needsAccount()
	handle(a, read, func(ctx context.Context, _ *struct{}) (*accountOutput, error) {
		return &accountOutput{CacheControl: "no-store", Body: accountView(mustAccount(ctx))}, nil
	})
}

func (a *API) readSignInOptions(ctx context.Context, _ *struct{}) (*signInOptionsOutput, error) {
	open, done, err := a.Service.SetupState(ctx)
	out := &signInOptionsOutput{CacheControl: "no-store", Body: SignInOptions{Local: done, Setup: open}}
	if a.Provider != nil {
		out.Body.Provider = a.Provider.Name()
	}
	return out, err
}

func (a *API) setUp(ctx context.Context, in *setupInput) (*accountSessionOutput, error) {
	account, err := limitedBy(ctx, a, a.passwords, addressOf(ctx), func() (*board.Account, error) {
		return a.Service.SetUp(ctx, in.Body.Code, board.NewAccount{Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password})
	})
	if err != nil {
		return nil, err
	}
	return a.accountSession(account)
}

// signIn bounds the guesses of an address and those at an account, whether the
// account is there or not.
func (a *API) signIn(ctx context.Context, in *signInInput) (*accountSessionOutput, error) {
	whose := string(board.LocalAccount(in.Body.Login))
	account, err := limitedBy(ctx, a, a.passwords, addressOf(ctx), func() (*board.Account, error) {
		return limitedBy(ctx, a, a.logins, whose, func() (*board.Account, error) {
			return a.Service.SignIn(ctx, in.Body.Login, in.Body.Password)
		})
	})
	if err != nil {
		return nil, err
	}
	return a.accountSession(account)
}

// accountSession makes a session and the cookie that renews it.
func (a *API) accountSession(account *board.Account) (*accountSessionOutput, error) {
	session, expires, err := a.signAccount(token.TypeAccount, sessionTTL, account)
	if err != nil {
		return nil, err
	}
	renewal, err := a.renewalCookie(account)
	if err != nil {
		return nil, err
	}
	return &accountSessionOutput{
		CacheControl: "no-store", SetCookie: renewal,
		Body: AccountSession{Token: session, ExpiresAt: expires, Account: accountView(account)},
	}, nil
}

// signAccount makes a token of an account, of one type.
func (a *API) signAccount(typ string, ttl time.Duration, account *board.Account) (string, time.Time, error) {
	return a.Tokens.Sign(typ, token.AudienceAccount, ttl, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: string(account.ID)}, Generation: account.Generation,
	})
}

func accountView(a *board.Account) Account {
	return Account{ID: string(a.ID), Name: a.Name, Email: a.Email, Local: a.Password != "", Admin: a.Admin, ClosesAt: momentOf(a.ClosesAt)}
}

// account gives the account whose session token this is.
func (a *API) account(ctx context.Context, raw string) (*board.Account, error) {
	return a.accountOf(ctx, raw, token.TypeAccount)
}

func (a *API) accountOf(ctx context.Context, raw, typ string) (*board.Account, error) {
	claims, err := token.Verify(raw, typ, token.AudienceAccount, a.key, a.Now)
	if err != nil {
		return nil, board.ErrSignedOut
	}
	return a.Service.SignedIn(ctx, board.ID(claims.Subject), claims.Generation)
}

// mustAccount is for operations that need one.
func mustAccount(ctx context.Context) *board.Account {
	account, _ := ctx.Value(keyAccount).(*board.Account)
	return account
}

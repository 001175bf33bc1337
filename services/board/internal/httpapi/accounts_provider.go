package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// flowCookieName keeps a signing in that is under way.
const flowCookieName = "fresque-signing-in"

// SignInWithin is how long signing in at a provider may take.
const SignInWithin = 10 * time.Minute

// CallbackPath is where an OpenID provider sends people back.
const CallbackPath = Base + "/account/oidc/callback"

// Provider signs people in by an OpenID provider.
type Provider interface {
	Name() string
	Begin(ctx context.Context) (address, kept string, err error)
	Finish(ctx context.Context, kept string, answer url.Values) (board.Identity, error)
}

// registerProvider adds the two addresses that a browser visits, not a script:
// what they answer with is another page.
func (a *API) registerProvider(f *fiber.App) {
	if a.Provider == nil {
		return
	}
	f.Get(Base+"/account/oidc/start", func(c *fiber.Ctx) error {
		address, kept, err := a.Provider.Begin(c.UserContext())
		if err != nil {
			return a.signInRefused(c, err)
		}
		setCookie(c, a.bakeCookie(flowCookieName, kept, SignInWithin))
		return redirect(c, address)
	})
	f.Get(CallbackPath, func(c *fiber.Ctx) error {
		kept := a.cookieNamed(c.UserContext(), flowCookieName)
		setCookie(c, a.bakeCookie(flowCookieName, "", 0))
		answer, err := url.ParseQuery(string(c.Request().URI().QueryString()))
		if err != nil {
			return a.signInRefused(c, fault.New(fault.Unauthenticated, "oidc_invalid"))
		}
		account, err := a.identified(c.UserContext(), kept, answer)
		if err != nil {
			return a.signInRefused(c, err)
		}
		cookie, err := a.renewalCookie(account)
		if err != nil {
			return err
		}
		setCookie(c, cookie)
		return redirect(c, a.PublicURL+"/walls")
	})
}

func (a *API) identified(ctx context.Context, kept string, answer url.Values) (*board.Account, error) {
	who, err := a.Provider.Finish(ctx, kept, answer)
	if err != nil {
		return nil, err
	}
	return a.Service.EnsureAccount(ctx, who)
}

// signInRefused sends the browser back to the page that signs in, which says
// what happened.
func (a *API) signInRefused(c *fiber.Ctx, err error) error {
	why := "unavailable"
	if f, ok := fault.As(err); ok && strings.HasPrefix(f.Code, "oidc_") {
		why = strings.TrimPrefix(f.Code, "oidc_")
	}
	a.Log.WarnContext(c.UserContext(), "signing in was refused", "code", why, "error", err)
	return redirect(c, a.PublicURL+"/signin?refused="+url.QueryEscape(why))
}

func redirect(c *fiber.Ctx, address string) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(address, http.StatusSeeOther)
}

func setCookie(c *fiber.Ctx, cookie http.Cookie) {
	c.Response().Header.Add(fiber.HeaderSetCookie, cookie.String())
}

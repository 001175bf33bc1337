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

// leaveCookieName keeps whose session at the provider ends with ours.
const leaveCookieName = "fresque-leaving"

// SignInWithin is how long signing in at a provider may take.
const SignInWithin = 10 * time.Minute

// CallbackPath is where an OpenID provider sends people back.
const CallbackPath = Base + "/account/oidc/callback"

// Provider signs people in by an OpenID provider.
type Provider interface {
	Name() string
	Begin(ctx context.Context) (address, kept string, err error)
	// Finish gives, besides, what the browser keeps until they sign out.
	Finish(ctx context.Context, kept string, answer url.Values) (who board.Identity, leaving string, err error)
	// Leave is where somebody signs out of the provider and comes back; empty for
	// nowhere.
	Leave(ctx context.Context, leaving, back string) string
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
		account, leaving, err := a.identified(c.UserContext(), kept, answer)
		if err != nil {
			return a.signInRefused(c, err)
		}
		setCookie(c, a.bakeCookie(leaveCookieName, leaving, renewalTTL))
		cookie, err := a.renewalCookie(account)
		if err != nil {
			return err
		}
		setCookie(c, cookie)
		return redirect(c, a.PublicURL+"/walls")
	})
}

func (a *API) identified(ctx context.Context, kept string, answer url.Values) (*board.Account, string, error) {
	who, leaving, err := a.Provider.Finish(ctx, kept, answer)
	if err != nil {
		return nil, "", err
	}
	account, err := a.Service.EnsureAccount(ctx, who)
	return account, leaving, err
}

// SignedOut says what is left to do.
type SignedOut struct {
	ProviderURL string `json:"providerUrl,omitempty" doc:"Where to go on to, so that the provider ends its session as well and sends back to the wall's first page; left out where there is nothing to end"`
}

type signedOutOutput struct {
	CacheControl string        `header:"Cache-Control"`
	SetCookie    []http.Cookie `header:"Set-Cookie"`
	Body         SignedOut
}

// signedOut takes the cookies away, and tells where the provider does so.
func (a *API) signedOut(ctx context.Context) *signedOutOutput {
	out := &signedOutOutput{CacheControl: "no-store", SetCookie: []http.Cookie{a.noCookie(), a.bakeCookie(leaveCookieName, "", 0)}}
	if a.Provider != nil {
		out.Body.ProviderURL = a.Provider.Leave(ctx, a.cookieNamed(ctx, leaveCookieName), a.PublicURL+"/")
	}
	return out
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

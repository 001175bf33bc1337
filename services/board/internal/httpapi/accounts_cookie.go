package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/token"
)

// The renewal of an account's session is a cookie that no script reads; see
// docs/adr/0012-accounts.md. Over https its name keeps other hosts of the same
// site from setting it, which needs the path to be the root.
const (
	cookieName   = "fresque-account"
	securePrefix = "__Host-"
)

// secure tells whether the wall is served over https.
func (a *API) secure() bool { return strings.HasPrefix(a.PublicURL, "https://") }

// bakeCookie makes a cookie of ours; without a value it takes it away.
func (a *API) bakeCookie(name, value string, within time.Duration) http.Cookie {
	c := http.Cookie{
		Name: name, Value: value, Path: Base + "/account", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(within.Seconds()),
	}
	if a.secure() {
		c.Name, c.Path, c.Secure = securePrefix+name, "/", true
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

func (a *API) renewalCookie(account *board.Account) (http.Cookie, error) {
	renewal, _, err := a.signAccount(token.TypeAccountRenewal, renewalTTL, account)
	return a.bakeCookie(cookieName, renewal, renewalTTL), err
}

func (a *API) noCookie() http.Cookie { return a.bakeCookie(cookieName, "", 0) }

// cookie reads the renewal of the request.
func (a *API) cookie(ctx context.Context) string { return a.cookieNamed(ctx, cookieName) }

func (a *API) cookieNamed(ctx context.Context, name string) string {
	if a.secure() {
		name = securePrefix + name
	}
	header, _ := ctx.Value(keyCookie).(string)
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return ""
	}
	for _, c := range cookies {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// rememberCookies lets the operations read the cookies of the request.
func rememberCookies(c *fiber.Ctx) error {
	c.SetUserContext(context.WithValue(c.UserContext(), keyCookie, c.Get(fiber.HeaderCookie)))
	return c.Next()
}

package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/internal/callers"
	"fresque.dev/services/internal/fault"
)

// rememberAddress lets the operations know who asks from where.
func (a *API) rememberAddress(c *fiber.Ctx) error {
	c.SetUserContext(context.WithValue(c.UserContext(), keyAddress, a.Proxies.Client(callers.From(c))))
	return c.Next()
}

var (
	errForeign = fault.New(fault.Forbidden, "request_from_elsewhere")
	errEncoded = fault.New(fault.Invalid, "content_encoded")
)

// refuseForeign keeps pages of other sites from changing anything, whatever the
// browser would send along: a browser says where a request comes from. Programs
// say nothing, and have no cookies of others (see docs/adr/0028-*.md).
func refuseForeign(c *fiber.Ctx) error {
	switch c.Method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return c.Next()
	}
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return c.Next()
	case "":
		origin := c.Get(fiber.HeaderOrigin)
		if origin == "" {
			return c.Next()
		}
		if from, err := url.Parse(origin); err == nil && from.Host == string(c.Request().Host()) {
			return c.Next()
		}
	}
	return errForeign
}

// refuseEncoded takes bodies only as they are: a few bytes that unpack to
// gigabytes are never unpacked.
func refuseEncoded(c *fiber.Ctx) error {
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return errEncoded
	}
	return c.Next()
}

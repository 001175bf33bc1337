package httpapi

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/problem"
	"fresque.dev/services/internal/telemetry"
)

// fail answers any error as a problem.
func (a *API) fail(c *fiber.Ctx, err error) error {
	var refused *fiber.Error
	if errors.As(err, &refused) {
		err = faultOf(refused.Code)
	}
	p := a.Messages.Of(err, c.Get(fiber.HeaderAcceptLanguage))
	if refused != nil {
		p.Status, p.Title = refused.Code, http.StatusText(refused.Code)
	}
	return a.send(c, p, err)
}

func (a *API) send(c *fiber.Ctx, p problem.Problem, err error) error {
	telemetry.Refused(c.UserContext(), p.Code)
	if p.Status >= http.StatusInternalServerError {
		a.Log.ErrorContext(c.UserContext(), "request failed", "code", p.Code, "error", err)
	}
	if seconds, says := problem.Wait(err); says {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	} else if p.Status == http.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || p.Status == http.StatusRequestEntityTooLarge {
		// What is left of the request must not be read as one of its own.
		c.Context().SetConnectionClose()
	}
	for _, ofFile := range []string{fiber.HeaderETag, fiber.HeaderContentDisposition, fiber.HeaderAcceptRanges} {
		c.Response().Header.Del(ofFile)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := c.Status(p.Status).JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, problem.ContentType)
	return nil
}

// faultOf names what Fiber answered with a bare status.
func faultOf(status int) error {
	switch {
	case status == http.StatusNotFound:
		return fault.New(fault.NotFound, "not_found")
	case status == http.StatusMethodNotAllowed:
		return fault.New(fault.Invalid, "method_not_allowed")
	case status == http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "too_large")
	case status >= http.StatusInternalServerError:
		return fault.New(fault.Internal, "internal")
	default:
		return fault.New(fault.Invalid, "bad_request")
	}
}

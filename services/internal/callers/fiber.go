package callers

import (
	"net/netip"

	"github.com/gofiber/fiber/v2"
)

// From is where a request came from and what its proxies say of that, for Client.
func From(c *fiber.Ctx) (remote netip.Addr, forwarded []string) {
	remote, _ = netip.AddrFromSlice(c.Context().RemoteIP())
	for _, line := range c.Request().Header.PeekAll(ForwardedFor) {
		forwarded = append(forwarded, string(line))
	}
	return remote, forwarded
}

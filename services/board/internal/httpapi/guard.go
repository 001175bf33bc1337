package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/services/internal/fault"
)

// Proxies are networks whose word is taken for where a request comes from.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks, such as 10.0.0.0/8.
func ParseProxies(list []string) (Proxies, error) {
	var out Proxies
	for _, text := range list {
		if network, err := netip.ParsePrefix(text); err == nil {
			out = append(out, network.Masked())
			continue
		}
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", text)
		}
		out = append(out, netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()))
	}
	return out, nil
}

// Trusts tells whether an address is one of them.
func (p Proxies) Trusts(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// client finds who asks. Each proxy adds whom it was asked by at the end of
// X-Forwarded-For, so that it is read from there, for as long as it was written by
// one that is trusted: what stands before is what the client pleased to write.
func (p Proxies) client(remote netip.Addr, forwarded string) netip.Addr {
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && p.Trusts(remote); i-- {
		hop := strings.TrimSpace(hops[i])
		address, err := netip.ParseAddr(hop)
		if err != nil {
			withPort, err := netip.ParseAddrPort(hop)
			if err != nil {
				break
			}
			address = withPort.Addr()
		}
		remote = address
	}
	return remote
}

// Neighbourhood is what is counted as one address. An IPv6 network is one: whoever
// has one has all of its addresses.
func Neighbourhood(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if network, err := address.Prefix(64); err == nil && address.Is6() {
		return network.String()
	}
	return address.String()
}

// rememberAddress lets the operations know who asks from where.
func (a *API) rememberAddress(c *fiber.Ctx) error {
	remote, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	var forwarded []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		forwarded = append(forwarded, string(line))
	}
	address := Neighbourhood(a.Proxies.client(remote, strings.Join(forwarded, ",")))
	c.SetUserContext(context.WithValue(c.UserContext(), keyAddress, address))
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

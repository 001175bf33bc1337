// Package callers tells who calls, and bounds how often: each by its address, as
// trusted proxies tell it, or by whatever other name a service gives, counted over
// all replicas.
package callers

import (
	"fmt"
	"net/netip"
	"strings"
)

// ForwardedFor is the header in which proxies say who asked them.
const ForwardedFor = "X-Forwarded-For"

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

// Client is what a request counts as, by the address that it came from and its
// lines of ForwardedFor.
func (p Proxies) Client(remote netip.Addr, forwarded []string) string {
	return neighbourhood(p.client(remote, strings.Join(forwarded, ",")))
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

// neighbourhood is what is counted as one address. An IPv6 network is one: whoever
// has one has all of its addresses.
func neighbourhood(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if network, err := address.Prefix(64); err == nil && address.Is6() {
		return network.String()
	}
	return address.String()
}

package unfurl

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// closed4 are the IPv4 ranges that are nobody's public server.
var closed4 = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // behind a carrier's NAT; one cloud's metadata
	"127.0.0.0/8",      // loopback
	"169.254.0.0/16",   // link-local; most clouds' metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // IETF; one cloud's metadata
	"192.0.2.0/24",     // documentation
	"192.31.196.0/24",  // AS112
	"192.52.193.0/24",  // AMT
	"192.88.99.0/24",   // relays of 6to4
	"192.168.0.0/16",   // private
	"192.175.48.0/24",  // AS112
	"198.18.0.0/15",    // benchmarking
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"168.63.129.16/32", // metadata of a cloud, on a public address
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
)

// open6 is what has been given out of IPv6 as public addresses: whatever is not
// in it (loopback, unique local, link-local, multicast, IPv4-mapped, NAT64) is
// closed without being named.
var open6 = netip.MustParsePrefix("2000::/3")

// closed6 are the exceptions within open6.
var closed6 = prefixes(
	"2001::/23",         // IETF: Teredo, benchmarking, ORCHID
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4: an IPv4 address in disguise
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, one := range list {
		out[i] = netip.MustParsePrefix(one)
	}
	return out
}

// public tells an address that anybody's server may have.
func public(a netip.Addr) bool {
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	switch {
	case !a.IsValid() || a.Zone() != "":
		return false
	case a.Is4():
		return !slices.ContainsFunc(closed4, holds)
	default:
		return open6.Contains(a) && !slices.ContainsFunc(closed6, holds)
	}
}

// Rules are what an operator adds to the rule that addresses are public and
// ports 80 and 443.
type Rules struct {
	// allow lifts the rule on addresses, on the ports 80 and 443; exact lifts it
	// for one address and port.
	allow []netip.Prefix
	exact []netip.AddrPort
	deny  []netip.Prefix
}

// ParseRules reads what a configuration opens (addresses, prefixes, or an
// address with one port) and closes (addresses, prefixes); its error tells every
// fault.
func ParseRules(allow, deny []string) (Rules, error) {
	var r Rules
	var wrong []string
	for _, text := range allow {
		if prefix, ok := parsePrefix(text); ok {
			r.allow = append(r.allow, prefix)
		} else if exact, err := netip.ParseAddrPort(text); err == nil {
			r.exact = append(r.exact, exact)
		} else {
			wrong = append(wrong, fmt.Sprintf("%q is no address, prefix or address:port", text))
		}
	}
	for _, text := range deny {
		prefix, ok := parsePrefix(text)
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%q is no address or prefix", text))
			continue
		}
		r.deny = append(r.deny, prefix)
	}
	if wrong != nil {
		return Rules{}, fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return r, nil
}

func parsePrefix(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), addr.Zone() == ""
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix, err == nil
}

// permit tells whether a connection may be made.
func (r Rules) permit(to netip.AddrPort) bool {
	a := to.Addr()
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	switch {
	case slices.Contains(r.exact, to):
		return true
	case to.Port() != 80 && to.Port() != 443, slices.ContainsFunc(r.deny, holds):
		return false
	default:
		return public(a) || slices.ContainsFunc(r.allow, holds)
	}
}

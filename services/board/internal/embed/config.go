package embed

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Config says which hosts an installation adds to the fixed providers. An
// empty list means the default. Every host is a DNS name in lower case, without
// port or wildcard.
type Config struct {
	// PodHosts run Esup-Pod. Default: podeduc.apps.education.fr.
	PodHosts []string
	// PeerTubeHosts run PeerTube. Default: the tube-* hosts of apps.education.fr.
	PeerTubeHosts []string
	// H5PHosts are tenants of h5p.com, such as school.h5p.com. Default: none.
	H5PHosts []string
	// Self are the hosts this service is reached at, never embeddable: a frame
	// of the wall's own origin could undo its sandbox. An IP address or a name
	// without a dot may stand here.
	Self []string
}

var defaultPodHosts = []string{"podeduc.apps.education.fr"}

var defaultPeerTubeHosts = []string{
	"tube-action-educative.apps.education.fr",
	"tube-arts-lettres-sciences-humaines.apps.education.fr",
	"tube-cycle-2.apps.education.fr",
	"tube-cycle-3.apps.education.fr",
	"tube-education-physique-et-sportive.apps.education.fr",
	"tube-enseignement-professionnel.apps.education.fr",
	"tube-institutionnel.apps.education.fr",
	"tube-langues-vivantes.apps.education.fr",
	"tube-maternelle.apps.education.fr",
	"tube-numerique-educatif.apps.education.fr",
	"tube-sciences-technologies.apps.education.fr",
}

// New makes the table; its error holds every fault of the configuration.
func New(cfg Config) (*Table, error) {
	if len(cfg.PodHosts) == 0 {
		cfg.PodHosts = defaultPodHosts
	}
	if len(cfg.PeerTubeHosts) == 0 {
		cfg.PeerTubeHosts = defaultPeerTubeHosts
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return build(providers(cfg), cfg.Self)
}

func (cfg Config) check() error {
	return errors.Join(
		checkHosts("POD_HOSTS", cfg.PodHosts, publicName),
		checkHosts("PEERTUBE_HOSTS", cfg.PeerTubeHosts, publicName),
		checkHosts("H5P_HOSTS", cfg.H5PHosts, func(host string) error {
			if !strings.HasSuffix(host, ".h5p.com") {
				return errors.New("is no host of h5p.com")
			}
			return publicName(host)
		}),
		checkHosts("Self", cfg.Self, ownName),
	)
}

func checkHosts(list string, hosts []string, check func(string) error) error {
	var faults []error
	for _, h := range hosts {
		if err := check(h); err != nil {
			faults = append(faults, fmt.Errorf("%s: %q %w", list, h, err))
		}
	}
	return errors.Join(faults...)
}

// publicName takes a DNS name of two labels at least, the last of which is not
// a number: browsers would read an IP address.
func publicName(host string) error {
	if err := dnsName(host); err != nil {
		return err
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case last == host:
		return errors.New("has no domain")
	case strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"):
		return errors.New("is an IP address, where a name is needed")
	}
	return nil
}

func ownName(host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	return dnsName(host)
}

func dnsName(host string) error {
	switch {
	case host == "":
		return errors.New("is empty")
	case len(host) > 253:
		return errors.New("is too long")
	case strings.ToLower(host) != host:
		return errors.New("is not in lower case")
	case strings.ContainsAny(host, ":/"):
		return errors.New("is more than a host: give it without scheme, port or path")
	case strings.Contains(host, "*"):
		return errors.New("has a wildcard: give each host")
	}
	for label := range strings.SplitSeq(host, ".") {
		if !dnsLabel(label) {
			return errors.New("is no DNS name")
		}
	}
	return nil
}

func dnsLabel(s string) bool {
	return s != "" && len(s) <= 63 && !strings.HasPrefix(s, "-") && !strings.HasSuffix(s, "-") &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// build lays the rows out by host. Two rows may not take one host, nor may any
// take a host of our own.
func build(rows []*provider, self []string) (*Table, error) {
	t := &Table{byHost: make(map[string]*provider)}
	var faults []error
	for _, p := range rows {
		for _, host := range slices.Concat(p.hosts, p.frames) {
			switch other, taken := t.byHost[host]; {
			case slices.Contains(self, host):
				faults = append(faults, fmt.Errorf("own host %q is a host of the provider %s", host, p.key))
			case taken && other != p:
				faults = append(faults, fmt.Errorf("%q is a host of both %s and %s", host, other.key, p.key))
			}
			t.byHost[host] = p
		}
		for _, host := range p.frames {
			t.sources = append(t.sources, "https://"+host)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	slices.Sort(t.sources)
	t.sources = slices.Compact(t.sources)
	return t, nil
}

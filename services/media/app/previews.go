package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"fresque.dev/services/internal/settings"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/previews"
	"fresque.dev/services/media/internal/unfurl"
	"fresque.dev/services/media/internal/worker"
)

// Previews is what an operator may set about previews of links.
type Previews struct {
	// Read is yes or no: whether pages that people link to are read.
	Read string
	// Allow opens what is closed otherwise, for closed networks: addresses
	// and prefixes, on the ports 80 and 443, or an address with one port.
	Allow []string
	// Deny closes addresses and prefixes that are open otherwise.
	Deny []string
	// DNS is a DNS server, host:port; empty for those of the system.
	DNS string
}

// Declare adds the settings to those of a process.
func (p *Previews) Declare(s *settings.Set) {
	s.String(&p.Read, "PREVIEWS", "read pages that people link to: yes or no")
	s.Strings(&p.Allow, "PREVIEW_ALLOW", "addresses, prefixes or address:port that previews may read although they are not public")
	s.Strings(&p.Deny, "PREVIEW_DENY", "addresses or prefixes that previews never read")
	s.String(&p.DNS, "PREVIEW_DNS", "DNS server for previews, host:port; that of the system when empty")
}

// Check tells every fault.
func (p Previews) Check() error {
	var faults []error
	if p.Read != "yes" && p.Read != "no" {
		faults = append(faults, fmt.Errorf("PREVIEWS: %q is neither yes nor no", p.Read))
	}
	if _, err := p.rules(); err != nil {
		faults = append(faults, err)
	}
	if p.DNS != "" {
		if _, _, err := net.SplitHostPort(p.DNS); err != nil {
			faults = append(faults, fmt.Errorf("PREVIEW_DNS: %q is not host:port", p.DNS))
		}
	}
	return errors.Join(faults...)
}

func (p Previews) rules() (unfurl.Rules, error) {
	rules, err := unfurl.ParseRules(p.Allow, p.Deny)
	if err != nil {
		err = fmt.Errorf("PREVIEW_ALLOW, PREVIEW_DENY: %w", err)
	}
	return rules, err
}

// reader reads pages; nil where none is to be read. The site is how servers
// learn whose wall asks.
func (p Previews) reader(site, version string) (media.PageReader, error) {
	if p.Read != "yes" {
		return nil, nil
	}
	rules, err := p.rules()
	if err != nil {
		return nil, err
	}
	cfg := unfurl.Config{Rules: rules, Agent: agent(site, version)}
	if p.DNS != "" {
		cfg.Resolver = unfurl.NewResolver(p.DNS)
	}
	return unfurl.NewReader(cfg), nil
}

func agent(site, version string) string {
	if version == "" {
		version = "dev"
	}
	return "Fresque/" + version + " (link preview; +" + site + ")"
}

func (a *App) wirePreviews(pool *worker.Pool, log *slog.Logger, version string) error {
	reader, err := a.cfg.Previews.reader(a.cfg.AppOrigins[0], version)
	if err != nil {
		return err
	}
	a.previews = previews.New(previews.Config{
		Reader: reader, Pictures: pool, Objects: a.objects, Publisher: a.events,
		Secret: a.quarantine.Secret(), Dir: a.quarantine.WorkDir(), Log: log, Now: time.Now,
	})
	return nil
}

package board

import (
	"cmp"
	"context"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"fresque.dev/services/internal/fault"
)

// Platform is a site that calls the service for its people, such as a Moodle.
// It owns boards as an account does: each has a document Owned in the
// platform's partition. What a platform owns is not there for any other.
type Platform struct {
	Meta
	Name string `json:"name"`
	// Issuer is the site's own address, without a slash at the end.
	Issuer string `json:"issuer"`
	// KeysURL is where the site publishes its public keys (a JSON Web Key Set).
	KeysURL string `json:"keysUrl,omitempty"`
	// Keys is a JSON Web Key Set, where the site publishes none.
	Keys string `json:"keys,omitempty"`
	// Origins are whose pages may show the platform's walls in a frame, each as
	// https://host[:port].
	Origins []string `json:"origins,omitempty"`
	// Webhook is the address that is told of participation; empty for none.
	Webhook string `json:"webhook,omitempty"`
	// WebhookTurn counts how often the webhook's secret was made anew.
	WebhookTurn int       `json:"webhookTurn,omitempty"`
	Quotas      Quotas    `json:"quotas"`
	Retention   Retention `json:"retention"`
	// Language is that of its new boards: fr, en, or empty for fr.
	Language string `json:"language,omitempty"`
	// Defaults are the settings with which its boards begin.
	Defaults Settings `json:"defaults"`
	// Closed tells a platform that the operator has shut out.
	Closed bool `json:"closed,omitempty"`
}

// Kind tells KindPlatform.
func (*Platform) Kind() Kind { return KindPlatform }

// Quotas bound what a platform may have; 0 is for the service's own bound.
type Quotas struct {
	Boards int `json:"boards,omitempty"`
	// MediaMiB bounds its uploads, all boards together.
	MediaMiB int `json:"mediaMib,omitempty"`
	// CallsPerMinute bounds its calls.
	CallsPerMinute int `json:"callsPerMinute,omitempty"`
}

// Retention is how long a platform's data are kept, in days; 0 is for ever.
type Retention struct {
	// SuspendAfter is the days of absence after which what a person has posted is
	// put out of sight, EraseAfter those after which it is erased.
	SuspendAfter int `json:"suspendAfter,omitempty"`
	EraseAfter   int `json:"eraseAfter,omitempty"`
	// WallsAfter is the days without a change after which a wall ends as Ends
	// says.
	WallsAfter int `json:"wallsAfter,omitempty"`
	// Ends is what becomes of a wall then.
	Ends WallEnd `json:"ends,omitempty"`
}

// WallEnd is what becomes of a wall whose time is over.
type WallEnd string

// The ends of a wall.
const (
	EndAnonymise WallEnd = "anonymise"
	EndErase     WallEnd = "erase"
)

// Limits of platforms.
const (
	MaxPlatforms       = 1000
	MaxPlatformName    = 120
	MaxPlatformAddress = 500
	MaxPlatformKeys    = 20_000
	MaxOrigins         = 20
	// MaxPlatformBoards is the bound of a platform without one of its own.
	MaxPlatformBoards = 20_000
	// CallsPerMinute is the pace of a platform without one of its own.
	CallsPerMinute = 600
	MaxRetention   = 36_500
)

// ErrPlatformClosed answers a platform that is not there, or was shut out.
var ErrPlatformClosed = fault.New(fault.Unauthenticated, "platform_unknown")

// The place of the list of platforms: each has a document Member there.
var platformsID = derivedID("platforms")

func platformKey(id ID) Key { return Key{Board: id, Kind: KindPlatform, ID: id} }

// PlatformEdit is a change of a platform; nil leaves a field as it is.
type PlatformEdit struct {
	Name, Issuer, KeysURL, Keys, Webhook, Language *string
	Origins                                        *[]string
	Quotas                                         *Quotas
	Retention                                      *Retention
	Defaults                                       *SettingsEdit
	Closed                                         *bool
}

// ConnectPlatform makes a platform known. The caller is the operator, whom the
// edge has recognised. Repeating it with the same id answers as the first did
// (rule S3).
func (s *Service) ConnectPlatform(ctx context.Context, id ID, in PlatformEdit) (*Platform, error) {
	p := &Platform{}
	p.ID = s.idOr(id)
	p.Board = p.ID
	if err := s.applyPlatform(p, in); err != nil {
		return nil, err
	}
	there, err := list[*Member](ctx, s.Store, platformsID, KindMember)
	if err != nil {
		return nil, err
	}
	if len(there) >= MaxPlatforms {
		return nil, fault.New(fault.Conflict, "too_many_platforms").With("max", MaxPlatforms)
	}
	known := &Member{}
	known.ID, known.Board = p.ID, platformsID
	if _, _, err := create(ctx, s, s.caretaking(platformsID), NotLogged, known); err != nil {
		return nil, err
	}
	if err := s.keepSoon(ctx, p.ID); err != nil {
		return nil, err
	}
	p, _, err = create(ctx, s, s.caretaking(p.ID), NotLogged, p)
	return p, err
}

// EditPlatform changes a platform, for the operator.
func (s *Service) EditPlatform(ctx context.Context, id ID, in PlatformEdit) (*Platform, error) {
	p, err := change(ctx, s, s.caretaking(id), platformKey(id), 0, doing{}, func(p *Platform) (bool, error) {
		before := *p
		err := s.applyPlatform(p, in)
		return !reflect.DeepEqual(before, *p), err
	})
	if err == nil && in.Retention != nil {
		err = s.keepSoon(ctx, id)
	}
	return p, err
}

// Platforms lists every platform by name, the closed ones too, for the operator.
func (s *Service) Platforms(ctx context.Context) ([]*Platform, error) {
	known, err := list[*Member](ctx, s.Store, platformsID, KindMember)
	if err != nil {
		return nil, err
	}
	all, err := together(ctx, listAtOnce, known, func(ctx context.Context, m *Member) (*Platform, error) {
		p, err := get[*Platform](ctx, s.Store, platformKey(m.ID))
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil // its making was cut short
		}
		return p, err
	})
	all = slices.DeleteFunc(all, func(p *Platform) bool { return p == nil })
	slices.SortFunc(all, func(a, b *Platform) int {
		return cmp.Or(cmp.Compare(fold(a.Name), fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// PlatformAt gives a platform, closed or not, for the operator.
func (s *Service) PlatformAt(ctx context.Context, id ID) (*Platform, error) {
	return get[*Platform](ctx, s.Store, platformKey(id))
}

// OpenPlatform gives a platform that may call; ErrPlatformClosed for another.
func (s *Service) OpenPlatform(ctx context.Context, id ID) (*Platform, error) {
	p, err := s.PlatformAt(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && (p.Closed || p.Deleted()) {
		return nil, ErrPlatformClosed
	}
	return p, err
}

func (s *Service) applyPlatform(p *Platform, in PlatformEdit) error {
	var f faults
	set(&p.Closed, in.Closed)
	set(&p.Language, in.Language)
	set(&p.Quotas, in.Quotas)
	set(&p.Retention, in.Retention)
	if in.Name != nil {
		p.Name = oneLine(*in.Name)
	}
	for _, one := range []struct {
		field string
		in    *string
		into  *string
	}{{"issuer", in.Issuer, &p.Issuer}, {"keysUrl", in.KeysURL, &p.KeysURL}, {"webhook", in.Webhook, &p.Webhook}} {
		if one.in != nil {
			*one.into = strings.TrimSpace(*one.in)
			f.add(notPrivate(one.field, *one.into))
		}
	}
	p.Issuer = strings.TrimRight(p.Issuer, "/")
	if in.Origins != nil {
		p.Origins = *in.Origins
		if len(p.Origins) > MaxOrigins {
			f.add(fault.New(fault.Invalid, "too_many").At("origins").With("max", MaxOrigins))
		}
		for _, origin := range p.Origins {
			f.add(notOrigin("origins", origin))
		}
	}
	if in.Keys != nil {
		p.Keys = strings.TrimSpace(*in.Keys)
		if long := tooLong("keys", p.Keys, MaxPlatformKeys); long != nil {
			f.add(long)
		} else {
			f.add(s.unusable(p.Keys))
		}
	}
	f.add(required("name", p.Name))
	f.add(tooLong("name", p.Name, MaxPlatformName))
	f.add(required("issuer", p.Issuer))
	if p.Keys == "" && p.KeysURL == "" {
		f.add(required("keysUrl", ""))
	}
	if p.Language != "" && p.Language != "fr" && p.Language != "en" {
		f.add(fault.New(fault.Invalid, "unknown_language").At("language"))
	}
	f.add(p.Quotas.check())
	f.add(p.Retention.check())
	if in.Defaults != nil {
		f = append(f, in.Defaults.apply(&p.Defaults)...)
	}
	return f.err()
}

// unusable tells why a set of public keys cannot be used; nil for one that can.
func (s *Service) unusable(keys string) *fault.Fault {
	if keys == "" || s.Keys == nil {
		return nil
	}
	err := s.Keys.Check(keys)
	if err == nil {
		return nil
	}
	if f, ok := fault.As(err); ok {
		return f.At("keys")
	}
	return fault.Wrap(fault.Invalid, "keys_malformed", err).At("keys")
}

func (q Quotas) check() *fault.Fault {
	if min(q.Boards, q.MediaMiB, q.CallsPerMinute) < 0 {
		return fault.New(fault.Invalid, "out_of_range").At("quotas").With("max", MaxPlatformBoards)
	}
	return nil
}

func (r Retention) check() *fault.Fault {
	if min(r.SuspendAfter, r.EraseAfter, r.WallsAfter) < 0 || max(r.SuspendAfter, r.EraseAfter, r.WallsAfter) > MaxRetention {
		return fault.New(fault.Invalid, "out_of_range").At("retention").With("max", MaxRetention)
	}
	if r.Ends != "" && r.Ends != EndAnonymise && r.Ends != EndErase {
		return fault.New(fault.Invalid, "unknown_choice").At("retention.ends")
	}
	if r.EraseAfter > 0 && r.SuspendAfter > r.EraseAfter {
		return fault.New(fault.Invalid, "out_of_range").At("retention.suspendAfter").With("max", r.EraseAfter)
	}
	return nil
}

// notPrivate refuses an address that is not Private; empty is none.
func notPrivate(field, address string) *fault.Fault {
	u, err := url.Parse(address)
	if address == "" || err == nil && u.Host != "" && u.User == nil && u.Fragment == "" && Private(u) {
		return tooLong(field, address, MaxPlatformAddress)
	}
	return fault.New(fault.Invalid, "address_not_https").At(field)
}

// Private tells an address on the way to which nobody listens: one of https, or
// of this machine, for trying things out.
func Private(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && thisMachine(u.Hostname())
}

func notOrigin(field, origin string) *fault.Fault {
	if IsOrigin(origin) {
		return nil
	}
	return fault.New(fault.Invalid, "origin_invalid").At(field)
}

// IsOrigin tells the origin of a site that is Private, as browsers write it:
// nothing that stands for several, since whoever frames a wall can lay things
// over it.
func IsOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && originHost.MatchString(u.Host) && origin == u.Scheme+"://"+u.Host && Private(u)
}

var originHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$`)

// thisMachine tells a host that never leaves the machine.
func thisMachine(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

package board

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"time"

	"fresque.dev/services/internal/fault"
)

// Limits of deliveries that were given up.
const (
	// MaxDead is how many of a platform are kept; the oldest make room.
	MaxDead = 1000
	// DeadKept is for how long.
	DeadKept = 30 * 24 * time.Hour
	// MaxWaiting is how many of those that wait are listed.
	MaxWaiting = 100
)

// DeadDelivery is a delivery that was given up. It stands in the platform's
// partition; there is one for a participant at most.
type DeadDelivery struct {
	Meta
	On          ID `json:"on"`
	Participant ID `json:"participant"`
	User        ID `json:"user,omitempty"`
	// Since is when it was put on its way.
	Since time.Time `json:"since"`
	Why   string    `json:"why"`
}

// Kind tells KindDelivery.
func (*DeadDelivery) Kind() Kind { return KindDelivery }

func deliveryID(d Delivery) ID { return derivedID("delivery", d.Board, d.Participant) }

func deliveryKey(d Delivery) Key {
	return Key{Board: d.Platform, Kind: KindDelivery, ID: deliveryID(d)}
}

// WebhookSealer derives the secrets of webhooks from the server's key: none is
// stored.
type WebhookSealer struct{ key []byte }

// NewWebhookSealer takes a key of 32 bytes.
func NewWebhookSealer(key []byte) WebhookSealer { return WebhookSealer{key: key} }

// Secret is 32 bytes: that of a platform after so many turns.
func (w WebhookSealer) Secret(platform ID, turn int) []byte {
	mac := hmac.New(sha256.New, w.key)
	mac.Write([]byte("fresque webhook\x00" + string(platform) + "\x00" + strconv.Itoa(turn)))
	return mac.Sum(nil)
}

// Webhook is where a platform is told, and what it checks the notices with.
type Webhook struct{ URL, Secret string }

// WebhookOf gives the webhook of a platform, for the operator.
func (s *Service) WebhookOf(ctx context.Context, platform ID) (Webhook, error) {
	p, err := s.PlatformAt(ctx, platform)
	if err != nil {
		return Webhook{}, err
	}
	return s.webhook(p), nil
}

func (s *Service) webhook(p *Platform) Webhook {
	return Webhook{URL: p.Webhook, Secret: "whsec_" + base64.StdEncoding.EncodeToString(s.Webhooks.Secret(p.ID, p.WebhookTurn))}
}

// TurnWebhook makes the secret anew. Notices are signed with the one before it
// too, until the next turn.
func (s *Service) TurnWebhook(ctx context.Context, platform ID) (Webhook, error) {
	p, err := change(ctx, s, s.caretaking(platform), platformKey(platform), 0, doing{}, func(p *Platform) (bool, error) {
		p.WebhookTurn++
		return true, nil
	})
	if err != nil {
		return Webhook{}, err
	}
	return s.webhook(p), nil
}

// Bury gives a delivery up, which was put on its way at a time. The operator can
// send it again.
func (s *Service) Bury(ctx context.Context, d Delivery, since time.Time, why string) error {
	n, err := s.notice(ctx, d, false)
	if n == nil || err != nil {
		return err // of no use any more
	}
	sc, key := s.caretaking(d.Platform), deliveryKey(d)
	if err := s.makeRoom(ctx, sc, key.ID); err != nil {
		return err
	}
	write := func(dead *DeadDelivery) (bool, error) {
		if dead.Deleted() {
			dead.live()
		}
		dead.On, dead.Participant, dead.User, dead.Since, dead.Why = d.Board, d.Participant, n.User.ID, since, why
		dead.PurgeAt = sc.now.Add(DeadKept)
		return true, nil
	}
	dead := &DeadDelivery{}
	dead.ID, dead.Board = key.ID, key.Board
	if _, err := write(dead); err != nil {
		return err
	}
	_, fresh, err := create(ctx, s, sc, NotLogged, dead)
	if err != nil || fresh {
		return err
	}
	_, err = change(ctx, s, sc, key, 0, doing{}, write)
	return err
}

// makeRoom erases the oldest of a platform's dead deliveries when it has as many as
// are kept.
func (s *Service) makeRoom(ctx context.Context, sc *scene, but ID) error {
	there, err := list[*DeadDelivery](ctx, s.Store, sc.board.ID, KindDelivery)
	if err != nil || len(there) < MaxDead || slices.ContainsFunc(there, func(d *DeadDelivery) bool { return d.ID == but }) {
		return err
	}
	slices.SortFunc(there, compareDead)
	for _, old := range there[MaxDead-1:] {
		if err := s.eraseWhole(ctx, sc, old); err != nil {
			return err
		}
	}
	return nil
}

// unbury forgets that an earlier delivery was given up: a later one was taken.
func (s *Service) unbury(ctx context.Context, d Delivery) error {
	dead, err := get[*DeadDelivery](ctx, s.Store, deliveryKey(d))
	if fault.KindOf(err) == fault.NotFound || err == nil && dead.Deleted() {
		return nil
	}
	if err != nil {
		return err
	}
	return s.eraseWhole(ctx, s.caretaking(d.Platform), dead)
}

// ListedDelivery is a delivery as the operator sees it.
type ListedDelivery struct {
	ID   ID
	Dead bool
	// Board is where it is about, User of whom, as the platform calls them.
	Board ID
	User  string
	Since time.Time
	// GivenUpAt and Why are of a dead one.
	GivenUpAt time.Time
	Why       string
}

// DeadDeliveries lists those of a platform's that were given up, the latest first.
func (s *Service) DeadDeliveries(ctx context.Context, platform ID) ([]ListedDelivery, error) {
	if _, err := s.PlatformAt(ctx, platform); err != nil {
		return nil, err
	}
	dead, err := list[*DeadDelivery](ctx, s.Store, platform, KindDelivery)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(dead, compareDead)
	return together(ctx, listAtOnce, dead, func(ctx context.Context, d *DeadDelivery) (ListedDelivery, error) {
		out := ListedDelivery{ID: d.ID, Dead: true, Board: d.On, Since: d.Since, GivenUpAt: d.UpdatedAt, Why: d.Why}
		u, err := get[*User](ctx, s.Store, userKey(platform, d.User))
		if err == nil {
			out.User = u.Ref
		}
		if fault.KindOf(err) == fault.NotFound {
			err = nil
		}
		return out, err
	})
}

// WaitingDeliveries lists some of those that were not taken yet, and counts all.
func (s *Service) WaitingDeliveries(ctx context.Context, platform ID) ([]ListedDelivery, int, error) {
	if _, err := s.PlatformAt(ctx, platform); err != nil {
		return nil, 0, err
	}
	waiting, all, err := s.Dispatch.Waiting(ctx, platform, MaxWaiting)
	out := make([]ListedDelivery, 0, len(waiting))
	for _, w := range waiting {
		one := ListedDelivery{ID: deliveryID(w.Delivery), Board: w.Board, Since: w.Since}
		if n, err := s.notice(ctx, w.Delivery, false); err == nil && n != nil {
			one.User = n.User.Ref
		}
		out = append(out, one)
	}
	return out, all, err
}

// Replay puts a delivery that was given up on its way again, with what its
// participant's numbers are now.
func (s *Service) Replay(ctx context.Context, platform, id ID) error {
	dead, err := get[*DeadDelivery](ctx, s.Store, Key{Board: platform, Kind: KindDelivery, ID: id})
	if err == nil && dead.Deleted() {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := s.Dispatch.Put(ctx, Delivery{Platform: platform, Board: dead.On, Participant: dead.Participant}); err != nil {
		return err
	}
	return s.eraseWhole(ctx, s.caretaking(platform), dead)
}

// compareDead sorts by when they were given up, the latest first.
func compareDead(a, b *DeadDelivery) int {
	return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
}

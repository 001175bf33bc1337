package board

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"fresque.dev/services/internal/fault"
)

// Told is what a platform with a webhook is told, or to be told, of one user's
// part in a board: it has the id of the user's participant. Each revision is one
// notice, whose words never change.
type Told struct {
	Meta
	User     ID            `json:"user"`
	Part     Participation `json:"part"`
	Rules    []Progress    `json:"rules,omitempty"`
	Complete bool          `json:"complete,omitempty"`
}

// Kind tells KindTold.
func (*Told) Kind() Kind { return KindTold }

func toldKey(board, participant ID) Key { return Key{Board: board, Kind: KindTold, ID: participant} }

// says tells whether a platform that was told so knows as much as it would from
// a new notice. When something changed is no news.
func (t *Told) says(u UserParticipation) bool {
	a, b := t.Part, u.Participation
	same := a.Posts == b.Posts && a.Comments == b.Comments && a.Peers == b.Peers && a.Words == b.Words && a.Reactions == b.Reactions
	return same && maps.Equal(a.Sections, b.Sections) && t.Complete == u.Complete && slices.Equal(t.Rules, u.Rules)
}

// nothing tells a part of which there is nothing to tell.
func (u UserParticipation) nothing() bool {
	for _, r := range u.Rules {
		if r.Have > 0 {
			return false
		}
	}
	return (&Told{Rules: u.Rules}).says(u)
}

// Delivery is a notice on its way to a platform.
type Delivery struct {
	Platform, Board, Participant ID
	// Rev is what Told has at the least once it is written.
	Rev Rev
}

// Dispatch is where deliveries wait to be carried. One that is put there takes
// the place of an earlier one of the same participant.
type Dispatch interface {
	Put(ctx context.Context, d Delivery) error
	// Waiting lists some of those of a platform, at most limit, and counts all.
	Waiting(ctx context.Context, platform ID, limit int) ([]WaitingDelivery, int, error)
}

// WaitingDelivery is one that was not taken yet.
type WaitingDelivery struct {
	Delivery
	Since time.Time
}

// HasWebhooks tells whether any platform is to be told of anything.
func (s *Service) HasWebhooks(ctx context.Context) (bool, error) {
	all, err := s.Platforms(ctx)
	return slices.ContainsFunc(all, (*Platform).listens), err
}

// listens tells a platform that is told of participation.
func (p *Platform) listens() bool { return p.Webhook != "" && !p.Closed && !p.Deleted() }

// listener gives a board and the platform that is told of it; nil for none.
func (s *Service) listener(ctx context.Context, board ID) (*Board, *Platform, error) {
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if err != nil || b.Deleted() || b.Platform == "" {
		return nil, nil, gone(err)
	}
	p, err := s.PlatformAt(ctx, b.Platform)
	if err != nil || !p.listens() {
		return nil, nil, gone(err)
	}
	return b, p, nil
}

// recounts bounds how often a board is counted again because somebody else has
// counted it meanwhile.
const recounts = 5

// Recount looks at what has become of everybody's part in a board, something of
// which changed at a time, and puts on its way whatever the board's platform does not
// know. Doing it again does nothing more. Where numbers could name an author, it
// waits for the end of a span of quiet, and tells how long: news that comes with a
// post says whose it is.
//
// Each delivery is put on its way before its notice is written, so that whoever is
// killed between the two leaves one too many and not one too few. Of the revisions
// that notices are written over, each was read before the board was: what another
// process has counted later stands.
func (s *Service) Recount(ctx context.Context, board ID, at time.Time, quiet time.Duration) (wait time.Duration, err error) {
	_, p, err := s.listener(ctx, board)
	if p == nil || err != nil {
		return 0, err
	}
	for range recounts {
		wait, err = s.tellNews(ctx, p, board, at, quiet)
		if !errors.Is(err, ErrConflict) && !errors.Is(err, ErrExists) {
			return wait, err
		}
	}
	return 0, fault.New(fault.Unavailable, "too_busy")
}

func (s *Service) tellNews(ctx context.Context, p *Platform, board ID, at time.Time, quiet time.Duration) (time.Duration, error) {
	told, err := list[*Told](ctx, s.Store, board, KindTold)
	if err != nil {
		return 0, err
	}
	users, err := s.usersOn(ctx, p.ID, board)
	if err != nil {
		return 0, err
	}
	parts, discreet, err := s.partsOf(ctx, board, users)
	if err != nil {
		return 0, err
	}
	if end := at.Truncate(max(quiet, 1)).Add(quiet); discreet && s.now().Before(end) {
		return end.Sub(s.now()), nil
	}
	known := make(map[ID]*Told, len(told))
	for _, t := range told {
		known[t.ID] = t
	}
	for _, u := range parts {
		id := u.User.On(board)
		t := known[id]
		delete(known, id)
		if t == nil && u.nothing() || t != nil && t.says(u) {
			continue
		}
		if t == nil {
			if t, err = s.untold(ctx, board, id); err != nil {
				return 0, err
			}
		}
		if err := s.tell(ctx, p, board, id, t, u); err != nil {
			return 0, err
		}
	}
	// Of whoever is there no more, nothing is kept.
	for _, t := range known {
		if err := s.eraseWhole(ctx, s.caretaking(board), t); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// untold finds what is left of what was told of somebody who went and came back;
// nil for nothing.
func (s *Service) untold(ctx context.Context, board, participant ID) (*Told, error) {
	t, err := get[*Told](ctx, s.Store, toldKey(board, participant))
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return t, err
}

// tell puts one notice on its way, then writes it.
func (s *Service) tell(ctx context.Context, p *Platform, board, participant ID, was *Told, u UserParticipation) error {
	d := Delivery{Platform: p.ID, Board: board, Participant: participant, Rev: 1}
	if was != nil {
		d.Rev = was.Rev + 1
	}
	if err := s.Dispatch.Put(ctx, d); err != nil {
		return err
	}
	t := &Told{User: u.User.ID, Part: u.Participation, Rules: u.Rules, Complete: u.Complete}
	t.ID, t.Board, t.Rev, t.UpdatedAt = participant, board, d.Rev, s.now()
	t.CreatedAt = t.UpdatedAt
	if was == nil {
		return s.Store.Insert(ctx, t)
	}
	t.CreatedAt = was.CreatedAt
	return s.Store.Replace(ctx, t, was.Rev)
}

// Notice is what is carried to a platform.
type Notice struct {
	Platform *Platform
	Board    *Board
	// ID tells one notice from all others: what has the same id has the same words.
	ID string
	// Rev grows with every notice about the same participant.
	Rev Rev
	At  time.Time
	UserParticipation
	// Secrets sign it: the platform's, and the one before it, if there was one.
	Secrets [][]byte
}

// Courier carries notices, and gives an Untaken when one was not taken.
type Courier interface {
	Carry(ctx context.Context, n Notice) error
}

// Untaken is why a notice was not taken.
type Untaken struct {
	// Why is a word or two for the operator: a status, or what failed.
	Why string
	// RetryAfter is when the platform asks to be tried again; 0 for not said.
	RetryAfter time.Duration
	// ThisOne tells that it is about this notice, and not about the whole site.
	ThisOne bool
}

// Error is for logs.
func (u *Untaken) Error() string { return "not taken: " + u.Why }

// ErrNotWritten answers a delivery whose notice is still to be written.
var ErrNotWritten = fault.New(fault.Unavailable, "not_written")

// Deliver carries the last notice of a participant to their platform. What is of
// no use any more is done: the platform, the board or the user may be gone. A
// notice that was never written is done when patient is over.
//
// A later notice may have gone out meanwhile, by another process, and come there
// before this one. So once this one is there, or may be, the last goes after it.
func (s *Service) Deliver(ctx context.Context, d Delivery, patient bool) error {
	for {
		n, err := s.notice(ctx, d, patient)
		if n == nil || err != nil {
			return err
		}
		untaken := s.Courier.Carry(ctx, *n)
		last, err := get[*Told](context.WithoutCancel(ctx), s.Store, toldKey(d.Board, d.Participant))
		switch {
		case err == nil && last.Rev > n.Rev && untaken != nil:
			d.Rev = last.Rev
			return errors.Join(untaken, s.Dispatch.Put(context.WithoutCancel(ctx), d))
		case untaken != nil:
			return untaken
		case err != nil:
			return err
		case last.Rev == n.Rev:
			return s.unbury(ctx, d)
		}
	}
}

// notice makes what is to be carried; nil for nothing.
func (s *Service) notice(ctx context.Context, d Delivery, patient bool) (*Notice, error) {
	b, p, err := s.listener(ctx, d.Board)
	if p == nil || err != nil || p.ID != d.Platform {
		return nil, err
	}
	t, err := get[*Told](ctx, s.Store, toldKey(d.Board, d.Participant))
	missing := fault.KindOf(err) == fault.NotFound
	switch {
	case patient && (missing || err == nil && t.Rev < d.Rev):
		return nil, ErrNotWritten
	case missing || err == nil && t.Deleted():
		return nil, nil
	case err != nil:
		return nil, err
	}
	u, err := get[*User](ctx, s.Store, userKey(p.ID, t.User))
	if fault.KindOf(err) == fault.NotFound || err == nil && (u.Deleted() || u.On(d.Board) != d.Participant) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Notice{
		Platform: p, Board: b, ID: string(t.ID) + "-" + strconv.FormatInt(int64(t.Rev), 10), Rev: t.Rev, At: t.UpdatedAt,
		UserParticipation: UserParticipation{User: u, Participation: t.Part, Rules: t.Rules, Complete: t.Complete},
		Secrets:           s.webhookSecrets(p),
	}, nil
}

// webhookSecrets are what notices to a platform are signed with, the present one
// first: whoever still has the one before it can go on until they have the new.
func (s *Service) webhookSecrets(p *Platform) [][]byte {
	secrets := [][]byte{s.Webhooks.Secret(p.ID, p.WebhookTurn)}
	if p.WebhookTurn > 0 {
		secrets = append(secrets, s.Webhooks.Secret(p.ID, p.WebhookTurn-1))
	}
	return secrets
}

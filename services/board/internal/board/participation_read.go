package board

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fresque.dev/services/internal/fault"
)

// ParticipationQuery asks for a page of who takes part in a board.
type ParticipationQuery struct {
	// Since is what an earlier answer said under Now; empty for everybody.
	Since string
	// After goes on after a page: what it said under Next.
	After string
	Limit int
}

// ParticipationPage is some of those who take part.
type ParticipationPage struct {
	People []UserParticipation
	// Next goes on; empty where nobody is left.
	Next string
	// Now is what to ask with Since for what changes from here on; empty where it
	// cannot be told, so that everybody is asked for again.
	Now string
}

// UserParticipation is the part of one user of a platform.
type UserParticipation struct {
	User *User
	Participation
	Rules    []Progress
	Complete bool
}

// MaxParticipationPage bounds a page.
const (
	MaxParticipationPage = 500
	// maxReplay bounds the events that are gone through to tell whom they concern;
	// after more, it is everybody.
	maxReplay = 500
)

// Changes is the order in which changes of a board came to be known.
type Changes interface {
	Position(ctx context.Context, board ID) (Position, error)
	Replay(ctx context.Context, board ID, after Position, limit int) ([]Event, bool, error)
}

var errBadCursor = fault.New(fault.Invalid, "malformed").At("cursor")

// Participation tells a platform the part that its people take in a board of its
// own. With Since, it tells of all whose numbers may have changed, and perhaps of
// others: the position is read before the documents are (rule S8), so that a
// change which these do not show yet has its event after it.
func (s *Service) Participation(ctx context.Context, p *Platform, board ID, q ParticipationQuery) (ParticipationPage, error) {
	var out ParticipationPage
	b, err := s.PlatformOwns(ctx, p, board)
	if err != nil {
		return out, err
	}
	now, after, err := s.place(ctx, board, q.After)
	if err != nil {
		return out, err
	}
	concerned := s.concerned(ctx, b, q.Since)
	users, err := s.usersOn(ctx, p.ID, board)
	if err == nil {
		users, err = s.listedToo(ctx, p.ID, board, users)
	}
	if err != nil {
		return out, err
	}
	users = slices.DeleteFunc(users, func(u *User) bool {
		return u.ID <= after || concerned != nil && !concerned[u.On(board)]
	})
	if q.Limit <= 0 || q.Limit > MaxParticipationPage {
		q.Limit = MaxParticipationPage
	}
	if len(users) > q.Limit {
		users = users[:q.Limit]
		out.Next = now + "." + string(users[q.Limit-1].ID)
	}
	out.Now = now
	out.People, _, err = s.partsOf(ctx, board, users)
	return out, err
}

// place is where a page begins: which position all pages tell, and after whom.
func (s *Service) place(ctx context.Context, board ID, cursor string) (now string, after ID, err error) {
	if cursor != "" {
		now, rest, ok := strings.Cut(cursor, ".")
		after, valid := ParseID(rest)
		if !ok || !valid {
			return "", "", faults{errBadCursor}.err()
		}
		return now, after, nil
	}
	// While events are away there is no now, and the numbers are there all the same.
	if at, err := s.Changes.Position(ctx, board); err == nil {
		now = at.String()
	}
	return now, "", nil
}

// listedToo adds those whom the platform lists as members and who have not come.
func (s *Service) listedToo(ctx context.Context, platform, board ID, came []*User) ([]*User, error) {
	d, err := get[*Roster](ctx, s.Store, rosterKey(board))
	if fault.KindOf(err) == fault.NotFound {
		return came, nil
	}
	if err != nil {
		return nil, err
	}
	known := make(map[ID]bool, len(came))
	for _, u := range came {
		known[u.ID] = true
	}
	for _, one := range d.Members {
		if one.Ref != "" && !known[one.User] {
			u := &User{Ref: one.Ref}
			u.ID, u.Board = one.User, platform
			came = append(came, u)
		}
	}
	slices.SortFunc(came, func(a, b *User) int { return cmp.Compare(a.ID, b.ID) })
	return came, nil
}

// partsOf counts the part of some users of a board, and tells whether it is one
// where exact numbers could name an author.
func (s *Service) partsOf(ctx context.Context, board ID, users []*User) (_ []UserParticipation, discreet bool, _ error) {
	if len(users) == 0 {
		return nil, false, nil
	}
	sc, err := s.look(ctx, board)
	if err != nil {
		return nil, false, err
	}
	in, err := s.contents(ctx, board)
	if err != nil {
		return nil, false, err
	}
	asked := sc.board.Completion.standing(sc.sight)
	discreet = sc.sight.discreet(in)
	all := sc.sight.Participations(in)
	out := make([]UserParticipation, 0, len(users))
	for _, u := range users {
		part := all[u.On(board)]
		if part == nil {
			part = &Participation{}
		}
		told := UserParticipation{User: u}
		told.Rules, told.Complete = asked.Of(*part)
		told.Participation = *part
		if discreet {
			told.blur(asked)
		}
		out = append(out, told)
	}
	return out, discreet, nil
}

// blur tells no more than a promise to name nobody lets be told.
func (u *UserParticipation) blur(asked Completion) {
	u.Participation = u.blurred(asked)
	known := *u.User
	known.SeenAt = day(known.SeenAt)
	u.User = &known
	for i, r := range u.Rules {
		u.Rules[i].Have = r.of(u.Participation)
	}
}

// concerned are the participants whose numbers may have changed after a
// position; nil for everybody, also where that cannot be told.
func (s *Service) concerned(ctx context.Context, b *Board, since string) map[ID]bool {
	after, ok := ParsePosition(since)
	if !ok || after.Seq == 0 {
		return nil // before the first event, of which some may be forgotten
	}
	events, whole, err := s.Changes.Replay(ctx, b.ID, after, maxReplay)
	if err != nil || !whole {
		return nil
	}
	out := make(map[ID]bool)
	for _, e := range events {
		if !s.concern(ctx, e.Doc, out) {
			return nil
		}
	}
	return out
}

// concern adds those whom a change concerns; false for everybody.
func (s *Service) concern(ctx context.Context, doc Document, into map[ID]bool) bool {
	switch doc := doc.(type) {
	case *Board, *Section, *Reactions: // who took a reaction back stands nowhere
		return false
	case *Participant:
		into[doc.ID] = true
	case *Comment:
		// An event of a tombstone does not say whose it was.
		c, err := get[*Comment](ctx, s.Store, KeyOf(doc))
		if err != nil || c.Author.ID == "" {
			return false
		}
		into[c.Author.ID] = true
	case *Post:
		post, err := get[*Post](ctx, s.Store, KeyOf(doc))
		if err != nil || post.Author.ID == "" {
			return false
		}
		into[post.Author.ID] = true
		return s.concernGivers(ctx, post, into)
	}
	return true
}

// concernGivers adds those who have said or given something to a post.
func (s *Service) concernGivers(ctx context.Context, post *Post, into map[ID]bool) bool {
	comments, err := s.Store.ListUnder(ctx, post.Board, KindComment, post.ID)
	if err != nil {
		return false
	}
	for _, c := range typed[*Comment](comments) {
		into[c.Author.ID] = true
	}
	given, err := s.Store.ListUnder(ctx, post.Board, KindReactions, post.ID)
	if err != nil {
		return false
	}
	for _, r := range typed[*Reactions](given) {
		for who := range r.Given {
			into[who] = true
		}
	}
	return true
}

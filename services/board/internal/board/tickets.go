package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
)

// TicketLife is how long a ticket waits to be taken.
const TicketLife = time.Minute

// seenEvery is how exactly it is known when a platform's user was last there.
const seenEvery = time.Hour

// maxTheme bounds the name of a theme, which only the page knows.
const maxTheme = 40

var (
	errTicketUsed   = fault.New(fault.Unauthenticated, "ticket_used")
	errTicketBoard  = fault.New(fault.Unauthenticated, "ticket_other_board")
	errTicketOrigin = fault.New(fault.Unauthenticated, "ticket_other_origin")
)

// GroupRef is a group as a platform knows it.
type GroupRef struct{ Ref, Name string }

// TicketRequest is what a platform says of somebody whom it lets onto a board.
type TicketRequest struct {
	// User is the platform's reference, Name empty where it sends none.
	User, Name string
	Role       Role
	// Group is the one that they come with; nil for none in particular.
	Group *GroupRef
	// Origin is that of the page that shows the board in a frame; empty for a
	// page that is in no frame.
	Origin string
	// Language and Theme are those of that page; what the service does not know
	// is left to the person.
	Language, Theme string
}

// BoardTicket lets one user of a platform onto one board, once. It is not kept: who
// holds it holds all of it.
type BoardTicket struct {
	// ID is by what it is known to have been used.
	ID                    ID
	Board, Platform, User ID
	// Group is empty where the platform named none.
	Group                   ID
	Role                    Role
	Origin, Language, Theme string
	Until                   time.Time
}

// GiveTicket makes a ticket for a user of a platform, whom it makes known. It
// opens nothing by itself: the edge signs it.
func (s *Service) GiveTicket(ctx context.Context, p *Platform, board ID, in TicketRequest) (BoardTicket, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return BoardTicket{}, err
	}
	if err := in.check(p); err != nil {
		return BoardTicket{}, err
	}
	t := BoardTicket{
		ID: s.IDs.NewID(), Board: board, Platform: p.ID, Role: in.Role,
		Origin: in.Origin, Language: languageIn(in.Language), Theme: in.Theme, Until: s.now().Add(TicketLife),
	}
	if in.Group != nil {
		group, err := s.ensureGroup(ctx, board, *in.Group)
		if err != nil {
			return BoardTicket{}, err
		}
		t.Group = group.ID
	}
	u, err := s.ensureUser(ctx, p, in.User, shortened(in.Name, MaxName), board)
	if err != nil {
		return BoardTicket{}, err
	}
	t.User = u.ID
	return t, nil
}

func (in TicketRequest) check(p *Platform) error {
	var f faults
	f.add(checkRef("user", in.User))
	if !slices.Contains(Roles(), in.Role) {
		f.add(fault.New(fault.Invalid, "unknown_role").At("role"))
	}
	if in.Group != nil {
		f.add(checkRef("group.ref", in.Group.Ref))
	}
	if in.Origin != "" && !slices.Contains(p.Origins, in.Origin) {
		f.add(fault.New(fault.Invalid, "origin_not_listed").At("origin"))
	}
	f.add(tooLong("theme", in.Theme, maxTheme))
	return f.err()
}

// checkRef refuses a reference of a platform's that is empty or too long.
func checkRef(field, ref string) *fault.Fault {
	if missing := required(field, strings.TrimSpace(ref)); missing != nil {
		return missing
	}
	return tooLong(field, ref, MaxExternal)
}

// languageIn reads a language tag as a site has it, such as fr_CA; empty for one
// that we do not speak.
func languageIn(tag string) string {
	primary, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if primary == "fr" || primary == "en" {
		return primary
	}
	return ""
}

// TakeTicket lets the holder of a ticket onto its board, once. At is the board
// that they ask for, embedder the origin of the page around theirs, empty for
// none.
func (s *Service) TakeTicket(ctx context.Context, t BoardTicket, at ID, embedder string) (Principal, error) {
	switch {
	case at != "" && at != t.Board:
		return Principal{}, errTicketBoard
	case embedder != t.Origin:
		return Principal{}, errTicketOrigin
	}
	sc, err := s.visit(ctx, t.Platform, t.User, t.Board)
	if err != nil {
		return Principal{}, err
	}
	sc.p.Role = t.Role
	if err := sc.may(ReadBoard); err != nil {
		return Principal{}, err
	}
	fresh, err := s.spend(ctx, t.Platform, "ticket "+string(t.ID), t.Until)
	if err != nil {
		return Principal{}, err
	}
	if !fresh {
		return Principal{}, errTicketUsed
	}
	if err := s.comesTo(ctx, sc.p); err != nil {
		return Principal{}, err
	}
	p, err := s.arrive(ctx, sc, t.Group)
	if err != nil {
		return Principal{}, err
	}
	return p, s.notHeld(ctx, t)
}

// notHeld refuses whom the operator has suspended while they came: from now on that
// is told by who they are on the board (Standing).
func (s *Service) notHeld(ctx context.Context, t BoardTicket) error {
	u, err := get[*User](ctx, s.Store, userKey(t.Platform, t.User))
	if err == nil && u.held() {
		err = errUserHeld
	}
	return err
}

// renewVisit makes the principal of a platform's user anew: as the platform last
// said that they are, whatever their session says.
func (s *Service) renewVisit(ctx context.Context, was Principal) (Principal, error) {
	sc, err := s.visit(ctx, was.Platform, was.User, was.Board)
	if err != nil {
		return Principal{}, err
	}
	person, err := s.participant(ctx, was)
	if err != nil {
		return Principal{}, err
	}
	if sc.p.Participant != was.Participant || person == nil || person.Deleted() {
		return Principal{}, errUserErased
	}
	if person.Blocked && !person.Role.moderates() {
		return Principal{}, errBlocked
	}
	sc.p.Name, sc.p.Role, sc.p.Group = person.Name, person.Role, person.Group
	return sc.p, sc.may(ReadBoard)
}

// visit is the scene of a platform's user on a board that it owns, without a role
// yet. It refuses whoever is not there any more, and a platform that was shut out.
func (s *Service) visit(ctx context.Context, platform, user, board ID) (*scene, error) {
	if _, err := s.OpenPlatform(ctx, platform); err != nil {
		return nil, err
	}
	sc, err := s.look(ctx, board)
	if fault.KindOf(err) == fault.NotFound || err == nil && sc.board.Platform != platform {
		return nil, errNoSuchLink
	}
	if err != nil {
		return nil, err
	}
	u, err := s.userSeen(ctx, userKey(platform, user))
	if err != nil {
		return nil, err
	}
	sc.p = Principal{Board: board, Participant: u.On(board), Name: u.Name, User: user, Platform: platform}
	return sc, s.welcomeBack(ctx, u)
}

// userSeen notes that a platform's user is there, at most once in seenEvery.
func (s *Service) userSeen(ctx context.Context, key Key) (*User, error) {
	u, err := change(ctx, s, s.caretaking(key.Board), key, 0, doing{}, func(u *User) (bool, error) {
		now := s.now()
		if u.Deleted() {
			return false, errUserErased
		}
		if now.Sub(u.SeenAt) < seenEvery {
			return false, nil
		}
		u.SeenAt = now
		return true, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		err = errUserErased
	}
	return u, err
}

// arrive keeps who comes by a ticket, in the group that they come with: the
// ticket's, or else what the platform's list says.
func (s *Service) arrive(ctx context.Context, sc *scene, group ID) (Principal, error) {
	listed, err := s.listed(ctx, sc.board.ID, sc.p.User)
	if err != nil {
		return Principal{}, err
	}
	sc.p.Name = cmp.Or(sc.p.Name, listed.Name, pseudonym(sc.p, sc.board.Language))
	groups, err := s.groupsAt(ctx, sc.board.ID)
	if err != nil {
		return Principal{}, err
	}
	put := &Participant{Name: sc.p.Name, Role: sc.p.Role, Group: cmp.Or(group, groups.of("", listed))}
	put.ID, put.Board = sc.p.Participant, sc.p.Board
	put, err = changeOrMake(ctx, s, sc, put, func(d *Participant) (bool, error) {
		if d.Deleted() {
			return false, errUserErased
		}
		if d.Blocked && !sc.p.Role.moderates() {
			return false, errBlocked
		}
		was := *d
		d.Name, d.Role, d.Link = sc.p.Name, sc.p.Role, ""
		d.Group = cmp.Or(group, groups.of(d.Group, listed))
		return was.Name != d.Name || was.Role != d.Role || was.Link != d.Link || was.Group != d.Group, nil
	})
	if err != nil {
		return Principal{}, err
	}
	sc.p.Group = put.Group
	return sc.p, nil
}

// pseudonym is what somebody is called of whom the platform sends no name. It
// names no animal: those stand for people who were promised anonymity.
func pseudonym(p Principal, language string) string {
	what := "Participant"
	switch {
	case p.Role.moderates() && language == "en":
		what = "Trainer"
	case p.Role.moderates():
		what = "Animation"
	}
	return what + " " + strings.ToUpper(string(derivedID("pseudonym", p.Participant))[:4])
}

// EmbeddersOf gives the origins that may show a board's page in a frame, and
// whether a platform owns it: of any other board the operator says that. A
// platform that was shut out shows nothing; of a board in the trash its page
// says so where it was.
func (s *Service) EmbeddersOf(ctx context.Context, board ID) (origins []string, owned bool, err error) {
	b, err := get[*Board](ctx, s.Store, boardKey(board))
	if fault.KindOf(err) == fault.NotFound {
		return nil, false, nil
	}
	if err != nil || b.Platform == "" {
		return nil, false, err
	}
	p, err := s.OpenPlatform(ctx, b.Platform)
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil, true, nil
	}
	if err != nil {
		return nil, true, err
	}
	return p.Origins, true, nil
}

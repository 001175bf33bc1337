package board

import (
	"context"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Limits of groups.
const (
	MaxGroups    = 100
	MaxGroupName = 60
)

var (
	errBlocked      = fault.New(fault.Forbidden, "participant_blocked")
	errGroupGone    = fault.New(fault.Conflict, "group_gone")
	errAuthorSealed = fault.New(fault.Conflict, "author_sealed")
	errPostsReached = fault.New(fault.Conflict, "posts_limit_reached")
)

func participantKey(board, id ID) Key { return Key{Board: board, Kind: KindParticipant, ID: id} }

// participant finds what is kept of a principal; nil for nothing.
func (s *Service) participant(ctx context.Context, p Principal) (*Participant, error) {
	found, err := get[*Participant](ctx, s.Store, participantKey(p.Board, p.Participant))
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return found, err
}

// register keeps who comes under a name, and gives the principal the group that
// they were put in. Somebody blocked is refused.
func (s *Service) register(ctx context.Context, sc *scene) (Principal, error) {
	p := sc.p
	found, err := s.participant(ctx, p)
	switch {
	case err != nil:
		return Principal{}, err
	case found == nil && p.Name == "":
		return p, nil
	case found == nil:
		found = &Participant{Name: p.Name, Role: p.Role, Link: p.Link}
		found.ID, found.Board = p.Participant, p.Board
		if found, _, err = create(ctx, s, sc, NotLogged, found); err != nil {
			return Principal{}, err
		}
	}
	if found.Deleted() {
		return Principal{}, errUserErased
	}
	if found.Blocked && !p.Role.moderates() {
		return Principal{}, errBlocked
	}
	if found.Group != "" {
		p.Group = found.Group
	}
	if found.Name == p.Name && found.Role == p.Role && found.Link == p.Link {
		return p, nil
	}
	_, err = change(ctx, s, sc, KeyOf(found), 0, doing{}, func(d *Participant) (bool, error) {
		if d.Deleted() {
			return false, errUserErased
		}
		d.Role, d.Link = p.Role, p.Link
		if p.Name != "" {
			d.Name = p.Name
		}
		return true, nil
	})
	return p, err
}

// People lists the participants of a board, for those who may block them.
func (s *Service) People(ctx context.Context, p Principal, board ID) ([]*Participant, error) {
	if _, err := s.enter(ctx, p, board, BlockPeople); err != nil {
		return nil, err
	}
	return list[*Participant](ctx, s.Store, board, KindParticipant)
}

// BlockParticipant keeps somebody off the board, or lets them in again. Nobody
// blocks a moderator.
func (s *Service) BlockParticipant(ctx context.Context, p Principal, board, id ID, blocked bool) (*Participant, error) {
	sc, err := s.enter(ctx, p, board, BlockPeople)
	if err != nil {
		return nil, err
	}
	verb := ParticipantBlocked
	if !blocked {
		verb = ParticipantAllowed
	}
	return change(ctx, s, sc, participantKey(board, id), 0, doing{verb: verb}, func(d *Participant) (bool, error) {
		if d.Role.moderates() {
			return false, ErrForbidden
		}
		changed := d.Blocked != blocked
		d.Blocked = blocked
		return changed, nil
	})
}

// BlockAuthor blocks the author of a post. It refuses where trainers are not to
// know who that is: who is blocked stands in their list.
func (s *Service) BlockAuthor(ctx context.Context, p Principal, board, post ID) error {
	return blockAuthor[*Post](ctx, s, p, Key{board, KindPost, post})
}

func blockAuthor[D Contribution](ctx context.Context, s *Service, p Principal, key Key) error {
	sc, err := s.enter(ctx, p, key.Board, BlockPeople)
	if err != nil {
		return err
	}
	found, err := seen[D](ctx, s, sc, key)
	if err != nil {
		return err
	}
	if hidden, _ := sc.sight.Hides(LevelModerators, found); hidden {
		return errAuthorSealed
	}
	_, err = s.BlockParticipant(ctx, p, key.Board, found.said().author.ID, true)
	return err
}

// PutInGroup says which group a participant belongs to; empty for their link's.
func (s *Service) PutInGroup(ctx context.Context, p Principal, board, id, group ID) (*Participant, error) {
	sc, err := s.enter(ctx, p, board, ManageGroups)
	if err != nil {
		return nil, err
	}
	if err := s.checkGroup(ctx, sc, group); err != nil {
		return nil, err
	}
	return change(ctx, s, sc, participantKey(board, id), 0, doing{verb: ParticipantGrouped}, func(d *Participant) (bool, error) {
		changed := d.Group != group
		d.Group = group
		return changed, nil
	})
}

// checkGroup refuses a group that is not there.
func (s *Service) checkGroup(ctx context.Context, sc *scene, id ID) error {
	if id == "" {
		return nil
	}
	g, err := get[*Group](ctx, s.Store, Key{Board: sc.board.ID, Kind: KindGroup, ID: id})
	if fault.KindOf(err) == fault.NotFound || err == nil && g.Deleted() {
		return errGroupGone
	}
	return err
}

// NewGroup is what makes a group. ID may be empty; without an order it comes
// last.
type NewGroup struct {
	ID ID
	GroupEdit
}

// GroupEdit is a change of a group; nil leaves a field as it is.
type GroupEdit struct {
	Name  *string
	Order *string
}

func (e GroupEdit) apply(g *Group) error {
	var f faults
	if e.Name != nil {
		g.Name = oneLine(*e.Name)
	}
	set(&g.Order, e.Order)
	f.add(required("name", g.Name))
	f.add(tooLong("name", g.Name, MaxGroupName))
	f.add(checkOrder("order", g.Order))
	return f.err()
}

// CreateGroup adds a group. Repeating it with the same id answers as the first
// did (rule S3).
func (s *Service) CreateGroup(ctx context.Context, p Principal, board ID, in NewGroup) (*Group, error) {
	sc, err := s.enter(ctx, p, board, ManageGroups)
	if err != nil {
		return nil, err
	}
	there, err := list[*Group](ctx, s.Store, board, KindGroup)
	if err != nil {
		return nil, err
	}
	g := &Group{}
	g.ID, g.Board = s.idOr(in.ID), board
	for _, other := range there {
		g.Order = max(g.Order, other.Order)
	}
	g.Order = OrderBetween(g.Order, "")
	if err := in.apply(g); err != nil {
		return nil, err
	}
	if len(there) >= MaxGroups && !slices.ContainsFunc(there, func(other *Group) bool { return other.ID == g.ID }) {
		return nil, fault.New(fault.Conflict, "too_many_groups").With("max", MaxGroups)
	}
	g, _, err = create(ctx, s, sc, GroupCreated, g)
	return g, err
}

// EditGroup changes a group.
func (s *Service) EditGroup(ctx context.Context, p Principal, board, id ID, in GroupEdit) (*Group, error) {
	sc, err := s.enter(ctx, p, board, ManageGroups)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindGroup, ID: id}, 0, doing{verb: GroupEdited}, func(g *Group) (bool, error) {
		if g.Deleted() {
			return false, ErrNotFound
		}
		name, order := g.Name, g.Order
		err := in.apply(g)
		return g.Name != name || g.Order != order, err
	})
}

// DeleteGroup takes a group away. Its posts stay its own, which only moderators
// then see while groups are separate. Deleting again answers as done.
func (s *Service) DeleteGroup(ctx context.Context, p Principal, board, id ID) (*Group, error) {
	sc, err := s.enter(ctx, p, board, ManageGroups)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, sc, Key{Board: board, Kind: KindGroup, ID: id}, 0, doing{verb: GroupDeleted}, func(g *Group) (bool, error) {
		if g.Deleted() {
			return false, nil
		}
		g.trash(sc.now, p.Participant)
		return true, nil
	})
}

// slotKept is how long a slot waits for its post to come.
const slotKept = time.Minute

// takeSlot counts a new post against those that a participant may have. The
// tally is where two posts at once meet, so that the bound is exact.
func (s *Service) takeSlot(ctx context.Context, sc *scene, post ID) error {
	most := sc.board.Settings.PostsEach
	if most == 0 || sc.p.Role.moderates() {
		return nil
	}
	t := &Tally{}
	t.ID, t.Board = sc.p.Participant, sc.board.ID
	_, err := changeOrMake(ctx, s, sc, t, func(d *Tally) (bool, error) {
		if d.Deleted() {
			return false, errUserErased
		}
		used, err := s.slotsInUse(ctx, sc, d)
		if err != nil || slices.Contains(used, post) {
			return false, err
		}
		if len(used) >= most {
			return false, errPostsReached.With("max", most)
		}
		d.Posts = append(used, post)
		return true, nil
	})
	return err
}

// slotsInUse are a participant's live posts, and what was taken a moment ago
// for posts that are still to come.
func (s *Service) slotsInUse(ctx context.Context, sc *scene, taken *Tally) ([]ID, error) {
	docs, err := s.Store.ListUnder(ctx, sc.board.ID, KindPost, sc.p.Participant)
	if err != nil {
		return nil, err
	}
	used := []ID{}
	known := make(map[ID]bool)
	for _, doc := range docs {
		known[doc.Head().ID] = true
		if !doc.Head().Deleted() {
			used = append(used, doc.Head().ID)
		}
	}
	recent := sc.now.Sub(taken.UpdatedAt) < slotKept
	for _, id := range taken.Posts {
		if !known[id] && recent {
			used = append(used, id)
		}
	}
	return used, nil
}

package board

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"

	"fresque.dev/services/internal/fault"
)

// Limits of what a platform lists of one board.
const (
	MaxRoster         = 5000
	MaxRosterGroups   = 200
	maxGroupsOfMember = 20
)

// Roster is who belongs to which group of a board, as its platform lists them,
// those who have never come included: whoever comes is put into their group
// then. It is one document, so that a list is taken whole or not at all.
type Roster struct {
	Meta
	Members []Listed `json:"members,omitempty"`
}

// Listed is one user in the list.
type Listed struct {
	User ID `json:"user"`
	// Ref is the platform's reference.
	Ref string `json:"ref,omitempty"`
	// Name is empty where the platform sends none.
	Name string `json:"name,omitempty"`
	// Groups are those they may come with, the first unless they say another.
	Groups []ID `json:"groups,omitempty"`
}

// Kind tells KindRoster.
func (*Roster) Kind() Kind { return KindRoster }

func rosterKey(board ID) Key {
	return Key{Board: board, Kind: KindRoster, ID: derivedID("roster", board)}
}

// MemberRef is a user as a platform lists them.
type MemberRef struct {
	User, Name string
	// Groups are references of groups of the same list.
	Groups []string
}

// Listing tells what became of a list.
type Listing struct {
	// Groups and Members are how many there are now, Moved how many of those who
	// have come are in another group than before.
	Groups, Members, Moved int
}

// SetMembers takes a platform's whole list of the groups of a board and of who
// is in them. What it does not name is taken away; groups that trainers made by
// hand stay. Repeating it changes nothing.
func (s *Service) SetMembers(ctx context.Context, p *Platform, board ID, groups []GroupRef, members []MemberRef) (Listing, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return Listing{}, err
	}
	if err := checkListing(groups, members); err != nil {
		return Listing{}, err
	}
	ids, err := s.setGroups(ctx, board, groups)
	if err != nil {
		return Listing{}, err
	}
	list := make([]Listed, 0, len(members))
	for _, m := range members {
		one := Listed{User: s.UserOf(p.ID, m.User), Ref: m.User, Name: shortened(m.Name, MaxName)}
		for _, ref := range m.Groups {
			one.Groups = append(one.Groups, ids[ref])
		}
		list = append(list, one)
	}
	if err := s.setRoster(ctx, board, list); err != nil {
		return Listing{}, err
	}
	moved, err := s.regroup(ctx, p, board, list)
	return Listing{Groups: len(groups), Members: len(list), Moved: moved}, err
}

func checkListing(groups []GroupRef, members []MemberRef) error {
	var f faults
	for field, over := range map[string]int{"groups": len(groups) - MaxRosterGroups, "members": len(members) - MaxRoster} {
		if over > 0 {
			most := map[string]int{"groups": MaxRosterGroups, "members": MaxRoster}[field]
			f.add(fault.New(fault.Invalid, "too_many").At(field).With("max", most))
		}
	}
	if err := f.err(); err != nil {
		return err
	}
	known, users := make(map[string]bool), make(map[string]bool)
	for i, g := range groups {
		field := fmt.Sprintf("groups[%d].ref", i)
		f.add(checkRef(field, g.Ref))
		if known[g.Ref] {
			f.add(fault.New(fault.Invalid, "duplicate").At(field))
		}
		known[g.Ref] = true
	}
	for i, m := range members {
		field := fmt.Sprintf("members[%d]", i)
		f.add(checkRef(field+".user", m.User))
		if users[m.User] {
			f.add(fault.New(fault.Invalid, "duplicate").At(field + ".user"))
		}
		users[m.User] = true
		if len(m.Groups) > maxGroupsOfMember {
			f.add(fault.New(fault.Invalid, "too_many").At(field+".groups").With("max", maxGroupsOfMember))
		}
		if slices.ContainsFunc(m.Groups, func(ref string) bool { return !known[ref] }) {
			f.add(fault.New(fault.Invalid, "group_unknown").At(field + ".groups"))
		}
		if len(f) > maxFaultsTold {
			break
		}
	}
	return f.err()
}

// maxFaultsTold bounds what is told of a list that is wrong throughout.
const maxFaultsTold = 20

// setGroups makes, renames and removes groups until those of the platform are
// as listed, and gives their ids by reference.
func (s *Service) setGroups(ctx context.Context, board ID, groups []GroupRef) (map[string]ID, error) {
	there, err := list[*Group](ctx, s.Store, board, KindGroup)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]ID, len(groups))
	for _, ref := range groups {
		g, err := s.ensureGroupAmong(ctx, board, ref, there)
		if err != nil {
			return nil, err
		}
		ids[ref.Ref] = g.ID
		if !slices.ContainsFunc(there, func(known *Group) bool { return known.ID == g.ID }) {
			there = append(there, g)
		}
	}
	if there, err = list[*Group](ctx, s.Store, board, KindGroup); err != nil {
		return nil, err
	}
	sc := s.caretaking(board)
	for _, g := range there {
		if _, listed := ids[g.Ref]; g.Ref == "" || listed {
			continue
		}
		_, err := change(ctx, s, sc, KeyOf(g), 0, doing{}, func(g *Group) (bool, error) {
			if g.Deleted() {
				return false, nil
			}
			g.trash(sc.now, "")
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// groupOf is the id of the group behind a reference of a platform's.
func groupOf(board ID, ref string) ID { return derivedID("platform group", board, ID(ref)) }

// ensureGroup gives the group behind a reference of a platform's, under the name
// that it has there. One that was taken away is there again.
func (s *Service) ensureGroup(ctx context.Context, board ID, ref GroupRef) (*Group, error) {
	there, err := list[*Group](ctx, s.Store, board, KindGroup)
	if err != nil {
		return nil, err
	}
	return s.ensureGroupAmong(ctx, board, ref, there)
}

// ensureGroupAmong is for whoever has read which groups there are.
func (s *Service) ensureGroupAmong(ctx context.Context, board ID, ref GroupRef, there []*Group) (*Group, error) {
	g := &Group{Ref: ref.Ref}
	g.ID, g.Board = groupOf(board, ref.Ref), board
	last := ""
	for _, other := range there {
		last = max(last, other.Order)
		if other.Ref == ref.Ref {
			g = other
		}
	}
	if len(there) >= MaxRosterGroups+MaxGroups && g.Rev == 0 {
		return nil, fault.New(fault.Conflict, "too_many_groups").With("max", MaxRosterGroups)
	}
	name := cmp.Or(shortened(ref.Name, MaxGroupName), g.Name, shortened(ref.Ref, MaxGroupName))
	if g.Rev == 0 {
		g.Name, g.Order = name, OrderBetween(last, "")
	}
	return changeOrMake(ctx, s, s.caretaking(board), g, func(g *Group) (bool, error) {
		was := *g
		if g.Deleted() {
			g.live()
		}
		g.Ref, g.Name, g.Order = ref.Ref, name, cmp.Or(g.Order, OrderBetween(last, ""))
		return !reflect.DeepEqual(was, *g), nil
	})
}

func (s *Service) setRoster(ctx context.Context, board ID, list []Listed) error {
	d := &Roster{Members: list}
	d.ID, d.Board = rosterKey(board).ID, board
	_, err := changeOrMake(ctx, s, s.caretaking(board), d, func(d *Roster) (bool, error) {
		if d.Deleted() {
			d.live()
		}
		changed := !reflect.DeepEqual(d.Members, list)
		d.Members = list
		return changed, nil
	})
	return err
}

// rosterAtOnce bounds the participants that are put into groups together.
const rosterAtOnce = 8

// regroup puts those who have come into the groups that the list says, and gives
// how many that changed.
func (s *Service) regroup(ctx context.Context, p *Platform, board ID, listed []Listed) (int, error) {
	groups, err := s.groupsAt(ctx, board)
	if err != nil {
		return 0, err
	}
	people, err := list[*Participant](ctx, s.Store, board, KindParticipant)
	if err != nil {
		return 0, err
	}
	byParticipant, err := s.whoCame(ctx, p, board, listed)
	if err != nil {
		return 0, err
	}
	people = slices.DeleteFunc(people, func(d *Participant) bool { return groups.of(d.Group, byParticipant[d.ID]) == d.Group })
	sc := s.caretaking(board)
	_, err = together(ctx, rosterAtOnce, people, func(ctx context.Context, d *Participant) (*Participant, error) {
		return change(ctx, s, sc, KeyOf(d), 0, doing{}, func(d *Participant) (bool, error) {
			group := groups.of(d.Group, byParticipant[d.ID])
			if d.Deleted() || d.Group == group {
				return false, nil
			}
			d.Group = group
			return true, nil
		})
	})
	return len(people), err
}

// whoCame finds what is listed of each participant of a board.
func (s *Service) whoCame(ctx context.Context, p *Platform, board ID, listed []Listed) (map[ID]Listed, error) {
	byUser := make(map[ID]Listed, len(listed))
	for _, one := range listed {
		byUser[one.User] = one
	}
	users, err := s.usersOn(ctx, p.ID, board)
	if err != nil {
		return nil, err
	}
	out := make(map[ID]Listed, len(listed))
	for _, u := range users {
		if one, there := byUser[u.ID]; there {
			out[u.On(board)] = one
		}
	}
	return out, nil
}

// listed finds what the list of a board's platform says of a user; nothing where
// there is no list, or no word of them.
func (s *Service) listed(ctx context.Context, board, user ID) (Listed, error) {
	d, err := get[*Roster](ctx, s.Store, rosterKey(board))
	if fault.KindOf(err) == fault.NotFound {
		return Listed{}, nil
	}
	if err != nil {
		return Listed{}, err
	}
	for _, one := range d.Members {
		if one.User == user {
			return one, nil
		}
	}
	return Listed{}, nil
}

// eachListing calls for each board of a platform's on whose list a user is.
func (s *Service) eachListing(ctx context.Context, platform, user ID, do func(board ID, as Listed) error) error {
	owned, err := list[*Owned](ctx, s.Store, platform, KindOwned)
	if err != nil {
		return err
	}
	listed, err := together(ctx, listAtOnce, owned, func(ctx context.Context, o *Owned) (Listed, error) {
		return s.listed(ctx, o.ID, user)
	})
	if err != nil {
		return err
	}
	for i, one := range listed {
		if one.User == "" {
			continue
		}
		if err := do(owned[i].ID, one); err != nil {
			return err
		}
	}
	return nil
}

// unlist takes a user out of the list of a board.
func (s *Service) unlist(ctx context.Context, board, user ID) error {
	_, err := change(ctx, s, s.caretaking(board), rosterKey(board), 0, doing{}, func(d *Roster) (bool, error) {
		before := len(d.Members)
		d.Members = slices.DeleteFunc(d.Members, func(one Listed) bool { return one.User == user })
		return len(d.Members) != before, nil
	})
	return gone(err)
}

// boardGroups are the live groups of a board, by id.
type boardGroups map[ID]*Group

func (s *Service) groupsAt(ctx context.Context, board ID) (boardGroups, error) {
	there, err := list[*Group](ctx, s.Store, board, KindGroup)
	out := make(boardGroups, len(there))
	for _, g := range there {
		out[g.ID] = g
	}
	return out, err
}

// of is the group of somebody who is in one now and of whom the list says
// something. A platform's group is theirs for as long as it says so; a group that
// trainers made by hand is theirs unless the platform says another.
func (groups boardGroups) of(now ID, listed Listed) ID {
	if slices.Contains(listed.Groups, now) {
		return now
	}
	for _, id := range listed.Groups {
		if groups[id] != nil {
			return id
		}
	}
	if g := groups[now]; g != nil && g.Ref == "" {
		return now
	}
	return ""
}

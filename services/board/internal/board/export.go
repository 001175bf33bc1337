package board

import (
	"cmp"
	"context"
	"slices"

	"fresque.dev/services/internal/fault"
)

// Left is all that a user of a platform has left, and nothing of anybody else.
type Left struct {
	// User is nil for somebody who never came, and whom the platform lists.
	User   *User
	Boards []LeftOn
	Lists  []ListedOn
}

// ListedOn is what a platform says of somebody in the list of a board.
type ListedOn struct {
	Board  ID
	Name   string
	Groups []ID
}

// LeftOn is what they have left on one board, each part in the order in which it
// was made.
type LeftOn struct {
	Board *Board
	Sight *Sight
	// Participant is who they are there, Group the one they are in; nil for none.
	Participant *Participant
	Group       *Group
	// Posts and Comments are in any state, those in the trash included; Versions
	// are what they themselves once made of each post.
	Posts    []*Post
	Versions map[ID][]Version
	Comments []*Comment
	Given    []Given
	Uploads  []*Media
	Reports  []*Report
	// Done is what the log says that they did.
	Done []*Act
}

// Given is what somebody gave one post.
type Given struct {
	Post  ID
	Scale Scale
	N     int
}

// UserLeft gives what a user of a platform has left; ErrNotFound where there is
// no such user.
func (s *Service) UserLeft(ctx context.Context, p *Platform, ref string) (Left, error) {
	var out Left
	id := s.UserOf(p.ID, ref)
	err := s.eachListing(ctx, p.ID, id, func(board ID, as Listed) error {
		out.Lists = append(out.Lists, ListedOn{board, as.Name, as.Groups})
		return nil
	})
	if err != nil {
		return out, err
	}
	u, err := get[*User](ctx, s.Store, userKey(p.ID, id))
	if fault.KindOf(err) == fault.NotFound || err == nil && u.Deleted() {
		if len(out.Lists) > 0 {
			return out, nil
		}
		return out, ErrNotFound
	}
	if err != nil {
		return out, err
	}
	out.User = u
	for _, board := range u.Boards {
		b, err := get[*Board](ctx, s.Store, boardKey(board))
		if fault.KindOf(err) == fault.NotFound || err == nil && (b.bare() || b.Platform != p.ID) {
			continue
		}
		if err != nil {
			return out, err
		}
		left, err := s.leftOn(ctx, b, u.On(board))
		if err != nil {
			return out, err
		}
		out.Boards = append(out.Boards, left)
	}
	return out, nil
}

func (s *Service) leftOn(ctx context.Context, b *Board, who ID) (LeftOn, error) {
	out := LeftOn{Board: b, Sight: s.founding(b).sight, Versions: make(map[ID][]Version)}
	docs, err := s.theirs(ctx, b.ID, who)
	if err != nil {
		return out, err
	}
	slices.SortStableFunc(docs, compareAge)
	for _, doc := range docs {
		switch d := doc.(type) {
		case *Participant:
			out.Participant = d
		case *Post:
			out.Posts = append(out.Posts, d)
			if out.Versions[d.ID], err = s.versionsBy(ctx, d, who); err != nil {
				return out, err
			}
		case *Comment:
			out.Comments = append(out.Comments, d)
		case *Media:
			if d.Preview == nil { // that of a link is no upload
				out.Uploads = append(out.Uploads, d)
			}
		case *Report:
			out.Reports = append(out.Reports, d)
		}
	}
	if out.Participant != nil && out.Participant.Group != "" {
		out.Group, err = get[*Group](ctx, s.Store, Key{Board: b.ID, Kind: KindGroup, ID: out.Participant.Group})
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return out, err
		}
	}
	if out.Given, err = s.givenBy(ctx, b.ID, who); err != nil {
		return out, err
	}
	err = s.eachAct(ctx, b.ID, func(act *Act) error {
		if act.Done.Actor == who {
			out.Done = append(out.Done, act)
		}
		return nil
	})
	slices.SortFunc(out.Done, func(a, b *Act) int { return cmp.Or(a.Done.At.Compare(b.Done.At), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// versionsBy are what somebody once made of their post; as it is now is none.
func (s *Service) versionsBy(ctx context.Context, post *Post, who ID) ([]Version, error) {
	acts, err := s.actsOn(ctx, KeyOf(post))
	if err != nil {
		return nil, err
	}
	all, err := versionsOf(post, acts)
	return slices.DeleteFunc(all, func(v Version) bool { return v.Done.Actor != who || v.Post == post }), err
}

// givenBy are somebody's reactions, on every scale.
func (s *Service) givenBy(ctx context.Context, board, who ID) ([]Given, error) {
	all, err := list[*Reactions](ctx, s.Store, board, KindReactions)
	var out []Given
	for _, r := range all {
		if n := r.Given[who]; n != 0 {
			out = append(out, Given{r.Post, r.Scale, n})
		}
	}
	return out, err
}

// eachAct goes through the whole log of a board, newest first.
func (s *Service) eachAct(ctx context.Context, board ID, do func(*Act) error) error {
	for below := ID(""); ; {
		docs, err := s.Store.Latest(ctx, board, KindAct, below, MaxActivityPage)
		if err != nil {
			return err
		}
		for _, act := range typed[*Act](docs) {
			if err := do(act); err != nil {
				return err
			}
		}
		if len(docs) < MaxActivityPage {
			return nil
		}
		below = docs[len(docs)-1].Head().ID
	}
}

package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Clone is what makes a board of a platform's out of another of its own. An empty
// title or language is the original's.
type Clone struct {
	Key, External, Title, Language string
	// Contributions tells whether posts and comments come along.
	Contributions bool
}

// ClonePlatformBoard makes a board out of another of the same platform's:
// settings, sections, groups and rules always, posts and comments if that is
// asked for, and then by the same users, who may change and delete them there.
// Uploads that are ready come along: the media service copies their files in its
// time. Reactions are not copied.
func (s *Service) ClonePlatformBoard(ctx context.Context, p *Platform, board ID, in Clone) (*Board, LeftOut, error) {
	if _, err := s.PlatformOwns(ctx, p, board); err != nil {
		return nil, LeftOut{}, err
	}
	from, err := s.enter(ctx, platformOn(p, board), board, DuplicateBoard)
	if err != nil {
		return nil, LeftOut{}, err
	}
	d := &duplicate{from: from, people: make(map[ID]ID), groups: make(map[ID]ID)}
	if err := s.mediaToCopy(ctx, d); err != nil {
		return nil, LeftOut{}, err
	}
	in.Key = cmp.Or(in.Key, string(s.IDs.NewID()))
	if err := s.roomForCopies(ctx, p, d, in); err != nil {
		return nil, LeftOut{}, err
	}
	background := from.board.Settings.Background.Picture
	base := d.baseOf(from.board)
	base.Title, base.Description, base.Language = from.board.Title, from.board.Description, from.board.Language
	if d.media[background] != nil {
		d.without.Pictures = 0
	}
	out := PlatformBoard{
		Key: in.Key, External: in.External, Title: in.Title, Language: in.Language, base: base,
		source: fmt.Sprint("clone of ", board, " ", in.Contributions),
	}
	out.plant = func(ctx context.Context, to *scene) error {
		to.board.Completion = d.rules(to.board.ID)
		if in.Contributions {
			if err := s.bringUsers(ctx, d, p, to.board.ID); err != nil {
				return err
			}
		}
		d.finish = func(ctx context.Context, docs []Document) ([]Document, error) {
			if m := d.copyOf(background, to.board.ID, to.board.ID, Meta{CreatedAt: to.now, PurgeAt: to.now.Add(UnusedKept)}); m != nil {
				docs = append(docs, m)
				to.board.Settings.Background.Picture = m.ID
			}
			return docs, s.noteCopies(ctx, p, to.board.ID, docs)
		}
		return s.plantAll(ctx, d, to, in.Contributions)
	}
	b, err := s.CreatePlatformBoard(ctx, p, out)
	return b, d.without, err
}

// rules are those of the original, about the copies of its sections.
func (d *duplicate) rules(board ID) Completion {
	c := d.from.board.Completion.standing(d.from.sight)
	for i, r := range c.Rules {
		c.Rules[i].Section = copyID(board, r.Section)
	}
	return c
}

// bringUsers notes that the users who came to the original are on the copy as
// well, before anything of theirs is: so it is found when they are to be erased.
func (s *Service) bringUsers(ctx context.Context, d *duplicate, p *Platform, board ID) error {
	users, err := s.usersOn(ctx, p.ID, d.from.board.ID)
	if err != nil {
		return err
	}
	known, err := together(ctx, plantAtOnce, users, func(ctx context.Context, u *User) (*User, error) {
		return s.ensureUser(ctx, p, u.Ref, "", board)
	})
	if err != nil {
		return err
	}
	for i, u := range known {
		d.people[users[i].On(d.from.board.ID)] = u.On(board)
	}
	return nil
}

// same is an author on the copy: who is no user of the platform's is a name.
func (d *duplicate) same(a Author, board ID) Author {
	a.ID = cmp.Or(d.people[a.ID], copyID(board, a.ID))
	return a
}

// group is the id of a group's copy: a platform's is found by its reference.
func (d *duplicate) group(g *Group, board ID) ID {
	if g.Ref == "" {
		return copyID(board, g.ID)
	}
	return groupOf(board, g.Ref)
}

// copiedComments copies what was said to posts that are copied, where people are
// the same on both boards.
func (s *Service) copiedComments(ctx context.Context, d *duplicate, board ID, posts map[ID]*Post) ([]Document, error) {
	if d.people == nil {
		return nil, nil
	}
	there, err := list[*Comment](ctx, s.Store, d.from.board.ID, KindComment)
	if err != nil {
		return nil, err
	}
	said := make(map[ID]*Comment)
	for _, c := range there {
		said[c.ID] = c
	}
	var out []Document
	for _, c := range there {
		if c.State != StatePublished || c.ReplyTo != "" && (said[c.ReplyTo] == nil || said[c.ReplyTo].State != StatePublished) {
			continue
		}
		post := posts[copyID(board, c.Post)]
		if post == nil {
			continue
		}
		copied := &Comment{
			Post: copyID(board, c.Post), ReplyTo: copyID(board, c.ReplyTo), Author: d.same(c.Author, board),
			Body: c.Body, Sealed: c.Sealed,
		}
		copied.Meta = metaFrom(c, board)
		copied.Parent = copied.Post
		if slices.ContainsFunc(post.Attachments, func(a Attachment) bool { return a.ID == c.Attachment }) {
			copied.Attachment, copied.At = c.Attachment, c.At
		}
		out = append(out, copied)
	}
	return out, nil
}

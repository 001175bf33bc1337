package board

import (
	"context"
	"errors"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// plantAtOnce bounds the documents of a duplicate that are written together.
const plantAtOnce = 16

// NewDuplicate is what makes a wall out of another. ID and Title may be empty.
type NewDuplicate struct {
	ID    ID
	Title string
	// Posts tells whether the posts come along.
	Posts bool
}

// LeftOut counts what a duplicate is without: pictures, which are their wall's
// alone, and posts that were nothing else.
type LeftOut struct{ Pictures, Posts int }

// Duplicate makes a wall that an account owns out of one that it owns, or that
// from, its principal there, moderates. Settings, sections and groups are the
// same, and so are the posts that are on the wall, by their authors' names;
// people, links and dates are not. Repeating it with the same id answers as the
// first did (rule S3).
func (s *Service) Duplicate(ctx context.Context, a *Account, board ID, from Principal, in NewDuplicate) (*Board, LeftOut, error) {
	if role, err := s.seated(ctx, a.ID, board); err == nil {
		from = seatOf(a, board, role)
	} else if fault.KindOf(err) != fault.NotFound {
		return nil, LeftOut{}, err
	}
	sc, err := s.enter(ctx, from, board, DuplicateBoard)
	if err != nil {
		return nil, LeftOut{}, err
	}
	d := &duplicate{from: sc}
	wall := NewWall{ID: in.ID, NewBoard: NewBoard{Title: in.Title, Description: sc.board.Description, Language: sc.board.Language}}
	if oneLine(in.Title) == "" {
		wall.Title = copyTitle(sc.board)
	}
	wall.base = d.baseOf(sc.board)
	wall.before = func(ctx context.Context, to *scene) error { return s.plantAll(ctx, d, to, in.Posts) }
	b, err := s.CreateWall(ctx, a, wall)
	return b, d.without, err
}

func copyTitle(b *Board) string {
	suffix := " (copie)"
	if b.Language == "en" {
		suffix = " (copy)"
	}
	return shorten(b.Title, MaxBoardTitle-len(suffix)) + suffix
}

// duplicate is a wall on its way to another.
type duplicate struct {
	from    *scene
	without LeftOut
	// people is set where the copy is the same platform's: by its ids its users
	// are there what they are here, and their comments come along.
	people, groups map[ID]ID
	// media are the uploads that come along; none for another owner's wall.
	media map[ID]*Media
	// finish adds what else is to be there, or refuses; nil for nothing.
	finish func(context.Context, []Document) ([]Document, error)
}

// baseOf is a board without what was of its own time.
func (d *duplicate) baseOf(b *Board) *Board {
	base := &Board{PresenceHidden: b.PresenceHidden, Settings: b.Settings}
	base.Settings.FreezeAt, base.Settings.OpenFrom, base.Settings.OpenUntil = time.Time{}, time.Time{}, time.Time{}
	if base.Settings.Background.Picture != "" {
		base.Settings.Background.Picture = ""
		d.without.Pictures++
	}
	return base
}

// plantAll puts what is on a wall onto another that is being made.
func (s *Service) plantAll(ctx context.Context, d *duplicate, to *scene, posts bool) error {
	id := to.board.ID
	var sections []*Section
	var docs []Document
	for _, sec := range d.from.sight.Sections() {
		copied := &Section{Title: sec.Title, Description: sec.Description, Colour: sec.Colour, Order: sec.Order, Locked: sec.Locked, Hidden: sec.Hidden}
		copied.Meta = metaFrom(sec, id)
		sections, docs = append(sections, copied), append(docs, copied)
	}
	groups, err := list[*Group](ctx, s.Store, d.from.board.ID, KindGroup)
	if err != nil {
		return err
	}
	for _, g := range groups {
		copied := &Group{Name: g.Name, Order: g.Order, Ref: g.Ref}
		copied.Meta = metaFrom(g, id)
		if d.people != nil {
			copied.ID, copied.Ref = d.group(g, id), g.Ref
			d.groups[g.ID] = copied.ID
		}
		docs = append(docs, copied)
	}
	shown := make(map[ID]*Post)
	if posts {
		there, err := list[*Post](ctx, s.Store, d.from.board.ID, KindPost)
		if err != nil {
			return err
		}
		for _, post := range there {
			if copied := d.post(post, id); copied != nil {
				docs = append(append(docs, s.copiesFor(d, post, copied, to)...), copied)
				docs = append(docs, s.previewsFor(copied, to)...)
				shown[copied.ID] = copied
			}
		}
		comments, err := s.copiedComments(ctx, d, id, shown)
		if err != nil {
			return err
		}
		docs = append(docs, comments...)
	}
	if d.finish != nil {
		if docs, err = d.finish(ctx, docs); err != nil {
			return err
		}
	}
	return s.plantThese(ctx, to, sections, shown, docs)
}

// copiesFor makes the copies of the uploads that a copied post shows.
func (s *Service) copiesFor(d *duplicate, post, copied *Post, to *scene) []Document {
	var out []Document
	for _, a := range post.Attachments {
		if m := d.copyOf(a.Media, copied.ID, copied.Board, Meta{CreatedAt: to.now, PurgeAt: to.now.Add(UnusedKept)}); m != nil {
			out = append(out, m)
		}
	}
	return out
}

// plantThese writes what is to be on a board that is being made.
func (s *Service) plantThese(ctx context.Context, to *scene, sections []*Section, posts map[ID]*Post, docs []Document) error {
	to.sight = NewSight(to.board, sections, func(id ID) *Post { return posts[id] }, to.now)
	for _, doc := range docs {
		to.sight.witness(doc, Nobody)
	}
	_, err := together(ctx, plantAtOnce, docs, func(ctx context.Context, doc Document) (bool, error) {
		return true, s.plant(ctx, doc)
	})
	return err
}

// metaFrom is that of the copy of a document, which is as old as the original.
func metaFrom(doc Document, board ID) Meta {
	return Meta{ID: copyID(board, doc.Head().ID), Board: board, CreatedAt: doc.Head().CreatedAt}
}

// copyID is what stands on a board for something of another.
func copyID(board, original ID) ID {
	if original == "" {
		return ""
	}
	return derivedID("copy", board, original)
}

// post copies a post that is on the wall; nil for one that is not, and for one
// of which nothing would be left.
func (d *duplicate) post(p *Post, board ID) *Post {
	place, kept := d.from.sight.Place(p.Section)
	if !kept || p.State != StatePublished || p.Withheld {
		return nil
	}
	copied := &Post{
		Author: d.author(p, board), Title: p.Title, Body: p.Body, Colour: p.Colour, Order: p.Order,
		Section: copyID(board, place), Group: copyID(board, p.Group), Sealed: p.Sealed,
	}
	if d.people != nil {
		copied.Group = d.groups[p.Group]
	}
	copied.Meta = metaFrom(p, board)
	copied.Parent = copied.Author.ID
	copied.Attachments = slices.DeleteFunc(slices.Clone(p.Attachments), func(a Attachment) bool { return a.Type != AttachmentLink && d.media[a.Media] == nil })
	copied.Attachments = slices.DeleteFunc(copied.Attachments, captionsOfNothing(copied.Attachments))
	for i := range copied.Attachments {
		copied.Attachments[i].Media = copyID(board, copied.Attachments[i].Media)
	}
	d.without.Pictures += len(p.Attachments) - len(copied.Attachments)
	if copied.Title == "" && copied.Body == "" && len(copied.Attachments) == 0 {
		d.without.Posts++
		return nil
	}
	return copied
}

// author is a name without the person. Whoever was promised that trainers do
// not know it stays unknown: of another wall, somebody else is the owner.
func (d *duplicate) author(p *Post, board ID) Author {
	if d.people != nil {
		return d.same(p.Author, board)
	}
	if hidden, _ := d.from.sight.Hides(LevelModerators, p); hidden {
		return Author{ID: derivedID("copied author of", board, p.ID), Name: nameless(d.from.board.Language)}
	}
	return Author{ID: copyID(board, p.Author.ID), Name: p.Author.Name, Trainer: p.Author.Trainer}
}

// plant writes a document of a board that is being made, once.
func (s *Service) plant(ctx context.Context, doc Document) error {
	doc.Head().Rev, doc.Head().UpdatedAt = 1, s.now()
	err := s.Store.Insert(ctx, doc)
	if err == nil {
		s.announce(ctx, doc)
	}
	if errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

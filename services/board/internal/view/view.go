// Package view is what leaves the server: documents in the shape that clients
// read, made at one place for snapshots, streams and single reads, so that
// what a viewer may not see has no way out (rule S13).
package view

import (
	"slices"
	"strings"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Viewer is for whom a document is rendered. Whether they see it at all is not
// decided here.
type Viewer struct {
	Level board.Level
	// Own tells the document's author or owner.
	Own   bool
	Sight *board.Sight
}

// Embedder tells which links a player shows.
type Embedder interface {
	Resolve(raw string) (Embed, bool)
}

// Renderer makes views.
type Renderer struct {
	mediaURL string
	uploads  board.UploadPolicy
	embeds   Embedder
	aliases  board.Aliaser
}

// NewRenderer takes the media service's public address, what may be sent to it,
// the players and the pseudonyms.
func NewRenderer(mediaURL string, uploads board.UploadPolicy, embeds Embedder, aliases board.Aliaser) *Renderer {
	return &Renderer{mediaURL: mediaURL, uploads: uploads, embeds: embeds, aliases: aliases}
}

// Shape renders a document; false for a kind that has no public face.
func (r *Renderer) Shape(doc board.Document, v Viewer) (any, bool) {
	c, ok := r.Change(doc, v)
	switch {
	case !ok:
		return nil, false
	case c.Board != nil:
		return c.Board, true
	case c.Section != nil:
		return c.Section, true
	case c.Group != nil:
		return c.Group, true
	case c.Post != nil:
		return c.Post, true
	case c.Media != nil:
		return c.Media, true
	case c.Comment != nil:
		return c.Comment, true
	case c.Participant != nil:
		return c.Participant, true
	default:
		return c.Report, true
	}
}

// Change renders a document with its kind; false for one without a public
// face.
func (r *Renderer) Change(doc board.Document, v Viewer) (Change, bool) {
	c := Change{Kind: string(doc.Kind())}
	switch d := doc.(type) {
	case *board.Board:
		c.Board = r.Board(d, v)
	case *board.Section:
		c.Section = section(d)
	case *board.Group:
		c.Group = group(d)
	case *board.Post:
		c.Post = r.Post(d, v)
	case *board.Media:
		c.Media = r.Media(d, v)
	case *board.Comment:
		c.Comment = r.Comment(d, v)
	case *board.Participant:
		c.Participant = participant(d)
	case *board.Report:
		c.Report = report(d)
	default:
		return c, false
	}
	return c, true
}

func headOf(doc board.Document) Head {
	m := doc.Head()
	return Head{ID: string(m.ID), Rev: int64(m.Rev), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Deleted: m.Deleted()}
}

// Board renders a board.
func (r *Renderer) Board(b *board.Board, v Viewer) *Board {
	out := &Board{Head: headOf(b), Settings: Settings{Required: []string{}, Kinds: []string{}}}
	if out.Deleted {
		return out
	}
	out.Title, out.Description, out.PresenceHidden = b.Title, b.Description, b.PresenceHidden
	out.Language = b.Language
	if out.Language == "" {
		out.Language = "fr"
	}
	out.Phase, out.Completion = string(v.Sight.Phase), completion(b.Completion)
	if v.Sight.Phase == board.PhaseEnded {
		out.Phase = string(board.PhaseArchived) // which it is; EndedAt says that it stays so
	}
	out.EndsAt, out.Ends, out.EndedAt = moment(b.EndsAt), string(b.Ends), moment(b.EndedAt)
	out.Settings = settings(b.Settings.Told(), v)
	return out
}

// Settings renders what boards begin with.
func (r *Renderer) Settings(s board.Settings) Settings {
	return settings(s.Told(), Viewer{Level: board.LevelModerators})
}

func settings(s board.Settings, v Viewer) Settings {
	out := Settings{
		Layout: string(s.Layout), Background: Background{Colour: string(s.Background.Colour), MediaID: string(s.Background.Picture)},
		Sort: string(s.Sort), NewLast: s.NewLast, PlainPosts: s.PlainPosts,
		Post: string(s.Post), Comment: string(s.Comment), React: string(s.React), EditOthers: string(s.EditOthers),
		Reactions: string(s.Reactions), VotesEach: s.VotesEach,
		Required: texts(s.Required), PostsEach: s.PostsEach, MaxLength: s.MaxLength, Kinds: texts(s.Kinds),
		Moderation: string(s.Moderation), Anonymity: string(s.Anonymity), Groups: string(s.Groups),
		FreezeAt: moment(s.FreezeAt), OpenFrom: moment(s.OpenFrom), OpenUntil: moment(s.OpenUntil),
	}
	if v.Level == board.LevelModerators {
		out.Words = s.Words
	}
	return out
}

func texts[T ~string](in []T) []string {
	out := make([]string, 0, len(in))
	for _, one := range in {
		out = append(out, string(one))
	}
	return out
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// section renders a section; one that was removed is gone.
func section(s *board.Section) *Section {
	out := &Section{Head: headOf(s)}
	out.Deleted = out.Deleted || s.Removed()
	if !out.Deleted {
		out.Title, out.Description, out.Colour, out.Order = s.Title, s.Description, string(s.Colour), s.Order
		out.Locked, out.Hidden = s.Locked, s.Hidden
	}
	return out
}

// group renders a group.
func group(g *board.Group) *Group {
	out := &Group{Head: headOf(g)}
	if !out.Deleted {
		out.Name, out.Order = g.Name, g.Order
	}
	return out
}

// participant renders a participant.
func participant(p *board.Participant) *Participant {
	out := &Participant{Head: headOf(p)}
	if !out.Deleted {
		out.Name, out.Role, out.GroupID, out.Blocked = p.Name, string(p.Role), string(p.Group), p.Blocked
	}
	return out
}

// report renders a report.
func report(p *board.Report) *Report {
	out := &Report{Head: headOf(p)}
	if !out.Deleted {
		out.PostID, out.CommentID, out.Reason, out.Settled = string(p.Post), string(p.Comment), p.Reason, p.Settled
	}
	return out
}

// Post renders a post; of a tombstone nothing but its being one.
func (r *Renderer) Post(p *board.Post, v Viewer) *Post {
	out := &Post{Head: headOf(p), Attachments: []Attachment{}, State: "published"}
	if out.Deleted {
		return out
	}
	out.Author, out.Own = r.author(p, p.Author, p.Sealed, v), v.Own
	out.Title, out.Body, out.Colour, out.EditedAt = p.Title, p.Body, string(p.Colour), moment(p.EditedAt)
	place, _ := v.Sight.Place(p.Section)
	out.SectionID, out.Order = string(place), p.Order
	// Where there are no groups for them, a group would only narrow who wrote it.
	if v.Level == board.LevelModerators || v.Sight.Groups == board.GroupsVisible || v.Sight.Groups == board.GroupsSeparate {
		out.GroupID = string(p.Group)
	}
	if p.State != board.StatePublished {
		out.State, out.Reason = string(p.State), p.Reason
	}
	if v.Level == board.LevelModerators {
		out.Held, out.Withheld = p.Held, p.Withheld
	}
	for _, a := range p.Attachments {
		out.Attachments = append(out.Attachments, r.Attachment(a))
	}
	return out
}

// author names who wrote something, or whoever stands for them.
func (r *Renderer) author(doc board.Contribution, by board.Author, sealed board.Anonymity, v Viewer) Author {
	hidden, linked := v.Sight.Hides(v.Level, doc)
	return r.person(pseudonym{doc.Head().Board, doc.Head().ID, sealed, linked}, by, v.Sight, hidden)
}

// Actor names who did something, or whoever stands for them.
func (r *Renderer) Actor(act *board.Act, v Viewer) Author {
	hidden, linked := v.Sight.HidesActor(v.Level, act)
	who := board.Author{ID: act.Done.Actor, Name: act.Done.ActorName, Trainer: act.Done.Trainer}
	return r.person(pseudonym{act.Board, act.Parent, act.Sealed, linked}, who, v.Sight, hidden)
}

// pseudonym is what tells which one somebody has: that of one post, or their
// own under a promise.
type pseudonym struct {
	board, post board.ID
	promise     board.Anonymity
	linked      bool
}

func (r *Renderer) person(by pseudonym, who board.Author, sight *board.Sight, hidden bool) Author {
	if !hidden {
		return Author{ID: string(who.ID), Name: who.Name, Trainer: who.Trainer}
	}
	alias := r.aliases.Unlinked(by.board, by.post, sight.Language)
	if by.linked {
		alias = r.aliases.Alias(by.board, who.ID, by.promise, sight.Language)
	}
	return Author{ID: string(alias.ID), Name: alias.Name, Anonymous: true}
}

// Attachment renders one piece of content.
func (r *Renderer) Attachment(a board.Attachment) Attachment {
	v := Attachment{
		ID: string(a.ID), Type: string(a.Type), URL: a.URL, MediaID: string(a.Media), PreviewID: string(a.Preview),
		Caption: a.Caption, Alt: a.Alt, CaptionsOf: string(a.CaptionsOf), Language: a.Language,
	}
	// Resolved again at every rendering: a provider taken off the table no
	// longer plays what was stored before.
	if a.Type == board.AttachmentLink {
		if e, ok := r.embeds.Resolve(a.URL); ok {
			v.Embed = &e
		}
	}
	return v
}

// Media renders an upload. Whose it is would name a post's author.
func (r *Renderer) Media(m *board.Media, v Viewer) *Media {
	out := &Media{Head: headOf(m)}
	if out.Deleted {
		return out
	}
	if v.Own {
		out.OwnerID = string(m.Owner)
	}
	out.Kind, out.Name, out.Type, out.Size = string(m.ContentKind()), m.Name, m.Type, m.Size
	out.State, out.Refusal = string(m.State), m.Refusal
	if m.Preview != nil && m.Preview.Page != nil {
		p := m.Preview.Page
		out.Link = &Page{Title: p.Title, Description: p.Description, Site: p.Site, Host: p.Host, Restricted: p.Restricted}
	}
	out.Duration, out.Pages, out.File, out.Original = m.Duration, m.Pages, r.file(m.File), r.file(m.Original)
	if m.Picture != nil {
		out.Picture = r.picture(m.Picture)
	}
	return out
}

func (r *Renderer) file(f *board.File) *File {
	if f == nil {
		return nil
	}
	return &File{URL: r.address(f.Path), Type: f.Type, Size: f.Size}
}

func (r *Renderer) address(path string) string {
	return r.mediaURL + "/" + strings.TrimPrefix(path, "/")
}

// Limits renders what may be sent to a board whose uploads have so many bytes.
func (r *Renderer) Limits(used int64) Limits {
	u := r.uploads
	out := Limits{PerPost: board.MaxAttachments, BoardBytes: u.Board, BytesLeft: max(0, u.Board-used), Kinds: []UploadLimit{}}
	for _, k := range u.Kinds {
		limit := UploadLimit{Kind: string(k.Kind), MaxBytes: k.Max, Types: []string{}, Extensions: []string{}}
		for _, t := range k.Types {
			limit.Extensions = append(limit.Extensions, t.Extension)
			for _, name := range append([]string{t.Type}, t.Also...) {
				if !slices.Contains(limit.Types, name) {
					limit.Types = append(limit.Types, name)
				}
			}
		}
		out.Kinds = append(out.Kinds, limit)
	}
	return out
}

func (r *Renderer) picture(p *board.Picture) *Picture {
	v := &Picture{Width: p.Width, Height: p.Height, Colour: p.Colour, Placeholder: p.Placeholder, Variants: []Variant{}}
	for _, f := range p.Variants {
		v.Variants = append(v.Variants, Variant{URL: r.address(f.Path), Type: f.Type, Width: f.Width, Height: f.Height, Bytes: f.Bytes})
	}
	return v
}

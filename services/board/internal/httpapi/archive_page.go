package httpapi

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// archivePage is what people read of an archive: what trainers see, by the names
// that they read.
func (a *API) archivePage(found *board.Archive, t *board.Transfer, language string) archive.Page {
	p := &pageMaker{API: a, found: found, viewer: view.Viewer{Level: board.LevelModerators, Sight: found.Sight}, media: make(map[string]board.TransferMedia)}
	for _, m := range t.Media {
		p.media[m.ID] = m
	}
	p.groups = make(map[string]string)
	for _, g := range t.Groups {
		p.groups[g.ID] = g.Name
	}
	p.said = make(map[board.ID][]*board.Comment)
	for _, c := range found.Comments {
		p.said[c.Post] = append(p.said[c.Post], c)
	}
	return archive.Page{
		Language: language, Title: found.Board.Title, Description: found.Board.Description, SavedAt: t.SavedAt,
		Sections: p.sections(t.Sections), Missing: t.Without,
	}
}

type pageMaker struct {
	*API
	found  *board.Archive
	viewer view.Viewer
	media  map[string]board.TransferMedia
	groups map[string]string
	said   map[board.ID][]*board.Comment
}

// sections are those of the board in their order, after what is in none.
func (p *pageMaker) sections(of []board.TransferSection) []archive.Section {
	in := make(map[string][]archive.Post)
	for _, post := range p.sorted() {
		shown := p.View.Post(post, p.viewer)
		in[shown.SectionID] = append(in[shown.SectionID], p.post(post, shown))
	}
	var out []archive.Section
	if loose := in[""]; len(loose) > 0 || len(of) == 0 {
		out = append(out, archive.Section{Posts: loose})
	}
	of = slices.Clone(of)
	slices.SortFunc(of, func(a, b board.TransferSection) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range of {
		out = append(out, archive.Section{Title: s.Title, Description: s.Description, Hidden: s.Hidden, Posts: in[s.ID]})
	}
	return out
}

// sorted are the posts as the board sorts them.
func (p *pageMaker) sorted() []*board.Post {
	posts := slices.Clone(p.found.Posts)
	by := map[board.Sort]func(a, b *board.Post) int{
		board.SortNewest: func(a, b *board.Post) int { return b.CreatedAt.Compare(a.CreatedAt) },
		board.SortOldest: func(a, b *board.Post) int { return a.CreatedAt.Compare(b.CreatedAt) },
		board.SortAuthor: func(a, b *board.Post) int {
			return strings.Compare(p.View.Post(a, p.viewer).Author.Name, p.View.Post(b, p.viewer).Author.Name)
		},
		board.SortReactions: func(a, b *board.Post) int { return p.given(b) - p.given(a) },
	}[p.found.Board.Settings.Told().Sort]
	slices.SortStableFunc(posts, func(a, b *board.Post) int {
		first := 0
		if by != nil {
			first = by(a, b)
		}
		return cmp.Or(first, cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	return posts
}

func (p *pageMaker) given(post *board.Post) int {
	if r := p.found.Given[post.ID]; r != nil {
		_, sum := r.Total()
		return sum
	}
	return 0
}

func (p *pageMaker) post(post *board.Post, shown *view.Post) archive.Post {
	out := archive.Post{
		ID: shown.ID, Title: shown.Title, Author: shown.Author.Name, Trainer: shown.Author.Trainer, Group: p.groups[shown.GroupID], Colour: shown.Colour,
		At: shown.CreatedAt, State: shown.State, Reason: shown.Reason, Body: canonical(shown.Body), Comments: p.thread(post.ID),
	}
	for _, one := range post.Attachments {
		out.Attachments = append(out.Attachments, p.attachment(one))
	}
	if given := p.found.Given[post.ID]; given != nil {
		counts := view.CountsOf(post.ID, 0, given)
		out.Scale, out.Given, out.Average = string(given.Scale), counts.Reactions, counts.Average
	}
	return out
}

// canonical is text as it is stored: of the canonical form of docs/richtext.md,
// which is safe as it is.
func canonical(body string) template.HTML { return template.HTML(body) } //nolint:gosec // sanitised when it was written

func (p *pageMaker) attachment(a board.Attachment) archive.Attachment {
	out := archive.Attachment{Kind: string(board.ContentLink), Caption: a.Caption, Alt: a.Alt, URL: a.URL, Language: a.Language}
	if a.Type == board.AttachmentLink {
		if m := p.found.Uploads[a.Preview]; m != nil && m.Preview != nil && m.Preview.Page != nil {
			out.About = m.Preview.Page.Title
		}
		return out
	}
	t, m := p.media[string(a.Media)], p.found.Uploads[a.Media]
	out.Kind, out.Name, out.Type, out.Size = string(t.Kind), t.Name, t.Type, t.Size
	out.File, out.Shown, out.Poster, out.Missing = t.File, t.Shown, t.Poster, t.Missing != ""
	if a.CaptionsOf != "" {
		out.Kind = "captions"
	}
	if m != nil && m.Picture != nil && m.File == nil {
		out.Width, out.Height = m.Picture.Width, m.Picture.Height
	}
	return out
}

// thread is what was said to a post, replies below what they reply to.
func (p *pageMaker) thread(post board.ID) []archive.Comment {
	var out []archive.Comment
	at := make(map[string]int)
	for _, replies := range []bool{false, true} {
		for _, c := range p.said[post] {
			shown := p.View.Comment(c, p.viewer)
			one := archive.Comment{
				Author: shown.Author.Name, Trainer: shown.Author.Trainer, State: shown.State, At: shown.CreatedAt, Body: canonical(shown.Body),
			}
			i, there := at[shown.ReplyTo]
			switch {
			case (shown.ReplyTo != "") != replies:
			case replies && there:
				out[i].Replies = append(out[i].Replies, one)
			default:
				at[shown.ID] = len(out)
				out = append(out, one)
			}
		}
	}
	return out
}

// Package view is what leaves the server: documents in the shape that clients
// read, made at one place for snapshots, streams and single reads, so that
// what a viewer may not see has no way out (rule S13).
package view

import (
	"strings"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Change is the whole new state of one document; exactly the member that kind
// names is there.
type Change struct {
	Kind  string `json:"kind" enum:"board,post,media"`
	Board *Board `json:"board,omitempty"`
	Post  *Post  `json:"post,omitempty"`
	Media *Media `json:"media,omitempty"`
}

// Board is a wall.
type Board struct {
	ID          string    `json:"id" format:"uuid"`
	Rev         int64     `json:"rev" minimum:"1" doc:"Grows by 1 with every change"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
	Deleted     bool      `json:"deleted,omitempty"`
	Title       string    `json:"title"`
	Description string    `json:"description" doc:"Plain text"`
	// PresenceHidden keeps from everybody who is here.
	PresenceHidden bool `json:"presenceHidden"`
}

// Post is a contribution. Of a tombstone only id, rev and times are filled.
type Post struct {
	ID          string       `json:"id" format:"uuid"`
	Rev         int64        `json:"rev" minimum:"1" doc:"Grows by 1 with every change"`
	CreatedAt   time.Time    `json:"createdAt"`
	UpdatedAt   time.Time    `json:"updatedAt"`
	Deleted     bool         `json:"deleted,omitempty" doc:"True for a tombstone, which has no content"`
	Author      Author       `json:"author"`
	Title       string       `json:"title"`
	Body        string       `json:"body" doc:"Sanitised HTML of a small set: p, br, strong, em, ul, ol, li, a"`
	Attachments []Attachment `json:"attachments" nullable:"false"`
}

// Author is a participant as others see them.
type Author struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Attachment is one piece of content of a post.
type Attachment struct {
	ID      string `json:"id" format:"uuid"`
	Type    string `json:"type" enum:"link,media"`
	URL     string `json:"url,omitempty" doc:"Of a link"`
	Embed   *Embed `json:"embed,omitempty" doc:"Of a link that a known player shows"`
	MediaID string `json:"mediaId,omitempty" doc:"Of an upload"`
	Caption string `json:"caption"`
	Alt     string `json:"alt" doc:"Alternative text of a picture"`
}

// Embed is how a player shows a link in a frame.
type Embed struct {
	Provider string `json:"provider" example:"pod" doc:"Stable key of the provider"`
	Name     string `json:"name" example:"PodÉduc" doc:"The provider's name, to show"`
	Src      string `json:"src" doc:"Address of the frame"`
	URL      string `json:"url" doc:"Address of the page to open instead"`
	Sandbox  string `json:"sandbox"`
	Allow    string `json:"allow"`
}

// Media is one upload.
type Media struct {
	ID        string    `json:"id" format:"uuid"`
	Rev       int64     `json:"rev" minimum:"1" doc:"Grows by 1 with every change"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Deleted   bool      `json:"deleted,omitempty"`
	OwnerID   string    `json:"ownerId,omitempty"`
	State     string    `json:"state,omitempty" enum:"uploading,processing,ready,refused" doc:"Absent from a tombstone"`
	Refusal   string    `json:"refusal,omitempty" example:"media_too_large" doc:"Stable code of why it was refused"`
	Picture   *Picture  `json:"picture,omitempty" doc:"Once ready"`
}

// Picture is a still image, ready to show.
type Picture struct {
	Width       int       `json:"width"`
	Height      int       `json:"height"`
	Colour      string    `json:"colour" example:"#4a6b8c"`
	Placeholder string    `json:"placeholder" doc:"A blurred stand-in as a data: URL"`
	Variants    []Variant `json:"variants" nullable:"false" doc:"Ascending by width"`
}

// Variant is one file that shows a picture.
type Variant struct {
	URL    string `json:"url"`
	Type   string `json:"type" example:"image/webp"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// Presence is who is on a wall.
type Presence struct {
	Count  int      `json:"count" doc:"Of all who are here, named or not"`
	People []Person `json:"people" nullable:"false" doc:"At most 50, those who write first"`
}

// Person is a participant who is here.
type Person struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Writing bool   `json:"writing,omitempty"`
}

// Embedder tells which links a player shows.
type Embedder interface {
	Resolve(raw string) (Embed, bool)
}

// Renderer makes views.
type Renderer struct {
	mediaURL string
	embeds   Embedder
}

// NewRenderer takes the media service's public address and the players.
func NewRenderer(mediaURL string, embeds Embedder) *Renderer {
	return &Renderer{mediaURL: mediaURL, embeds: embeds}
}

// Shape renders a document; false for a kind that has no public face.
func (r *Renderer) Shape(doc board.Document) (any, bool) {
	switch d := doc.(type) {
	case *board.Board:
		return r.Board(d), true
	case *board.Post:
		return r.Post(d), true
	case *board.Media:
		return r.Media(d), true
	default:
		return nil, false
	}
}

// Change renders a document with its kind; false for one without a public
// face.
func (r *Renderer) Change(doc board.Document) (Change, bool) {
	shape, ok := r.Shape(doc)
	c := Change{Kind: string(doc.Kind())}
	switch v := shape.(type) {
	case Board:
		c.Board = &v
	case Post:
		c.Post = &v
	case Media:
		c.Media = &v
	}
	return c, ok
}

// Board renders a board.
func (r *Renderer) Board(b *board.Board) Board {
	v := Board{ID: string(b.ID), Rev: int64(b.Rev), CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, Deleted: b.Deleted()}
	if !v.Deleted {
		v.Title, v.Description, v.PresenceHidden = b.Title, b.Description, b.PresenceHidden
	}
	return v
}

// Post renders a post; of a tombstone nothing but its being one.
func (r *Renderer) Post(p *board.Post) Post {
	v := Post{
		ID: string(p.ID), Rev: int64(p.Rev), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		Deleted: p.Deleted(), Attachments: []Attachment{},
	}
	if v.Deleted {
		return v
	}
	v.Author = Author{ID: string(p.Author.ID), Name: p.Author.Name}
	v.Title, v.Body = p.Title, p.Body
	for _, a := range p.Attachments {
		v.Attachments = append(v.Attachments, r.attachment(a))
	}
	return v
}

func (r *Renderer) attachment(a board.Attachment) Attachment {
	v := Attachment{
		ID: string(a.ID), Type: string(a.Type), URL: a.URL, MediaID: string(a.Media),
		Caption: a.Caption, Alt: a.Alt,
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

// Media renders an upload.
func (r *Renderer) Media(m *board.Media) Media {
	v := Media{ID: string(m.ID), Rev: int64(m.Rev), CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Deleted: m.Deleted()}
	if v.Deleted {
		return v
	}
	v.OwnerID, v.State, v.Refusal = string(m.Owner), string(m.State), m.Refusal
	if m.Picture != nil {
		v.Picture = r.picture(m.Picture)
	}
	return v
}

func (r *Renderer) picture(p *board.Picture) *Picture {
	v := &Picture{Width: p.Width, Height: p.Height, Colour: p.Colour, Placeholder: p.Placeholder, Variants: []Variant{}}
	for _, f := range p.Variants {
		v.Variants = append(v.Variants, Variant{URL: r.mediaURL + "/" + strings.TrimPrefix(f.Path, "/"), Type: f.Type, Width: f.Width, Height: f.Height, Bytes: f.Bytes})
	}
	return v
}

package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// NewAttachment is one piece of content of a post, as written.
type NewAttachment struct {
	ID      string `json:"id,omitempty" format:"uuid"`
	Type    string `json:"type" enum:"link,media"`
	URL     string `json:"url,omitempty" doc:"Of a link: http or https, 2,000 characters at most"`
	MediaID string `json:"mediaId,omitempty" format:"uuid" doc:"Of an upload: its id"`
	Caption string `json:"caption,omitempty" doc:"500 characters at most"`
	Alt     string `json:"alt,omitempty" doc:"Alternative text, 500 characters at most"`
	// CaptionsOf and Language make it the captions of another one.
	CaptionsOf string `json:"captionsOf,omitempty" format:"uuid" doc:"Of captions (WebVTT or SubRip): the attachment of the same post, a sound or a video, that they are of"`
	Language   string `json:"language,omitempty" example:"fr" doc:"Of captions: their language"`
}

func attachments(in []NewAttachment) []board.Attachment {
	out := make([]board.Attachment, 0, len(in))
	for _, n := range in {
		id, _ := board.ParseID(n.ID)
		media, _ := board.ParseID(n.MediaID)
		captionsOf, _ := board.ParseID(n.CaptionsOf)
		out = append(out, board.Attachment{
			ID: id, Type: board.AttachmentType(n.Type), URL: n.URL, Media: media, Caption: n.Caption, Alt: n.Alt, CaptionsOf: captionsOf, Language: n.Language,
		})
	}
	return out
}

// PostPath names a post.
type PostPath struct {
	BoardPath
	Post string `path:"post" format:"uuid"`
}

func (p PostPath) post() board.ID { id, _ := board.ParseID(p.Post); return id }

type newPostInput struct {
	BoardPath
	Body struct {
		ID          string          `json:"id,omitempty" format:"uuid" doc:"Made by the client (UUIDv7), so that a retry makes one post"`
		Title       string          `json:"title,omitempty" doc:"200 characters at most"`
		Body        string          `json:"body,omitempty" doc:"HTML, 20,000 characters at most; reduced to a small safe set"`
		Attachments []NewAttachment `json:"attachments,omitempty" nullable:"false" doc:"At most 10"`
		Colour      string          `json:"colour,omitempty" doc:"A named colour, or empty for plain"`
		SectionID   string          `json:"sectionId,omitempty" doc:"Where it goes; none when left out"`
		Order       string          `json:"order,omitempty" doc:"Digits of base 62, as a fraction between those of the neighbours; where the board puts new posts when left out"`
	}
}

// MovePost says where one post goes.
type MovePost struct {
	PostID    string  `json:"postId" format:"uuid"`
	SectionID *string `json:"sectionId,omitempty" doc:"Empty for no section; left out to stay in its own"`
	Order     string  `json:"order,omitempty" doc:"Digits of base 62, as a fraction between those of the neighbours; left out to stay where it is"`
}

type movesInput struct {
	BoardPath
	Body struct {
		Moves []MovePost `json:"moves" nullable:"false" doc:"At most 200; none is done when one may not be"`
	}
}

type editPostInput struct {
	PostPath
	Precondition
	Body struct {
		Title       *string          `json:"title,omitempty" doc:"200 characters at most"`
		Body        *string          `json:"body,omitempty" doc:"HTML, 20,000 characters at most; reduced to a small safe set"`
		Attachments *[]NewAttachment `json:"attachments,omitempty" nullable:"false" doc:"At most 10; replaces all of them"`
		Colour      *string          `json:"colour,omitempty" doc:"A named colour, or empty for plain"`
		SectionID   *string          `json:"sectionId,omitempty" doc:"Where it goes; empty for no section"`
		Order       string           `json:"order,omitempty" doc:"Digits of base 62, as a fraction between those of the neighbours"`
	}
}

type deletePostInput struct {
	PostPath
	Precondition
}

type postOutput struct {
	ETag string `header:"ETag"`
	Body view.Post
}

func (a *API) registerPosts() {
	op := below("/boards/{board}", "Posts", needsSession())
	handle(a, with(http.StatusCreated, op("createPost", http.MethodPost, "/posts", "Put a post on the wall; with the same id again, it answers as the first did")), a.createPost)
	handle(a, op("readPost", http.MethodGet, "/posts/{post}", "Read a post, or its tombstone"),
		func(ctx context.Context, in *PostPath) (*postOutput, error) {
			return a.postAnswer(ctx)(a.Service.ReadPost(ctx, mustPrincipal(ctx), in.id(), in.post()))
		})
	handle(a, op("movePosts", http.MethodPost, "/moves", "Move posts, several at once"), a.movePosts)
	handle(a, op("editPost", http.MethodPatch, "/posts/{post}", "Change a post; what is left out stays"), a.editPost)
	handle(a, op("deletePost", http.MethodDelete, "/posts/{post}", "Delete a post; its author can restore it for ten minutes, moderators for 30 days"),
		func(ctx context.Context, in *deletePostInput) (*postOutput, error) {
			rev, err := in.revision(false)
			if err != nil {
				return nil, err
			}
			return a.postAnswer(ctx)(a.Service.DeletePost(ctx, mustPrincipal(ctx), in.id(), in.post(), rev))
		})
	handle(a, op("restorePost", http.MethodPost, "/posts/{post}/restore", "Undo a deletion"),
		func(ctx context.Context, in *PostPath) (*postOutput, error) {
			return a.postAnswer(ctx)(a.Service.RestorePost(ctx, mustPrincipal(ctx), in.id(), in.post()))
		})
}

func (a *API) postAnswer(ctx context.Context) func(*board.Post, error) (*postOutput, error) {
	return answer[*board.Post](ctx, a, func(c view.Change) *postOutput {
		return &postOutput{ETag: revisionTag(c.Post.Rev), Body: *c.Post}
	})
}

func (a *API) createPost(ctx context.Context, in *newPostInput) (*postOutput, error) {
	id, _ := board.ParseID(in.Body.ID)
	return a.postAnswer(ctx)(a.Service.CreatePost(ctx, mustPrincipal(ctx), in.id(), board.NewPost{
		ID: id, Title: in.Body.Title, Body: in.Body.Body, Attachments: attachments(in.Body.Attachments),
		Colour: board.Colour(in.Body.Colour), Section: reference(in.Body.SectionID), Order: in.Body.Order,
	}))
}

func (a *API) editPost(ctx context.Context, in *editPostInput) (*postOutput, error) {
	rev, err := in.revision(true)
	if err != nil {
		return nil, err
	}
	edit := board.PostEdit{Title: in.Body.Title, Body: in.Body.Body, Colour: named[board.Colour](in.Body.Colour)}
	edit.Placement = board.Placement{Section: anID(in.Body.SectionID), Order: in.Body.Order}
	if in.Body.Attachments != nil {
		list := attachments(*in.Body.Attachments)
		edit.Attachments = &list
	}
	return a.postAnswer(ctx)(a.Service.EditPost(ctx, mustPrincipal(ctx), in.id(), in.post(), rev, edit))
}

func (a *API) movePosts(ctx context.Context, in *movesInput) (*postsOutput, error) {
	moves := make([]board.Move, 0, len(in.Body.Moves))
	for _, m := range in.Body.Moves {
		id, _ := board.ParseID(m.PostID)
		moves = append(moves, board.Move{Post: id, Placement: board.Placement{Section: anID(m.SectionID), Order: m.Order}})
	}
	posts, err := a.Service.MovePosts(ctx, mustPrincipal(ctx), in.id(), moves)
	if err != nil {
		return nil, err
	}
	out := &postsOutput{}
	out.Body.Posts, err = shapes(ctx, a, posts, func(c view.Change) view.Post { return *c.Post })
	return out, err
}

package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// Act is one thing that was done on a board.
type Act struct {
	ID       string      `json:"id" format:"uuid"`
	At       time.Time   `json:"at"`
	Actor    view.Author `json:"actor"`
	Verb     string      `json:"verb" example:"post.deleted"`
	Kind     string      `json:"kind" doc:"Of the document it was done to"`
	TargetID string      `json:"targetId"`
	Label    string      `json:"label" doc:"What the document was called then"`
	Reason   string      `json:"reason,omitempty"`
	Changed  []string    `json:"changed,omitempty" nullable:"false" doc:"Of an edit of the board or a section: the fields and settings that it changed; a switch that was turned off has a minus before it"`
	Bulk     string      `json:"bulk,omitempty" doc:"What it was a part of: acts that have the same were done at once, and are taken back so"`
	Undoable bool        `json:"undoable" doc:"Whether it is of those that can be undone, if nothing has been done to the same since"`
}

// Version is what a post once was.
type Version struct {
	Rev  int64       `json:"rev"`
	At   time.Time   `json:"at"`
	By   view.Author `json:"by"`
	Verb string      `json:"verb"`
	Post view.Post   `json:"post"`
}

type activityInput struct {
	BoardPath
	Before string    `query:"before" doc:"Go on where a page ended: its next"`
	Limit  int       `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Actor  string    `query:"actor" doc:"Only what this person did, by the id that acts tell of them"`
	Kinds  []string  `query:"kinds" doc:"Only what was done to documents of these kinds"`
	Target string    `query:"target" doc:"Only what was done to this document"`
	Since  time.Time `query:"since" doc:"Only what was done then or later"`
}

type activityOutput struct {
	Body struct {
		Acts []Act  `json:"acts" nullable:"false" doc:"Newest first"`
		Next string `json:"next,omitempty" doc:"What to go on before; left out when there is nothing older. A page that has it may be short"`
	}
}

type versionsOutput struct {
	Body struct {
		Versions []Version `json:"versions" nullable:"false" doc:"Newest first"`
	}
}

type revertInput struct {
	PostPath
	Precondition
	Body struct {
		Rev int64 `json:"rev" minimum:"1" doc:"Of the version to go back to"`
	}
}

// ActPath names an act.
type ActPath struct {
	BoardPath
	Act string `path:"act" format:"uuid"`
}

type changeOutput struct{ Body view.Change }

type postsOutput struct {
	Body struct {
		Posts []view.Post `json:"posts" nullable:"false"`
	}
}

// TrashedSection is a deleted section that can be restored.
type TrashedSection struct {
	ID        string    `json:"id" format:"uuid"`
	Title     string    `json:"title"`
	DeletedAt time.Time `json:"deletedAt"`
	Posts     int       `json:"posts" doc:"How many come back to it"`
}

type trashOutput struct {
	Body struct {
		Sections []TrashedSection `json:"sections" nullable:"false"`
		Posts    []view.Post      `json:"posts" nullable:"false"`
		Comments []view.Comment   `json:"comments" nullable:"false" doc:"Of posts that are not deleted"`
	}
}

func (a *API) registerHistory() {
	op := below("/boards/{board}", "History", needsSession())
	handle(a, op("readActivity", http.MethodGet, "/activity", "Read what was done on a board, and by whom"), a.activity)
	handle(a, op("undoAct", http.MethodPost, "/activity/{act}/undo", "Take back what was done, if nothing has been done to the same since"),
		func(ctx context.Context, in *ActPath) (*changeOutput, error) {
			id, _ := board.ParseID(in.Act)
			doc, err := a.Service.Undo(ctx, mustPrincipal(ctx), in.id(), id)
			if err == nil && doc.Kind() == board.KindLink {
				return &changeOutput{Body: view.Change{Kind: string(board.KindLink)}}, nil // read by who may, with its address
			}
			return answer[board.Document](ctx, a, func(c view.Change) *changeOutput { return &changeOutput{Body: c} })(doc, err)
		})
	handle(a, op("readVersions", http.MethodGet, "/posts/{post}/versions", "Read what a post was; for its author and moderators"), a.versions)
	handle(a, op("revertPost", http.MethodPost, "/posts/{post}/revert", "Give a post the content of one of its versions"),
		func(ctx context.Context, in *revertInput) (*postOutput, error) {
			rev, err := in.revision(true)
			if err != nil {
				return nil, err
			}
			return a.postAnswer(ctx)(a.Service.RevertPost(ctx, mustPrincipal(ctx), in.id(), in.post(), rev, board.Rev(in.Body.Rev)))
		})
	handle(a, op("readTrash", http.MethodGet, "/trash", "List the deleted sections, posts and comments that can be restored"),
		func(ctx context.Context, in *BoardPath) (*trashOutput, error) {
			posts, err := a.Service.Trash(ctx, mustPrincipal(ctx), in.id())
			if err != nil {
				return nil, err
			}
			out := &trashOutput{}
			if out.Body.Posts, err = trashed(ctx, a, posts, a.trashedPost); err != nil {
				return nil, err
			}
			comments, err := a.Service.TrashedComments(ctx, mustPrincipal(ctx), in.id())
			if err != nil {
				return nil, err
			}
			if out.Body.Comments, err = trashed(ctx, a, comments, a.trashedComment); err != nil {
				return nil, err
			}
			sections, err := a.Service.TrashedSections(ctx, mustPrincipal(ctx), in.id())
			out.Body.Sections = make([]TrashedSection, 0, len(sections))
			for _, sec := range sections {
				out.Body.Sections = append(out.Body.Sections, TrashedSection{ID: string(sec.ID), Title: sec.Title, DeletedAt: sec.RemovedAt, Posts: sec.Posts})
			}
			return out, err
		})
}

// trashed renders what is deleted as what it was, marked as deleted.
func trashed[D board.Document, V any](ctx context.Context, a *API, docs []D, show func(D, view.Viewer) V) ([]V, error) {
	viewer, err := a.viewer(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]V, 0, len(docs))
	for _, doc := range docs {
		out = append(out, show(doc, viewer.of(doc)))
	}
	return out, nil
}

func (a *API) trashedPost(p *board.Post, v view.Viewer) view.Post {
	was := *p
	was.DeletedAt = time.Time{}
	shape := a.View.Post(&was, v)
	shape.Deleted = true
	return *shape
}

func (a *API) trashedComment(c *board.Comment, v view.Viewer) view.Comment {
	was := *c
	was.DeletedAt = time.Time{}
	shape := a.View.Comment(&was, v)
	shape.Deleted = true
	return *shape
}

func (a *API) activity(ctx context.Context, in *activityInput) (*activityOutput, error) {
	viewer, err := a.viewer(ctx)
	if err != nil {
		return nil, err
	}
	before, _ := board.ParseID(in.Before)
	q := board.ActivityQuery{Before: before, Limit: in.Limit, Since: in.Since, Target: reference(in.Target)}
	for _, kind := range in.Kinds {
		q.Targets = append(q.Targets, board.Kind(kind))
	}
	if in.Actor != "" {
		q.Keep = func(act *board.Act) bool { return a.View.Actor(act, viewer.of(act)).ID == in.Actor }
	}
	acts, next, err := a.Service.Activity(ctx, mustPrincipal(ctx), in.id(), q)
	if err != nil {
		return nil, err
	}
	out := &activityOutput{}
	out.Body.Acts, out.Body.Next = make([]Act, 0, len(acts)), string(next)
	for _, act := range acts {
		out.Body.Acts = append(out.Body.Acts, a.act(act, viewer))
	}
	return out, nil
}

func (a *API) act(act *board.Act, viewer viewer) Act {
	out := Act{
		ID: string(act.ID), At: act.Done.At, Actor: a.View.Actor(act, viewer.of(act)), Verb: string(act.Done.Verb),
		Kind: string(act.Target), TargetID: string(act.Parent), Label: act.Done.Label, Reason: act.Done.Reason, Undoable: act.Undoable(),
		Changed: strings.Fields(act.Done.Changed),
	}
	// Acts of one bulk are one person's: of somebody who is not to be known again
	// from one post to another, it would tell.
	if act.Done.Trainer {
		out.Bulk = string(act.Done.Bulk)
	}
	return out
}

func (a *API) versions(ctx context.Context, in *PostPath) (*versionsOutput, error) {
	versions, err := a.Service.Versions(ctx, mustPrincipal(ctx), in.id(), in.post())
	if err != nil {
		return nil, err
	}
	viewer, err := a.viewer(ctx)
	if err != nil {
		return nil, err
	}
	out := &versionsOutput{}
	out.Body.Versions = make([]Version, 0, len(versions))
	for _, version := range versions {
		v := viewer.of(version.Post)
		out.Body.Versions = append(out.Body.Versions, Version{
			Rev: int64(version.TargetRev), At: version.Done.At, By: a.View.Actor(version.Act, v), Verb: string(version.Done.Verb), Post: *a.View.Post(version.Post, v),
		})
	}
	return out, nil
}

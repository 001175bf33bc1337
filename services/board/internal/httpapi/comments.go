package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// CommentPath names a comment.
type CommentPath struct {
	BoardPath
	Comment string `path:"comment" format:"uuid"`
}

func (p CommentPath) comment() board.ID { id, _ := board.ParseID(p.Comment); return id }

type newCommentInput struct {
	PostPath
	Body struct {
		ID           string `json:"id,omitempty" format:"uuid" doc:"Made by the client (UUIDv7), so that a retry makes one comment"`
		Body         string `json:"body" doc:"HTML, 4,000 characters at most; reduced to a small safe set"`
		ReplyTo      string `json:"replyTo,omitempty" format:"uuid" doc:"A comment of the same post that is no reply itself"`
		AttachmentID string `json:"attachmentId,omitempty" format:"uuid" doc:"What of the post it is about"`
		At           int    `json:"at,omitempty" doc:"Where in the attachment, in whole seconds"`
	}
}

type commentsInput struct {
	PostPath
	Before string `query:"before" doc:"The id of the oldest comment that was read"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type editCommentInput struct {
	CommentPath
	Precondition
	Body struct {
		Body string `json:"body" doc:"HTML, 4,000 characters at most; reduced to a small safe set"`
	}
}

type commentReasonInput struct {
	CommentPath
	Body struct {
		Reason string `json:"reason,omitempty" doc:"500 characters at most"`
	}
}

type reactionInput struct {
	PostPath
	Body struct {
		Value int `json:"value" doc:"1 for a like, 1 to 5 stars, or a number of votes; 0 takes it back"`
	}
}

type commentOutput struct {
	ETag string `header:"ETag"`
	Body view.Comment
}

type commentsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Comments []view.Comment `json:"comments" nullable:"false" doc:"In the order in which they were said"`
		More     bool           `json:"more" doc:"Whether there are older ones"`
	}
}

// Reaction is what one has given a post, and what the post has by then.
type Reaction struct {
	Value     int     `json:"value"`
	Reactions int     `json:"reactions"`
	Average   float64 `json:"average,omitempty"`
}

type reactionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Reaction
}

func (a *API) registerComments() {
	under := below("/boards/{board}/posts/{post}", "Comments", needsSession())
	op := below("/boards/{board}/comments/{comment}", "Comments", needsSession())
	handle(a, with(http.StatusCreated, under("createComment", http.MethodPost, "/comments", "Say something to a post; with the same id again, it answers as the first did")), a.createComment)
	handle(a, under("readComments", http.MethodGet, "/comments", "Read what was said to a post, the last of it first"), a.comments)
	handle(a, under("react", http.MethodPut, "/reaction", "Give a post a reaction, in place of one's own that it had"), a.react)
	handle(a, op("readComment", http.MethodGet, "", "Read a comment, or its tombstone"), a.onComment(a.Service.ReadComment))
	handle(a, op("editComment", http.MethodPatch, "", "Change one's own comment"), a.editComment)
	handle(a, op("deleteComment", http.MethodDelete, "", "Delete a comment; its author can restore it for ten minutes, moderators for 30 days"), a.onComment(a.Service.DeleteComment))
	handle(a, op("restoreComment", http.MethodPost, "/restore", "Undo a deletion"), a.onComment(a.Service.RestoreComment))
	handle(a, op("approveComment", http.MethodPost, "/approve", "Put a comment into its thread"), a.onComment(a.Service.ApproveComment))
	handle(a, op("rejectComment", http.MethodPost, "/reject", "Keep a comment out of its thread; its author reads why"),
		func(ctx context.Context, in *commentReasonInput) (*commentOutput, error) {
			return a.commentAnswer(ctx)(a.Service.RejectComment(ctx, mustPrincipal(ctx), in.id(), in.comment(), in.Body.Reason))
		})
	handle(a, with(http.StatusCreated, op("reportComment", http.MethodPost, "/reports", "Tell the moderators about a comment")),
		func(ctx context.Context, in *commentReasonInput) (*reportOutput, error) {
			return a.reportAnswer(ctx)(a.Service.ReportComment(ctx, mustPrincipal(ctx), in.id(), in.comment(), in.Body.Reason))
		})
	handle(a, op("settleCommentReports", http.MethodPost, "/reports/settle", "Tell that the reports of a comment have been seen to"),
		func(ctx context.Context, in *CommentPath) (*reportsOutput, error) {
			return a.reportsAnswer(ctx)(a.Service.SettleReports(ctx, mustPrincipal(ctx), board.Key{Board: in.id(), Kind: board.KindComment, ID: in.comment()}))
		})
	handle(a, op("unsealCommenter", http.MethodPost, "/unseal", "Read who wrote an anonymous comment, and why; it goes into the activity log"),
		func(ctx context.Context, in *commentReasonInput) (*authorOutput, error) {
			return authorAnswer(a.Service.UnsealComment(ctx, mustPrincipal(ctx), in.id(), in.comment(), in.Body.Reason))
		})
	handle(a, with(http.StatusNoContent, op("blockCommenter", http.MethodPost, "/block-author", "Keep the author of a comment off the board; refused where they are anonymous to trainers")),
		func(ctx context.Context, in *CommentPath) (*struct{}, error) {
			return nil, a.Service.BlockCommenter(ctx, mustPrincipal(ctx), in.id(), in.comment())
		})
}

func (a *API) commentAnswer(ctx context.Context) func(*board.Comment, error) (*commentOutput, error) {
	return answer[*board.Comment](ctx, a, func(c view.Change) *commentOutput {
		return &commentOutput{ETag: revisionTag(c.Comment.Rev), Body: *c.Comment}
	})
}

// onComment answers with what something that needs no more makes of a comment.
func (a *API) onComment(do func(context.Context, board.Principal, board.ID, board.ID) (*board.Comment, error)) func(context.Context, *CommentPath) (*commentOutput, error) {
	return func(ctx context.Context, in *CommentPath) (*commentOutput, error) {
		return a.commentAnswer(ctx)(do(ctx, mustPrincipal(ctx), in.id(), in.comment()))
	}
}

func (a *API) createComment(ctx context.Context, in *newCommentInput) (*commentOutput, error) {
	p := mustPrincipal(ctx)
	if err := a.pace.step("comment " + string(p.Participant)); err != nil {
		return nil, err
	}
	id, _ := board.ParseID(in.Body.ID)
	reply, _ := board.ParseID(in.Body.ReplyTo)
	attachment, _ := board.ParseID(in.Body.AttachmentID)
	return a.commentAnswer(ctx)(a.Service.CreateComment(ctx, p, in.id(), in.post(), board.NewComment{
		ID: id, ReplyTo: reply, Body: in.Body.Body, Attachment: attachment, At: in.Body.At,
	}))
}

func (a *API) comments(ctx context.Context, in *commentsInput) (*commentsOutput, error) {
	before, _ := board.ParseID(in.Before)
	page, err := a.Service.Comments(ctx, mustPrincipal(ctx), in.id(), in.post(), board.CommentQuery{Before: before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &commentsOutput{CacheControl: "no-store"}
	out.Body.More = page.More
	out.Body.Comments, err = shapes(ctx, a, page.Comments, func(c view.Change) view.Comment { return *c.Comment })
	return out, err
}

func (a *API) editComment(ctx context.Context, in *editCommentInput) (*commentOutput, error) {
	rev, err := in.revision(true)
	if err != nil {
		return nil, err
	}
	return a.commentAnswer(ctx)(a.Service.EditComment(ctx, mustPrincipal(ctx), in.id(), in.comment(), rev, in.Body.Body))
}

func (a *API) react(ctx context.Context, in *reactionInput) (*reactionOutput, error) {
	p := mustPrincipal(ctx)
	if err := a.pace.step("react " + string(p.Participant)); err != nil {
		return nil, err
	}
	given, err := a.Service.React(ctx, p, in.id(), in.post(), in.Body.Value)
	if err != nil {
		return nil, err
	}
	counts := view.CountsOf(in.post(), 0, given)
	body := Reaction{given.Given[p.Participant], counts.Reactions, counts.Average}
	return &reactionOutput{CacheControl: "no-store", Body: body}, nil
}

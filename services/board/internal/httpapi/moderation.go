package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

type reasonInput struct {
	PostPath
	Body struct {
		Reason string `json:"reason,omitempty" doc:"500 characters at most"`
	}
}

type authorOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         view.Author
}

type reportOutput struct{ Body view.Report }

type reportsOutput struct {
	Body struct {
		Reports []view.Report `json:"reports" nullable:"false"`
	}
}

func (a *API) registerModeration() {
	op := below("/boards/{board}/posts/{post}", "Moderation", needsSession())
	handle(a, op("approvePost", http.MethodPost, "/approve", "Put a post onto the wall"),
		func(ctx context.Context, in *PostPath) (*postOutput, error) {
			return a.postAnswer(ctx)(a.Service.ApprovePost(ctx, mustPrincipal(ctx), in.id(), in.post()))
		})
	handle(a, op("rejectPost", http.MethodPost, "/reject", "Keep a post off the wall; its author reads why"),
		func(ctx context.Context, in *reasonInput) (*postOutput, error) {
			return a.postAnswer(ctx)(a.Service.RejectPost(ctx, mustPrincipal(ctx), in.id(), in.post(), in.Body.Reason))
		})
	handle(a, with(http.StatusCreated, op("reportPost", http.MethodPost, "/reports", "Tell the moderators about a post")),
		func(ctx context.Context, in *reasonInput) (*reportOutput, error) {
			return a.reportAnswer(ctx)(a.Service.ReportPost(ctx, mustPrincipal(ctx), in.id(), in.post(), in.Body.Reason))
		})
	handle(a, op("settleReports", http.MethodPost, "/reports/settle", "Tell that the reports of a post have been seen to"),
		func(ctx context.Context, in *PostPath) (*reportsOutput, error) {
			return a.reportsAnswer(ctx)(a.Service.SettleReports(ctx, mustPrincipal(ctx), board.Key{Board: in.id(), Kind: board.KindPost, ID: in.post()}))
		})
	handle(a, op("unsealAuthor", http.MethodPost, "/unseal", "Read who wrote an anonymous post, and why; it goes into the activity log"),
		func(ctx context.Context, in *reasonInput) (*authorOutput, error) {
			return authorAnswer(a.Service.Unseal(ctx, mustPrincipal(ctx), in.id(), in.post(), in.Body.Reason))
		})
	handle(a, with(http.StatusNoContent, op("blockAuthor", http.MethodPost, "/block-author", "Keep the author of a post off the board; refused where they are anonymous to trainers")),
		func(ctx context.Context, in *PostPath) (*struct{}, error) {
			return nil, a.Service.BlockAuthor(ctx, mustPrincipal(ctx), in.id(), in.post())
		})
}

func (a *API) reportAnswer(ctx context.Context) func(*board.Report, error) (*reportOutput, error) {
	return answer[*board.Report](ctx, a, func(c view.Change) *reportOutput { return &reportOutput{Body: *c.Report} })
}

func (a *API) reportsAnswer(ctx context.Context) func([]*board.Report, error) (*reportsOutput, error) {
	return func(reports []*board.Report, err error) (*reportsOutput, error) {
		if err != nil {
			return nil, err
		}
		out := &reportsOutput{}
		out.Body.Reports, err = shapes(ctx, a, reports, func(c view.Change) view.Report { return *c.Report })
		return out, err
	}
}

func authorAnswer(author board.Author, err error) (*authorOutput, error) {
	if err != nil {
		return nil, err
	}
	return &authorOutput{CacheControl: "no-store", Body: view.Author{ID: string(author.ID), Name: author.Name, Trainer: author.Trainer}}, nil
}

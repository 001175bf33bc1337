package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// BulkItem is one post of a bulk.
type BulkItem struct {
	PostID    string  `json:"postId" format:"uuid"`
	Rev       int64   `json:"rev,omitempty" minimum:"1" doc:"The post is left alone when it is at another revision; left out, it does not matter"`
	SectionID *string `json:"sectionId,omitempty" doc:"Of move: empty for no section; left out to stay in its own"`
	Order     string  `json:"order,omitempty" doc:"Of move: digits of base 62, as a fraction between those of the neighbours; left out to stay where it is"`
}

type bulkInput struct {
	BoardPath
	Body struct {
		ID     string     `json:"id" format:"uuid" doc:"Made by the client (UUIDv7): asking again does nothing twice, and it names what to take back"`
		Act    string     `json:"act" enum:"move,delete,colour,approve,reject"`
		Items  []BulkItem `json:"items" nullable:"false" doc:"1 to 200 posts, each once"`
		Colour string     `json:"colour,omitempty" doc:"Of colour: a named colour, or empty for plain"`
		Reason string     `json:"reason,omitempty" doc:"Of reject: 500 characters at most"`
	}
}

type bulkPath struct {
	BoardPath
	Bulk string `path:"bulk" format:"uuid"`
}

// BulkResult is what became of one post.
type BulkResult struct {
	PostID  string     `json:"postId" format:"uuid"`
	Post    *view.Post `json:"post,omitempty" doc:"As it is now; a tombstone when it is deleted"`
	Problem *Problem   `json:"problem,omitempty" doc:"Why nothing was done to it"`
}

type bulkOutput struct {
	Body struct {
		ID      string       `json:"id" format:"uuid" doc:"What to take back"`
		Results []BulkResult `json:"results" nullable:"false" doc:"One for each post, in their order"`
	}
}

func (a *API) registerBulk() {
	op := below("/boards/{board}", "Posts", needsSession())
	handle(a, op("changePosts", http.MethodPost, "/bulk", "Do the same to several posts at once; each answers for itself, unless all are refused for one reason"),
		func(ctx context.Context, in *bulkInput) (*bulkOutput, error) {
			results, err := a.Service.ChangePosts(ctx, mustPrincipal(ctx), in.id(), in.bulk())
			return a.bulkAnswer(ctx, in.Body.ID, results, err)
		})
	handle(a, op("undoBulk", http.MethodPost, "/bulk/{bulk}/undo", "Take back all that was done at once, each where nothing has been done to the post since"),
		func(ctx context.Context, in *bulkPath) (*bulkOutput, error) {
			id, _ := board.ParseID(in.Bulk)
			results, err := a.Service.UndoBulk(ctx, mustPrincipal(ctx), in.id(), id)
			return a.bulkAnswer(ctx, in.Bulk, results, err)
		})
}

func (in *bulkInput) bulk() board.NewBulk {
	id, _ := board.ParseID(in.Body.ID)
	out := board.NewBulk{ID: id, Act: board.BulkAct(in.Body.Act), Colour: board.Colour(in.Body.Colour), Reason: in.Body.Reason}
	for _, item := range in.Body.Items {
		post, _ := board.ParseID(item.PostID)
		place := board.Placement{Section: anID(item.SectionID), Order: item.Order}
		out.Items = append(out.Items, board.BulkItem{Post: post, Rev: board.Rev(item.Rev), Placement: place})
	}
	return out
}

func (a *API) bulkAnswer(ctx context.Context, id string, results []board.BulkResult, err error) (*bulkOutput, error) {
	if err != nil {
		return nil, err
	}
	viewer, err := a.viewer(ctx)
	if err != nil {
		return nil, err
	}
	out := &bulkOutput{}
	out.Body.ID, out.Body.Results = id, make([]BulkResult, 0, len(results))
	for _, r := range results {
		result := BulkResult{PostID: string(r.ID)}
		if r.Err != nil {
			result.Problem = a.refusal(ctx, r.Err)
		} else {
			result.Post = a.View.Post(r.Post, viewer.of(r.Post))
		}
		out.Body.Results = append(out.Body.Results, result)
	}
	return out, nil
}

package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// OperatorBoard is what the operator sees of a board: nothing that is on it.
type OperatorBoard struct {
	ID         string     `json:"id" format:"uuid"`
	Title      string     `json:"title,omitempty"`
	Platform   string     `json:"platform,omitempty" format:"uuid" doc:"Whose it is; absent of an account's or the operator's"`
	CreatedAt  time.Time  `json:"createdAt"`
	UpdatedAt  time.Time  `json:"updatedAt" doc:"When its settings were changed"`
	ArchivedAt *time.Time `json:"archivedAt,omitempty"`
	DeletedAt  *time.Time `json:"deletedAt,omitempty"`
	EraseAt    *time.Time `json:"eraseAt,omitempty" doc:"Of one in the trash: until then it can be restored"`
	Posts      int        `json:"posts"`
	Files      int        `json:"files"`
	Links      int        `json:"links"`
	People     int        `json:"people" doc:"Who has been on it"`
}

// ListedBoard is what the operator sees of each board.
type ListedBoard struct {
	ID         string     `json:"id" format:"uuid"`
	Title      string     `json:"title,omitempty"`
	Owner      string     `json:"owner" enum:"account,platform,nobody" doc:"Who owns it; nobody owns what the operator has made"`
	Account    string     `json:"account,omitempty" format:"uuid" doc:"Whose it is, of an account's"`
	Platform   string     `json:"platform,omitempty" format:"uuid" doc:"Whose it is, of a platform's"`
	CreatedAt  time.Time  `json:"createdAt"`
	UpdatedAt  time.Time  `json:"updatedAt" doc:"When its settings were changed"`
	ArchivedAt *time.Time `json:"archivedAt,omitempty"`
	DeletedAt  *time.Time `json:"deletedAt,omitempty"`
}

type listedBoardsInput struct {
	After string `query:"after" doc:"Go on where a page ended: its next"`
}

type listedBoardsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Boards []ListedBoard `json:"boards" nullable:"false" doc:"In the order of their ids; those in the trash too"`
		Next   string        `json:"next,omitempty" doc:"Where the next page begins; absent of the last"`
	}
}

type operatorBoardOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         OperatorBoard
}

func (a *API) registerOperatorBoards() {
	op := below("/operator/boards", "Operator", needsOperator())
	// after does something to a board, and answers as it is then.
	after := func(do func(context.Context, board.ID) error) func(context.Context, *BoardPath) (*operatorBoardOutput, error) {
		return func(ctx context.Context, in *BoardPath) (*operatorBoardOutput, error) {
			if err := do(ctx, in.id()); err != nil {
				return nil, err
			}
			return a.operatorBoard(ctx, in.id())
		}
	}
	handle(a, op("readOperatorBoards", http.MethodGet, "", "List the boards of everybody, page by page, and nothing of what is on them"), a.listedBoards)
	handle(a, op("readOperatorBoard", http.MethodGet, "/{board}", "Read whose a board is, since when, and how much is on it"),
		after(func(context.Context, board.ID) error { return nil }))
	handle(a, op("archiveOperatorBoard", http.MethodPut, "/{board}/archived", "Put a board away, or take it out again"),
		func(ctx context.Context, in *archiveInput) (*operatorBoardOutput, error) {
			if err := a.Service.ArchiveOperatorBoard(ctx, in.id(), in.Body.Archived); err != nil {
				return nil, err
			}
			return a.operatorBoard(ctx, in.id())
		})
	handle(a, op("deleteOperatorBoard", http.MethodDelete, "/{board}", "Delete a board: after 30 days it is erased"), after(a.Service.TrashOperatorBoard))
	handle(a, op("restoreOperatorBoard", http.MethodPost, "/{board}/restore", "Take a board out of the trash"), after(a.Service.RestoreOperatorBoard))
}

func (a *API) listedBoards(ctx context.Context, in *listedBoardsInput) (*listedBoardsOutput, error) {
	after, _ := board.ParseID(in.After)
	page, next, err := a.Service.OperatorBoards(ctx, after)
	if err != nil {
		return nil, err
	}
	out := &listedBoardsOutput{CacheControl: "no-store"}
	out.Body.Boards, out.Body.Next = make([]ListedBoard, 0, len(page)), string(next)
	for _, b := range page {
		one := ListedBoard{
			ID: string(b.ID), Title: b.Title, Owner: "nobody", Platform: string(b.Platform), CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt,
			ArchivedAt: momentOf(b.ArchivedAt), DeletedAt: momentOf(b.DeletedAt),
		}
		switch {
		case b.Platform != "":
			one.Owner = "platform"
		case b.Account != "":
			one.Owner, one.Account = "account", string(b.Account)
		}
		out.Body.Boards = append(out.Body.Boards, one)
	}
	return out, nil
}

func (a *API) operatorBoard(ctx context.Context, id board.ID) (*operatorBoardOutput, error) {
	f, err := a.Service.OperatorBoard(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &operatorBoardOutput{CacheControl: "no-store"}
	out.Body = OperatorBoard{
		ID: string(f.ID), Title: f.Title, Platform: string(f.Platform), CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt,
		ArchivedAt: momentOf(f.ArchivedAt), DeletedAt: momentOf(f.DeletedAt), EraseAt: momentOf(f.PurgeAt),
		Posts: f.Posts, Files: f.Files, Links: f.Links, People: f.People,
	}
	return out, nil
}

// momentOf is nothing of a moment that never was.
func momentOf(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

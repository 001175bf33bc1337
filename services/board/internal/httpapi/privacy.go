package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"fresque.dev/services/board/internal/board"
)

// UserPath names somebody by the platform's own reference.
type UserPath struct {
	User string `path:"user" maxLength:"800" doc:"The platform's reference, percent-encoded"`
}

// ref is the reference as the platform has it.
func (p UserPath) ref() string {
	ref, err := url.PathUnescape(p.User)
	if err != nil {
		return p.User
	}
	return ref
}

type boardUserPath struct {
	BoardPath
	UserPath
}

// Operation is what the service does with people's data. It names nobody.
type Operation struct {
	ID      string         `json:"operation" format:"uuid"`
	What    string         `json:"what" enum:"erasure,suspension,return,anonymise,eraseWall" doc:"What a person has left is erased; put out of sight after a long absence, or brought back; a wall on which nothing has changed for long is anonymised, or erased"`
	State   string         `json:"state" enum:"queued,done" doc:"What is there is erased at once; it is done about a minute later, when nothing has come meanwhile"`
	AskedAt time.Time      `json:"askedAt"`
	DoneAt  *time.Time     `json:"doneAt,omitempty"`
	BoardID string         `json:"boardId,omitempty" doc:"The one that it is about; absent for all of a person's"`
	Counts  map[string]int `json:"counts" nullable:"false" doc:"How many documents it was about, by their kind"`
}

type operationOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Operation
}

type operationsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Operations []Operation `json:"operations" nullable:"false"`
	}
}

type operationPageOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Operations []Operation `json:"operations" nullable:"false" doc:"Newest first"`
		Next       string      `json:"next,omitempty" doc:"What to go on before; absent when there is nothing older"`
	}
}

type erasuresInput struct {
	Body struct {
		Users []string `json:"users" nullable:"false" doc:"References, 500 at most"`
		Board string   `json:"board,omitempty" format:"uuid" doc:"Only what they left on this board"`
	}
}

type operationPath struct {
	Operation string `path:"operation" format:"uuid"`
}

type operationsInput struct {
	PlatformPath
	Before string `query:"before" doc:"Go on where a page ended: its next"`
}

func (a *API) registerPrivacy() {
	op := asPlatform("", scopePrivacy)
	handle(a, op("exportUser", http.MethodGet, "/users/{user}", "Read all that a person has left on the platform's boards, and nothing of anybody else"), a.exportUser)
	handle(a, with(http.StatusAccepted, op("eraseUser", http.MethodDelete, "/users/{user}", "Erase all that a person has left; again answers as done")),
		func(ctx context.Context, in *UserPath) (*operationOutput, error) { return a.erase(ctx, in.ref(), "") })
	handle(a, with(http.StatusAccepted, op("eraseUserOnBoard", http.MethodDelete, "/boards/{board}/users/{user}", "Erase all that a person has left on one board")),
		func(ctx context.Context, in *boardUserPath) (*operationOutput, error) {
			on, err := oneBoard(in.Board)
			if err != nil {
				return nil, err
			}
			return a.erase(ctx, in.ref(), on)
		})
	handle(a, with(http.StatusAccepted, op("eraseUsers", http.MethodPost, "/erasures", "Erase what several people have left, on all boards or on one")),
		func(ctx context.Context, in *erasuresInput) (*operationsOutput, error) {
			var on board.ID
			var err error
			if in.Body.Board != "" {
				if on, err = oneBoard(in.Body.Board); err != nil {
					return nil, err
				}
			}
			ops, err := a.Service.ErasePeople(ctx, mustPlatform(ctx), in.Body.Users, on)
			if err != nil {
				return nil, err
			}
			out := &operationsOutput{CacheControl: "no-store"}
			out.Body.Operations = operationViews(ops)
			return out, nil
		})
	handle(a, op("readOperation", http.MethodGet, "/operations/{operation}", "Read how far an operation is"),
		func(ctx context.Context, in *operationPath) (*operationOutput, error) {
			id, _ := board.ParseID(in.Operation)
			one, err := a.Service.Operation(ctx, mustPlatform(ctx), id)
			if err != nil {
				return nil, err
			}
			return &operationOutput{CacheControl: "no-store", Body: operationView(one)}, nil
		})
	operator := below("/platforms/{platform}", "Platforms", needsOperator())
	handle(a, operator("readOperations", http.MethodGet, "/operations", "List what was done with people's data, of a site"),
		func(ctx context.Context, in *operationsInput) (*operationPageOutput, error) {
			before, _ := board.ParseID(in.Before)
			ops, err := a.Service.Operations(ctx, in.id(), before)
			if err != nil {
				return nil, err
			}
			out := &operationPageOutput{CacheControl: "no-store"}
			out.Body.Operations = operationViews(ops)
			if len(ops) == board.MaxOperationPage {
				out.Body.Next = string(ops[len(ops)-1].ID)
			}
			return out, nil
		})
}

// oneBoard is the board that an erasure is to stay on. Huma takes UUIDs that are
// written in ways which are no ids here: none of them may stand for every board.
func oneBoard(raw string) (board.ID, error) {
	if id, ok := board.ParseID(raw); ok {
		return id, nil
	}
	return "", board.ErrNotFound
}

func (a *API) erase(ctx context.Context, ref string, on board.ID) (*operationOutput, error) {
	ops, err := a.Service.ErasePeople(ctx, mustPlatform(ctx), []string{ref}, on)
	if err != nil {
		return nil, err
	}
	return &operationOutput{CacheControl: "no-store", Body: operationView(ops[0])}, nil
}

func operationViews(ops []*board.Operation) []Operation {
	out := make([]Operation, 0, len(ops))
	for _, op := range ops {
		out = append(out, operationView(op))
	}
	return out
}

func operationView(op *board.Operation) Operation {
	out := Operation{ID: string(op.ID), What: string(op.What), State: "queued", AskedAt: op.CreatedAt, BoardID: string(op.On), Counts: make(map[string]int)}
	if op.Done() {
		out.State, out.DoneAt = "done", &op.DoneAt
	}
	for kind, n := range op.Counts {
		out.Counts[string(kind)] = n
	}
	return out
}

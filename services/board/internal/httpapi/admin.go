package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/telemetry"
)

// looking are the operations of the operator's that change nothing and give away no
// content and no secret: they are not written down. A new operation is.
var looking = map[string]bool{
	"readPlatforms": true, "readPlatform": true, "readDeliveries": true, "readOperations": true, "readAdminActs": true,
}

// endWithin bounds writing down how an act ended, whatever became of its request.
const endWithin = 5 * time.Second

// Fingerprint names an operator's key, and tells nothing of it.
func Fingerprint(key string) string {
	sum := sha256.Sum256([]byte("fresque operator key " + key))
	return hex.EncodeToString(sum[:6])
}

// adminAct is what an act turns out to be about, while it is done.
type adminAct struct{ on board.ID }

// actsOn says what an act of the operator's is about, where its address does not.
func actsOn(ctx context.Context, id board.ID) {
	if act, ok := ctx.Value(keyAdminAct).(*adminAct); ok {
		act.on = id
	}
}

// asOperator does what the operator asks for, between two lines of the log of what
// was done by their key.
func (a *API) asOperator(ctx huma.Context, key string, next func(huma.Context)) {
	what := ctx.Operation().OperationID
	if looking[what] {
		next(ctx)
		return
	}
	on, _ := board.ParseID(ctx.Param("board"))
	for _, other := range []string{"platform", "account"} {
		if id, ok := board.ParseID(ctx.Param(other)); ok {
			on = id
		}
	}
	d := &board.AdminAct{
		What: what, On: on, Key: Fingerprint(key),
		From: addressOf(ctx.Context()), Request: telemetry.RequestID(ctx.Context()),
	}
	if err := a.Service.BeginAdminAct(ctx.Context(), d, a.AuditFor); err != nil {
		a.refuse(ctx, err)
		return
	}
	act := &adminAct{}
	asked := ctx.Context()
	next(huma.WithValue(ctx, keyAdminAct, act))
	ending, cancel := context.WithTimeout(context.WithoutCancel(asked), endWithin)
	defer cancel()
	if err := a.Service.EndAdminAct(ending, d, act.on, ctx.Status()); err != nil {
		a.Log.WarnContext(ending, "how an act of the operator's ended is not written down", "act", d.ID, "error", err)
	}
}

// AdminAct is something that was done, or tried, with the operator's key.
type AdminAct struct {
	ID      string    `json:"id" format:"uuid"`
	At      time.Time `json:"at"`
	What    string    `json:"what" example:"editPlatform" doc:"The operation"`
	On      string    `json:"on,omitempty" format:"uuid" doc:"The board, platform or account that it was about"`
	Key     string    `json:"key" example:"3f2a90c1d4e5" doc:"The fingerprint of the key that was used"`
	From    string    `json:"from,omitempty" doc:"The address that it came from"`
	Request string    `json:"request,omitempty" doc:"Its name in the logs"`
	Status  int       `json:"status,omitempty" doc:"Of the answer; absent where the service was stopped before it ended"`
}

type adminActsInput struct {
	Before string `query:"before" doc:"Go on where a page ended: its next"`
}

type adminActsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Acts []AdminAct `json:"acts" nullable:"false"`
		Next string     `json:"next,omitempty" doc:"Where the next page begins; absent of the last"`
	}
}

func (a *API) registerAdmin() {
	a.registerOperatorBoards()
	a.registerOperatorLinks()
	a.registerOperatorAccounts()
	a.registerOperatorSetup()
	a.registerOperatorPeople()
	op := below("/operator/acts", "Operator", needsOperator())
	handle(a, op("readAdminActs", http.MethodGet, "", "List what was done with the operator's key, newest first"),
		func(ctx context.Context, in *adminActsInput) (*adminActsOutput, error) {
			before, _ := board.ParseID(in.Before)
			acts, err := a.Service.AdminActs(ctx, before)
			if err != nil {
				return nil, err
			}
			out := &adminActsOutput{CacheControl: "no-store"}
			out.Body.Acts = make([]AdminAct, 0, len(acts))
			for _, d := range acts {
				out.Body.Acts = append(out.Body.Acts, AdminAct{
					ID: string(d.ID), At: d.CreatedAt, What: d.What, On: string(d.On), Key: d.Key, From: d.From, Request: d.Request, Status: d.Status,
				})
			}
			if len(acts) == board.MaxAdminPage {
				out.Body.Next = string(acts[len(acts)-1].ID)
			}
			return out, nil
		})
}

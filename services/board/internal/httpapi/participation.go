package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// completionOf is what is asked as the domain knows it; nil for what was left out.
func completionOf(c *view.Completion) *board.Completion {
	if c == nil {
		return nil
	}
	out := &board.Completion{}
	for _, r := range c.Rules {
		section, _ := board.ParseID(r.SectionID)
		if section == "" {
			section = board.ID(r.SectionID) // which is on no board
		}
		out.Rules = append(out.Rules, board.Rule{Measure: board.Measure(r.Measure), Section: section, Least: r.Least})
	}
	return out
}

type participationInput struct {
	BoardPath
	Since  string `query:"since" maxLength:"100" doc:"What an earlier answer said under now: of whom to tell, who may have changed since"`
	Cursor string `query:"cursor" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type participationOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Participants []view.Participation `json:"participants" nullable:"false"`
		Next         string               `json:"next,omitempty" doc:"For cursor; absent on the last page"`
		Now          string               `json:"now" doc:"For since, next time; empty when it cannot be told, so that everybody is told of"`
	}
}

type checklistOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Rules    []view.Progress `json:"rules" nullable:"false"`
		Complete bool            `json:"complete"`
	}
}

func (a *API) registerParticipation() {
	op := asPlatform("/boards/{board}/participation", scopeParticipation)
	handle(a, op("readParticipation", http.MethodGet, "", "Read who takes part in a board, and how"), a.readParticipation)
	mine := below("/boards/{board}/checklist", "Boards", needsSession())
	handle(a, mine("readChecklist", http.MethodGet, "", "Read how far one has come with what the board asks"), a.readChecklist)
}

func (a *API) readParticipation(ctx context.Context, in *participationInput) (*participationOutput, error) {
	page, err := a.Service.Participation(ctx, mustPlatform(ctx), in.id(), board.ParticipationQuery{Since: in.Since, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &participationOutput{CacheControl: "no-store"}
	out.Body.Next, out.Body.Now = page.Next, page.Now
	out.Body.Participants = make([]view.Participation, 0, len(page.People))
	for _, u := range page.People {
		out.Body.Participants = append(out.Body.Participants, view.ParticipationOf(u))
	}
	return out, nil
}

func (a *API) readChecklist(ctx context.Context, in *BoardPath) (*checklistOutput, error) {
	rules, complete, err := a.Service.Checklist(ctx, mustPrincipal(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &checklistOutput{CacheControl: "no-store"}
	out.Body.Rules, out.Body.Complete = view.ProgressOf(rules), complete
	return out, nil
}

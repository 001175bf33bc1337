package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// GroupFields are what of a group can be chosen.
type GroupFields struct {
	Name  *string `json:"name,omitempty" doc:"60 characters at most"`
	Order *string `json:"order,omitempty" doc:"Digits of base 62, as a fraction; last when left out"`
}

func (f GroupFields) edit() board.GroupEdit { return board.GroupEdit{Name: f.Name, Order: f.Order} }

// NewGroup is what makes a group.
type NewGroup struct {
	ID string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one group"`
	GroupFields
}

// GroupEdit is a change of a group; what is left out stays.
type GroupEdit struct{ GroupFields }

type newGroupInput struct {
	BoardPath
	Body NewGroup
}

// GroupPath names a group.
type GroupPath struct {
	BoardPath
	Group string `path:"group" format:"uuid"`
}

func (p GroupPath) group() board.ID { id, _ := board.ParseID(p.Group); return id }

type editGroupInput struct {
	GroupPath
	Body GroupEdit
}

type groupOutput struct{ Body view.Group }

// ParticipantPath names a participant.
type ParticipantPath struct {
	BoardPath
	Participant string `path:"participant" format:"uuid"`
}

func (p ParticipantPath) participant() board.ID { id, _ := board.ParseID(p.Participant); return id }

type blockInput struct {
	ParticipantPath
	Body struct {
		Blocked bool `json:"blocked"`
	}
}

type groupInput struct {
	ParticipantPath
	Body struct {
		GroupID string `json:"groupId" doc:"Empty for the one of their link"`
	}
}

type participantOutput struct{ Body view.Participant }

func (a *API) registerPeople() {
	op := below("/boards/{board}", "People", needsSession())
	handle(a, with(http.StatusCreated, op("createGroup", http.MethodPost, "/groups", "Add a group")),
		func(ctx context.Context, in *newGroupInput) (*groupOutput, error) {
			id, _ := board.ParseID(in.Body.ID)
			return a.groupAnswer(ctx)(a.Service.CreateGroup(ctx, mustPrincipal(ctx), in.id(), board.NewGroup{ID: id, GroupEdit: in.Body.edit()}))
		})
	handle(a, op("editGroup", http.MethodPatch, "/groups/{group}", "Change a group; what is left out stays"),
		func(ctx context.Context, in *editGroupInput) (*groupOutput, error) {
			return a.groupAnswer(ctx)(a.Service.EditGroup(ctx, mustPrincipal(ctx), in.id(), in.group(), in.Body.edit()))
		})
	handle(a, op("deleteGroup", http.MethodDelete, "/groups/{group}", "Delete a group; its posts stay its own"),
		func(ctx context.Context, in *GroupPath) (*groupOutput, error) {
			return a.groupAnswer(ctx)(a.Service.DeleteGroup(ctx, mustPrincipal(ctx), in.id(), in.group()))
		})
	handle(a, op("blockParticipant", http.MethodPut, "/participants/{participant}/blocked", "Keep somebody off the board, or let them in again"),
		func(ctx context.Context, in *blockInput) (*participantOutput, error) {
			return a.personAnswer(ctx)(a.Service.BlockParticipant(ctx, mustPrincipal(ctx), in.id(), in.participant(), in.Body.Blocked))
		})
	handle(a, op("putInGroup", http.MethodPut, "/participants/{participant}/group", "Put somebody into a group"),
		func(ctx context.Context, in *groupInput) (*participantOutput, error) {
			return a.personAnswer(ctx)(a.Service.PutInGroup(ctx, mustPrincipal(ctx), in.id(), in.participant(), reference(in.Body.GroupID)))
		})
}

func (a *API) groupAnswer(ctx context.Context) func(*board.Group, error) (*groupOutput, error) {
	return answer[*board.Group](ctx, a, func(c view.Change) *groupOutput { return &groupOutput{Body: *c.Group} })
}

func (a *API) personAnswer(ctx context.Context) func(*board.Participant, error) (*participantOutput, error) {
	return answer[*board.Participant](ctx, a, func(c view.Change) *participantOutput { return &participantOutput{Body: *c.Participant} })
}

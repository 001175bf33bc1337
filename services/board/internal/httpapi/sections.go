package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// SectionFields are what of a section can be chosen.
type SectionFields struct {
	Title       *string `json:"title,omitempty" doc:"100 characters at most"`
	Description *string `json:"description,omitempty" doc:"Plain text, 500 characters at most"`
	Colour      *string `json:"colour,omitempty" doc:"A named colour, or empty for plain"`
	Order       *string `json:"order,omitempty" doc:"Digits of base 62, as a fraction between those of the neighbours; last when left out"`
	Locked      *bool   `json:"locked,omitempty" doc:"Only moderators change what is in it"`
	Hidden      *bool   `json:"hidden,omitempty" doc:"Only moderators see it and what is in it"`
}

func (f SectionFields) edit() board.SectionEdit {
	return board.SectionEdit{
		Title: f.Title, Description: f.Description, Colour: named[board.Colour](f.Colour), Order: f.Order, Locked: f.Locked, Hidden: f.Hidden,
	}
}

// NewSection is what makes a section.
type NewSection struct {
	ID string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one section"`
	SectionFields
}

// SectionEdit is a change of a section; what is left out stays.
type SectionEdit struct{ SectionFields }

type newSectionInput struct {
	BoardPath
	Body NewSection
}

// SectionPath names a section.
type SectionPath struct {
	BoardPath
	Section string `path:"section" format:"uuid"`
}

func (p SectionPath) section() board.ID { id, _ := board.ParseID(p.Section); return id }

type editSectionInput struct {
	SectionPath
	Precondition
	Body SectionEdit
}

type deleteSectionInput struct {
	SectionPath
	Posts   string `query:"posts" required:"true" doc:"What becomes of its posts: keep or delete"`
	MovedTo string `query:"movedTo" doc:"The section where kept posts go; none when left out"`
}

type sectionOutput struct {
	ETag string `header:"ETag"`
	Body view.Section
}

func (a *API) registerSections() {
	op := below("/boards/{board}/sections", "Sections", needsSession())
	handle(a, with(http.StatusCreated, op("createSection", http.MethodPost, "", "Add a section")),
		func(ctx context.Context, in *newSectionInput) (*sectionOutput, error) {
			id, _ := board.ParseID(in.Body.ID)
			return a.sectionAnswer(ctx)(a.Service.CreateSection(ctx, mustPrincipal(ctx), in.id(), board.NewSection{ID: id, SectionEdit: in.Body.edit()}))
		})
	handle(a, op("editSection", http.MethodPatch, "/{section}", "Change a section; what is left out stays"),
		func(ctx context.Context, in *editSectionInput) (*sectionOutput, error) {
			rev, err := in.revision(false)
			if err != nil {
				return nil, err
			}
			return a.sectionAnswer(ctx)(a.Service.EditSection(ctx, mustPrincipal(ctx), in.id(), in.section(), rev, in.Body.edit()))
		})
	handle(a, op("deleteSection", http.MethodDelete, "/{section}", "Delete a section; it can be restored, with its posts"),
		func(ctx context.Context, in *deleteSectionInput) (*sectionOutput, error) {
			return a.sectionAnswer(ctx)(a.Service.DeleteSection(ctx, mustPrincipal(ctx), in.id(), in.section(), board.Fate(in.Posts), reference(in.MovedTo)))
		})
	handle(a, op("restoreSection", http.MethodPost, "/{section}/restore", "Undo a deletion, for the posts as well"),
		func(ctx context.Context, in *SectionPath) (*sectionOutput, error) {
			return a.sectionAnswer(ctx)(a.Service.RestoreSection(ctx, mustPrincipal(ctx), in.id(), in.section()))
		})
}

func (a *API) sectionAnswer(ctx context.Context) func(*board.Section, error) (*sectionOutput, error) {
	return answer[*board.Section](ctx, a, func(c view.Change) *sectionOutput {
		return &sectionOutput{ETag: revisionTag(c.Section.Rev), Body: *c.Section}
	})
}

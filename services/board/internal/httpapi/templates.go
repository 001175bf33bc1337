package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/problem"
)

// Template is what a wall can start from.
type Template struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Layout      string            `json:"layout" doc:"As in Settings"`
	Sections    []TemplateSection `json:"sections" nullable:"false"`
}

// TemplateSection is a section of a wall made from the template.
type TemplateSection struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Colour      string `json:"colour,omitempty"`
}

type templatesOutput struct {
	Body struct {
		Templates []Template `json:"templates" nullable:"false"`
	}
}

// Duplicate is a wall made out of another.
type Duplicate struct {
	Wall    OwnedWall `json:"wall"`
	LeftOut LeftOut   `json:"leftOut"`
}

// LeftOut counts what a duplicate is without.
type LeftOut struct {
	Pictures int `json:"pictures" doc:"Uploads stay on the wall that they were sent to"`
	Posts    int `json:"posts" doc:"Those that were nothing but uploads"`
}

type duplicateInput struct {
	BoardPath
	Body struct {
		ID      string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one wall"`
		Title   string `json:"title,omitempty" doc:"That of the original, marked as a copy, when left out"`
		Posts   bool   `json:"posts" doc:"Whether the posts come along, by their authors' names"`
		Session string `json:"session,omitempty" maxLength:"4000" doc:"A session that moderates the wall, when it is somebody else's"`
	}
}

type duplicateOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Duplicate
}

func (a *API) registerTemplates() {
	op := below("", "My walls", needsAccount())
	handle(a, op("readTemplates", http.MethodGet, "/templates", "List what a wall can start from, in the language of Accept-Language"), readTemplates)
	handle(a, with(http.StatusCreated, op("duplicateWall", http.MethodPost, "/account/walls/{board}/duplicates", "Make a wall of one's own out of another")), a.duplicateWall)
}

func readTemplates(ctx context.Context, _ *struct{}) (*templatesOutput, error) {
	out := &templatesOutput{}
	for _, t := range board.Templates() {
		words := t.In(string(problem.Negotiate(languageOf(ctx))))
		v := Template{ID: t.ID, Title: words.Title, Description: words.Description, Layout: string(t.Settings.Told().Layout), Sections: []TemplateSection{}}
		for i, s := range words.Sections {
			v.Sections = append(v.Sections, TemplateSection{Title: s.Title, Description: s.Description, Colour: string(t.Colours[i])})
		}
		out.Body.Templates = append(out.Body.Templates, v)
	}
	return out, nil
}

func (a *API) duplicateWall(ctx context.Context, in *duplicateInput) (*duplicateOutput, error) {
	var from board.Principal
	if in.Body.Session != "" {
		var err error
		if from, _, err = a.session(in.Body.Session); err != nil {
			return nil, err
		}
	}
	id, _ := board.ParseID(in.Body.ID)
	b, without, err := a.Service.Duplicate(ctx, mustAccount(ctx), in.id(), from, board.NewDuplicate{ID: id, Title: in.Body.Title, Posts: in.Body.Posts})
	if err != nil {
		return nil, err
	}
	wall, err := a.wallAnswer(ctx, b.ID, nil)
	if err != nil {
		return nil, err
	}
	return &duplicateOutput{CacheControl: "no-store", Body: Duplicate{Wall: wall.Body, LeftOut: LeftOut(without)}}, nil
}

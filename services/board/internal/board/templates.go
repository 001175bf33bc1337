package board

import (
	"context"
	_ "embed" // the templates
	"encoding/json"
	"sync"

	"fresque.dev/services/internal/fault"
)

// Template is what a wall can start from.
type Template struct {
	ID       string
	Settings Settings
	// Colours are those of the sections.
	Colours []Colour
	Words   map[string]TemplateWords
}

// TemplateWords are a template in one language.
type TemplateWords struct {
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Sections    []TemplateSection `json:"sections"`
}

// TemplateSection is what a section is called.
type TemplateSection struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

var errUnknownTemplate = fault.New(fault.Invalid, "unknown_template").At("template")

//go:embed templates.json
var templatesFile []byte

var templates = sync.OnceValue(func() []Template {
	var all []struct {
		ID       string        `json:"id"`
		Settings Settings      `json:"settings"`
		Colours  []Colour      `json:"colours"`
		FR       TemplateWords `json:"fr"`
		EN       TemplateWords `json:"en"`
	}
	if err := json.Unmarshal(templatesFile, &all); err != nil {
		panic(err) // the file is part of the binary
	}
	out := make([]Template, 0, len(all))
	for _, t := range all {
		out = append(out, Template{ID: t.ID, Settings: t.Settings, Colours: t.Colours, Words: map[string]TemplateWords{"fr": t.FR, "en": t.EN}})
	}
	return out
})

// Templates lists the templates, in the order in which they are offered.
func Templates() []Template { return templates() }

// In gives the words of a template in a language, French if there are none.
func (t Template) In(language string) TemplateWords {
	words, known := t.Words[language]
	if !known {
		return t.Words["fr"]
	}
	return words
}

// CreateFromTemplate makes a wall that an account owns out of a template.
func (s *Service) CreateFromTemplate(ctx context.Context, a *Account, id string, in NewWall) (*Board, error) {
	for _, t := range Templates() {
		if t.ID != id {
			continue
		}
		words := t.In(in.Language)
		if in.Description == "" {
			in.Description = words.Description
		}
		in.base = &Board{Settings: t.Settings}
		in.before = func(ctx context.Context, sc *scene) error { return s.plantSections(ctx, sc, t, words) }
		return s.CreateWall(ctx, a, in)
	}
	return nil, faults{errUnknownTemplate}.err()
}

func (s *Service) plantSections(ctx context.Context, sc *scene, t Template, words TemplateWords) error {
	order := ""
	for i, told := range words.Sections {
		order = OrderBetween(order, "")
		sec := &Section{Title: told.Title, Description: told.Description, Colour: t.Colours[i], Order: order}
		sec.ID, sec.Board = derivedID("section of a template", sc.board.ID, ID(t.Words["fr"].Sections[i].Title)), sc.board.ID
		if _, _, err := create(ctx, s, sc, NotLogged, sec); err != nil {
			return err
		}
	}
	return nil
}

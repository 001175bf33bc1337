package httpapi

import (
	"context"
	"net/http"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// PlatformBoard is a board as the platform that owns it reads it.
type PlatformBoard struct {
	Board      view.Board `json:"board"`
	ExternalID string     `json:"externalId,omitempty" doc:"What the platform calls it"`
	// Sections are those that rules can be about.
	Sections []SectionName `json:"sections,omitempty" doc:"In their order; told where one board is read, and absent for none"`
}

// SectionName is a section as those name it who ask for posts in it.
type SectionName struct {
	ID    string `json:"id" format:"uuid"`
	Title string `json:"title"`
}

// IdempotencyKey names a request, so that repeating it does nothing more.
type IdempotencyKey struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"Made by the client, anew for each thing it wants made"`
}

type newPlatformBoardInput struct {
	IdempotencyKey
	Body struct {
		ExternalID string `json:"externalId,omitempty" doc:"What the platform calls it, 200 characters at most"`
		BoardWords
		Template   string           `json:"template,omitempty" doc:"One of GET /templates; the language says in which words"`
		Settings   *SettingsEdit    `json:"settings,omitempty" doc:"Over those of the template, and those with which the platform's boards begin"`
		Completion *view.Completion `json:"completion,omitempty"`
	}
}

type platformBoardOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         PlatformBoard
}

type platformBoardsInput struct {
	ExternalID string `query:"externalId" maxLength:"800" doc:"Only those that the platform calls so"`
	Cursor     string `query:"cursor" maxLength:"100" doc:"What the page before said under next"`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type platformBoardsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Boards []PlatformBoard `json:"boards" nullable:"false"`
		Next   string          `json:"next,omitempty" doc:"For cursor; absent on the last page"`
	}
}

type editPlatformBoardInput struct {
	BoardPath
	Precondition
	Body struct {
		ExternalID  *string          `json:"externalId,omitempty" doc:"200 characters at most"`
		Title       *string          `json:"title,omitempty" doc:"200 characters at most"`
		Description *string          `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
		Language    *string          `json:"language,omitempty" doc:"fr or en"`
		Settings    *SettingsEdit    `json:"settings,omitempty" doc:"What is left out stays"`
		Completion  *view.Completion `json:"completion,omitempty" doc:"Whole; no rules ask for nothing"`
	}
}

func (a *API) registerPlatformBoards() {
	op := asPlatform("/boards", scopeBoards)
	handle(a, with(http.StatusCreated, op("createPlatformBoard", http.MethodPost, "", "Make a board")), a.createPlatformBoard)
	handle(a, op("readPlatformBoards", http.MethodGet, "", "List the boards"), a.readPlatformBoards)
	handle(a, op("readPlatformBoard", http.MethodGet, "/{board}", "Read a board"), a.readPlatformBoard)
	handle(a, op("editPlatformBoard", http.MethodPatch, "/{board}", "Change a board: whatever its revision, without If-Match"), a.editPlatformBoard)
	handle(a, with(http.StatusNoContent, op("deletePlatformBoard", http.MethodDelete, "/{board}", "Delete a board: after 30 days it is erased")),
		func(ctx context.Context, in *BoardPath) (*struct{}, error) {
			return nil, a.Service.TrashPlatformBoard(ctx, mustPlatform(ctx), in.id())
		})
}

func (a *API) createPlatformBoard(ctx context.Context, in *newPlatformBoardInput) (*platformBoardOutput, error) {
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	b, err := a.Service.CreatePlatformBoard(ctx, mustPlatform(ctx), board.PlatformBoard{
		Key: in.Key, External: in.Body.ExternalID, Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language, Settings: settings,
		Template: in.Body.Template, Completion: completionOf(in.Body.Completion),
	})
	return a.platformBoard(b, err)
}

func (a *API) readPlatformBoard(ctx context.Context, in *BoardPath) (*platformBoardOutput, error) {
	b, sections, err := a.Service.PlatformBoard(ctx, mustPlatform(ctx), in.id())
	out, err := a.platformBoard(b, err)
	if err != nil {
		return nil, err
	}
	for _, sec := range sections {
		out.Body.Sections = append(out.Body.Sections, SectionName{ID: string(sec.ID), Title: sec.Title})
	}
	return out, nil
}

func (a *API) readPlatformBoards(ctx context.Context, in *platformBoardsInput) (*platformBoardsOutput, error) {
	below, _ := board.ParseID(in.Cursor)
	boards, next, err := a.Service.PlatformBoards(ctx, mustPlatform(ctx), board.PlatformBoardQuery{External: in.ExternalID, Below: below, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &platformBoardsOutput{CacheControl: "no-store"}
	out.Body.Boards, out.Body.Next = make([]PlatformBoard, 0, len(boards)), string(next)
	for _, b := range boards {
		out.Body.Boards = append(out.Body.Boards, a.platformBoardView(b))
	}
	return out, nil
}

func (a *API) editPlatformBoard(ctx context.Context, in *editPlatformBoardInput) (*platformBoardOutput, error) {
	rev, err := in.revision(false)
	if err != nil {
		return nil, err
	}
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	b, err := a.Service.EditPlatformBoard(ctx, mustPlatform(ctx), in.id(), rev, board.PlatformBoardEdit{
		External: in.Body.ExternalID,
		BoardEdit: board.BoardEdit{
			Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language,
			Completion: completionOf(in.Body.Completion), SettingsEdit: settings,
		},
	})
	return a.platformBoard(b, err)
}

func (a *API) platformBoard(b *board.Board, err error) (*platformBoardOutput, error) {
	if err != nil {
		return nil, err
	}
	return &platformBoardOutput{ETag: revisionTag(int64(b.Rev)), CacheControl: "no-store", Body: a.platformBoardView(b)}, nil
}

// platformBoardView reads nothing more: what is said of a board depends on it alone.
func (a *API) platformBoardView(b *board.Board) PlatformBoard {
	sight := board.NewSight(b, nil, nil, a.Now())
	return PlatformBoard{Board: *a.View.Board(b, view.Viewer{Level: board.LevelModerators, Sight: sight}), ExternalID: b.External}
}

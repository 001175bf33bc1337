package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
)

// BoardPath names a board. Huma reads embedded structs only when exported.
type BoardPath struct {
	Board string `path:"board" format:"uuid"`
}

func (p BoardPath) id() board.ID { id, _ := board.ParseID(p.Board); return id }

// Precondition is the revision that a change is for.
type Precondition struct {
	IfMatch string `header:"If-Match" doc:"The revision that this change is for, as in ETag" example:"\"3\""`
}

// revision reads the header; required tells whether it may be left out.
func (m Precondition) revision(required bool) (board.Rev, error) {
	if m.IfMatch == "" {
		if required {
			return 0, fault.New(fault.PreconditionRequired, "if_match_required").At("If-Match")
		}
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(m.IfMatch, "W/"), `"`), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "if_match_invalid").At("If-Match")
	}
	return board.Rev(n), nil
}

type boardOutput struct {
	ETag string `header:"ETag"`
	Body view.Board
}

// BoardWithLinks is a new board.
type BoardWithLinks struct {
	Board view.Board `json:"board"`
	Links []Link     `json:"links" nullable:"false"`
}

// BoardWords are what a new board says. Huma reads embedded structs only when exported.
type BoardWords struct {
	Title       string `json:"title" doc:"200 characters at most"`
	Description string `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
	Language    string `json:"language,omitempty" doc:"fr or en: of what the board itself says"`
}

type newBoardInput struct {
	Body struct {
		ID string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one board"`
		BoardWords
		Settings *SettingsEdit `json:"settings,omitempty"`
	}
}

type editBoardInput struct {
	BoardPath
	Precondition
	Body struct {
		Title       *string `json:"title,omitempty" doc:"200 characters at most"`
		Description *string `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
		Language    *string `json:"language,omitempty" doc:"fr or en: of what the board itself says"`
		// Off: everybody sees who is here and who is writing.
		PresenceHidden *bool         `json:"presenceHidden,omitempty" doc:"Whether to keep from everybody who is here"`
		Settings       *SettingsEdit `json:"settings,omitempty" doc:"What is left out stays"`
	}
}

type createdBoard struct {
	CacheControl string `header:"Cache-Control"`
	Body         BoardWithLinks
}

type archiveInput struct {
	BoardPath
	Body struct {
		Archived bool `json:"archived"`
	}
}

func (a *API) registerBoards() {
	op := below("/boards", "Boards", needsSession())
	create := with(http.StatusCreated, op("createBoard", http.MethodPost, "", "Make a board and its links"))
	create.Security = needsOperator()
	handle(a, create, a.createBoard)
	handle(a, op("readBoard", http.MethodGet, "/{board}", "Read a board"),
		func(ctx context.Context, in *BoardPath) (*boardOutput, error) {
			return a.boardAnswer(ctx)(a.Service.ReadBoard(ctx, mustPrincipal(ctx), in.id()))
		})
	handle(a, op("editBoard", http.MethodPatch, "/{board}", "Change a board and its settings"), a.editBoard)
	handle(a, op("archiveBoard", http.MethodPut, "/{board}/archived", "Put a board away, or take it out again"),
		func(ctx context.Context, in *archiveInput) (*boardOutput, error) {
			return a.boardAnswer(ctx)(a.Service.ArchiveBoard(ctx, mustPrincipal(ctx), in.id(), in.Body.Archived))
		})
}

func (a *API) boardAnswer(ctx context.Context) func(*board.Board, error) (*boardOutput, error) {
	return answer[*board.Board](ctx, a, func(c view.Change) *boardOutput {
		return &boardOutput{ETag: revisionTag(c.Board.Rev), Body: *c.Board}
	})
}

func (a *API) createBoard(ctx context.Context, in *newBoardInput) (*createdBoard, error) {
	id, _ := board.ParseID(in.Body.ID)
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	b, links, err := a.Service.CreateBoard(ctx, board.NewBoard{
		ID: id, Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language, Settings: settings,
	})
	if err != nil {
		return nil, err
	}
	actsOn(ctx, b.ID)
	sight, err := a.Service.SightOf(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	body := BoardWithLinks{Board: *a.View.Board(b, view.Viewer{Level: board.LevelModerators, Sight: sight}), Links: a.links(links)}
	return &createdBoard{CacheControl: "no-store", Body: body}, nil
}

func (a *API) editBoard(ctx context.Context, in *editBoardInput) (*boardOutput, error) {
	rev, err := in.revision(true)
	if err != nil {
		return nil, err
	}
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	return a.boardAnswer(ctx)(a.Service.EditBoard(ctx, mustPrincipal(ctx), in.id(), rev, board.BoardEdit{
		Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language,
		PresenceHidden: in.Body.PresenceHidden, SettingsEdit: settings,
	}))
}

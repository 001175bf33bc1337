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
}

// IdempotencyKey names a request, so that repeating it does nothing more.
type IdempotencyKey struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"Made by the client, anew for each thing it wants made"`
}

type newPlatformBoardInput struct {
	IdempotencyKey
	Body struct {
		ExternalID  string           `json:"externalId,omitempty" doc:"What the platform calls it, 200 characters at most"`
		Title       string           `json:"title" doc:"200 characters at most"`
		Description string           `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
		Language    string           `json:"language,omitempty" doc:"fr or en: of what the board itself says"`
		Settings    *SettingsEdit    `json:"settings,omitempty"`
		Completion  *view.Completion `json:"completion,omitempty"`
	}
}

type platformBoardOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         PlatformBoard
}

func (a *API) registerPlatformBoards() {
	op := asPlatform("/boards", scopeBoards)
	handle(a, with(http.StatusCreated, op("createPlatformBoard", http.MethodPost, "", "Make a board")), a.createPlatformBoard)
	handle(a, op("readPlatformBoard", http.MethodGet, "/{board}", "Read a board"), func(ctx context.Context, in *BoardPath) (*platformBoardOutput, error) {
		b, err := a.Service.PlatformOwns(ctx, mustPlatform(ctx), in.id())
		return a.platformBoard(ctx, b, err)
	})
}

func (a *API) createPlatformBoard(ctx context.Context, in *newPlatformBoardInput) (*platformBoardOutput, error) {
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	b, err := a.Service.CreatePlatformBoard(ctx, mustPlatform(ctx), board.PlatformBoard{
		Key: in.Key, External: in.Body.ExternalID, Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language, Settings: settings,
		Completion: completionOf(in.Body.Completion),
	})
	return a.platformBoard(ctx, b, err)
}

func (a *API) platformBoard(ctx context.Context, b *board.Board, err error) (*platformBoardOutput, error) {
	if err != nil {
		return nil, err
	}
	sight, err := a.Service.SightOf(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	return &platformBoardOutput{
		ETag: revisionTag(int64(b.Rev)), CacheControl: "no-store",
		Body: PlatformBoard{Board: *a.View.Board(b, view.Viewer{Level: board.LevelModerators, Sight: sight}), ExternalID: b.External},
	}, nil
}

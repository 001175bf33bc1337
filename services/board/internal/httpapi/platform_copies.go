package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"fresque.dev/services/board/internal/board"
)

// ClonedBoard is a board that was made out of another.
type ClonedBoard struct {
	PlatformBoard
	Without LeftOut `json:"without" doc:"What the copy is without: uploads that were not ready, and posts that were nothing else"`
}

type cloneInput struct {
	BoardPath
	IdempotencyKey
	Body struct {
		ExternalID    string `json:"externalId,omitempty" doc:"What the platform calls the copy"`
		Title         string `json:"title,omitempty" doc:"The original's when left out"`
		Language      string `json:"language,omitempty" doc:"fr or en; the original's when left out"`
		Contributions bool   `json:"contributions,omitempty" doc:"Whether posts, their uploads and comments come along, by the same users"`
	}
}

type cloneOutput struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         ClonedBoard
}

type resetBoardInput struct {
	BoardPath
	Body struct {
		Contributions bool `json:"contributions,omitempty" doc:"Posts, comments, reactions, uploads, the log, and who was there"`
		Groups        bool `json:"groups,omitempty" doc:"Groups, and who is in them"`
	}
}

type resetBoardOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Posts        int  `json:"posts" doc:"What was erased by this call, here and below"`
		Comments     int  `json:"comments"`
		Media        int  `json:"media"`
		Participants int  `json:"participants"`
		Groups       int  `json:"groups"`
		More         bool `json:"more,omitempty" doc:"Time ran out: ask again, and it goes on"`
	}
}

type exportInput struct {
	BoardPath
	Contributions bool `query:"contributions" default:"true" doc:"Whether posts and comments are in it"`
}

type exportOutput struct {
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Body         []byte
}

func (a *API) registerPlatformCopies() {
	op := asPlatform("/boards", scopeBoards)
	handle(a, with(http.StatusCreated, op("clonePlatformBoard", http.MethodPost, "/{board}/clone", "Make a board out of another")), a.clonePlatformBoard)
	handle(a, op("resetPlatformBoard", http.MethodPost, "/{board}/reset", "Erase what people have left on a board"), a.resetPlatformBoard)
	handle(a, op("exportPlatformBoard", http.MethodGet, "/{board}/export", "Read a whole board for a backup; uploads are not in it"), a.exportPlatformBoard)
}

func (a *API) clonePlatformBoard(ctx context.Context, in *cloneInput) (*cloneOutput, error) {
	b, without, err := a.Service.ClonePlatformBoard(ctx, mustPlatform(ctx), in.id(), board.Clone{
		Key: in.Key, External: in.Body.ExternalID, Title: in.Body.Title, Language: in.Body.Language, Contributions: in.Body.Contributions,
	})
	out, err := a.platformBoard(b, err)
	if err != nil {
		return nil, err
	}
	return &cloneOutput{ETag: out.ETag, CacheControl: out.CacheControl, Body: ClonedBoard{
		PlatformBoard: out.Body, Without: LeftOut(without),
	}}, nil
}

func (a *API) resetPlatformBoard(ctx context.Context, in *resetBoardInput) (*resetBoardOutput, error) {
	done, err := a.Service.ResetBoard(ctx, mustPlatform(ctx), in.id(), board.Reset{Contributions: in.Body.Contributions, Groups: in.Body.Groups})
	if err != nil {
		return nil, err
	}
	out := &resetBoardOutput{CacheControl: "no-store"}
	out.Body.Posts, out.Body.Comments, out.Body.Media = done.Posts, done.Comments, done.Media
	out.Body.Participants, out.Body.Groups, out.Body.More = done.People, done.Groups, done.More
	return out, nil
}

func (a *API) exportPlatformBoard(ctx context.Context, in *exportInput) (*exportOutput, error) {
	t, err := a.Service.ExportPlatformBoard(ctx, mustPlatform(ctx), in.id(), in.Contributions)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(t)
	return &exportOutput{CacheControl: "no-store", ContentType: "application/json", Body: raw}, err
}

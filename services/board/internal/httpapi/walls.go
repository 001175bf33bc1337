package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// OwnedWall is a wall as its owner lists it.
type OwnedWall struct {
	ID          string     `json:"id" format:"uuid"`
	Title       string     `json:"title"`
	Role        string     `json:"role" enum:"owner,moderator" doc:"What one is on it"`
	Description string     `json:"description,omitempty"`
	Layout      string     `json:"layout" doc:"As in Settings"`
	Colour      string     `json:"colour,omitempty" doc:"Of the background"`
	CreatedAt   time.Time  `json:"createdAt"`
	ChangedAt   time.Time  `json:"changedAt" doc:"When anything on the wall last changed"`
	ArchivedAt  *time.Time `json:"archivedAt,omitempty"`
	DeletedAt   *time.Time `json:"deletedAt,omitempty" doc:"Of one in the trash"`
	ErasedAt    *time.Time `json:"erasedAt,omitempty" doc:"When one in the trash is erased for good"`
}

type wallsInput struct {
	Text string `query:"q" maxLength:"200" doc:"What titles have in them, whatever their case and accents"`
}

type wallsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Walls []OwnedWall `json:"walls" nullable:"false"`
	}
}

type ownedWallOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         OwnedWall
}

type newWallInput struct {
	Body struct {
		ID          string        `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one wall; the wall's own id follows from it"`
		Title       string        `json:"title" doc:"200 characters at most"`
		Description string        `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
		Language    string        `json:"language,omitempty" doc:"fr or en: of what the board itself says"`
		Settings    *SettingsEdit `json:"settings,omitempty"`
		Template    string        `json:"template,omitempty" doc:"One of GET /templates; the language says in which words"`
	}
}

type ownerSessionInput struct {
	BoardPath
	Body struct {
		Name string `json:"name,omitempty" doc:"How others will read you; the account's name when left out"`
	}
}

type moderatorsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Moderators []SessionParticipant `json:"moderators" nullable:"false"`
	}
}

func (a *API) registerWalls() {
	op := below("/account/walls", "My walls", needsAccount())
	handle(a, op("readWalls", http.MethodGet, "", "List one's walls, archived and deleted ones too, last changed first"), a.readWalls)
	handle(a, with(http.StatusCreated, op("createWall", http.MethodPost, "", "Make a wall of one's own")), a.createWall)
	handle(a, with(http.StatusCreated, op("openWall", http.MethodPost, "/{board}/session", "Open a wall of one's own, as its owner")),
		func(ctx context.Context, in *ownerSessionInput) (*sessionOutput, error) {
			p, err := a.Service.Owner(ctx, mustAccount(ctx), in.id(), in.Body.Name)
			if err != nil {
				return nil, err
			}
			return a.sessionFor(ctx, p)
		})
	handle(a, op("archiveWall", http.MethodPut, "/{board}/archived", "Put a wall away, or take it out again"),
		func(ctx context.Context, in *archiveInput) (*ownedWallOutput, error) {
			return a.wallAnswer(ctx, in.id(), a.Service.ArchiveWall(ctx, mustAccount(ctx), in.id(), in.Body.Archived))
		})
	handle(a, op("deleteWall", http.MethodDelete, "/{board}", "Put a wall into the trash, for 30 days"),
		func(ctx context.Context, in *BoardPath) (*ownedWallOutput, error) {
			return a.wallAnswer(ctx, in.id(), a.Service.TrashWall(ctx, mustAccount(ctx), in.id()))
		})
	handle(a, op("restoreWall", http.MethodPost, "/{board}/restore", "Take a wall out of the trash"),
		func(ctx context.Context, in *BoardPath) (*ownedWallOutput, error) {
			return a.wallAnswer(ctx, in.id(), a.Service.RestoreWall(ctx, mustAccount(ctx), in.id()))
		})
	a.registerTeam()
	handle(a, op("readModerators", http.MethodGet, "/{board}/moderators", "List who moderates a wall besides its owner"),
		func(ctx context.Context, in *BoardPath) (*moderatorsOutput, error) {
			people, err := a.Service.ModeratorsOf(ctx, mustAccount(ctx), in.id())
			out := &moderatorsOutput{CacheControl: "no-store"}
			out.Body.Moderators = []SessionParticipant{}
			for _, d := range people {
				out.Body.Moderators = append(out.Body.Moderators, SessionParticipant{ID: string(d.ID), Name: d.Name})
			}
			return out, err
		})
}

func (a *API) readWalls(ctx context.Context, in *wallsInput) (*wallsOutput, error) {
	walls, err := a.Service.Walls(ctx, mustAccount(ctx), in.Text)
	out := &wallsOutput{CacheControl: "no-store"}
	out.Body.Walls = make([]OwnedWall, 0, len(walls))
	for _, w := range walls {
		out.Body.Walls = append(out.Body.Walls, wallView(w))
	}
	return out, err
}

func (a *API) createWall(ctx context.Context, in *newWallInput) (*ownedWallOutput, error) {
	settings, err := in.Body.Settings.edit()
	if err != nil {
		return nil, err
	}
	id, _ := board.ParseID(in.Body.ID)
	wall := board.NewWall{ID: id, NewBoard: board.NewBoard{
		Title: in.Body.Title, Description: in.Body.Description, Language: in.Body.Language, Settings: settings,
	}}
	create := a.Service.CreateWall
	if in.Body.Template != "" {
		create = func(ctx context.Context, account *board.Account, wall board.NewWall) (*board.Board, error) {
			return a.Service.CreateFromTemplate(ctx, account, in.Body.Template, wall)
		}
	}
	b, err := create(ctx, mustAccount(ctx), wall)
	if err != nil {
		return nil, err
	}
	return a.wallAnswer(ctx, b.ID, nil)
}

func (a *API) wallAnswer(ctx context.Context, id board.ID, err error) (*ownedWallOutput, error) {
	if err != nil {
		return nil, err
	}
	w, err := a.Service.OwnedWall(ctx, mustAccount(ctx), id)
	if err != nil {
		return nil, err
	}
	return &ownedWallOutput{CacheControl: "no-store", Body: wallView(w)}, nil
}

func wallView(w board.Wall) OwnedWall {
	told := w.Settings.Told()
	return OwnedWall{
		ID: string(w.ID), Title: w.Title, Role: string(w.Role), Description: w.Description, Layout: string(told.Layout), Colour: string(told.Background.Colour),
		CreatedAt: w.CreatedAt, ChangedAt: w.ChangedAt,
		ArchivedAt: optional(w.ArchivedAt), DeletedAt: optional(w.DeletedAt), ErasedAt: optional(w.PurgeAt),
	}
}

// optional leaves a zero time out.
func optional(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

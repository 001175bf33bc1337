package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

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

// Link is a way onto a board.
type Link struct {
	ID   string `json:"id" format:"uuid"`
	Role string `json:"role" enum:"moderator,writer,reader"`
	URL  string `json:"url" doc:"The secret is in the fragment, which browsers never send"`
}

// BoardWithLinks is a new board.
type BoardWithLinks struct {
	Board view.Board `json:"board"`
	Links []Link     `json:"links" nullable:"false"`
}

type newBoardInput struct {
	Body struct {
		ID          string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one board"`
		Title       string `json:"title" doc:"200 characters at most"`
		Description string `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
	}
}

type editBoardInput struct {
	BoardPath
	Precondition
	Body struct {
		Title       *string `json:"title,omitempty" doc:"200 characters at most"`
		Description *string `json:"description,omitempty" doc:"Plain text, 2,000 characters at most"`
		// Off: everybody sees who is here and who is writing.
		PresenceHidden *bool `json:"presenceHidden,omitempty" doc:"Whether to keep from everybody who is here"`
	}
}

type createdBoard struct {
	CacheControl string `header:"Cache-Control"`
	Body         BoardWithLinks
}

type linksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Links []Link `json:"links" nullable:"false"`
	}
}

func (a *API) registerBoards() {
	tags := []string{"Boards"}
	handle(a, huma.Operation{
		OperationID: "createBoard", Method: http.MethodPost, Path: "/boards", Tags: tags, Security: needsOperator(),
		DefaultStatus: http.StatusCreated, Summary: "Make a board and its links",
	}, a.createBoard)
	handle(a, huma.Operation{
		OperationID: "readBoard", Method: http.MethodGet, Path: "/boards/{board}", Tags: tags, Security: needsSession(),
		Summary: "Read a board",
	}, func(ctx context.Context, in *BoardPath) (*boardOutput, error) {
		return a.boardAnswer(a.Service.ReadBoard(ctx, mustPrincipal(ctx), in.id()))
	})
	handle(a, huma.Operation{
		OperationID: "editBoard", Method: http.MethodPatch, Path: "/boards/{board}", Tags: tags, Security: needsSession(),
		Summary: "Change a board's title or description",
	}, a.editBoard)
	handle(a, huma.Operation{
		OperationID: "readLinks", Method: http.MethodGet, Path: "/boards/{board}/links", Tags: tags, Security: needsSession(),
		Summary: "List the links that open a board",
	}, a.readLinks)
}

func (a *API) boardAnswer(b *board.Board, err error) (*boardOutput, error) {
	if err != nil {
		return nil, err
	}
	v := a.View.Board(b)
	return &boardOutput{ETag: revisionTag(v.Rev), Body: v}, nil
}

func (a *API) createBoard(ctx context.Context, in *newBoardInput) (*createdBoard, error) {
	id, _ := board.ParseID(in.Body.ID)
	b, links, err := a.Service.CreateBoard(ctx, board.NewBoard{ID: id, Title: in.Body.Title, Description: in.Body.Description})
	if err != nil {
		return nil, err
	}
	return &createdBoard{CacheControl: "no-store", Body: BoardWithLinks{Board: a.View.Board(b), Links: a.links(links)}}, nil
}

func (a *API) editBoard(ctx context.Context, in *editBoardInput) (*boardOutput, error) {
	rev, err := in.revision(true)
	if err != nil {
		return nil, err
	}
	return a.boardAnswer(a.Service.EditBoard(ctx, mustPrincipal(ctx), in.id(), rev, board.BoardEdit{
		Title: in.Body.Title, Description: in.Body.Description, PresenceHidden: in.Body.PresenceHidden,
	}))
}

func (a *API) readLinks(ctx context.Context, in *BoardPath) (*linksOutput, error) {
	links, err := a.Service.ReadLinks(ctx, mustPrincipal(ctx), in.id())
	if err != nil {
		return nil, err
	}
	out := &linksOutput{CacheControl: "no-store"}
	out.Body.Links = a.links(links)
	return out, nil
}

func (a *API) links(links []*board.Link) []Link {
	out := make([]Link, 0, len(links))
	for _, l := range links {
		out = append(out, Link{ID: string(l.ID), Role: string(l.Role), URL: LinkURL(a.PublicURL, a.Service.Sealer, l)})
	}
	return out
}

// LinkURL writes the address of a link. The secret stands in the fragment: it
// is never sent, logged or told in a referrer.
func LinkURL(publicURL string, sealer board.LinkSealer, l *board.Link) string {
	return publicURL + "/w/" + string(l.Board) + "#" + sealer.Secret(l.Board, l.ID)
}

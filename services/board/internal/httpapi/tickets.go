package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/token"
)

// GroupRef is a group as a platform knows it.
type GroupRef struct {
	Ref  string `json:"ref" doc:"The platform's own reference, 200 characters at most"`
	Name string `json:"name,omitempty" doc:"What people call it; cut at 60 characters"`
}

type ticketInput struct {
	BoardPath
	Body struct {
		User     string    `json:"user" doc:"The platform's own reference, 200 characters at most: the same for the same person"`
		Name     string    `json:"name,omitempty" doc:"How others read them; cut at 60 characters, a pseudonym where there is none"`
		Role     string    `json:"role" enum:"owner,moderator,writer,commenter,reader"`
		Group    *GroupRef `json:"group,omitempty" doc:"The group that they come with; made, or renamed, where that is needed"`
		Origin   string    `json:"origin,omitempty" doc:"That of the page which shows the wall in a frame, one of the platform's; left out for a page of its own"`
		Language string    `json:"language,omitempty" maxLength:"40" doc:"That of the page, such as fr or en_GB; what is not spoken here is left to the person"`
		Theme    string    `json:"theme,omitempty" doc:"light, dark or auto"`
	}
}

type ticketOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Ticket    string    `json:"ticket" doc:"For POST /api/v1/sessions, once"`
		URL       string    `json:"url" doc:"Opens the wall, once"`
		ExpiresAt time.Time `json:"expiresAt"`
	}
}

type membersInput struct {
	BoardPath
	Body struct {
		Groups  []GroupRef  `json:"groups" nullable:"false" doc:"All of them, 200 at most"`
		Members []MemberRef `json:"members" nullable:"false" doc:"All of them, 5,000 at most"`
	}
}

// MemberRef is a user as a platform lists them.
type MemberRef struct {
	User   string   `json:"user" doc:"The platform's own reference"`
	Name   string   `json:"name,omitempty"`
	Groups []string `json:"groups,omitempty" nullable:"false" doc:"References of groups, the one they come with first"`
}

type membersOutput struct {
	Body struct {
		Groups  int `json:"groups" doc:"How many there are"`
		Members int `json:"members" doc:"How many there are"`
		Moved   int `json:"moved" doc:"How many who have come are in another group than before"`
	}
}

func (a *API) registerTickets() {
	handle(a, with(http.StatusCreated, asPlatform("/boards", scopeTickets)("createTicket", http.MethodPost, "/{board}/tickets", "Let somebody onto a board, once, within a minute")), a.createTicket)
	handle(a, asPlatform("/boards", scopeBoards)("setMembers", http.MethodPut, "/{board}/members", "Say which groups there are and who is in them"), a.setMembers)
}

func (a *API) createTicket(ctx context.Context, in *ticketInput) (*ticketOutput, error) {
	request := board.TicketRequest{
		User: in.Body.User, Name: in.Body.Name, Role: board.Role(in.Body.Role),
		Origin: in.Body.Origin, Language: in.Body.Language, Theme: in.Body.Theme,
	}
	if in.Body.Group != nil {
		request.Group = &board.GroupRef{Ref: in.Body.Group.Ref, Name: in.Body.Group.Name}
	}
	t, err := a.Service.GiveTicket(ctx, mustPlatform(ctx), in.id(), request)
	if err != nil {
		return nil, err
	}
	signed, expires, err := a.Tokens.Sign(token.TypeTicket, token.AudienceBoard, board.TicketLife, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{ID: string(t.ID)},
		Board:            string(t.Board), Platform: string(t.Platform), User: string(t.User), Group: string(t.Group), Role: string(t.Role),
		Origin: t.Origin, Language: t.Language, Theme: t.Theme,
	})
	if err != nil {
		return nil, err
	}
	out := &ticketOutput{CacheControl: "no-store"}
	out.Body.Ticket, out.Body.ExpiresAt = signed, expires
	out.Body.URL = a.PublicURL + "/w/" + string(t.Board) + "#ticket=" + signed
	return out, nil
}

func (a *API) setMembers(ctx context.Context, in *membersInput) (*membersOutput, error) {
	groups := make([]board.GroupRef, 0, len(in.Body.Groups))
	for _, g := range in.Body.Groups {
		groups = append(groups, board.GroupRef(g))
	}
	members := make([]board.MemberRef, 0, len(in.Body.Members))
	for _, m := range in.Body.Members {
		members = append(members, board.MemberRef(m))
	}
	done, err := a.Service.SetMembers(ctx, mustPlatform(ctx), in.id(), groups, members)
	if err != nil {
		return nil, err
	}
	out := new(membersOutput)
	out.Body.Groups, out.Body.Members, out.Body.Moved = done.Groups, done.Members, done.Moved
	return out, nil
}

// What is wrong with a ticket, to whoever holds it.
var (
	errTicketInvalid = fault.New(fault.Unauthenticated, "ticket_invalid")
	errTicketExpired = fault.New(fault.Unauthenticated, "ticket_expired")
)

// enterByTicket takes a ticket, and gives the site that gave it.
func (a *API) enterByTicket(ctx context.Context, in *sessionInput) (board.Principal, *SessionSite, error) {
	claims, err := token.Verify(in.Body.Ticket, token.TypeTicket, token.AudienceBoard, a.key, a.Now)
	switch {
	case errors.Is(err, token.ErrExpired):
		return board.Principal{}, nil, errTicketExpired
	case err != nil:
		return board.Principal{}, nil, errTicketInvalid
	}
	at, ok := board.ParseID(in.Body.BoardID)
	if !ok {
		at = board.ID(in.Body.BoardID) // which is no board: only nothing is any
	}
	p, err := a.Service.TakeTicket(ctx, board.BoardTicket{
		ID: board.ID(claims.ID), Board: board.ID(claims.Board), Platform: board.ID(claims.Platform), User: board.ID(claims.User),
		Group: board.ID(claims.Group), Role: board.Role(claims.Role), Origin: claims.Origin, Until: claims.ExpiresAt.Time,
	}, at, in.Body.Embedder)
	return p, &SessionSite{Origin: claims.Origin, Language: claims.Language, Theme: claims.Theme}, err
}

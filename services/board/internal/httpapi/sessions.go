package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/internal/token"
)

const (
	// sessionTTL is an account's.
	sessionTTL = 15 * time.Minute
	renewalTTL = 30 * 24 * time.Hour
	// visitTTL is the renewal's of somebody whom a platform let in: it lives in
	// their page, which dies with it.
	visitTTL = 12 * time.Hour
)

// Session is what opens a board for a while.
type Session struct {
	Token       string             `json:"token" doc:"To send as Authorization: Bearer"`
	ExpiresAt   time.Time          `json:"expiresAt"`
	Renewal     string             `json:"renewal" doc:"Makes a new session for the same participant, for 30 days; to be kept on the device"`
	BoardID     string             `json:"boardId" format:"uuid"`
	Role        string             `json:"role" enum:"owner,moderator,writer,commenter,reader"`
	GroupID     string             `json:"groupId,omitempty"`
	Participant SessionParticipant `json:"participant"`
	Site        *SessionSite       `json:"site,omitempty" doc:"Of somebody who came by a ticket: nothing is to be kept on the device"`
	Abilities   []string           `json:"abilities" nullable:"false" doc:"All that this session may do now; the live stream tells of changes"`
}

// SessionSite is the page around, as the ticket's platform told it.
type SessionSite struct {
	Origin   string `json:"origin,omitempty" doc:"Empty for a page that is in no frame"`
	Language string `json:"language,omitempty"`
	Theme    string `json:"theme,omitempty"`
}

// SessionParticipant is whom a session is for.
type SessionParticipant struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name" doc:"Empty until given; needed to post"`
}

type sessionInput struct {
	Body struct {
		BoardID  string `json:"boardId,omitempty" format:"uuid" doc:"Needed with a secret or a renewal"`
		Secret   string `json:"secret,omitempty" maxLength:"200" doc:"From the link's fragment, the first time"`
		Code     string `json:"code,omitempty" maxLength:"20" doc:"Six characters that were typed, instead of a secret"`
		Password string `json:"password,omitempty" maxLength:"800" doc:"Of a link that has one"`
		Renewal  string `json:"renewal,omitempty" maxLength:"4000" doc:"From an earlier session, to stay the same participant"`
		Name     string `json:"name,omitempty" doc:"How others will read you, 60 characters at most"`
		Account  string `json:"account,omitempty" maxLength:"4000" doc:"The token of an account: whoever has signed in is no guest"`
		Ticket   string `json:"ticket,omitempty" maxLength:"4000" doc:"From a platform's site, instead of a secret"`
		Embedder string `json:"embedder,omitempty" maxLength:"300" doc:"With a ticket: the origin of the page around, when there is one"`
	}
}

type sessionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Session
}

func (a *API) registerSessions() {
	handle(a, huma.Operation{
		OperationID: "createSession", Method: http.MethodPost, Path: "/sessions", Tags: []string{"Sessions"},
		DefaultStatus: http.StatusCreated, Summary: "Exchange a link's secret, a ticket, or a renewal, for a session",
	}, a.createSession)
}

func (a *API) createSession(ctx context.Context, in *sessionInput) (*sessionOutput, error) {
	if in.Body.Ticket != "" {
		p, site, err := a.enterByTicket(ctx, in)
		if err != nil {
			return nil, err
		}
		out, err := a.sessionFor(ctx, p)
		if err == nil {
			out.Body.Site = site
		}
		return out, err
	}
	p, err := a.enter(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.sessionFor(ctx, p)
}

// sessionFor makes the session of a principal.
func (a *API) sessionFor(ctx context.Context, p board.Principal) (*sessionOutput, error) {
	telemetry.OfBoard(ctx, string(p.Board))
	telemetry.OfPlatform(ctx, string(p.Platform))
	abilities, err := a.Service.AbilitiesOf(ctx, p)
	if err != nil {
		return nil, err
	}
	claims := token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: string(p.Participant)},
		Board:            string(p.Board), Role: string(p.Role), Name: p.Name, Link: string(p.Link),
		Group: string(p.Group), Account: string(p.Account), Generation: p.Generation,
		User: string(p.User), Platform: string(p.Platform),
	}
	session, expires, err := a.Tokens.Sign(token.TypeSession, token.AudienceBoard, a.SessionLife, claims)
	if err != nil {
		return nil, err
	}
	life := renewalTTL
	if p.Platform != "" {
		life = visitTTL
	}
	renewal, _, err := a.Tokens.Sign(token.TypeRenewal, token.AudienceBoard, life, claims)
	if err != nil {
		return nil, err
	}
	out := &sessionOutput{CacheControl: "no-store", Body: Session{
		Token: session, ExpiresAt: expires, Renewal: renewal, BoardID: string(p.Board), Role: string(p.Role), GroupID: string(p.Group),
		Participant: SessionParticipant{ID: string(p.Participant), Name: p.Name}, Abilities: []string{},
	}}
	for _, ability := range abilities {
		out.Body.Abilities = append(out.Body.Abilities, string(ability))
	}
	return out, nil
}

// enter finds out who comes. With both a secret and a renewal, the link says
// the role and the renewal says who: somebody who opens the link again stays
// the same participant.
func (a *API) enter(ctx context.Context, in *sessionInput) (board.Principal, error) {
	id, _ := board.ParseID(in.Body.BoardID)
	telemetry.OfBoard(ctx, string(id))
	was, err := a.renewal(in.Body.Renewal, id)
	if in.Body.Secret == "" && in.Body.Code == "" {
		if err != nil {
			return board.Principal{}, err
		}
		return a.Service.Renew(ctx, was, in.Body.Name)
	}
	signedIn, err := a.account(ctx, in.Body.Account)
	if in.Body.Account != "" && err != nil {
		return board.Principal{}, err
	}
	entry := board.Entry{SignedIn: signedIn, Board: id, Secret: in.Body.Secret, Password: in.Body.Password, Name: in.Body.Name, Was: was}
	if in.Body.Code != "" {
		entry.Secret = in.Body.Code
		return limitedBy(ctx, a, a.codes, addressOf(ctx), func() (board.Principal, error) { return a.Service.EnterByCode(ctx, entry) })
	}
	return limitedBy(ctx, a, a.secrets, addressOf(ctx), func() (board.Principal, error) { return a.Service.EnterByLink(ctx, entry) })
}

func (a *API) renewal(raw string, id board.ID) (board.Principal, error) {
	was, _, err := a.read(raw, token.TypeRenewal)
	if err != nil {
		return board.Principal{}, err
	}
	if was.Board != id {
		return board.Principal{}, token.ErrInvalid
	}
	return was, nil
}

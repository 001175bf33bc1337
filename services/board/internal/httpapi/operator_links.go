package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// OperatorLink is what the operator sees of a link: nothing that opens it, and no
// name that a person has given.
type OperatorLink struct {
	ID        string     `json:"id" format:"uuid"`
	Role      string     `json:"role" enum:"moderator,writer,commenter,reader"`
	CreatedAt time.Time  `json:"createdAt"`
	Password  bool       `json:"password" doc:"Whether a password is asked for"`
	Code      bool       `json:"code" doc:"Whether there are characters to type"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	MaxUses   int        `json:"maxUses,omitempty" doc:"Participants who may come by it"`
	Uses      int        `json:"uses,omitempty" doc:"Those who have, if there is a limit"`
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
}

type operatorLinkOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         OperatorLink
}

type operatorLinksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Links []OperatorLink `json:"links" nullable:"false"`
	}
}

func (a *API) registerOperatorLinks() {
	op := below("/operator/boards/{board}/links", "Operator", needsOperator())
	handle(a, op("readOperatorLinks", http.MethodGet, "", "List the ways onto a board, and those that there were, without what opens them"),
		func(ctx context.Context, in *BoardPath) (*operatorLinksOutput, error) {
			links, err := a.Service.OperatorLinks(ctx, in.id())
			if err != nil {
				return nil, err
			}
			out := &operatorLinksOutput{CacheControl: "no-store"}
			out.Body.Links = make([]OperatorLink, 0, len(links))
			for _, l := range links {
				out.Body.Links = append(out.Body.Links, operatorLinkView(l))
			}
			return out, nil
		})
	handle(a, with(http.StatusCreated, op("createOperatorLink", http.MethodPost, "", "Add a way onto a board; its address is told now, and not again")),
		func(ctx context.Context, in *newLinkInput) (*linkOutput, error) {
			edit, err := in.Body.edit()
			if err != nil {
				return nil, err
			}
			id, _ := board.ParseID(in.Body.ID)
			return a.linkAnswer(a.Service.CreateOperatorLink(ctx, in.id(), board.NewLink{ID: id, LinkEdit: edit}))
		})
	handle(a, op("revokeOperatorLink", http.MethodDelete, "/{link}", "End a link for good: who came by it is out at once"),
		func(ctx context.Context, in *LinkPath) (*operatorLinkOutput, error) {
			l, err := a.Service.RevokeOperatorLink(ctx, in.id(), in.link())
			if err != nil {
				return nil, err
			}
			return &operatorLinkOutput{CacheControl: "no-store", Body: operatorLinkView(l)}, nil
		})
}

func operatorLinkView(l *board.Link) OperatorLink {
	return OperatorLink{
		ID: string(l.ID), Role: string(l.Role), CreatedAt: l.CreatedAt, Password: l.Password != "", Code: l.Code != "",
		ExpiresAt: momentOf(l.ExpiresAt), MaxUses: l.MaxUses, Uses: l.Uses, RevokedAt: momentOf(l.RevokedAt),
	}
}

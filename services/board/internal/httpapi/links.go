package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Link is a way onto a board.
type Link struct {
	ID        string     `json:"id" format:"uuid"`
	Role      string     `json:"role" enum:"moderator,writer,commenter,reader"`
	URL       string     `json:"url" doc:"The secret is in the fragment, which browsers never send"`
	Name      string     `json:"name,omitempty" doc:"For those who hand links out"`
	GroupID   string     `json:"groupId,omitempty" doc:"Where those who come by it belong"`
	Password  bool       `json:"password" doc:"Whether a password is asked for"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty"`
	MaxUses   int        `json:"maxUses,omitempty" doc:"Participants who may come by it"`
	Uses      int        `json:"uses,omitempty" doc:"Those who have, if there is a limit"`
	Code      string     `json:"code,omitempty" doc:"To be typed on the home page"`
}

// LinkFields are what of a link can be chosen.
type LinkFields struct {
	Name      *string `json:"name,omitempty" doc:"60 characters at most"`
	Role      *string `json:"role,omitempty" doc:"moderator, writer, commenter or reader"`
	GroupID   *string `json:"groupId,omitempty" doc:"Empty for none"`
	Password  *string `json:"password,omitempty" doc:"4 to 200 characters; empty for none"`
	ExpiresAt *string `json:"expiresAt,omitempty" doc:"RFC 3339; empty for never"`
	MaxUses   *int    `json:"maxUses,omitempty" doc:"0 for no limit"`
}

func (l LinkFields) edit() (board.LinkEdit, error) {
	expires, err := moment("expiresAt", l.ExpiresAt)
	return board.LinkEdit{
		Name: l.Name, Role: named[board.Role](l.Role), Group: anID(l.GroupID), Password: l.Password, ExpiresAt: expires, MaxUses: l.MaxUses,
	}, err
}

// NewLink is what makes a link.
type NewLink struct {
	ID string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one link"`
	LinkFields
}

// LinkEdit is a change of a link; what is left out stays.
type LinkEdit struct{ LinkFields }

type newLinkInput struct {
	BoardPath
	Body NewLink
}

// LinkPath names a link.
type LinkPath struct {
	BoardPath
	Link string `path:"link" format:"uuid"`
}

func (p LinkPath) link() board.ID { id, _ := board.ParseID(p.Link); return id }

type editLinkInput struct {
	LinkPath
	Body LinkEdit
}

type linkOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Link
}

type linksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Links      []Link   `json:"links" nullable:"false"`
		EmbedSites []string `json:"embedSites" nullable:"false" doc:"Sites whose pages may show the board in a frame, as the operator says"`
	}
}

func (a *API) registerLinks() {
	op := below("/boards/{board}/links", "Links", needsSession())
	handle(a, op("readLinks", http.MethodGet, "", "List the links that open a board"),
		func(ctx context.Context, in *BoardPath) (*linksOutput, error) {
			links, err := a.Service.ReadLinks(ctx, mustPrincipal(ctx), in.id())
			if err != nil {
				return nil, err
			}
			out := &linksOutput{CacheControl: "no-store"}
			out.Body.Links = a.links(links)
			out.Body.EmbedSites = append([]string{}, a.EmbedSites...)
			return out, nil
		})
	handle(a, with(http.StatusCreated, op("createLink", http.MethodPost, "", "Add a way onto a board")),
		func(ctx context.Context, in *newLinkInput) (*linkOutput, error) {
			edit, err := in.Body.edit()
			if err != nil {
				return nil, err
			}
			id, _ := board.ParseID(in.Body.ID)
			return a.linkAnswer(a.Service.CreateLink(ctx, mustPrincipal(ctx), in.id(), board.NewLink{ID: id, LinkEdit: edit}))
		})
	handle(a, op("editLink", http.MethodPatch, "/{link}", "Change a link; what is left out stays"),
		func(ctx context.Context, in *editLinkInput) (*linkOutput, error) {
			edit, err := in.Body.edit()
			if err != nil {
				return nil, err
			}
			return a.linkAnswer(a.Service.EditLink(ctx, mustPrincipal(ctx), in.id(), in.link(), edit))
		})
	handle(a, op("revokeLink", http.MethodDelete, "/{link}", "End a link for good: who came by it is out at once"),
		func(ctx context.Context, in *LinkPath) (*linkOutput, error) {
			return a.linkAnswer(a.Service.RevokeLink(ctx, mustPrincipal(ctx), in.id(), in.link()))
		})
	handle(a, op("giveCode", http.MethodPost, "/{link}/code", "Give a link six characters to type, or tell those that it has"),
		func(ctx context.Context, in *LinkPath) (*linkOutput, error) {
			return a.linkAnswer(a.Service.GiveCode(ctx, mustPrincipal(ctx), in.id(), in.link()))
		})
}

func (a *API) linkAnswer(l *board.Link, err error) (*linkOutput, error) {
	if err != nil {
		return nil, err
	}
	return &linkOutput{CacheControl: "no-store", Body: a.linkView(l)}, nil
}

func (a *API) links(links []*board.Link) []Link {
	out := make([]Link, 0, len(links))
	for _, l := range links {
		out = append(out, a.linkView(l))
	}
	return out
}

func (a *API) linkView(l *board.Link) Link {
	v := Link{
		ID: string(l.ID), Role: string(l.Role), URL: LinkURL(a.PublicURL, a.Service.Sealer, l), Name: l.Name, GroupID: string(l.Group),
		Password: l.Password != "", MaxUses: l.MaxUses, Uses: l.Uses, Code: l.Code,
	}
	if !l.ExpiresAt.IsZero() {
		v.ExpiresAt = &l.ExpiresAt
	}
	return v
}

// LinkURL writes the address of a link. The secret stands in the fragment: it
// is never sent, logged or told in a referrer.
func LinkURL(publicURL string, sealer board.LinkSealer, l *board.Link) string {
	return publicURL + "/w/" + string(l.Board) + "#" + sealer.Secret(l.Board, l.ID)
}

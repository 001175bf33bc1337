package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/token"
)

// MediaPath names an upload.
type MediaPath struct {
	BoardPath
	Media string `path:"media" format:"uuid"`
}

func (p MediaPath) media() board.ID { id, _ := board.ParseID(p.Media); return id }

type newMediaInput struct {
	BoardPath
	Body struct {
		ID   string `json:"id,omitempty" format:"uuid" doc:"Made by the client (UUIDv7), so that a retry makes one upload"`
		Size int64  `json:"size" doc:"Bytes; the snapshot's limits say how many of which kind"`
		Type string `json:"type" example:"image/jpeg" doc:"What the browser believes; empty when it knows no better"`
		Name string `json:"name,omitempty" example:"bilan.pdf" doc:"The file's own; its extension counts where browsers do not know a type"`
	}
}

// Upload says where the bytes go, and with what credential.
type Upload struct {
	URL       string    `json:"url" doc:"A tus 1.0 endpoint: create the upload there"`
	Token     string    `json:"token" doc:"To send as Authorization: Bearer; opens this one upload"`
	ExpiresAt time.Time `json:"expiresAt"`
	MaxBytes  int64     `json:"maxBytes"`
}

// NewMedia is an upload that may begin.
type NewMedia struct {
	Media  view.Media `json:"media"`
	Upload Upload     `json:"upload"`
}

type newMediaOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         NewMedia
}

type mediaOutput struct {
	ETag string `header:"ETag"`
	Body view.Media
}

func (a *API) registerMedia() {
	op := below("/boards/{board}/media", "Media", needsSession())
	handle(a, with(http.StatusCreated, op("createMedia", http.MethodPost, "", "Announce an upload, and get the ticket for it")), a.createMedia)
	handle(a, op("readMedia", http.MethodGet, "/{media}", "Read how far an upload has come"),
		func(ctx context.Context, in *MediaPath) (*mediaOutput, error) {
			return answer[*board.Media](ctx, a, func(c view.Change) *mediaOutput {
				return &mediaOutput{ETag: revisionTag(c.Media.Rev), Body: *c.Media}
			})(a.Service.ReadMedia(ctx, mustPrincipal(ctx), in.id(), in.media()))
		})
}

func (a *API) createMedia(ctx context.Context, in *newMediaInput) (*newMediaOutput, error) {
	p := mustPrincipal(ctx)
	id, _ := board.ParseID(in.Body.ID)
	m, err := a.Service.BeginMedia(ctx, p, in.id(), board.NewMedia{ID: id, Size: in.Body.Size, Type: in.Body.Type, Name: in.Body.Name})
	if err != nil {
		return nil, err
	}
	upload, err := a.uploadFor(ctx, m, p.Participant)
	if err != nil {
		return nil, err
	}
	return &newMediaOutput{CacheControl: "no-store", Body: NewMedia{
		Media: *a.View.Media(m.Media, view.Viewer{Level: board.LevelMembers, Own: true}), Upload: upload,
	}}, nil
}

// uploadFor makes the credential of an upload, for whoever sends it.
func (a *API) uploadFor(ctx context.Context, m board.Ticket, who board.ID) (Upload, error) {
	ticket, expires, err := a.Tokens.Sign(token.TypeUpload, token.AudienceMedia, board.TicketTTL, token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: string(who)},
		Board:            string(m.Board), Media: string(m.ID), Max: m.Max, Kinds: kindNames(m.Kinds), Type: m.Type, Name: m.Name, Trace: a.Tracer.Carry(ctx),
	})
	return Upload{URL: a.UploadURL, Token: ticket, ExpiresAt: expires, MaxBytes: m.Max}, err
}

func kindNames(kinds []board.ContentKind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}

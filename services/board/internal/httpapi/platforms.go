package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/token"
)

// Platform is a site that calls the service for its people.
type Platform struct {
	ID        string    `json:"id" format:"uuid" doc:"Also its client_id"`
	Name      string    `json:"name"`
	Issuer    string    `json:"issuer" doc:"The site's own address"`
	KeysURL   string    `json:"keysUrl,omitempty" doc:"Where it publishes its public keys"`
	Keys      string    `json:"keys,omitempty" doc:"A JSON Web Key Set, where it publishes none"`
	Origins   []string  `json:"origins" nullable:"false" doc:"Whose pages may show its walls in a frame"`
	Webhook   string    `json:"webhook,omitempty" doc:"The address that is told of participation"`
	Quotas    Quotas    `json:"quotas"`
	Retention Retention `json:"retention"`
	Language  string    `json:"language,omitempty"`
	Closed    bool      `json:"closed,omitempty" doc:"Shut out by the operator"`
	CreatedAt time.Time `json:"createdAt"`
}

// Quotas bound what a platform may have.
type Quotas struct {
	Boards         int `json:"boards" minimum:"0" doc:"0 for the service's own bound, here and below"`
	MediaMiB       int `json:"mediaMib" minimum:"0" doc:"Of all boards together"`
	CallsPerMinute int `json:"callsPerMinute" minimum:"0"`
}

// Retention is how long a platform's data are kept, in days; 0 is for ever.
type Retention struct {
	SuspendAfter int    `json:"suspendAfter" minimum:"0" doc:"Days of absence after which what a person has posted is put out of sight"`
	EraseAfter   int    `json:"eraseAfter" minimum:"0" doc:"Days of absence after which it is erased"`
	WallsAfter   int    `json:"wallsAfter" minimum:"0" doc:"Days without a change after which a wall ends"`
	Ends         string `json:"ends,omitempty" enum:"anonymise,erase" doc:"What becomes of it then"`
}

// PlatformEdit is a change of a platform; what is left out stays.
type PlatformEdit struct {
	Name      *string       `json:"name,omitempty" doc:"120 characters at most"`
	Issuer    *string       `json:"issuer,omitempty" doc:"https://…"`
	KeysURL   *string       `json:"keysUrl,omitempty" doc:"https://…; this or keys is needed"`
	Keys      *string       `json:"keys,omitempty" doc:"A JSON Web Key Set"`
	Origins   *[]string     `json:"origins,omitempty" nullable:"false" doc:"20 at most, each as https://host"`
	Webhook   *string       `json:"webhook,omitempty" doc:"https://…; empty for none"`
	Quotas    *Quotas       `json:"quotas,omitempty"`
	Retention *Retention    `json:"retention,omitempty"`
	Language  *string       `json:"language,omitempty" doc:"fr or en: of its new boards"`
	Defaults  *SettingsEdit `json:"defaults,omitempty" doc:"With which its boards begin"`
	Closed    *bool         `json:"closed,omitempty"`
}

type newPlatformInput struct {
	Body struct {
		ID string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a retry makes one platform"`
		PlatformEdit
	}
}

// PlatformPath names a platform. Huma reads embedded structs only when exported.
type PlatformPath struct {
	Platform string `path:"platform" format:"uuid"`
}

func (p PlatformPath) id() board.ID { id, _ := board.ParseID(p.Platform); return id }

type editPlatformInput struct {
	PlatformPath
	Body PlatformEdit
}

type platformOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Platform
}

type platformsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Platforms []Platform `json:"platforms" nullable:"false"`
	}
}

func (a *API) registerPlatforms() {
	op := below("/platforms", "Platforms", needsOperator())
	handle(a, with(http.StatusCreated, op("connectPlatform", http.MethodPost, "", "Connect a site")),
		func(ctx context.Context, in *newPlatformInput) (*platformOutput, error) {
			edit, err := in.Body.edit()
			if err != nil {
				return nil, err
			}
			id, _ := board.ParseID(in.Body.ID)
			p, err := a.Service.ConnectPlatform(ctx, id, edit)
			if err == nil {
				actsOn(ctx, p.ID)
			}
			return platformAnswer(p, err)
		})
	handle(a, op("readPlatforms", http.MethodGet, "", "List the sites"), func(ctx context.Context, _ *struct{}) (*platformsOutput, error) {
		all, err := a.Service.Platforms(ctx)
		if err != nil {
			return nil, err
		}
		out := &platformsOutput{CacheControl: "no-store"}
		out.Body.Platforms = make([]Platform, 0, len(all))
		for _, p := range all {
			out.Body.Platforms = append(out.Body.Platforms, platformView(p))
		}
		return out, nil
	})
	handle(a, op("readPlatform", http.MethodGet, "/{platform}", "Read a site"), func(ctx context.Context, in *PlatformPath) (*platformOutput, error) {
		return platformAnswer(a.Service.PlatformAt(ctx, in.id()))
	})
	handle(a, op("editPlatform", http.MethodPatch, "/{platform}", "Change a site, or shut it out"),
		func(ctx context.Context, in *editPlatformInput) (*platformOutput, error) {
			edit, err := in.Body.edit()
			if err != nil {
				return nil, err
			}
			return platformAnswer(a.Service.EditPlatform(ctx, in.id(), edit))
		})
}

func (e PlatformEdit) edit() (board.PlatformEdit, error) {
	out := board.PlatformEdit{
		Name: e.Name, Issuer: e.Issuer, KeysURL: e.KeysURL, Keys: e.Keys, Webhook: e.Webhook, Language: e.Language,
		Origins: e.Origins, Closed: e.Closed,
	}
	if e.Quotas != nil {
		out.Quotas = &board.Quotas{Boards: e.Quotas.Boards, MediaMiB: e.Quotas.MediaMiB, CallsPerMinute: e.Quotas.CallsPerMinute}
	}
	if r := e.Retention; r != nil {
		out.Retention = &board.Retention{SuspendAfter: r.SuspendAfter, EraseAfter: r.EraseAfter, WallsAfter: r.WallsAfter, Ends: board.WallEnd(r.Ends)}
	}
	if e.Defaults == nil {
		return out, nil
	}
	defaults, err := e.Defaults.edit()
	out.Defaults = &defaults
	return out, err
}

func platformAnswer(p *board.Platform, err error) (*platformOutput, error) {
	if err != nil {
		return nil, err
	}
	return &platformOutput{CacheControl: "no-store", Body: platformView(p)}, nil
}

func platformView(p *board.Platform) Platform {
	return Platform{
		ID: string(p.ID), Name: p.Name, Issuer: p.Issuer, KeysURL: p.KeysURL, Keys: p.Keys, Origins: append([]string{}, p.Origins...),
		Webhook: p.Webhook, Language: p.Language, Closed: p.Closed, CreatedAt: p.CreatedAt,
		Quotas: Quotas{Boards: p.Quotas.Boards, MediaMiB: p.Quotas.MediaMiB, CallsPerMinute: p.Quotas.CallsPerMinute},
		Retention: Retention{
			SuspendAfter: p.Retention.SuspendAfter, EraseAfter: p.Retention.EraseAfter, WallsAfter: p.Retention.WallsAfter, Ends: string(p.Retention.Ends),
		},
	}
}

// platform gives the platform whose access token this is, when it may what the
// operation demands.
func (a *API) platform(ctx context.Context, raw string, security []map[string][]string) (*board.Platform, error) {
	claims, err := token.Verify(raw, token.TypePlatform, token.AudiencePlatform, a.key, a.Now)
	if err != nil {
		return nil, err
	}
	granted := strings.Fields(claims.Scope)
	for _, demand := range security {
		for _, scope := range demand[schemePlatform] {
			if !slices.Contains(granted, scope) {
				return nil, fault.New(fault.Forbidden, "scope_insufficient").With("scope", scope)
			}
		}
	}
	return a.Service.OpenPlatform(ctx, board.ID(claims.Subject))
}

// mustPlatform is for operations that need one.
func mustPlatform(ctx context.Context) *board.Platform {
	p, _ := ctx.Value(keyPlatform).(*board.Platform)
	return p
}

// asPlatform makes the operations of one part of a platform's API, which need a
// scope.
func asPlatform(base, scope string) func(id, method, path, summary string) huma.Operation {
	return below("/platform"+base, tagPlatforms, needsPlatform(scope))
}

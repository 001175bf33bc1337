package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/view"
)

// PlatformItself is a platform as it reads itself.
type PlatformItself struct {
	Platform
	Used     Used          `json:"used"`
	Defaults view.Settings `json:"defaults" doc:"With which its boards begin"`
	Time     time.Time     `json:"time" doc:"The service's, to compare clocks by"`
	Version  string        `json:"version" doc:"Of this API"`
}

// Used is how much of its quotas a platform uses.
type Used struct {
	Boards   int `json:"boards" doc:"Without those in the trash"`
	MediaMiB int `json:"mediaMib" doc:"As last counted when something was uploaded"`
}

type platformItselfOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         PlatformItself
}

func (a *API) registerPlatformItself() {
	op := below("/platform", tagPlatforms, needsPlatform())
	handle(a, op("readPlatformItself", http.MethodGet, "", "Read what the service knows of the platform that asks"),
		func(ctx context.Context, _ *struct{}) (*platformItselfOutput, error) {
			p := mustPlatform(ctx)
			used, err := a.Service.Usage(ctx, p)
			if err != nil {
				return nil, err
			}
			return &platformItselfOutput{CacheControl: "no-store", Body: PlatformItself{
				Platform: platformView(p), Used: Used{Boards: used.Boards, MediaMiB: int(used.Media >> 20)},
				Defaults: a.View.Settings(p.Defaults), Time: a.Now().UTC().Truncate(time.Second), Version: a.Version,
			}}, nil
		})
}

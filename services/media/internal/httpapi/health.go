package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// checkWithin bounds how long one thing may take to say that it works.
const checkWithin = 2 * time.Second

// Check tells whether something works.
type Check func(ctx context.Context) error

type liveOutput struct {
	Body struct {
		Status string `json:"status" example:"ok"`
	}
}

type readyOutput struct {
	Status int
	Body   map[string]string `doc:"What must work: ok or unavailable, by name"`
}

type versionOutput struct {
	Body struct {
		Version string `json:"version" doc:"Of the build"`
		API     string `json:"api" doc:"Of this contract" example:"1.0.0"`
	}
}

func (a *API) registerHealth() {
	huma.Register(a.huma, huma.Operation{
		OperationID: "get-livez", Method: http.MethodGet, Path: "/livez", Summary: "Is the process alive?", Tags: []string{"Health"},
	}, func(context.Context, *struct{}) (*liveOutput, error) {
		out := new(liveOutput)
		out.Body.Status = "ok"
		return out, nil
	})
	huma.Register(a.huma, huma.Operation{
		OperationID: "get-readyz", Method: http.MethodGet, Path: "/readyz", Summary: "Can the service do its work?", Tags: []string{"Health"},
	}, a.ready)
	huma.Register(a.huma, huma.Operation{
		OperationID: "get-version", Method: http.MethodGet, Path: "/version", Summary: "Which version runs?", Tags: []string{"Health"},
	}, func(context.Context, *struct{}) (*versionOutput, error) {
		out := new(versionOutput)
		out.Body.Version, out.Body.API = a.Version, apiVersion
		return out, nil
	})
}

func (a *API) ready(ctx context.Context, _ *struct{}) (*readyOutput, error) {
	out := &readyOutput{Status: http.StatusOK, Body: map[string]string{}}
	for name, check := range a.Checks {
		ctx, cancel := context.WithTimeout(ctx, checkWithin)
		err := check(ctx)
		cancel()
		out.Body[name] = "ok"
		if err != nil {
			out.Body[name], out.Status = "unavailable", http.StatusServiceUnavailable
			a.Log.Warn("not ready", "check", name, "error", err)
		}
	}
	return out, nil
}

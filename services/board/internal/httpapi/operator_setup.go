package httpapi

import (
	"context"
	"net/http"
)

// SetupURL writes the address at which the first account is made. The code stands
// in the fragment: it is never sent, logged or told in a referrer.
func SetupURL(publicURL, code string) string { return publicURL + "/setup#" + code }

// Setup is where the first account is made.
type Setup struct {
	URL string `json:"url" format:"uri" doc:"Opens once, for whoever has it: they are the first account, which invites others"`
}

type setupBeginOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Setup
}

func (a *API) registerOperatorSetup() {
	op := below("/operator/setup", "Operator", needsOperator())
	handle(a, op("beginSetup", http.MethodPost, "", "Make the address at which the first local account is made, until it is"),
		func(ctx context.Context, _ *struct{}) (*setupBeginOutput, error) {
			code, err := a.Service.BeginSetup(ctx)
			if err != nil {
				return nil, err
			}
			return &setupBeginOutput{CacheControl: "no-store", Body: Setup{URL: SetupURL(a.PublicURL, code)}}, nil
		})
}

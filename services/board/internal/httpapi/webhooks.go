package httpapi

import (
	"context"
	"net/http"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Webhook is where a site is told of participation.
type Webhook struct {
	URL    string `json:"url" doc:"Empty where it is not told"`
	Secret string `json:"secret" example:"whsec_…" doc:"What notices are signed with, as Standard Webhooks says"`
}

// Delivery is a notice that was not taken yet, or was given up.
type Delivery struct {
	ID        string     `json:"id" format:"uuid"`
	State     string     `json:"state" enum:"waiting,dead"`
	Board     string     `json:"board" format:"uuid"`
	User      string     `json:"user,omitempty" doc:"The platform's reference; absent of somebody who is not there any more"`
	Since     time.Time  `json:"since" doc:"When it was put on its way"`
	GivenUpAt *time.Time `json:"givenUpAt,omitempty" doc:"Of a dead one"`
	Why       string     `json:"why,omitempty" example:"status 503" doc:"Why a dead one was not taken at the end"`
}

type webhookOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Webhook
}

type deliveriesInput struct {
	PlatformPath
	State string `query:"state" enum:"waiting,dead" default:"dead"`
}

type deliveriesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Deliveries []Delivery `json:"deliveries" nullable:"false" doc:"Of those that wait, 100 at most"`
		All        int        `json:"all" doc:"How many there are"`
	}
}

type replayInput struct {
	PlatformPath
	Delivery string `path:"delivery" format:"uuid"`
}

func (a *API) registerWebhooks() {
	op := below("/platforms/{platform}", "Platforms", needsOperator())
	handle(a, op("readWebhook", http.MethodGet, "/webhook", "Read where a site is told of participation, and the secret"),
		func(ctx context.Context, in *PlatformPath) (*webhookOutput, error) {
			return webhookAnswer(a.Service.WebhookOf(ctx, in.id()))
		})
	handle(a, op("renewWebhookSecret", http.MethodPost, "/webhook/secret", "Make the secret anew; the one before it signs too until the next time"),
		func(ctx context.Context, in *PlatformPath) (*webhookOutput, error) {
			return webhookAnswer(a.Service.TurnWebhook(ctx, in.id()))
		})
	handle(a, op("readDeliveries", http.MethodGet, "/deliveries", "List notices that were not taken yet, or were given up"), a.readDeliveries)
	handle(a, with(http.StatusNoContent, op("replayDelivery", http.MethodPost, "/deliveries/{delivery}/replay", "Send a notice again that was given up")),
		func(ctx context.Context, in *replayInput) (*struct{}, error) {
			id, _ := board.ParseID(in.Delivery)
			return nil, a.Service.Replay(ctx, in.id(), id)
		})
}

func webhookAnswer(w board.Webhook, err error) (*webhookOutput, error) {
	if err != nil {
		return nil, err
	}
	return &webhookOutput{CacheControl: "no-store", Body: Webhook{URL: w.URL, Secret: w.Secret}}, nil
}

func (a *API) readDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	var found []board.ListedDelivery
	var all int
	var err error
	if in.State == "waiting" {
		found, all, err = a.Service.WaitingDeliveries(ctx, in.id())
	} else {
		found, err = a.Service.DeadDeliveries(ctx, in.id())
		all = len(found)
	}
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{CacheControl: "no-store"}
	out.Body.All, out.Body.Deliveries = all, make([]Delivery, 0, len(found))
	for _, d := range found {
		one := Delivery{ID: string(d.ID), State: "waiting", Board: string(d.Board), User: d.User, Since: d.Since, Why: d.Why}
		if d.Dead {
			one.State, one.GivenUpAt = "dead", &d.GivenUpAt
		}
		out.Body.Deliveries = append(out.Body.Deliveries, one)
	}
	return out, nil
}

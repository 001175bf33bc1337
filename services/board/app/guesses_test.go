package app_test

import (
	"fmt"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// TestGuessesAreSlowAtAllReplicasTogether: whoever is refused at one replica is
// not let on by another, while the right answer of somebody else still opens;
// where replicas cannot count together, each counts for itself.
func TestGuessesAreSlowAtAllReplicasTogether(t *testing.T) {
	events := natstest.Start(t)
	replicas := []*service{start(t, app.LocalConfig(t), events), start(t, app.LocalConfig(t), events)}
	try := func(n int, of string, body map[string]any) (int, string) {
		t.Helper()
		a := replicas[n%2].call("POST", of, "", body, "Fresque-Account", "1")
		return a.status, a.str("code")
	}
	for name, guess := range map[string]struct {
		most int
		of   string
		body func(n int) map[string]any
		code string
	}{
		"codes":     {10, "/api/v1/sessions", func(n int) map[string]any { return map[string]any{"code": fmt.Sprintf("22222%d", n%8+2)} }, "code_invalid"},
		"links":     {60, "/api/v1/sessions", func(int) map[string]any { return map[string]any{"boardId": wallID, "secret": "no"} }, "link_invalid"},
		"passwords": {10, "/api/v1/account/sessions", func(int) map[string]any { return map[string]any{"login": "ada", "password": "faux"} }, "sign_in_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range guess.most {
				if status, code := try(n, guess.of, guess.body(n)); status != 401 || code != guess.code {
					t.Fatalf("guess %d answers %d %s", n, status, code)
				}
			}
			for n := range 2 {
				if status, code := try(n, guess.of, guess.body(n)); status != 429 || code != "rate_limited" {
					t.Fatalf("one too many at replica %d answers %d %s", n, status, code)
				}
			}
		})
	}
	t.Run("each for itself", func(t *testing.T) {
		events.Stop()
		body := map[string]any{"code": "222222"}
		for n := 0; ; n++ {
			status, code := try(0, "/api/v1/sessions", body)
			if status == 429 {
				break
			}
			if status != 401 || code != "code_invalid" || n == 10 {
				t.Fatalf("guess %d of one replica answers %d %s", n, status, code)
			}
		}
	})
}

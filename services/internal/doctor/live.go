package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// wall is the one on which the live stream is tried, always the same: it is made
// the first time, and nothing is ever on it.
const wall = "00000000-0000-4000-8000-00000000d0c7"

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

// Live opens a wall's live stream as a browser does, through all that is between:
// url is where browsers reach the wall.
func (r *Report) Live(ctx context.Context, url, operatorKey string) {
	if operatorKey == "" {
		r.Skip("stream", "the live stream is tried with the operator's key, and there is none")
		return
	}
	ctx, cancel := Within(ctx)
	defer cancel()
	base := strings.TrimRight(url, "/") + "/api/v1"
	token, err := enter(ctx, base, operatorKey)
	if err != nil {
		r.Fault("stream", err, "See whether the operator's key is that of this service, and whether the proxy sends /api/ to it.")
		return
	}
	r.Stream(ctx, base+"/boards/"+wall+"/events", token)
}

// enter gives the token of a session on the wall.
func enter(ctx context.Context, base, operatorKey string) (string, error) {
	var made struct {
		Links []struct{ Role, URL string }
	}
	err := post(ctx, base+"/boards", operatorKey, map[string]any{"id": wall, "title": "fresquectl doctor"}, &made)
	if err != nil {
		return "", err
	}
	for _, link := range made.Links {
		_, secret, found := strings.Cut(link.URL, "#")
		if !found || link.Role != "writer" {
			continue
		}
		var in struct{ Token string }
		if err := post(ctx, base+"/sessions", "", map[string]any{"boardId": wall, "secret": secret, "name": "doctor"}, &in); err != nil {
			return "", err
		}
		return in.Token, nil
	}
	return "", errors.New("the wall for trying the live stream has no link: it was taken away")
}

func post(ctx context.Context, address, key string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	headers := []string{"Content-Type", "application/json", "Accept-Language", "en"}
	if key != "" {
		headers = append(headers, "Authorization", "Bearer "+key)
	}
	res, err := Ask(ctx, http.MethodPost, address, bytes.NewReader(raw), headers...)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err = io.ReadAll(io.LimitReader(res.Body, answerLimit))
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s: %s", address, res.Status, problem(raw))
	}
	return json.Unmarshal(raw, into)
}

// problem is what a refusal of the service says, and its code.
func problem(raw []byte) string {
	var p struct{ Detail, Code string }
	_ = json.Unmarshal(raw, &p)
	return fmt.Sprintf("%s (%s)", p.Detail, p.Code)
}

// problemOf reads a refusal of the service's own; empty for any other answer.
func problemOf(res *http.Response) string {
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
		return ""
	}
	raw, _ := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	return problem(raw)
}

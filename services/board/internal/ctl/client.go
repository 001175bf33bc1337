package ctl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	askWithin   = 30 * time.Second
	answerLimit = 16 << 20
)

// client asks the service.
type client struct{ url, key, language string }

// problem is a refusal of the service's (RFC 9457).
type problem struct {
	Detail, Code string
	Errors       []struct{ Field, Detail string }
}

// stay follows nobody elsewhere: a credential goes where it was sent, and no
// further.
var stay = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// ask sends a request, and gives the answer as it is.
func (c client) ask(ctx context.Context, method, path string, body any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	res, err := c.open(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(io.LimitReader(res.Body, answerLimit))
}

// open sends a request, and gives the answer to be read, if it is none of refusal.
func (c client) open(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(raw)
	}
	if err := isService(c.url); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.url, "/")+"/api/v1"+path, sent)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", "en")
	if strings.HasPrefix(c.language, "fr") {
		req.Header.Set("Accept-Language", "fr")
	}
	res, err := stay.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		raw, _ := io.ReadAll(io.LimitReader(res.Body, answerLimit))
		_ = res.Body.Close()
		return nil, refusal(res.StatusCode, raw)
	}
	return res, nil
}

// isService refuses what can be no address of a service.
func isService(address string) error {
	if at, err := url.Parse(address); err != nil || at.Host == "" || at.RawQuery != "" || at.Scheme != "https" && at.Scheme != "http" {
		return fmt.Errorf("%q is no address such as https://fresque.example", address)
	}
	return nil
}

func refusal(status int, raw []byte) error {
	var p problem
	if json.Unmarshal(raw, &p) != nil || p.Code == "" {
		return fmt.Errorf("HTTP %d: is this the address of a Fresque service?", status)
	}
	told := fmt.Sprintf("%s (%s)", p.Detail, p.Code)
	for _, e := range p.Errors {
		told += fmt.Sprintf("\n  %s: %s", e.Field, e.Detail)
	}
	return errors.New(told)
}

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"fresque.dev/services/internal/pages"
	"fresque.dev/services/internal/probe"
	"fresque.dev/web"
)

const (
	// askWithin bounds one question to the board service.
	askWithin = 3 * time.Second
	// askSoon is when it is asked again as long as nothing is known, askEvery
	// afterwards: settings change with a restart of the board service.
	askSoon, askEvery = time.Second, 30 * time.Second
	mostAnswer        = 1 << 20
)

// rules asks the board service what pages may show. What it said last holds
// until it says otherwise; before that, pages show nothing of others.
type rules struct {
	board  string
	client *http.Client
	log    *slog.Logger
	last   atomic.Pointer[pages.Rules]
	// failed tells that the last question was not answered.
	failed atomic.Bool
}

func newRules(board string, log *slog.Logger) *rules {
	return &rules{board: board, client: &http.Client{Timeout: askWithin}, log: log}
}

// keep asks until the context ends.
func (r *rules) keep(ctx context.Context) {
	for {
		var said pages.Rules
		err := r.ask(ctx, pages.Path, &said)
		if r.failed.Store(err != nil); err == nil {
			r.last.Store(&said)
		} else if ctx.Err() == nil {
			r.log.Warn("the board service does not say what pages may show", "error", err)
		}
		pause := askEvery
		if !r.known() {
			pause = askSoon
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// check tells whether the board service answered the last time.
func (r *rules) check(context.Context) error {
	if !r.known() || r.failed.Load() {
		return probe.Because(probe.Unreachable, errors.New("the board service does not answer"))
	}
	return nil
}

func (r *rules) known() bool { return r.last.Load() != nil }

func (r *rules) origins() web.Origins {
	said := r.last.Load()
	if said == nil {
		return web.Origins{}
	}
	return web.Origins{Media: said.Media, Upload: said.Upload, Frames: said.Frames, Secure: strings.HasPrefix(said.Public, "https://")}
}

// embedders gives whose pages may show a wall.
func (r *rules) embedders(ctx context.Context, wall string) ([]string, error) {
	var said pages.Embedders
	err := r.ask(ctx, pages.Path+"/"+url.PathEscape(wall), &said)
	return said.Sites, err
}

func (r *rules) ask(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.board+path, nil)
	if err != nil {
		return err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the board service answers %s", res.Status)
	}
	return json.NewDecoder(http.MaxBytesReader(nil, res.Body, mostAnswer)).Decode(into)
}

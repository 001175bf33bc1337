package app_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fresque.dev/services/internal/pages"
	"fresque.dev/services/web/app"
)

const wall = "01980000-0000-7000-8000-000000000001"

// boardService is the board service as the web server sees it, which can be away.
type boardService struct {
	*httptest.Server
	away atomic.Bool
}

func newBoard(t *testing.T) *boardService {
	b := &boardService{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.away.Load() {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		var answer any = pages.Rules{Public: "https://wall.example", Media: "https://media.example", Upload: "https://up.example", Frames: []string{"https://player.example"}}
		if id, found := strings.CutPrefix(r.URL.Path, pages.Path+"/"); found {
			sites := pages.Embedders{}
			if id == wall {
				sites.Sites = []string{"https://moodle.example"}
			}
			answer = sites
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(b.Close)
	return b
}

// running is a web server, with what it answers.
type running struct {
	t    *testing.T
	base string
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, board string, change ...func(*app.Config)) *running {
	t.Helper()
	cfg := app.Default()
	cfg.Addr, cfg.BoardURL = "127.0.0.1:0", board
	for _, c := range change {
		c(&cfg)
	}
	a, err := app.New(t.Context(), cfg, slog.New(slog.DiscardHandler), "v1")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, base: "http://" + a.Addr(), stop: stop, done: make(chan error, 1)}
	go func() { r.done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-r.done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *running) get(path string) (int, http.Header, string) {
	r.t.Helper()
	res, err := http.Get(r.base + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if strings.Contains(string(body), "The web app is not built") {
		r.t.Fatal(string(body))
	}
	return res.StatusCode, res.Header, string(body)
}

func (r *running) until(path string, status int) string {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got, _, body := r.get(path)
		if got == status {
			return body
		}
		if time.Now().After(end) {
			r.t.Fatalf("%s: still %d %s", path, got, body)
		}
	}
}

func (r *running) policy(path string) string {
	r.t.Helper()
	_, header, _ := r.get(path)
	return header.Get("Content-Security-Policy")
}

func TestPagesSayWhatTheBoardServiceSays(t *testing.T) {
	board := newBoard(t)
	r := start(t, board.URL)
	r.until("/readyz", 200)
	policy := r.policy("/w/" + wall)
	for _, part := range []string{"frame-src https://player.example;", "frame-ancestors https://moodle.example;", "img-src 'self' data: blob: https://media.example;", "connect-src 'self' https://up.example https://media.example;"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%q is not in %q", part, policy)
		}
	}
	for _, path := range []string{"/", "/w/01980000-0000-7000-8000-000000000002", "/w/not-an-id"} {
		if policy := r.policy(path); !strings.Contains(policy, "frame-ancestors 'none';") {
			t.Errorf("%s: %s", path, policy)
		}
	}
	if _, header, _ := r.get("/"); header.Get("Strict-Transport-Security") == "" {
		t.Error("an app that is reached by https does not say so")
	}
	if status, _, _ := r.get("/api/v1/boards"); status != 404 {
		t.Errorf("the API is answered here: %d", status)
	}
	if status, _, body := r.get("/version"); status != 200 || !strings.Contains(body, "v1") {
		t.Errorf("version: %d %s", status, body)
	}
}

func TestWithoutTheBoardServiceNobodyFramesAWallAndNothingIsReady(t *testing.T) {
	board := newBoard(t)
	board.away.Store(true)
	r := start(t, board.URL)
	r.until("/livez", 200)
	if body := r.until("/readyz", 503); !strings.Contains(body, `"board":"unreachable"`) {
		t.Fatalf("got %s", body)
	}
	if policy := r.policy("/w/" + wall); !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "frame-src 'none'") || strings.Contains(policy, "http") {
		t.Fatalf("got %s", policy)
	}
	board.away.Store(false)
	r.until("/readyz", 200)
	if policy := r.policy("/w/" + wall); !strings.Contains(policy, "frame-ancestors https://moodle.example") {
		t.Fatalf("got %s", policy)
	}
	// It goes away again: what pages may show is known still, and readiness does
	// not take the web servers down with the board service.
	board.away.Store(true)
	r.until("/readyz", 200)
	if policy := r.policy("/w/01980000-0000-7000-8000-000000000003"); !strings.Contains(policy, "frame-src https://player.example;") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Fatalf("got %s", policy)
	}
}

func TestAServerThatIsToldToEndIsNotReadyAndServesStill(t *testing.T) {
	r := start(t, newBoard(t).URL, func(c *app.Config) { c.DrainSeconds = 1 })
	r.until("/readyz", 200)
	r.stop()
	if body := r.until("/readyz", 503); !strings.Contains(body, "draining") {
		t.Fatalf("got %s", body)
	}
	if status, _, _ := r.get("/livez"); status != 200 {
		t.Fatalf("got %d", status)
	}
	err := <-r.done
	if r.done <- err; err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(r.base + "/livez"); err == nil {
		t.Fatal("it serves after its end")
	}
}

func TestLoadTellsEveryFaultAtOnce(t *testing.T) {
	t.Setenv("FRESQUE_WEB_MISSPELT", "x")
	_, err := app.Load([]string{"-addr", "nowhere", "-board-url", "ftp://x", "-drain-seconds", "soon"}, io.Discard)
	for _, part := range []string{"ADDR: ", "BOARD_URL: ", "MISSPELT", "drain-seconds"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not told in %v", part, err)
		}
	}
	if cfg, err := app.Load([]string{"-board-url", "http://board:8080/"}, io.Discard); err == nil || cfg.BoardURL != "http://board:8080" {
		t.Errorf("got %q", cfg.BoardURL)
	}
}

package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v2"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/telemetry"
)

const wallID = "01980000-0000-7000-8000-000000000001"

// service is a running board service with its engines.
type service struct {
	t     *testing.T
	base  string
	links app.WallLinks
	app   *app.App
	log   *app.SafeLog
	stop  func()
}

// start runs a service on a configuration and a NATS server, until the test
// ends or stop is called.
func start(t *testing.T, cfg app.Config, events *natstest.Server) *service {
	t.Helper()
	return startWith(t, cfg, events, app.Deps{})
}

// startMounted is start with what a web app would be told of frames.
func startMounted(t *testing.T, cfg app.Config) (*service, app.Frames) {
	t.Helper()
	var frames app.Frames
	s := startWith(t, cfg, natstest.Start(t), app.Deps{Mount: func(_ *fiber.App, told app.Frames) { frames = told }})
	return s, frames
}

// startWith is start with what else a process shares with the service.
func startWith(t *testing.T, cfg app.Config, events *natstest.Server, deps app.Deps) *service {
	t.Helper()
	s := &service{t: t, log: new(app.SafeLog)}
	log := telemetry.Logging{LogLevel: "debug", LogFormat: telemetry.JSON}.Logger(s.log)
	deps.Log, deps.NATS, deps.Version = log, events.ConnectAs(subject.BoardService), "test"
	a, err := app.New(t.Context(), cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the service failed: %v", err)
		}
	})
	t.Cleanup(s.stop)
	s.base, s.app = "http://"+a.Addr(), a
	if s.links, err = a.EnsureBoard(t.Context(), wallID, "Mur", ""); err != nil {
		t.Fatal(err)
	}
	return s
}

func startNew(t *testing.T) *service { return start(t, app.LocalConfig(t), natstest.Start(t)) }

// answer is what a request got back.
type answer struct {
	status int
	header http.Header
	raw    string
	json   map[string]any
}

// call sends a request; headers are name, value, name, value…
func (s *service) call(method, path, token string, body any, headers ...string) answer {
	s.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, reader)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Language", "en")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(data)}
	_ = json.Unmarshal(data, &a.json)
	return a
}

// announce sends a request's head only, and gives the head of the answer.
func (s *service) announce(method, path, token string, size int) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", method, path, token, size)
	data, err := io.ReadAll(conn)
	if err != nil {
		s.t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(data), "\r\n\r\n")
	return head
}

// wants fails the test unless the answer has a status, and a code if it is a
// refusal; it gives the answer back.
func (a answer) wants(t *testing.T, status int, code string) answer {
	t.Helper()
	got, _ := a.json["code"].(string)
	if a.status != status || got != code {
		t.Fatalf("got %d %q, want %d %q: %s", a.status, got, status, code, a.raw)
	}
	if status >= 400 && !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("a refusal is served as %s", a.header.Get("Content-Type"))
	}
	return a
}

func (a answer) str(key string) string { s, _ := a.json[key].(string); return s }
func (a answer) rev() float64          { n, _ := a.json["rev"].(float64); return n }

// enter opens a session and gives its token.
func (s *service) enter(link, name string) answer {
	s.t.Helper()
	return s.call("POST", "/api/v1/sessions", "", map[string]any{"boardId": wallID, "secret": app.SecretOf(link), "name": name}).wants(s.t, 201, "")
}

func (s *service) writer(name string) string    { return s.enter(s.links.Writer, name).str("token") }
func (s *service) moderator(name string) string { return s.enter(s.links.Moderator, name).str("token") }

const wall = "/api/v1/boards/" + wallID

// browser follows a board's stream.
type browser struct {
	t     *testing.T
	body  io.Closer
	lines *bufio.Scanner
	last  string
}

// stream asks for a board's stream, and gives the head of the answer.
func (s *service) stream(path, token, cursor string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "GET", s.base+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if cursor != "" {
		req.Header.Set("Last-Event-ID", cursor)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func (s *service) watch(token, cursor string) *browser {
	s.t.Helper()
	res := s.stream(wall+"/events", token, cursor)
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		s.t.Fatalf("stream answered %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	b := &browser{t: s.t, body: res.Body, lines: bufio.NewScanner(res.Body)}
	b.lines.Buffer(nil, 1<<20)
	return b
}

// next reads one event.
func (b *browser) next() (event string, data map[string]any) {
	b.t.Helper()
	for b.lines.Scan() {
		name, value, _ := strings.Cut(b.lines.Text(), ": ")
		switch name {
		case "event":
			event = value
		case "id":
			b.last = value
		case "data":
			if err := json.Unmarshal([]byte(value), &data); err != nil {
				b.t.Fatal(err)
			}
		case "":
			if event != "" {
				return event, data
			}
		}
	}
	return "end", nil
}

// post waits for the next change of a post.
func (b *browser) post() map[string]any {
	b.t.Helper()
	for {
		event, data := b.next()
		if event == "end" {
			b.t.Fatal("the stream ended")
		}
		if p, ok := data["post"].(map[string]any); ok {
			return p
		}
	}
}

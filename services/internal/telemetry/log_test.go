package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fresque.dev/services/internal/telemetry"
)

func TestErrorsTellNoAddresses(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logging{LogLevel: "warn", LogFormat: telemetry.JSON}.Logger(&out)
	one := &url.Error{Op: "Get", URL: "https://h.example/hook/secret?k=secret", Err: errors.New("refused")}
	log.Info("too little to tell")
	log.Warn("failed", "error", fmt.Errorf("told: %w", errors.Join(errors.New("first"), one)), "long", strings.Repeat("é", 3000))
	if text := out.String(); strings.Contains(text, "secret") || strings.Contains(text, "little") ||
		!strings.Contains(text, `told: first\nGet \"https://h.example\": refused`) || len(text) > 3000 {
		t.Errorf("logged %s", text)
	}
}

// An address that is none is quoted in its error, and so looks otherwise there.
func TestErrorsTellNoAddressesThatAreNone(t *testing.T) {
	for _, address := range []string{"https://h.example/\x7fsecret", "https://h.example/a\"secret%", "\tsecret://"} {
		var out bytes.Buffer
		_, err := url.Parse(address)
		telemetry.Logging{LogLevel: "warn", LogFormat: telemetry.JSON}.Logger(&out).Warn("failed", "error", fmt.Errorf("told: %w", err))
		if text := out.String(); err == nil || strings.Contains(text, "secret") || !strings.Contains(text, "an address") {
			t.Errorf("logged %s", text)
		}
	}
}

func TestRecordsSayWhichRequestTheyBelongTo(t *testing.T) {
	const board = "01980000-0000-7000-8000-000000000001"
	for _, named := range []string{"", "a secret", strings.Repeat("g", 32), "0123456789abcdef0123456789abcdef"} {
		var out bytes.Buffer
		log := telemetry.Logging{LogLevel: "debug", LogFormat: telemetry.Text}.Logger(&out)
		ctx, q := telemetry.NewRequest(t.Context(), named)
		if good := strings.HasPrefix(named, "0"); (q.ID() == named) != good || len(q.ID()) != 32 {
			t.Errorf("%q is called %q", named, q.ID())
		}
		telemetry.OfBoard(ctx, "<script>")
		telemetry.OfPlatform(ctx, board)
		telemetry.OfBoard(context.Background(), board) // of no request: nobody's
		log.With("service", "x").InfoContext(ctx, "hello")
		if text := out.String(); !strings.Contains(text, "service=x request="+q.ID()+" platform="+board+"\n") {
			t.Errorf("logged %s", text)
		}
	}
}

func TestRequestsAreLoggedByRoute(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logging{LogLevel: "info", LogFormat: telemetry.Text}.Logger(&out)
	route := func(*http.Request) string { return "/a/{b}" }
	for _, status := range []int{200, 404, 500} {
		h := telemetry.HTTP(log, nil, nil, route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status == 404 {
				telemetry.Refused(r.Context(), "not_found")
			}
			if status != 200 {
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(status)
			}
		}))
		out.Reset()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/secret?x", nil))
		level := map[bool]string{true: "ERROR", false: "INFO"}[status == 500]
		if text := out.String(); strings.Contains(text, "secret") || !strings.Contains(text, fmt.Sprintf("level=%s msg=request method=GET route=/a/{b} status=%d ms=", level, status)) {
			t.Errorf("logged %s", text)
		}
		if text := out.String(); strings.Contains(text, "code=not_found") != (status == 404) {
			t.Errorf("of why it was refused: %s", text)
		}
	}
}

func TestSettingsOfLogs(t *testing.T) {
	if err := telemetry.DefaultLogging().Check(); err != nil {
		t.Error(err)
	}
	err := telemetry.Logging{LogLevel: "loud", LogFormat: "xml"}.Check()
	if err == nil || !strings.Contains(err.Error(), "LOG_LEVEL") || !strings.Contains(err.Error(), "LOG_FORMAT") {
		t.Errorf("got %v", err)
	}
}

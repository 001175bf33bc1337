package app_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fresque.dev/services/internal/telemetry"
)

// collecting is an OpenTelemetry collector, as far as traces go.
type collecting struct {
	mu    sync.Mutex
	spans []*tracev1.Span
}

func (c *collecting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range sent.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

// TestAnUploadIsOneTraceFromItsAnnouncementToReady follows a picture by what a
// collector is sent: the request for leave to send it, each step of the media
// service, and the board's document that is ready.
func TestAnUploadIsOneTraceFromItsAnnouncementToReady(t *testing.T) {
	var collected collecting
	server := httptest.NewServer(&collected)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	data := filepath.Join(t.TempDir(), "data")
	cfg := defaultOn(t, data)
	cfg.Tracing = telemetry.TracingFrom(os.Environ())
	r, stop := startConfigured(t, cfg, t.Output())
	key, err := os.ReadFile(filepath.Join(data, "keys", "operator.key"))
	if err != nil {
		t.Fatal(err)
	}
	r.token = string(bytes.TrimSpace(key))
	got, _ := r.ask(201, "POST", "/boards", map[string]any{"title": "Mur"})
	wall := read[entry](t, got)
	r.enter(wall)
	r.illustrated(wall)
	stop() // what is traced is sent by then

	var trace []byte
	for _, s := range collected.spans {
		if s.GetName() == "POST /api/v1/boards/:board/media" {
			trace = s.GetTraceId()
		}
	}
	found := map[string]int{}
	for _, s := range collected.spans {
		if bytes.Equal(s.GetTraceId(), trace) {
			found[s.GetName()]++
		}
	}
	for _, name := range []string{"store insert", "upload", "make and store", "store", "publish", "publish news of an upload", "remove from quarantine", "apply news of an upload", "store replace", "publish event"} {
		if found[name] == 0 {
			t.Errorf("no %q in the trace of the upload: %v", name, found)
		}
	}
}

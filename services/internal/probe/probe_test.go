package probe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fresque.dev/services/internal/probe"
)

func TestReadySaysWhatIsWrong(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"store":"unavailable"}`))
	}))
	addr := strings.TrimPrefix(server.URL, "http://")
	if err := probe.Ready(t.Context(), addr); err != nil {
		t.Fatal(err)
	}
	status = http.StatusServiceUnavailable
	if err := probe.Ready(t.Context(), addr); err == nil || !strings.Contains(err.Error(), "store") {
		t.Fatalf("got %v", err)
	}
	server.Close()
	if probe.Ready(t.Context(), addr) == nil || probe.Ready(t.Context(), "nowhere") == nil {
		t.Fatal("nobody is ready")
	}
}

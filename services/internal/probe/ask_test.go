package probe_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fresque.dev/services/internal/probe"
)

func TestAskSaysWhatIsWrong(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"store":"unavailable"}`))
	}))
	addr := strings.TrimPrefix(server.URL, "http://")
	if err := probe.Ask(t.Context(), addr); err != nil {
		t.Fatal(err)
	}
	status = http.StatusServiceUnavailable
	if err := probe.Ask(t.Context(), addr); err == nil || !strings.Contains(err.Error(), "store") {
		t.Fatalf("got %v", err)
	}
	server.Close()
	if probe.Ask(t.Context(), addr) == nil || probe.Ask(t.Context(), "nowhere") == nil {
		t.Fatal("nobody is ready")
	}
}

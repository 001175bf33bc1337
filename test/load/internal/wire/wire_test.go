package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fresque.dev/test/load/internal/wire"
)

func TestOneConnectionManyRequests(t *testing.T) {
	var peers sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peers.Store(r.RemoteAddr, true)
		w.Header().Set("ETag", `"7"`)
		if r.Header.Get("If-None-Match") == `"7"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(body))
	}))
	defer server.Close()
	c, err := wire.Dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	long := strings.Repeat("x", 1000)
	for _, body := range []string{"a", long, "b"} {
		a, err := c.Do(wire.Request("POST", "/p", []byte(body)))
		if err != nil || a.Status != 201 || string(a.Body) != "POST /p "+body || a.ETag != `"7"` {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	if a, err := c.Do(wire.Request("GET", "/p", nil, "If-None-Match", `"7"`)); err != nil || a.Status != 304 || len(a.Body) != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err := c.Skim(wire.Request("POST", "/p", []byte(long))); err != nil || a.Length != 1008 || a.Body != nil {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err := c.Do(wire.Request("POST", "/p", []byte("c"))); err != nil || string(a.Body) != "POST /p c" {
		t.Fatalf("after a body that was skipped: %+v, %v", a, err)
	}
	n := 0
	peers.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Fatalf("%d connections", n)
	}
}

func TestAnAnswerWithoutALengthIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
	}))
	defer server.Close()
	c, err := wire.Dial(t.Context(), strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Do(wire.Request("GET", "/", nil)); err == nil || !strings.Contains(err.Error(), "length") {
		t.Fatalf("got %v", err)
	}
}

package depot

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A file ends when nothing comes, and not when whoever reads it takes their time.
func TestOnlyWhoSendsMustNotStandStill(t *testing.T) {
	const size = 4 << 20
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), size))
		if r.URL.Path == "/stuck" {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	defer s.Close()
	reader := New(s.URL)
	reader.quiet = 200 * time.Millisecond
	for path, whole := range map[string]bool{"slow": true, "stuck": false} {
		f, err := reader.Open(t.Context(), path, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(f, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * reader.quiet)
		n, err := io.Copy(io.Discard, f)
		if n != size-1 || (err == nil) != whole {
			t.Errorf("%s: %d bytes, %v", path, n, err)
		}
		_ = f.Close()
	}
}

package app

import (
	"bytes"
	"encoding/base64"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fresque.dev/services/board/internal/board"
)

// What the tests from outside and those that break things from within
// (faults_*_test.go) both need.

// OperatorKey is the operator's of LocalConfig.
const OperatorKey = "the operator's key, for tests"

// LocalConfig is a service with a store of its own on a free port.
func LocalConfig(t *testing.T) Config {
	cfg := Default()
	cfg.Addr = "127.0.0.1:0"
	cfg.PublicURL, cfg.MediaURL, cfg.UploadURL = "https://wall.example", "https://media.example", "https://up.example/uploads/"
	cfg.Store = "sqlite:" + filepath.Join(t.TempDir(), "board.db")
	cfg.MasterKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32))
	cfg.OperatorKey = OperatorKey
	// Tests are faster than people; those of the limits set their own.
	cfg.Limits = Unlimited
	return cfg
}

// Unlimited lets everybody do as they like.
var Unlimited = func(n int) Limits { return Limits{n, n, n, n, n, n, n, n, n} }(1_000_000)

// MediaIsReady has an upload become a document, as if the media service had said so.
func (a *App) MediaIsReady(t *testing.T, wall, id, path, mediaType string, size int64) {
	t.Helper()
	err := a.service.AdvanceMedia(t.Context(), board.MediaProgress{
		Board: board.ID(wall), Media: board.ID(id), State: board.MediaReady, File: &board.File{Path: path, Type: mediaType, Size: size},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// SecretOf is what stands in the fragment of a link.
func SecretOf(link string) string { _, secret, _ := strings.Cut(link, "#"); return secret }

// SafeLog keeps what a service says.
type SafeLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes some more of it.
func (l *SafeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all of it.
func (l *SafeLog) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// FreeAddress is where nobody listens, now.
func FreeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

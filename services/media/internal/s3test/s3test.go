// Package s3test starts a real S3 server on the local disk for tests. It is the
// server that the standalone installation embeds, without what that one adds:
// the service must not need it.
package s3test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"

	"fresque.dev/services/media/internal/objects"
)

const (
	accessKey = "access"
	secretKey = "secret-secret"
)

// Server is an S3 server that a test may stop and start again on the same port
// and data. There is one at a time in a process, and the process works in its
// folder meanwhile.
type Server struct {
	t    testing.TB
	dir  string
	addr string
	stop func()
}

// Start runs a server on a free port until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	t.Chdir(".") // the test's end restores the working directory
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: t.TempDir(), addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	t.Cleanup(s.Stop)
	return s
}

// Restart starts the server again where it was.
func (s *Server) Restart() {
	s.t.Helper()
	root, side := filepath.Join(s.dir, "buckets"), filepath.Join(s.dir, "metadata")
	for _, d := range []string{root, side} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			s.t.Fatal(err)
		}
	}
	store, err := meta.NewSideCar(side)
	if err != nil {
		s.t.Fatal(err)
	}
	disk, err := posix.New(root, store, posix.PosixOpts{SideCarDir: side})
	if err != nil {
		s.t.Fatal(err)
	}
	account := auth.Account{Access: accessKey, Secret: secretKey, Role: auth.RoleAdmin}
	ctx, cancel := context.WithCancel(context.Background())
	listening, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- embedgw.RunVersityGW(ctx, disk, &embedgw.Config{
			RootUserAccess: accessKey, RootUserSecret: secretKey,
			IAMService: auth.NewIAMServiceSingle(account),
			Ports:      []string{s.addr}, MaxConnections: 256, MaxRequests: 256, MultipartMaxParts: 100, Quiet: true,
			S3Options: []s3api.Option{s3api.WithOnListen(func() { close(listening) })},
		})
		close(done)
	}()
	s.stop = func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	}
	select {
	case <-listening:
	case err := <-done:
		s.t.Fatal(err)
	case <-time.After(10 * time.Second):
		s.t.Fatal("S3 did not start")
	}
}

// Stop ends the server; stopping twice does nothing.
func (s *Server) Stop() { s.stop() }

// Config is how to reach the server, with a bucket that is not there yet.
func (s *Server) Config() objects.Config {
	return objects.Config{Endpoint: s.addr, Region: "us-east-1", AccessKey: accessKey, SecretKey: secretKey, Bucket: "media"}
}

// Files are the names of all objects of the bucket.
func (s *Server) Files() []string {
	s.t.Helper()
	var files []string
	root := filepath.Join(s.dir, "buckets", "media")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			name, _ := filepath.Rel(root, path)
			files = append(files, name)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return files
}

// Package natstest starts real NATS servers with JetStream for tests. They let
// each service do what it may in production, and no more.
package natstest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natsconn"
	"fresque.dev/services/internal/natsrights"
	"fresque.dev/services/internal/streams"
)

// Server is a NATS server that a test may stop and start again on the same
// port and data.
type Server struct {
	t        testing.TB
	opts     server.Options
	srv      *server.Server
	declared bool
}

// Start runs a server on a free port, with its data in a folder of the test. The
// services may make their streams there.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, false)
}

// StartDeclared runs one where an administrator has declared the streams, and the
// services may make none.
func StartDeclared(t testing.TB) *Server {
	t.Helper()
	s := start(t, true)
	js, err := jetstream.New(s.Connect())
	if err != nil {
		t.Fatal(err)
	}
	if err := streams.Apply(t.Context(), js, Limits(1)); err != nil {
		t.Fatal(err)
	}
	return s
}

// Limits are those of a service as it is by default, with so many replicas.
func Limits(replicas int) streams.Limits {
	return streams.Limits{Replicas: replicas, Keep: 24 * time.Hour, PerBoard: 10_000, Stale: 24 * time.Hour}
}

func start(t testing.TB, declared bool) *Server {
	t.Helper()
	s := &Server{t: t, declared: declared, opts: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}}
	if err := s.opts.ProcessConfigString(passwords() + natsrights.Conf(!declared) + "no_auth_user: " + natsrights.Administrator); err != nil {
		t.Fatal(err)
	}
	s.run()
	s.opts.Port = s.srv.Addr().(*net.TCPAddr).Port
	t.Cleanup(s.Stop)
	return s
}

// passwords gives each user a password that is its name.
func passwords() string {
	var b strings.Builder
	for _, user := range []string{string(subject.BoardService), string(subject.MediaService), natsrights.Administrator, natsrights.System} {
		fmt.Fprintf(&b, "%s: %s\n", natsrights.Variable(user), user)
	}
	return b.String()
}

func (s *Server) run() {
	s.t.Helper()
	opts := s.opts
	srv, err := server.NewServer(&opts)
	if err != nil {
		s.t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		s.t.Fatal("NATS did not start")
	}
	s.srv = srv
}

// Stop ends the server; stopping twice does nothing.
func (s *Server) Stop() {
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
}

// Restart starts the server again where it was.
func (s *Server) Restart() {
	s.t.Helper()
	s.run()
}

// URL is the server's address. Who comes without a name is its administrator.
func (s *Server) URL() string { return s.srv.ClientURL() }

// Settings are those of a service that is to use the server.
func (s *Server) Settings(who subject.Service) natsconn.Config {
	c := natsconn.Default()
	c.URL, c.User, c.Password = s.URL(), string(who), string(who)
	if s.declared {
		c.Streams = natsconn.CheckStreams
	}
	return c
}

// Connect opens an administrator's connection, that lives through restarts, closed
// with the test.
func (s *Server) Connect() *nats.Conn {
	s.t.Helper()
	return s.connect()
}

// ConnectAs opens a service's connection, with the rights of that. The test fails
// when NATS has refused it something.
func (s *Server) ConnectAs(who subject.Service) *nats.Conn {
	s.t.Helper()
	nc, refused := s.ConnectRefused(who)
	s.t.Cleanup(func() {
		nc.Close()
		for _, one := range refused() {
			s.t.Errorf("the %s service is refused what it needs: %s", who, one)
		}
	})
	return nc
}

// ConnectRefused is ConnectAs for who wants to see what is refused.
func (s *Server) ConnectRefused(who subject.Service) (nc *nats.Conn, refused func() []string) {
	s.t.Helper()
	var mu sync.Mutex
	var all []string
	nc = s.connect(nats.UserInfo(string(who), string(who)), nats.CustomInboxPrefix(who.Inbox()),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, err.Error())
			}
		}))
	return nc, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func (s *Server) connect(options ...nats.Option) *nats.Conn {
	s.t.Helper()
	nc, err := nats.Connect(s.URL(), append(options, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(nc.Close)
	return nc
}

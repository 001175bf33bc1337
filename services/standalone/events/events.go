// Package events runs a NATS server with JetStream inside the process: the
// same server as in production, reached without a port.
package events

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// startWithin bounds the start, the reading of what is stored included.
const startWithin = 30 * time.Second

// Server is a NATS server in this process.
type Server struct{ srv *server.Server }

// Start runs a server whose streams live in a folder.
func Start(dir string) (*Server, error) {
	srv, err := server.NewServer(&server.Options{
		ServerName: "fresque", DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true,
		SyncInterval: time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("embedded NATS: %w", err)
	}
	srv.Start()
	if !srv.ReadyForConnections(startWithin) {
		srv.Shutdown()
		return nil, errors.New("embedded NATS did not start")
	}
	return &Server{srv: srv}, nil
}

// Connect opens a connection inside the process.
func (s *Server) Connect(name string) (*nats.Conn, error) {
	return nats.Connect("", nats.InProcessServer(s.srv), nats.Name(name), nats.MaxReconnects(-1))
}

// Close ends the server.
func (s *Server) Close() {
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
}

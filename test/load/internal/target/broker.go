//go:build linux

package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"fresque.dev/test/load/internal/proc"
)

// ServeNATS is a NATS server with JetStream on a free port, told on the first
// line of the output, until the context ends.
func ServeNATS(ctx context.Context, folder string) error {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: folder, NoLog: true, NoSigs: true,
	})
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(openWithin) {
		return errors.New("NATS did not start")
	}
	fmt.Println(s.ClientURL())
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}

// broker is a NATS server as a process of its own, and a connection to it.
type broker struct {
	process *proc.Process
	address string
	conn    *nats.Conn
}

func startBroker(ctx context.Context, p Programs, folder string) (*broker, error) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	process, err := proc.Start(folder, p.Self, []string{"nats", folder}, nil)
	if err != nil {
		return nil, err
	}
	b := &broker{process: process}
	if b.address, err = process.FirstLine(ctx); err == nil {
		b.conn, err = nats.Connect(b.address, nats.Timeout(5*time.Second))
	}
	if err != nil {
		process.Stop()
		return nil, fmt.Errorf("start NATS: %w", err)
	}
	return b, nil
}

func (b *broker) stop() {
	if b != nil {
		b.conn.Close()
		b.process.Kill() // nothing of it is kept
	}
}

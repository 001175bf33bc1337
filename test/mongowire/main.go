// Command mongowire runs a command with a MongoDB wire server beside it, whose
// address is in MONGODB_URI:
//
//	go run ./test/mongowire -- go test ./services/board/internal/store/mongostore/...
//
// The server is FerretDB over SQLite in a folder that goes away, so that the
// tests need nothing installed; with -postgresql URL it is over a PostgreSQL.
// It loses concurrent updates between connections, hence maxPoolSize=1 in the
// address; whatever needs more takes a real MongoDB's address in MONGODB_URI
// instead of this command.
//
// MONGOWIRE is this command itself, for tests that kill a server:
//
//	mongowire serve FOLDER HOST:PORT
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// grace is how long an interrupted command has to end by itself.
const grace = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mongowire:", err)
	}
	os.Exit(code)
}

// run gives the exit code of the command.
func run(ctx context.Context, args []string) (int, error) {
	flags := flag.NewFlagSet("mongowire", flag.ContinueOnError)
	postgres := flags.String("postgresql", "", "address of a PostgreSQL to keep the data in")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	args = flags.Args()
	if len(args) == 0 {
		return 2, errors.New("say what to run: mongowire -- command [arguments]")
	}
	if len(args) == 3 && args[0] == "serve" {
		_, stop, err := serve(ctx, sqlite(args[1]), args[2])
		if err != nil {
			return 1, err
		}
		<-ctx.Done()
		stop()
		return 0, nil
	}
	self, err := os.Executable()
	if err != nil {
		return 1, err
	}
	engine := backend{handler: "postgresql", url: *postgres}
	folder, err := os.MkdirTemp("", "mongowire-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if *postgres == "" {
		engine = sqlite(folder)
	}
	uri, stop, err := serve(ctx, engine, "127.0.0.1:0")
	if err != nil {
		return 1, err
	}
	defer stop()
	return execute(ctx, args, "MONGODB_URI="+uri+"?maxPoolSize=1", "MONGOWIRE="+self)
}

// backend is where the server keeps its data.
type backend struct{ handler, url string }

func sqlite(folder string) backend { return backend{"sqlite", "file:" + folder + "/"} }

// serve starts the server. It outlives an interruption, for the command to end in
// order; stop waits for its end.
func serve(ctx context.Context, engine backend, address string) (uri string, stop func(), err error) {
	cfg := &ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: address},
		// It tells each duplicate key as an error; a fault is in the answer too.
		Logger:  slog.New(slog.DiscardHandler),
		Handler: engine.handler,
	}
	if engine.handler == "sqlite" {
		cfg.SQLiteURL = engine.url
	} else {
		cfg.PostgreSQLURL = engine.url
	}
	server, err := ferretdb.New(cfg)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Run(ctx) // its only error is nil
	}()
	stop = func() {
		cancel()
		<-stopped
	}
	return server.MongoDBURI(), stop, nil
}

// execute runs the command on this one's streams.
func execute(ctx context.Context, args []string, environment ...string) (int, error) {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env = append(command.Environ(), environment...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = grace
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

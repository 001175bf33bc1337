// Command fresque is the whole product in one process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	board "fresque.dev/services/board/app"
	"fresque.dev/services/internal/settings"
	media "fresque.dev/services/media/app"
	"fresque.dev/services/standalone/app"
)

// version is set at build time.
var version = "dev"

func main() {
	// The same binary examines pictures in processes of their own.
	media.RunWorkerIfAsked()
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == app.ResetPasswordCommand {
		return app.ResetPassword(context.Background(), args[1:], os.Stdout)
	}
	if len(args) > 0 && args[0] == settings.ShowCommand {
		return app.ShowConfig(args[1:], os.Stdout)
	}
	if len(args) > 0 && app.IsBackup(args[0]) {
		return app.Backup(context.Background(), args[0], args[1:], os.Stdout, os.Stderr)
	}
	board.TuneMemory()
	cfg, err := app.Load(args, os.Stdout)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := app.New(ctx, cfg, cfg.Logger(os.Stderr), version)
	if err != nil {
		return err
	}
	fmt.Print(a.Welcome())
	return a.Run(ctx)
}

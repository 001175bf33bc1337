// Command webd serves the web app.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"fresque.dev/services/internal/metrics"
	"fresque.dev/services/internal/probe"
	"fresque.dev/services/internal/settings"
	"fresque.dev/services/web/app"
)

// version is set at build time.
var version = "dev"

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == metrics.Command {
		return app.MetricsReference(os.Stdout)
	}
	if len(args) > 0 && args[0] == settings.ShowCommand {
		return app.ShowConfig(args[1:], os.Stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	asked := len(args) > 0 && args[0] == probe.Command
	if asked {
		args = args[1:]
	}
	cfg, err := app.Load(args, os.Stdout)
	if err != nil {
		return err
	}
	if asked {
		return probe.Ask(ctx, cfg.Addr)
	}
	a, err := app.New(ctx, cfg, cfg.Logger(os.Stderr), version)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

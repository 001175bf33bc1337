// Command fresquectl is the operator's command line.
package main

import (
	"context"
	"os"
	"os/signal"

	"fresque.dev/services/board/internal/ctl"
	"fresque.dev/services/internal/settings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := ctl.Run(ctx, os.Args[1:], settings.Variable, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

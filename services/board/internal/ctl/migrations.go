package ctl

import (
	"context"
	"errors"
	"flag"
	"os/exec"
)

const migrationsAbout = `
The board service's own program does it, boardd, with the service's settings: those
of -config FILE (NAME=VALUE), or of the environment. It is found beside fresquectl or
in PATH. MongoDB only: a file of SQLite is brought up to date as the service starts.`

// errNoBoardd is a machine without the board service's program.
var errNoBoardd = errors.New("boardd is neither beside fresquectl nor in PATH: run boardd migrate where it is")

var migrationCommands = []command{
	{"status", "fresquectl migrations status [-config FILE]: how far the store's schema is; it exits with 1 while\nsomething waits." + migrationsAbout, alone, migrating("status")},
	{"run", "fresquectl migrations run [-config FILE]: brings the store up to date. The service goes on\nmeanwhile; cut short, the same command goes on." + migrationsAbout, alone, migrating()},
}

// migrating has the board service's program do it: it alone has the credentials.
func migrating(args ...string) func(*flag.FlagSet) action {
	return func(f *flag.FlagSet) action {
		config := f.String("config", "", "`file` of settings of boardd")
		return func(ctx context.Context, t *tool, _ string) error {
			path := beside("boardd")
			if path == "" {
				return errNoBoardd
			}
			args := append([]string{"migrate"}, args...)
			if *config != "" {
				args = append(args, "-config", *config)
			}
			if t.json {
				args = append(args, "-o", "json")
			}
			cmd := exec.CommandContext(ctx, path, args...)
			cmd.Stdout, cmd.Stderr = t.out, t.errs
			if err := cmd.Run(); err != nil {
				var ended *exec.ExitError
				if errors.As(err, &ended) {
					return errTold
				}
				return err
			}
			return nil
		}
	}
}

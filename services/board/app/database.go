package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/internal/settings"
)

// Whether the service brings its database up to date as it starts, or leaves
// that to boardd migrate.
const (
	migrateAtStart = "start"
	migrateOnAsk   = "ask"
)

// Database is how the service uses MongoDB; SQLite needs none of it.
type Database struct {
	// Migrate is start or ask.
	Migrate string
	// StoreConnections is how many a replica opens to each server at most.
	StoreConnections int
	// StoreSeconds is how long one read or write may take, over failovers.
	StoreSeconds int
}

func defaultDatabase() Database {
	return Database{Migrate: migrateAtStart, StoreConnections: 100, StoreSeconds: 20}
}

// Declare reads them.
func (c *Database) Declare(s *settings.Set) {
	s.String(&c.Migrate, "MIGRATE", "when MongoDB is brought up to date: start (as the service starts) or ask (by boardd migrate alone)")
	s.Int(&c.StoreConnections, "STORE_CONNECTIONS", "connections to each MongoDB server at most", 2, 10_000)
	s.Int(&c.StoreSeconds, "STORE_SECONDS", "seconds that one read or write in MongoDB may take, an election within them", 2, 300)
}

func (c Database) checkMigrate() error {
	if c.Migrate != "" && c.Migrate != migrateAtStart && c.Migrate != migrateOnAsk {
		return fmt.Errorf("MIGRATE: %q is neither %s nor %s", c.Migrate, migrateAtStart, migrateOnAsk)
	}
	return nil
}

func (c Database) mongo(log *slog.Logger) mongostore.Config {
	return mongostore.Config{
		Migrate: c.Migrate != migrateOnAsk, Connections: c.StoreConnections,
		Timeout: time.Duration(c.StoreSeconds) * time.Second, Log: log,
	}
}

// Migrate brings the database of a configuration up to date, or tells only how
// far it is when the first argument is "status". SQLite files are brought up to
// date whenever they are opened.
func Migrate(ctx context.Context, args []string, out, errs io.Writer) error {
	status := len(args) > 0 && args[0] == "status"
	if status {
		args = args[1:]
	}
	cfg, err := Load(args, out)
	if err != nil {
		return err
	}
	if strings.HasPrefix(cfg.Store, "sqlite:") {
		_, err := fmt.Fprintln(out, "SQLite is brought up to date as the service starts: nothing to do.")
		return err
	}
	cfg.Migrate = migrateAtStart
	log := cfg.Logger(errs)
	if !status {
		store, err := mongostore.Open(ctx, cfg.Store, cfg.mongo(log))
		if err := errors.Join(err, closeIf(store)); err != nil {
			return err
		}
	}
	now, err := mongostore.Migrations(ctx, cfg.Store, cfg.mongo(log))
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	_, err = fmt.Fprint(out, now)
	if status && !now.Done() {
		return cmp.Or(err, errors.New("migrations wait"))
	}
	return err
}

func closeIf(s *mongostore.Store) error {
	if s == nil {
		return nil
	}
	return s.Close()
}

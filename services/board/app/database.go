package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/internal/doctor"
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

// schemaState is how far a store's schema is, as boardd migrate tells programs.
type schemaState struct {
	// Store is mongodb or sqlite.
	Store string `json:"store"`
	// Version is the store's, Known that of this release.
	Version int `json:"version"`
	Known   int `json:"known"`
	// Pending and MissingIndexes are what is to be done.
	Pending        []string `json:"pending"`
	MissingIndexes []string `json:"missingIndexes"`
	// Migrating is true while a process is at it, or has died with it.
	Migrating bool `json:"migrating"`
	// AtStart is what only the next start of the service does: a file of SQLite.
	AtStart bool `json:"atStart"`
	Done    bool `json:"done"`
}

// errWaiting ends a look at a store that is not up to date.
var errWaiting = errors.New("migrations wait")

// Migrate brings the database of a configuration up to date, or tells only how
// far it is when the first argument is "status"; in JSON with -o json. SQLite
// files are brought up to date whenever they are opened.
func Migrate(ctx context.Context, args []string, out, errs io.Writer) error {
	status := len(args) > 0 && args[0] == "status"
	if status {
		args = args[1:]
	}
	asJSON, args := doctor.TakeFormat(args)
	cfg, err := Load(args, out)
	if err != nil {
		return err
	}
	if path, ok := strings.CutPrefix(cfg.Store, "sqlite:"); ok {
		if !asJSON {
			_, err := fmt.Fprintln(out, "SQLite is brought up to date as the service starts: nothing to do.")
			return err
		}
		version, err := sqlitestore.Version(ctx, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		known := sqlitestore.SchemaVersion()
		return tellSchema(out, schemaState{Store: "sqlite", Version: version, Known: known, AtStart: version < known, Done: true})
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
	if asJSON {
		err = tellSchema(out, schemaState{
			Store: "mongodb", Version: now.Version, Known: now.Known, Pending: now.Pending,
			MissingIndexes: now.MissingIndexes, Migrating: now.Migrating, Done: now.Done(),
		})
	} else {
		_, err = fmt.Fprint(out, now)
	}
	if status && !now.Done() {
		return cmp.Or(err, errWaiting)
	}
	return err
}

func tellSchema(out io.Writer, s schemaState) error {
	s.Pending, s.MissingIndexes = append([]string{}, s.Pending...), append([]string{}, s.MissingIndexes...)
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

func closeIf(s *mongostore.Store) error {
	if s == nil {
		return nil
	}
	return s.Close()
}

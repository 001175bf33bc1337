package app

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/embed"
	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/board/internal/live"
	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/board/internal/view"
)

// store is all that the service asks of one.
type store interface {
	board.Store
	board.Outbox
	board.Purger
	board.Vault
	io.Closer
	// Check tells whether it can be read, by this release.
	Check(ctx context.Context) error
}

// schema is the version of the store's schema that this release makes.
func (c Config) schema() int {
	if strings.HasPrefix(c.Store, "sqlite:") {
		return sqlitestore.SchemaVersion()
	}
	return mongostore.SchemaVersion()
}

// openStore opens the store that a configuration names.
func openStore(ctx context.Context, cfg Config, log *slog.Logger) (store, error) {
	if path, ok := strings.CutPrefix(cfg.Store, "sqlite:"); ok {
		return opened(sqlitestore.Open(ctx, path))
	}
	return opened(mongostore.Open(ctx, cfg.Store, cfg.mongo(log)))
}

// opened is a store, or none at all: a pointer to nothing would be closed.
func opened[S store](s S, err error) (store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// announcers tells several of each change.
type announcers []board.Announcer

// Announce tells all of them, in order.
func (a announcers) Announce(doc board.Document) {
	for _, one := range a {
		one.Announce(doc)
	}
}

// systemClock is the machine's clock, unless there is another.
type systemClock struct{ other func() time.Time }

// Now tells the time, in UTC.
func (c systemClock) Now() time.Time {
	if c.other != nil {
		return c.other()
	}
	return time.Now().UTC()
}

// uuidSource makes UUIDv7.
type uuidSource struct{}

// NewID makes an id.
func (uuidSource) NewID() board.ID { return board.ID(uuid.Must(uuid.NewV7()).String()) }

// players shows the provider table to the views.
type players struct{ table *embed.Table }

// Resolve tells how a player shows a link.
func (p players) Resolve(raw string) (view.Embed, bool) {
	e, ok := p.table.Resolve(raw)
	if !ok {
		return view.Embed{}, false
	}
	return view.Embed{Provider: e.Provider, Name: e.Name, Src: e.Src, URL: e.URL, Sandbox: e.Sandbox, Allow: e.Allow, Starts: e.Starts, Start: e.Start}, true
}

// walls shows the hub to the API.
type walls struct{ hub *live.Hub }

// Snapshot gives a whole board.
func (w walls) Snapshot(ctx context.Context, p board.Principal) (httpapi.EncodedSnapshot, error) {
	return w.hub.Snapshot(ctx, p)
}

// SetWriting notes that a participant is writing.
func (w walls) SetWriting(ctx context.Context, p board.Principal, writing bool) error {
	return w.hub.SetWriting(ctx, p, writing)
}

// Attach makes a live stream.
func (w walls) Attach(ctx context.Context, p board.Principal, cursor string, expires time.Time) (httpapi.Stream, error) {
	return w.hub.Attach(ctx, p, cursor, expires)
}

package app

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/embed"
	"fresque.dev/services/board/internal/httpapi"
	"fresque.dev/services/board/internal/live"
	"fresque.dev/services/board/internal/store/mongostore"
	"fresque.dev/services/board/internal/store/observed"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/board/internal/view"
	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/telemetry"
)

// store is all that the service asks of one.
type store = observed.Store

// observers are those of the store: traces, where there are any.
func observers(tracer *telemetry.Tracer) []observed.Observer {
	if tracer == nil {
		return nil
	}
	return []observed.Observer{func(ctx context.Context, op observed.Operation, kind board.Kind) (context.Context, func(error)) {
		ctx, span := tracer.Start(ctx, telemetry.Client, "store "+string(op))
		span.Text("fresque.kind", string(kind))
		return ctx, func(err error) { span.End(failure(err)) }
	}}
}

// failure is what an engine did wrong: that something is not there, or was changed
// meanwhile, is an answer.
func failure(err error) error {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Internal:
		return err
	}
	return nil
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
func (a announcers) Announce(ctx context.Context, doc board.Document) {
	for _, one := range a {
		one.Announce(ctx, doc)
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

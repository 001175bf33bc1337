package uploads

import (
	"context"
	"log/slog"

	expslog "golang.org/x/exp/slog"
)

// tusLogger passes on what tusd has to complain about. tusd still logs through
// the experimental slog, and every single request: those are not passed on.
func tusLogger(to *slog.Logger) *expslog.Logger { return expslog.New(tusLog{to}) }

type tusLog struct{ to *slog.Logger }

// Enabled lets complaints through.
func (tusLog) Enabled(_ context.Context, level expslog.Level) bool { return level >= expslog.LevelWarn }

// Handle passes a complaint on. Clients that go away are nothing unusual.
func (l tusLog) Handle(ctx context.Context, r expslog.Record) error {
	attrs := make([]any, 0, 2*r.NumAttrs())
	r.Attrs(func(a expslog.Attr) bool {
		attrs = append(attrs, a.Key, a.Value.String())
		return true
	})
	l.to.DebugContext(ctx, "tus: "+r.Message, attrs...)
	return nil
}

// WithAttrs drops tusd's request attributes.
func (l tusLog) WithAttrs([]expslog.Attr) expslog.Handler { return l }

// WithGroup drops tusd's groups.
func (l tusLog) WithGroup(string) expslog.Handler { return l }

// Package telemetry is what a service lets its operator see: logs and traces.
// Both tell where, when and how long, of which board and platform, and never
// what people wrote or who they are.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fresque.dev/services/internal/settings"
)

// The formats of logs.
const (
	JSON = "json"
	Text = "text"
)

// mostText bounds one value in a log, in bytes.
const mostText = 2000

// Logging is what is logged, and how.
type Logging struct {
	// LogLevel is debug, info, warn or error; LogFormat is json or text.
	LogLevel, LogFormat string
}

var levels = []string{"debug", "info", "warn", "error"}

// DefaultLogging is for programs to read.
func DefaultLogging() Logging { return Logging{LogLevel: "info", LogFormat: JSON} }

// Declare reads the settings.
func (l *Logging) Declare(s *settings.Set) {
	s.String(&l.LogLevel, "LOG_LEVEL", "what is logged: debug, info (each request), warn or error, and what is worse")
	s.String(&l.LogFormat, "LOG_FORMAT", "json, an object a line, or text")
}

// Check tells every fault.
func (l Logging) Check() error {
	var faults []error
	if !slices.Contains(levels, l.LogLevel) {
		faults = append(faults, fmt.Errorf("LOG_LEVEL: %q is none of %s", l.LogLevel, strings.Join(levels, ", ")))
	}
	if l.LogFormat != JSON && l.LogFormat != Text {
		faults = append(faults, fmt.Errorf("LOG_FORMAT: %q is neither %s nor %s", l.LogFormat, JSON, Text))
	}
	return errors.Join(faults...)
}

// Logger writes to a writer. What is logged with the context of a request says
// which request it was.
func (l Logging) Logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.LogLevel)) // checked before
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: shorten}
	if l.LogFormat == Text {
		return slog.New(handler{slog.NewTextHandler(to, options)})
	}
	return slog.New(handler{slog.NewJSONHandler(to, options)})
}

// handler adds which request a record belongs to.
type handler struct{ slog.Handler }

// Handle logs one record.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if q := requestOf(ctx); q != nil {
		r.AddAttrs(q.attrs()...)
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs is a handler of more attributes.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup is a handler of a group.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// shorten bounds what a value says, and takes out of errors what addresses may
// hold besides a host: a path can be a secret as well as a query.
func shorten(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case error:
		a.Value = slog.StringValue(cut(withoutAddresses(v)))
	case string:
		if len(v) > mostText {
			a.Value = slog.StringValue(cut(v))
		}
	}
	return a
}

func cut(text string) string {
	if len(text) <= mostText {
		return text
	}
	return strings.ToValidUTF8(text[:mostText], "") + "…"
}

func withoutAddresses(err error) string {
	text := err.Error()
	for each := range causes(err) {
		var failed *url.Error
		if e, ok := each.(*url.Error); ok { //nolint:errorlint // each cause is looked at
			failed = e
		}
		if failed == nil || failed.URL == "" {
			continue
		}
		host := "an address"
		if u, err := url.Parse(failed.URL); err == nil && u.Host != "" {
			host = u.Scheme + "://" + u.Host
		}
		// Errors of addresses quote them, and what is quoted may look otherwise.
		quoted := strconv.Quote(failed.URL)
		text = strings.NewReplacer(failed.URL, host, quoted[1:len(quoted)-1], host).Replace(text)
	}
	return text
}

// causes gives an error and all that it wraps.
func causes(err error) func(yield func(error) bool) {
	return func(yield func(error) bool) { walk(err, yield) }
}

func walk(err error, yield func(error) bool) bool {
	if err == nil {
		return true
	}
	if !yield(err) {
		return false
	}
	switch e := err.(type) { //nolint:errorlint // both ways of wrapping are followed
	case interface{ Unwrap() error }:
		return walk(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			if !walk(one, yield) {
				return false
			}
		}
	}
	return true
}

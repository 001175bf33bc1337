package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
)

// boardParam is what every route calls the board in its path.
const boardParam = "board"

// Seen is told of each request when it was answered: its route, never an
// address. Nil for nobody.
type Seen func(method, route string, status int, took time.Duration)

// Fiber names each request, traces it, and logs it when it was answered: which route, never
// an address, a query, a body or a header. What a handler returns is answered
// here, so that the status that is logged is the one sent.
func Fiber(log *slog.Logger, tracer *Tracer, seen Seen) fiber.Handler {
	return func(c *fiber.Ctx) error {
		start := time.Now()
		ctx, q := NewRequest(c.UserContext(), c.Get(IDHeader))
		var span Span
		if !health[c.Path()] {
			ctx, span = tracer.request(ctx, q, c.Get(TraceHeader))
		}
		c.SetUserContext(ctx)
		c.Set(IDHeader, q.ID())
		if err := c.Next(); err != nil {
			if err := c.App().ErrorHandler(c, err); err != nil {
				_ = c.SendStatus(http.StatusInternalServerError)
			}
		}
		OfBoard(ctx, c.Params(boardParam))
		span.answered(q, c.Method(), c.Route().Path, c.Response().StatusCode())
		tell(ctx, log, seen, c.Method(), c.Route().Path, c.Response().StatusCode(), time.Since(start))
		return nil
	}
}

// HTTP does the same for a handler of net/http whose routes are given by a
// function: of few values, and never an address.
func HTTP(log *slog.Logger, tracer *Tracer, seen Seen, route func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ctx, q := NewRequest(r.Context(), r.Header.Get(IDHeader))
		ctx, span := tracer.request(ctx, q, r.Header.Get(TraceHeader))
		r = r.WithContext(ctx)
		w.Header().Set(IDHeader, q.ID())
		at := route(r) // what answers may change the address
		sent := &statusSeen{ResponseWriter: w}
		next.ServeHTTP(sent, r)
		span.answered(q, r.Method, at, sent.or(http.StatusOK))
		tell(ctx, log, seen, r.Method, at, sent.or(http.StatusOK), time.Since(start))
	})
}

// statusSeen remembers which status was sent.
type statusSeen struct {
	http.ResponseWriter
	status int
}

// WriteHeader sends the status.
func (w *statusSeen) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK { // those before are no answer
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives what http.ResponseController works on.
func (w *statusSeen) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusSeen) or(status int) int {
	if w.status == 0 {
		return status
	}
	return w.status
}

// request starts the span of a request, within the trace that it comes with.
func (t *Tracer) request(ctx context.Context, q *Request, carried string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.Root(t.Continue(ctx, carried), Server, "request")
	q.ofTrace(span.trace())
	return ctx, span
}

// answered ends the span of a request, and names it by its route.
func (s Span) answered(q *Request, method, route string, status int) {
	if s.span == nil {
		return
	}
	s.Name(method + " " + route)
	s.Text("http.request.method", method)
	s.Text("http.route", route)
	s.Number("http.response.status_code", int64(status))
	board, platform := q.about()
	s.Text("fresque.board", board)
	s.Text("fresque.platform", platform)
	var err error
	if status >= http.StatusInternalServerError {
		err = errAnswer
	}
	s.End(err)
}

var errAnswer = errors.New("answered with a fault of ours")

func tell(ctx context.Context, log *slog.Logger, seen Seen, method, route string, status int, took time.Duration) {
	if seen != nil {
		seen(method, route, status, took)
	}
	attrs := []slog.Attr{slog.String("method", method), slog.String("route", route), slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000)}
	if q := requestOf(ctx); q != nil && q.refusal() != "" {
		attrs = append(attrs, slog.String("code", q.refusal()))
	}
	log.LogAttrs(ctx, levelOf(route, status), "request", attrs...)
}

// levelOf is how much a request matters: those that ask for health come all the
// time.
func levelOf(route string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError && !health[route]:
		return slog.LevelError
	case health[route]:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

var health = map[string]bool{"/livez": true, "/readyz": true, "/version": true}

package app_test

import (
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/telemetry"
)

// traced is a replica's tracer, and what it traced.
func traced() (*telemetry.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return telemetry.NewTracer(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))), spans
}

// named waits for an ended span of a trace.
func named(t *testing.T, spans *tracetest.SpanRecorder, trace, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	for {
		for _, s := range spans.Ended() {
			if s.Name() == name && s.SpanContext().TraceID().String() == trace {
				return s
			}
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("no span %q in %d", name, len(spans.Ended()))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestAWriteIsOneTraceThroughToTheOtherReplica follows one write: request, store,
// NATS, and the hub of the replica beside.
func TestAWriteIsOneTraceThroughToTheOtherReplica(t *testing.T) {
	cfg, events := app.LocalConfig(t), natstest.Start(t)
	tracerA, spansA := traced()
	tracerB, spansB := traced()
	a := startWith(t, cfg, events, app.Deps{Tracer: tracerA})
	b := startWith(t, cfg, events, app.Deps{Tracer: tracerB})
	reader := b.watch(b.writer("Bob"), "")
	reader.next()
	const trace = "0123456789abcdef0123456789abcdef"
	post := a.call("POST", wall+"/posts", a.writer("Ada"), map[string]any{"title": "Confidentiel"}, "traceparent", "00-"+trace+"-0123456789abcdef-01").wants(t, 201, "")

	request := named(t, spansA, trace, "POST /api/v1/boards/:board/posts")
	insert := named(t, spansA, trace, "store insert")
	publish := named(t, spansA, trace, "publish event")
	apply := named(t, spansB, trace, "apply event")
	for what, pair := range map[string][2]sdktrace.ReadOnlySpan{"store": {insert, request}, "NATS": {publish, request}, "hub": {apply, publish}} {
		if pair[0].Parent().SpanID() != pair[1].SpanContext().SpanID() {
			t.Errorf("%s: %q does not follow from %q", what, pair[0].Name(), pair[1].Name())
		}
	}
	if log := a.log.String(); !strings.Contains(log, `"trace":"`+trace+`"`) {
		t.Error("the log does not name the trace")
	}
	for _, s := range append(spansA.Ended(), spansB.Ended()...) {
		for _, kv := range s.Attributes() {
			if text := kv.Value.String(); strings.Contains(text, "Confidentiel") || strings.Contains(text, "Ada") || strings.Contains(text, post.str("id")) {
				t.Errorf("%s tells %s=%s", s.Name(), kv.Key, text)
			}
		}
	}
	// Deliveries have no spans of their own, and work that nobody asked for none.
	a.stop()
	b.stop()
	for _, s := range spansB.Ended() {
		if !s.Parent().IsValid() && !strings.HasPrefix(s.Name(), "GET ") && !strings.HasPrefix(s.Name(), "POST ") {
			t.Errorf("%q begins a trace", s.Name())
		}
	}
}

// TestANoticeToAPlatformIsOfTheTraceThatItFollowsFrom follows what somebody did to
// the site that is told of it.
func TestANoticeToAPlatformIsOfTheTraceThatItFollowsFrom(t *testing.T) {
	tracer, spans := traced()
	r := newReceiver(t)
	s := startWith(t, hasty(t), natstest.Start(t), app.Deps{Tracer: tracer}).listening("moodle", r)
	_, ada := s.posts("ada")
	r.knows("ada", "posts", 1)
	const trace = "0123456789abcdef0123456789abcdef"
	s.call("POST", s.path("/posts"), ada, map[string]any{"title": "deux"}, "traceparent", "00-"+trace+"-0123456789abcdef-01").wants(t, 201, "")
	r.knows("ada", "posts", 2)
	publish := named(t, spans, trace, "publish delivery")
	if deliver := named(t, spans, trace, "deliver notice"); deliver.Parent().SpanID() != publish.SpanContext().SpanID() {
		t.Error("the notice does not follow from what was written")
	}
}

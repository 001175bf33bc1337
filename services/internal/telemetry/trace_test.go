package telemetry_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"fresque.dev/services/internal/telemetry"
)

const carried = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"

func newTracer() (*telemetry.Tracer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return telemetry.NewTracer(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))), spans
}

func TestRequestsAreTracedByRoute(t *testing.T) {
	tracer, spans := newTracer()
	h := telemetry.HTTP(slog.New(slog.DiscardHandler), tracer, nil, func(*http.Request) string { return "/a/{b}" }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, inner := tracer.Start(r.Context(), telemetry.Client, "store get")
		inner.End(errors.New("a secret"))
		w.WriteHeader(http.StatusBadGateway)
	}))
	r := httptest.NewRequest("GET", "/a/secret?secret", nil)
	r.Header.Set("traceparent", carried)
	h.ServeHTTP(httptest.NewRecorder(), r)
	ended := spans.Ended()
	if len(ended) != 2 || ended[0].Name() != "store get" || ended[1].Name() != "GET /a/{b}" || ended[0].Parent().SpanID() != ended[1].SpanContext().SpanID() {
		t.Fatalf("spans %v", ended)
	}
	for _, s := range ended {
		if s.SpanContext().TraceID().String() != carried[3:35] {
			t.Errorf("%s is of another trace", s.Name())
		}
		for _, a := range s.Attributes() {
			if strings.Contains(a.Value.String(), "secret") {
				t.Errorf("%s tells %s", s.Name(), a.Value.String())
			}
		}
		if s.Status().Code.String() != "Error" || s.Status().Description != "" {
			t.Errorf("%s: %v", s.Name(), s.Status())
		}
	}
}

func TestATraceIsCarried(t *testing.T) {
	tracer, spans := newTracer()
	for _, none := range []string{"", "a secret", strings.Repeat("0", 55)} {
		if _, span := tracer.Start(tracer.Continue(t.Context(), none), telemetry.Consumer, "x"); span != (telemetry.Span{}) {
			t.Errorf("%q begins a trace", none)
		}
	}
	ctx, span := tracer.Start(tracer.Continue(t.Context(), carried), telemetry.Consumer, "x")
	handed := tracer.Carry(ctx)
	span.End(nil)
	if len(spans.Ended()) != 1 || len(handed) != 55 || handed[:36] != carried[:36] || handed == carried {
		t.Errorf("handed on %q", handed)
	}
}

func TestTracingIsSetByItsOwnVariables(t *testing.T) {
	for _, c := range []struct {
		environ string
		on      bool
		fault   string
	}{
		{"", false, ""},
		{"OTEL_TRACES_SAMPLER=always_off", false, ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", true, ""},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://c.example/v1/traces", true, ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_SDK_DISABLED=true", false, ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:1 OTEL_TRACES_EXPORTER=none", false, ""},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:1", true, "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_PROTOCOL=grpc", true, "OTEL_EXPORTER_OTLP_PROTOCOL"},
	} {
		set := telemetry.TracingFrom(strings.Fields(c.environ))
		if err := set.Check(); (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v", c.environ, err)
		}
		if c.fault != "" {
			continue
		}
		tracer, end, err := set.Open(t.Context(), "fresque-test", "v1", slog.New(slog.DiscardHandler))
		if err != nil || (tracer != nil) != c.on {
			t.Errorf("%s: %v %v", c.environ, tracer, err)
		}
		end()
	}
}

func TestNoTraceCostsNothing(t *testing.T) {
	var none *telemetry.Tracer
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() { untraced(ctx, none) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func untraced(ctx context.Context, none *telemetry.Tracer) {
	ctx, span := none.Start(none.Continue(ctx, carried), telemetry.Client, "store get")
	span.Text("kind", "post")
	span.Number("rev", 1)
	if none.Carry(ctx) != "" {
		panic("a trace of nothing")
	}
	span.End(nil)
}

func BenchmarkNoTrace(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		untraced(b.Context(), nil)
	}
}

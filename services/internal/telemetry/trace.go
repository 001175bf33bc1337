package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// TraceHeader carries a trace from one process to another, in HTTP and in NATS
// (W3C Trace Context).
const TraceHeader = "traceparent"

// endWithin bounds how long the last traces may take to go.
const endWithin = 3 * time.Second

// Tracing is where traces go: by the variables that OpenTelemetry has for it
// (OTEL_…), which its library reads itself. Nowhere unless an endpoint is named.
type Tracing struct{ environ map[string]string }

// TracingFrom reads an environment, as os.Environ gives it.
func TracingFrom(environ []string) Tracing {
	t := Tracing{map[string]string{}}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OTEL_") {
			t.environ[name] = value
		}
	}
	return t
}

var endpoints = []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}

// on tells whether traces go anywhere.
func (t Tracing) on() bool {
	if strings.EqualFold(t.environ["OTEL_SDK_DISABLED"], "true") || t.environ["OTEL_TRACES_EXPORTER"] == "none" {
		return false
	}
	return t.environ[endpoints[0]] != "" || t.environ[endpoints[1]] != ""
}

// Check tells every fault.
func (t Tracing) Check() error {
	if !t.on() {
		return nil
	}
	var faults []error
	for _, name := range endpoints {
		u, err := url.Parse(t.environ[name])
		if t.environ[name] != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			faults = append(faults, fmt.Errorf("%s: must be http://HOST:PORT or https://HOST:PORT", name))
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if p := t.environ[name]; p != "" && p != "http/protobuf" {
			faults = append(faults, fmt.Errorf("%s: %q is not http/protobuf, the only one there is", name, p))
		}
	}
	return errors.Join(faults...)
}

// Open gives the tracer of a service, nil when traces go nowhere, and what ends it:
// what was traced before is sent then. What can't be sent is told in the log and
// lost; nothing else waits for it.
func (t Tracing) Open(ctx context.Context, service, version string, log *slog.Logger) (*Tracer, func(), error) {
	if !t.on() {
		return nil, func() {}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	// The environment counts more than what we say of ourselves.
	of, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces are lost", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(of))
	return NewTracer(provider), func() {
		ctx, cancel := context.WithTimeout(context.Background(), endWithin)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("traces are lost", "error", err)
		}
	}, nil
}

// Tracer starts spans; a nil one none, which costs nothing.
type Tracer struct{ tracer trace.Tracer }

// NewTracer starts spans of a provider.
func NewTracer(provider trace.TracerProvider) *Tracer {
	return &Tracer{provider.Tracer("fresque.dev")}
}

// Kind is how a span is connected with others.
type Kind = trace.SpanKind

// The kinds: within a process, a request that is answered here, one that is asked
// of another, and a message that is handed over or taken.
const (
	Internal = trace.SpanKindInternal
	Server   = trace.SpanKindServer
	Client   = trace.SpanKindClient
	Producer = trace.SpanKindProducer
	Consumer = trace.SpanKindConsumer
)

// Span is a piece of work; the zero one is none.
type Span struct{ span trace.Span }

// Root starts a span, which begins a trace unless the context is of one.
func (t *Tracer) Root(ctx context.Context, kind Kind, name string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, Span{span}
}

// Start starts a span of the trace that the context is of. What happens in no
// trace, such as looking for work each second, has none.
func (t *Tracer) Start(ctx context.Context, kind Kind, name string) (context.Context, Span) {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, Span{}
	}
	return t.Root(ctx, kind, name)
}

// Continue puts a trace that was carried here into a context; what is no trace is
// nothing.
func (t *Tracer) Continue(ctx context.Context, carried string) context.Context {
	if t == nil || carried == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{TraceHeader: carried})
}

// Carry gives the trace of a context for another process, or for later; empty when
// it is of none.
func (t *Tracer) Carry(ctx context.Context) string {
	if t == nil || !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[TraceHeader]
}

// Text says something of a span: an id, a kind, a code; nothing that people write.
func (s Span) Text(name, value string) {
	if s.span != nil {
		s.span.SetAttributes(attribute.String(name, value))
	}
}

// Number says something of a span in figures.
func (s Span) Number(name string, value int64) {
	if s.span != nil {
		s.span.SetAttributes(attribute.Int64(name, value))
	}
}

// Name names a span anew.
func (s Span) Name(name string) {
	if s.span != nil {
		s.span.SetName(name)
	}
}

// End ends a span. Of an error it tells that there was one: its text is for the
// log, which takes out what it must.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "")
	}
	s.span.End()
}

// trace is the id of a span's trace; empty for none.
func (s Span) trace() string {
	if s.span == nil || !s.span.SpanContext().IsValid() {
		return ""
	}
	return s.span.SpanContext().TraceID().String()
}

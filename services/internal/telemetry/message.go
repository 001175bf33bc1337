package telemetry

import "context"

// Header is that of a message.
type Header interface {
	Get(name string) string
	Set(name, value string)
}

// Send starts the span of a message that is sent, and writes the trace into its
// header. In no trace there is neither.
func (t *Tracer) Send(ctx context.Context, name string, header Header) (context.Context, Span) {
	ctx, span := t.Start(ctx, Producer, name)
	if carried := t.Carry(ctx); carried != "" {
		header.Set(TraceHeader, carried)
	}
	return ctx, span
}

// Take starts the span of a message that has come, in the trace that it came with.
func (t *Tracer) Take(ctx context.Context, name string, header Header) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	return t.Start(t.Continue(ctx, header.Get(TraceHeader)), Consumer, name)
}

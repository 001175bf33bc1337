// Package fault is the error that crosses layers: a kind that one table maps
// to HTTP, a stable code that clients and translations key on, and the values
// a message needs. It knows no transport.
package fault

import (
	"errors"
	"fmt"
)

// Kind sorts faults by what the caller can do about them.
type Kind string

// The kinds. Internal is the zero answer: whatever is not a Fault is Internal.
const (
	Internal        Kind = "internal"
	Invalid         Kind = "invalid"
	Unauthenticated Kind = "unauthenticated"
	Forbidden       Kind = "forbidden"
	// Closed: it may be done, but not here now.
	Closed   Kind = "closed"
	NotFound Kind = "not_found"
	Exists   Kind = "exists"
	// Conflict: the revision expected is not the current one.
	Conflict Kind = "conflict"
	// PreconditionRequired: the change must say which revision it is for.
	PreconditionRequired Kind = "precondition_required"
	TooLarge             Kind = "too_large"
	RateLimited          Kind = "rate_limited"
	Unavailable          Kind = "unavailable"
)

// Fault is an error with a stable code.
type Fault struct {
	Kind Kind
	// Code is stable, snake_case, and names one message in each language.
	Code string
	// Field is the path of the input at fault, such as attachments[2].url.
	Field string
	// Params are the values that the message names, such as {"max": 200}.
	Params map[string]any
	// Details are the single faults of an input, when there are several to tell.
	Details []*Fault
	// Cause is for logs only and never leaves the server.
	Cause error
}

// New makes a fault of a kind with a code.
func New(kind Kind, code string) *Fault { return &Fault{Kind: kind, Code: code} }

// Wrap makes a fault that keeps its cause.
func Wrap(kind Kind, code string, cause error) *Fault {
	return &Fault{Kind: kind, Code: code, Cause: cause}
}

// At returns a copy that names the field at fault.
func (f *Fault) At(field string) *Fault {
	c := *f
	c.Field = field
	return &c
}

// RetryAfter is the parameter of a fault that says how many seconds to wait, for the
// header of that name.
const RetryAfter = "retryAfter"

// With returns a copy that carries one more value for the message.
func (f *Fault) With(key string, value any) *Fault {
	c := *f
	c.Params = make(map[string]any, len(f.Params)+1)
	for k, v := range f.Params {
		c.Params[k] = v
	}
	c.Params[key] = value
	return &c
}

// Error is for logs.
func (f *Fault) Error() string {
	s := f.Code
	if f.Field != "" {
		s += " at " + f.Field
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Is makes errors.Is compare by kind and code.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Kind == f.Kind && t.Code == f.Code
}

// KindOf tells the kind of any error; nil has none.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if f, ok := As(err); ok {
		return f.Kind
	}
	return Internal
}

// As finds the Fault in an error's chain.
func As(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Internalf wraps an unexpected error with what was being done.
func Internalf(cause error, format string, args ...any) *Fault {
	return Wrap(Internal, "internal", fmt.Errorf(format+": %w", append(args, cause)...))
}

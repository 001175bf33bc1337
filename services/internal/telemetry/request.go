package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
)

// IDHeader names a request: to the caller, to the services behind, in logs.
const IDHeader = "X-Request-ID"

// Request is what is told of one request in every record that belongs to it.
type Request struct {
	id string

	mu              sync.Mutex
	trace           string
	board, platform string
	// code is why it was refused.
	code string
}

type requestKey struct{}

// NewRequest names a request as whoever handed it on did, if that is a name and
// nothing else, and puts it into a context.
func NewRequest(ctx context.Context, named string) (context.Context, *Request) {
	if !isName(named) {
		named = newName()
	}
	q := &Request{id: named}
	return context.WithValue(ctx, requestKey{}, q), q
}

func requestOf(ctx context.Context) *Request {
	q, _ := ctx.Value(requestKey{}).(*Request)
	return q
}

// RequestID is the name of the request that a context is of; empty for none.
func RequestID(ctx context.Context) string {
	if q := requestOf(ctx); q != nil {
		return q.id
	}
	return ""
}

// ID is its name.
func (q *Request) ID() string { return q.id }

// OfBoard says which board a request is about; what is no id is not told.
func OfBoard(ctx context.Context, id string) {
	if q := requestOf(ctx); q != nil && isName(id) {
		q.mu.Lock()
		q.board = id
		q.mu.Unlock()
	}
}

// OfPlatform says of which platform whoever asks is.
func OfPlatform(ctx context.Context, id string) {
	if q := requestOf(ctx); q != nil && isName(id) {
		q.mu.Lock()
		q.platform = id
		q.mu.Unlock()
	}
}

// Refused says with which code the request of a context was refused: whoever is told
// of it can be found by it.
func Refused(ctx context.Context, code string) {
	if q := requestOf(ctx); q != nil {
		q.mu.Lock()
		q.code = code
		q.mu.Unlock()
	}
}

func (q *Request) refusal() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.code
}

func (q *Request) ofTrace(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.trace = id
}

func (q *Request) about() (board, platform string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.board, q.platform
}

// attrs are its own of every record: only those that are known.
func (q *Request) attrs() []slog.Attr {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := [...]slog.Attr{slog.String("request", q.id), slog.String("trace", q.trace), slog.String("board", q.board), slog.String("platform", q.platform)}
	known := all[:0]
	for _, a := range all {
		if a.Value.String() != "" {
			known = append(known, a)
		}
	}
	return known
}

// isName tells a UUID, or as many hexadecimal digits: what is longer, shorter or
// of other characters may be anything, a secret too.
func isName(text string) bool {
	if len(text) != 32 && len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		dash := len(text) == 36 && (i == 8 || i == 13 || i == 18 || i == 23)
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func newName() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

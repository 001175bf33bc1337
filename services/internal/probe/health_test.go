package probe

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// engine is one whose fault a test sets.
type engine struct {
	mu    sync.Mutex
	fault error
}

func (e *engine) set(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = err
}

func (e *engine) check(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fault
}

func TestHealth(t *testing.T) {
	var log bytes.Buffer
	var store, events engine
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	h := New(slog.New(slog.NewTextHandler(&log, nil)), Engine{"store", store.check, true}, Engine{"events", events.check, false})
	var at atomic.Int64
	h.now = func() time.Time { return time.Unix(at.Add(1), 0) } // each look is a second later
	wants := func(what, status string, code int, store, events string) {
		t.Helper()
		r, got := h.Report(t.Context())
		if r.Status != status || got != code || r.Engines["store"] != store || r.Engines["events"] != events {
			t.Errorf("%s: %d %+v", what, got, r)
		}
	}
	events.set(Because(Full, errors.New("no room")))
	wants("it starts, and what is full is no fault of settings", Degraded, http.StatusOK, OK, Full)
	events.set(refused)
	wants("never there", Starting, http.StatusServiceUnavailable, OK, Unreachable)
	events.set(nil)
	wants("all is well", Ready, http.StatusOK, OK, OK)
	events.set(Because(Full, errors.New("no room")))
	wants("one can be missed", Degraded, http.StatusOK, OK, Full)
	at.Add(3600)
	wants("for as long as it takes", Degraded, http.StatusOK, OK, Full)
	store.set(context.DeadlineExceeded)
	wants("an election", Degraded, http.StatusOK, Silent, Full)
	store.set(nil)
	wants("it is over", Degraded, http.StatusOK, OK, Full)
	at.Add(3600)
	store.set(errors.New("no"))
	wants("again", Degraded, http.StatusOK, Failing, Full)
	at.Add(int64(patience / time.Second))
	wants("for too long", Unready, http.StatusServiceUnavailable, Failing, Full)
	store.set(nil)
	events.set(nil)
	wants("all is well again", Ready, http.StatusOK, OK, OK)
	h.Drain()
	wants("it ends", Draining, http.StatusServiceUnavailable, OK, OK)
	if away, back := strings.Count(log.String(), "is away"), strings.Count(log.String(), "is back"); away != 5 || back != 4 {
		t.Errorf("told %d times away and %d times back:\n%s", away, back, log.String())
	}
}

// TestManyWhoAskAtOnceAskOnce: an ingress, a kubelet and an operator do not load
// an engine that is slow already.
func TestManyWhoAskAtOnceAskOnce(t *testing.T) {
	var asked, came atomic.Int32
	begun, answer := make(chan struct{}, 20), make(chan struct{})
	h := New(slog.New(slog.DiscardHandler), Engine{"store", func(context.Context) error {
		asked.Add(1)
		begun <- struct{}{}
		<-answer
		return nil
	}, true})
	h.now = func() time.Time { came.Add(1); return time.Now() }
	var work sync.WaitGroup
	work.Go(func() { h.Report(t.Context()) })
	<-begun
	before := came.Load()
	for range 10 {
		work.Go(func() { h.Report(t.Context()) })
	}
	for came.Load() < before+10 {
		runtime.Gosched()
	}
	close(answer)
	work.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

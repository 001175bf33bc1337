package bus_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

func TestCallsAreAddedUpForAllReplicas(t *testing.T) {
	server := natstest.Start(t)
	replica := func() *bus.Calls {
		b, err := bus.Open(t.Context(), server.Connect(), bus.Config{Replicas: 1, MaxAge: time.Hour, MaxPerBoard: 100}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return bus.NewCalls(b, make([]byte, 32))
	}
	one, two := replica(), replica()
	var all sync.WaitGroup
	for _, c := range []*bus.Calls{one, two} {
		all.Go(func() {
			for range 10 {
				if _, err := c.Add(t.Context(), "a", 3); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if total, err := one.Add(t.Context(), "a", 1); err != nil || total != 61 {
		t.Fatalf("%d, %v", total, err)
	}
	if total, err := two.Add(t.Context(), "b", 1); err != nil || total != 1 {
		t.Fatalf("%d, %v", total, err)
	}
	server.Stop()
	if _, err := one.Add(t.Context(), "a", 1); err == nil {
		t.Fatal("it counts without NATS")
	}
}

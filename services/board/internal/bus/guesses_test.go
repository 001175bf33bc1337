package bus_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/natstest"
)

func TestGuessesAreCountedForAllReplicas(t *testing.T) {
	server := natstest.Start(t)
	key := bytes.Repeat([]byte{7}, 32)
	replica := func() *bus.Guesses {
		b, err := bus.Open(t.Context(), server.ConnectAs(subject.BoardService), bus.Config{Replicas: 1, MaxAge: time.Hour, MaxPerBoard: 100}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return bus.NewGuesses(b, key, time.Minute)
	}
	one, two := replica(), replica()
	now := time.Now()
	count := func(g *bus.Guesses, at time.Time) int {
		t.Helper()
		n, _, err := g.Count(t.Context(), "code 192.0.2.1", at)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var all sync.WaitGroup
	for _, g := range []*bus.Guesses{one, two} {
		for range 3 {
			all.Go(func() {
				if err := g.Add(t.Context(), "code 192.0.2.1", now); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if a, b := count(one, now), count(two, now); a != 6 || b != 6 {
		t.Fatalf("they count %d and %d", a, b)
	}
	if n := count(one, now.Add(time.Minute)); n != 0 {
		t.Fatalf("%d are remembered when the window is over", n)
	}
	js := admin(t, server)
	kv, err := js.KeyValue(t.Context(), "guesses")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.Keys(t.Context())
	if err != nil || len(keys) != 1 || strings.Contains(keys[0], "192") || len(keys[0]) != 64 {
		t.Fatalf("the bucket says %q, %v", keys, err)
	}
	// NATS has lost its memory, and then is away.
	if err := js.DeleteKeyValue(t.Context(), "guesses"); err != nil {
		t.Fatal(err)
	}
	_, _, _ = one.Count(t.Context(), "x", now) // finds out
	if err := one.Add(t.Context(), "x", now); err != nil {
		t.Fatalf("the bucket is not made anew: %v", err)
	}
	server.Stop()
	if _, _, err := one.Count(t.Context(), "x", now); err == nil {
		t.Fatal("nobody counts, and nobody says so")
	}
}

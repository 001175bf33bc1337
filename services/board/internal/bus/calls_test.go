package bus_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/bus"
	"fresque.dev/services/internal/counts"
	"fresque.dev/services/internal/natstest"
)

func TestCallsAreAddedUpForAllReplicas(t *testing.T) {
	server := natstest.Start(t)
	replica := func() *counts.Calls {
		b, err := bus.Open(t.Context(), server.ConnectAs(subject.BoardService), bus.Config{Replicas: 1, MaxAge: time.Hour, MaxPerBoard: 100}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return bus.NewCalls(b, make([]byte, 32))
	}
	one, two := replica(), replica()
	var all sync.WaitGroup
	for _, c := range []*counts.Calls{one, two} {
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

// TestCountsNameNobody: what is counted cannot be read, nor found by trying, from
// what NATS keeps.
func TestCountsNameNobody(t *testing.T) {
	server := natstest.Start(t)
	nc := server.Connect() // as an administrator, to read everything
	b, err := bus.Open(t.Context(), nc, bus.Config{Replicas: 1, MaxAge: time.Hour, MaxPerBoard: 100}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	const address = "192.0.2.77"
	key := bytes.Repeat([]byte{9}, 32)
	if _, err := bus.NewCalls(b, key).Add(t.Context(), address, 1); err != nil {
		t.Fatal(err)
	}
	if err := bus.NewGuesses(b, key, time.Minute).Add(t.Context(), address, time.Now()); err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	plain := sha256.Sum256([]byte(address))
	for _, name := range []string{"calls", "guesses"} {
		kv, err := js.KeyValue(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		found, err := kv.Keys(t.Context())
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		if strings.Contains(found[0], address) || strings.HasPrefix(hex.EncodeToString(plain[:]), found[0][:16]) {
			t.Errorf("%s: %s tells the address", name, found[0])
		}
	}
}

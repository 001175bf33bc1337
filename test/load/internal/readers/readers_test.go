//go:build linux

package readers_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fresque.dev/test/load/internal/mark"
	"fresque.dev/test/load/internal/readers"
)

// peers makes a set of readers of one wall, and gives the other ends.
func peers(t *testing.T, n int, through func(int)) (*readers.Set, []int) {
	t.Helper()
	s, err := readers.New(1, through)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int
	for range n {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add(pair[0], 0, 0); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, pair[1])
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, ends
}

func send(t *testing.T, fd int, text string) {
	t.Helper()
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// until waits for what must come.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func TestASetCountsWhatArrives(t *testing.T) {
	var through atomic.Int32
	s, ends := peers(t, 2, func(int) { through.Add(1) })
	first, second := mark.New(1, time.Now()).String(), mark.New(2, time.Now()).String()
	send(t, ends[0], "data: "+first+"\n\n"+second[:9])
	until(t, "the first event", func() bool { return s.Counts().Deliveries == 1 })
	send(t, ends[0], second[9:]+"\n\n")
	until(t, "an event in two pieces", func() bool { return s.Counts().Deliveries == 2 })
	if got := through.Load(); got != 0 {
		t.Fatalf("%d events are through to one reader of two", got)
	}
	send(t, ends[1], second)
	until(t, "the other reader", func() bool { return through.Load() == 1 })
	if got := s.Read(); got.Lost != 1 || got.Doubled != 0 || got.Latency.TotalCount() != 3 {
		t.Fatalf("got %+v", got)
	}
	if n := s.Missing([]uint32{3}); n != 2 {
		t.Fatalf("%d are missing", n)
	}
	if before := s.Reset(); before.Deliveries != 3 || s.Read().Latency.TotalCount() != 0 {
		t.Fatal("the latencies stay")
	}
}

func TestASetNoticesAConnectionThatEnds(t *testing.T) {
	s, ends := peers(t, 2, nil)
	if err := unix.Close(ends[1]); err != nil {
		t.Fatal(err)
	}
	until(t, "the end", func() bool { return s.Counts().Closed == 1 })
	send(t, ends[0], mark.New(1, time.Now()).String())
	until(t, "the other reader", func() bool { return s.Counts().Deliveries == 1 })
}

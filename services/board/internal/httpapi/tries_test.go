package httpapi

import (
	"testing"
	"time"
)

func TestTries(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tr := newTries("test", 2, func() time.Time { return now })
	try := func(wrong bool) {
		t.Helper()
		if _, ok := tr.begin("a"); !ok {
			t.Fatal("refused")
		}
		tr.end("a", wrong)
	}
	for range 10 {
		try(false)
	}
	if len(tr.of) != 0 {
		t.Fatal("who guesses nothing wrong is remembered")
	}
	try(true)
	now = now.Add(20 * time.Second)
	try(true)
	if wait, ok := tr.begin("a"); ok || wait != 40*time.Second {
		t.Fatalf("after two wrong guesses: %v, wait %v", ok, wait)
	}
	if _, ok := tr.begin("b"); !ok {
		t.Fatal("another address is refused")
	}
	if _, ok := tr.begin("b"); !ok {
		t.Fatal("the second at once is refused")
	}
	if wait, ok := tr.begin("b"); ok || wait != time.Second {
		t.Fatalf("the third at once: %v, wait %v", ok, wait)
	}
	now = now.Add(40 * time.Second)
	try(true)
	tr.end("b", false)
	tr.end("b", false)
	now = now.Add(time.Minute)
	tr.forget(now)
	if len(tr.of) != 0 {
		t.Fatal("what is over is remembered")
	}
}

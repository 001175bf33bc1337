package live

import (
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
)

// TestS15_WhatDoesNotFitTheQueueIsASnapshot: a browser that missed more than a
// queue holds must not be sent away with the cursor it came with, for ever.
func TestS15_WhatDoesNotFitTheQueueIsASnapshot(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	first, _ := snapshotOf(t, h, writer("a"))
	for n := range ringSize {
		p := post(n)
		p.Body = strings.Repeat("x", maxQueuedBytes/ringSize+1)
		w.publish(p)
	}
	join(t, h, writer("a"), first.Cursor).wants("hello", "reset")
}

// TestS11_ALateEventIsToldAsTheNewerState: a browser whose snapshot is newer
// than an event would otherwise show what is gone.
func TestS11_ALateEventIsToldAsTheNewerState(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	snapshotOf(t, h, writer("a"))
	gone := post(1)
	gone.Rev, gone.DeletedAt, gone.ShownTo = 2, time.Now(), []board.Audience{board.Members}
	w.publish(gone)
	fresh, _ := snapshotOf(t, h, writer("a"))
	r := join(t, h, writer("a"), fresh.Cursor)
	w.publish(post(1)) // by a replica that was cut off
	r.wants("hello")
	if _, _, data := r.next(); !strings.Contains(data, `"deleted":true`) {
		t.Fatalf("was told %s", data)
	}
}

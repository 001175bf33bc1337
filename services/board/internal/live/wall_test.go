package live

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"fresque.dev/services/board/internal/board"
)

// shown is the part of a snapshot that tests look at.
type shown struct {
	Cursor string
	Posts  []struct{ Title string }
	Media  []struct{ ID string }
}

func snapshotOf(t *testing.T, h *Hub, p board.Principal) (shown, *Snapshot) {
	t.Helper()
	s, err := h.Snapshot(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var out shown
	if err := json.Unmarshal(s.Encoded(""), &out); err != nil {
		t.Fatalf("%v in %s", err, s.Encoded(""))
	}
	return out, s
}

func titles(s shown) string {
	var out []string
	for _, p := range s.Posts {
		out = append(out, p.Title)
	}
	return strings.Join(out, ", ")
}

func TestS8_ASnapshotAndTheStreamFromItsCursorAreTheWholeWall(t *testing.T) {
	w := &wire{}
	w.docs = append(w.docs, post(1))
	h := newHub(w)
	w.store(post(1))
	first, _ := snapshotOf(t, h, writer("a"))
	if first.Cursor != seen("e-1") || titles(first) != "post 1" {
		t.Fatalf("got %+v", first)
	}
	w.publish(post(2))
	join(t, h, writer("a"), first.Cursor).wants("hello", "post 2")
	if second, _ := snapshotOf(t, h, writer("a")); second.Cursor != seen("e-2") || titles(second) != "post 1, post 2" {
		t.Fatalf("got %+v", second)
	}
}

func TestSnapshotsAreMadeOnceForAClass(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	var mu sync.Mutex
	made := make(map[*Snapshot]int)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			s, err := h.Snapshot(t.Context(), writer("a"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			made[s]++
		})
	}
	wg.Wait()
	if len(made) != 1 || w.lists != len(board.LiveKinds()) {
		t.Fatalf("%d snapshots were made, the store was read %d times", len(made), w.lists)
	}
}

func TestASnapshotThatIsUnchangedHasTheSameTag(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	_, a := snapshotOf(t, h, writer("a"))
	_, b := snapshotOf(t, h, writer("b"))
	w.publish(post(1))
	_, c := snapshotOf(t, h, writer("a"))
	if a.Tag() != b.Tag() || a.Tag() == c.Tag() {
		t.Fatalf("tags %s, %s, then %s", a.Tag(), b.Tag(), c.Tag())
	}
}

func TestSnapshotCodings(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	_, s := snapshotOf(t, h, writer("a"))
	unzip, err := gzip.NewReader(bytes.NewReader(s.Encoded("gzip")))
	if err != nil {
		t.Fatal(err)
	}
	fromGzip, err := io.ReadAll(unzip)
	if err != nil || !bytes.Equal(fromGzip, s.Encoded("")) {
		t.Fatalf("gzip holds %s, %v", fromGzip, err)
	}
	unz, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unz.Close()
	if fromZstd, err := unz.DecodeAll(s.Encoded("zstd"), nil); err != nil || !bytes.Equal(fromZstd, s.Encoded("")) {
		t.Fatalf("zstd holds %s, %v", fromZstd, err)
	}
}

func TestWhoWritesReadsItBeforeItsEventComesRound(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	snapshotOf(t, h, writer("a"))
	h.Announce(t.Context(), post(1))
	got, _ := snapshotOf(t, h, writer("a"))
	if titles(got) != "post 1" || got.Cursor != seen("e-0") {
		t.Fatalf("got %+v", got)
	}
	r := join(t, h, writer("b"), got.Cursor)
	w.publish(post(1)) // told all the same: others may not have seen it
	r.wants("hello", "post 1")
}

func TestWithoutEventsAWallIsStillShown(t *testing.T) {
	w := &wire{}
	w.docs = append(w.docs, post(1))
	h := newHub(w)
	w.down = true
	if got, _ := snapshotOf(t, h, writer("a")); got.Cursor != "" || titles(got) != "post 1" {
		t.Fatalf("got %+v", got)
	}
}

func TestABoardThatIsNotThere(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	p := writer("a")
	p.Board = "elsewhere"
	if _, err := h.Snapshot(t.Context(), p); !errors.Is(err, board.ErrNotFound) {
		t.Errorf("snapshot: %v", err)
	}
	if _, err := h.Attach(t.Context(), p, "", time.Now().Add(time.Hour)); !errors.Is(err, board.ErrNotFound) {
		t.Errorf("stream: %v", err)
	}
}

func media(state board.MediaState, post board.ID, shownTo ...board.Audience) *board.Media {
	m := &board.Media{Owner: "owner", State: state, Post: post}
	m.ID, m.Board, m.Rev, m.UpdatedAt, m.ShownTo = "m", wall, 2, time.Now(), shownTo
	return m
}

func TestS12_AnOwnerIsToldOfTheirHiddenDocumentsOnArrival(t *testing.T) {
	w := &wire{}
	w.docs = append(w.docs, media(board.MediaProcessing, ""))
	h := newHub(w)
	r := join(t, h, writer("owner"), "e-0")
	r.wants("hello")
	if event, id, data := r.next(); event != "change" || id != "" || !strings.Contains(data, `"state":"processing"`) {
		t.Fatalf("got %s %q %s", event, id, data)
	}
	other := join(t, h, writer("other"), "e-0")
	w.publish(post(1))
	other.wants("hello", "post 1")
}

func TestS17_ARevokedLinkEndsItsStreamsOnly(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	byLink := func(id board.ID, link board.ID) board.Principal {
		p := writer(id)
		p.Link = link
		return p
	}
	gone, stays := join(t, h, byLink("a", "l1"), "e-0"), join(t, h, byLink("b", "l2"), "e-0")
	revoked := &board.Link{Role: board.RoleWriter, RevokedAt: time.Now()}
	revoked.ID, revoked.Board, revoked.Rev = "l1", wall, 2
	w.publish(revoked)
	gone.wants("hello", "expired", "end")
	changed := &board.Link{Role: board.RoleModerator}
	changed.ID, changed.Board, changed.Rev = "l2", wall, 2
	same := &board.Link{Role: board.RoleWriter}
	same.ID, same.Board, same.Rev = "l2", wall, 1
	w.publish(same)
	w.publish(post(1))
	stays.wants("hello", "post 1")
	w.publish(changed)
	stays.wants("expired", "end")
}

func TestS17_ABoardThatIsDeletedEndsItsStreams(t *testing.T) {
	w := &wire{}
	h := newHub(w)
	r := join(t, h, writer("a"), "e-0")
	gone := &board.Board{}
	gone.ID, gone.Board, gone.Rev, gone.DeletedAt, gone.ShownTo = wall, wall, 2, time.Now(), []board.Audience{board.Members}
	w.publish(gone)
	r.wants("hello", "expired", "end") // renewing, its browser learns why
	if _, err := h.Snapshot(t.Context(), writer("a")); !errors.Is(err, board.ErrNotFound) {
		t.Fatalf("its snapshot: %v", err)
	}
}

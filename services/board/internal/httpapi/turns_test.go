package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"golang.org/x/sync/semaphore"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/paper"
)

func TestImportsWaitForTheirTurn(t *testing.T) {
	a := &API{importing: semaphore.NewWeighted(1)}
	began, end := make(chan struct{}), make(chan struct{})
	do := inTurn(a, func(_ context.Context, in *int) (*int, error) {
		began <- struct{}{}
		<-end
		return in, nil
	})
	first := make(chan error)
	go func() {
		_, err := do(t.Context(), new(int))
		first <- err
	}()
	<-began
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := do(gone, new(int)); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever has left: %v", err)
	}
	go func() { end <- struct{}{}; <-began; end <- struct{}{} }()
	if out, err := do(t.Context(), new(int)); err != nil || out == nil { // once the first has ended
		t.Error(err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// A board is read where there is room only, and keeps it until it was sent.
func TestABoardIsReadInItsTurn(t *testing.T) {
	room, reads := newOpen(Limits{AddressStreams: 1, SessionStreams: 1, Streams: 1}), 0
	read := func(board.ID) (*board.Archive, error) {
		if reads++; reads == 1 {
			return nil, board.ErrNotFound
		}
		return &board.Archive{}, nil
	}
	if _, _, err := readInTurn(t.Context(), room, "a", "", read); !errors.Is(err, board.ErrNotFound) {
		t.Error(err)
	}
	_, leave, err := readInTurn(t.Context(), room, "a", "", read)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := readInTurn(t.Context(), room, "b", "", read); !errors.Is(err, errArchives) || reads != 2 {
		t.Errorf("%v after %d", err, reads)
	}
	ours, theirs := net.Pipe()
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	sent := &taken{bytes.NewReader(make([]byte, 3)), ours, leave}
	if _, err := sent.Read(make([]byte, 2)); err != nil || room.all != 1 {
		t.Errorf("%v, %d have room", err, room.all)
	}
	if n, err := io.Copy(io.Discard, sent); n != 1 || err != nil || room.all != 0 || sent.Close() != nil {
		t.Errorf("%d, %v, %d have room", n, err, room.all)
	}
}

// A document takes longer to be made than other answers may.
func TestADocumentHasATimeOfItsOwn(t *testing.T) {
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	a := &API{press: paper.NewPress()}
	raw, err := a.layOut(over, archive.Page{Title: "Volcans"})
	if err != nil || !bytes.HasPrefix(raw, []byte("%PDF")) || over.Err() == nil {
		t.Error(err)
	}
}

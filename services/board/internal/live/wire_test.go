package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/view"
)

// wire is a stream of events whose live part can lose messages, and the
// documents behind it.
type wire struct {
	mu     sync.Mutex
	docs   []board.Document
	lists  int // how often the documents were read
	log    []board.Event
	oldest int // events before this index are gone
	epoch  string
	hall   *hall // where presence is heard; nil for nowhere
	name   string
	each   func(board.Event)
	down   bool
	// reports counts what was told of presence.
	reports atomic.Int32
}

func (w *wire) Follow(_ board.ID, each func(board.Event)) (func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, errors.New("down")
	}
	w.each = each
	return func() {}, nil
}

func (w *wire) Connected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.down
}

func (w *wire) List(_ context.Context, id board.ID, kind board.Kind) ([]board.Document, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lists++
	var out []board.Document
	for _, doc := range w.docs {
		if doc.Kind() == kind && doc.Head().Board == id && !doc.Head().Deleted() {
			out = append(out, doc)
		}
	}
	return out, nil
}

func (w *wire) Get(_ context.Context, key board.Key) (board.Document, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, doc := range w.docs {
		if board.KeyOf(doc) == key {
			return doc, nil
		}
	}
	return nil, board.ErrNotFound
}

// keep puts a document into the store.
func (w *wire) keep(doc board.Document) {
	for i, held := range w.docs {
		if board.KeyOf(held) == board.KeyOf(doc) {
			if held.Head().Rev < doc.Head().Rev {
				w.docs[i] = doc
			}
			return
		}
	}
	w.docs = append(w.docs, doc)
}

// hall is where the wires of a test's replicas hear each other's presence.
type hall struct {
	mu   sync.Mutex
	each map[string]func(string, board.Presence)
}

func (w *wire) Report(_ board.ID, p board.Presence) {
	w.reports.Add(1)
	if w.hall == nil {
		return
	}
	w.hall.mu.Lock()
	defer w.hall.mu.Unlock()
	for name, each := range w.hall.each {
		if name != w.name {
			go each(w.name, p)
		}
	}
}

func (w *wire) FollowPresence(_ board.ID, each func(string, board.Presence)) (func(), error) {
	if w.hall == nil {
		return func() {}, nil
	}
	w.hall.mu.Lock()
	defer w.hall.mu.Unlock()
	w.hall.each[w.name] = each
	return func() {}, nil
}

func (w *wire) last() board.Position {
	if len(w.log) == 0 {
		return board.Position{Epoch: w.epoch}
	}
	return board.Position{Epoch: w.epoch, Seq: w.log[len(w.log)-1].Seq}
}

func (w *wire) Position(context.Context, board.ID) (board.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return board.Position{}, errors.New("down")
	}
	return w.last(), nil
}

func (w *wire) Replay(_ context.Context, _ board.ID, after board.Position, limit int) ([]board.Event, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil, false, errors.New("down")
	}
	if after.Epoch != w.epoch {
		return nil, false, nil
	}
	var out []board.Event
	for i, e := range w.log {
		if e.Seq > after.Seq {
			if i < w.oldest {
				return nil, false, nil
			}
			out = append(out, e)
		}
	}
	return out, len(out) <= limit, nil
}

// store appends an event without telling anybody.
func (w *wire) store(doc board.Document) board.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keep(doc)
	e := board.Event{Position: board.Position{Epoch: w.epoch, Seq: w.last().Seq + 1}, Prev: w.last().Seq, Doc: doc}
	w.log = append(w.log, e)
	return e
}

// publish appends an event and tells it live.
func (w *wire) publish(doc board.Document) {
	e := w.store(doc)
	w.mu.Lock()
	each := w.each
	w.mu.Unlock()
	each(e)
}

func post(n int) *board.Post {
	p := &board.Post{Title: fmt.Sprint("post ", n)}
	p.ID, p.Board, p.Rev, p.UpdatedAt = board.ID(fmt.Sprint(n)), wall, 1, time.Now()
	return p
}

type noEmbeds struct{}

func (noEmbeds) Resolve(string) (view.Embed, bool) { return view.Embed{}, false }

func newHub(w *wire) *Hub {
	w.epoch = "e"
	wallDoc := &board.Board{Title: "Mur"}
	wallDoc.ID, wallDoc.Board, wallDoc.Rev = wall, wall, 1
	w.docs = append(w.docs, wallDoc)
	return NewHub(w, w, w, view.NewRenderer("https://media.example", board.DefaultUploads(), noEmbeds{}, board.NewAliasMaker([]byte("key"))), slog.New(slog.DiscardHandler), time.Now)
}

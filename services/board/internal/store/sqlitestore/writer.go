package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// maxBatch bounds how many writes share one commit, and so how long the first
// of them waits for the others.
const maxBatch = 256

// busyPause is between two tries to open a file that others open.
const busyPause = 20 * time.Millisecond

var errClosed = errors.New("the store is closed")

// change is one caller's write, judged alone within its batch: the verdict
// (nil or an error of the domain) is its caller's answer once the batch is on
// the disk. A failure is the engine's and fails the whole batch.
type change func(ctx context.Context, tx *batch) (verdict, failure error)

// request is a change that waits for its answer.
type request struct {
	ctx    context.Context
	change change
	answer chan error // holds one, so that a caller who left delays nobody
}

// writer owns the one connection that writes.
type writer struct {
	db    *statements
	queue chan *request
	// gate is held for reading while a request is queued, so that close never
	// closes the queue under a sender.
	gate    sync.RWMutex
	closed  bool
	stopped chan struct{}
}

func openWriter(ctx context.Context, path string) (*writer, error) {
	db, err := sql.Open("sqlite", source(path, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	prepared := newStatements(db)
	if err := beginWriter(ctx, db, prepared); err != nil {
		return nil, errors.Join(err, prepared.close())
	}
	w := &writer{
		db:      prepared,
		queue:   make(chan *request, maxBatch),
		stopped: make(chan struct{}),
	}
	// The writer outlives whatever bounds the opening.
	go w.run(context.WithoutCancel(ctx))
	return w, nil
}

// do queues a change and waits for its verdict. A caller whose context ends
// while it waits gets Unavailable and cannot know whether the change was made;
// retrying is safe (rules S2 and S3).
func (w *writer) do(ctx context.Context, c change) error {
	r := &request{ctx: ctx, change: c, answer: make(chan error, 1)}
	if err := w.enqueue(r); err != nil {
		return unavailable(err)
	}
	select {
	case err := <-r.answer:
		return err
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

func (w *writer) enqueue(r *request) error {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.closed {
		return errClosed
	}
	if err := r.ctx.Err(); err != nil {
		return err
	}
	select {
	case w.queue <- r:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// close lets the queue run dry, then closes the connection. It is called once.
func (w *writer) close() error {
	w.gate.Lock()
	w.closed = true
	close(w.queue)
	w.gate.Unlock()
	<-w.stopped
	return w.db.close()
}

// run commits batch after batch. It never waits for a batch to fill: while one
// is being synced, the next gathers by itself.
func (w *writer) run(ctx context.Context) {
	defer close(w.stopped)
	for first := range w.queue {
		w.commit(ctx, w.gather(first))
	}
}

// gather takes what waits behind a first request, up to maxBatch.
func (w *writer) gather(first *request) []*request {
	requests := []*request{first}
	for len(requests) < maxBatch {
		select {
		case r, ok := <-w.queue:
			if !ok {
				return requests
			}
			requests = append(requests, r)
		default:
			return requests
		}
	}
	return requests
}

// commit makes the changes of those who still wait and gives each its answer.
func (w *writer) commit(ctx context.Context, requests []*request) {
	waiting := requests[:0]
	for _, r := range requests {
		if err := r.ctx.Err(); err != nil {
			r.answer <- unavailable(err)
			continue
		}
		waiting = append(waiting, r)
	}
	if len(waiting) == 0 {
		return
	}
	verdicts, err := w.apply(ctx, waiting)
	for i, r := range waiting {
		if err != nil {
			r.answer <- engineFault(err)
			continue
		}
		r.answer <- verdicts[i]
	}
}

// apply makes the changes in one transaction. No caller's context reaches it:
// one that ends must not undo the others' changes.
func (w *writer) apply(ctx context.Context, requests []*request) (verdicts []error, failure error) {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	b := &batch{tx: tx, prepared: w.db}
	verdicts = make([]error, len(requests))
	for i, r := range requests {
		if verdicts[i], err = r.change(ctx, b); err != nil {
			return nil, err
		}
	}
	return verdicts, tx.Commit()
}

// beginWriter is prepareWriter while others may open the same file. The engine does
// not wait for whoever makes the file a write-ahead log: it answers at once that it
// is busy, and so is asked again.
func beginWriter(ctx context.Context, db *sql.DB, s *statements) error {
	for end := time.Now().Add(lockWait); ; {
		err := prepareWriter(ctx, db, s)
		if !isBusy(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(busyPause):
		}
	}
}

// prepareWriter brings the file up to date, then prepares what is written with.
func prepareWriter(ctx context.Context, db *sql.DB, s *statements) error {
	if err := migrate(ctx, db); err != nil {
		return err
	}
	return prepareBatches(ctx, s)
}

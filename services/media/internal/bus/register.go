package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/services/internal/fault"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/media/internal/media"
)

// RegisterConfig says whose register it is.
type RegisterConfig struct {
	// Self names this replica, and lasts as long as its quarantine.
	Self string
	// URL tells where other replicas reach the upload address of this one; it may
	// become known late, and change.
	URL func() (string, error)
	// Kept is how long an entry is remembered after it was written.
	Kept time.Duration
	// GoneAfter is how long a replica may be silent before others take over.
	GoneAfter time.Duration
	// Changed is called with each entry that another replica may have written.
	Changed func(media.Entry)
}

// Register is the replicas' agreement, in two buckets of NATS.
type Register struct {
	RegisterConfig
	bus               *Bus
	entries, replicas bucket
	log               *slog.Logger

	mu    sync.Mutex
	known map[string]written
	// steady is since when this replica has said that it is there without fail.
	steady time.Time
	// there is how many replicas this one knew when it last said that it is there, of
	// which it is one; 0 when it could not.
	there int
}

var _ media.Register = (*Register)(nil)

// NewRegister makes a register; it asks nothing of NATS yet.
func (b *Bus) NewRegister(cfg RegisterConfig) *Register {
	r := &Register{RegisterConfig: cfg, bus: b, log: b.log, known: map[string]written{}}
	r.entries.config = streams.Uploads(cfg.Kept, b.replicas)
	r.replicas.config = streams.Replicas(b.replicas)
	return r
}

// bucket is made when it is first reached.
type bucket struct {
	config jetstream.KeyValueConfig
	mu     sync.Mutex
	open   jetstream.KeyValue
}

func (k *bucket) reach(ctx context.Context, b *Bus) (jetstream.KeyValue, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !b.nc.IsConnected() {
		return nil, away(fmt.Errorf("NATS is %s", b.nc.Status()))
	}
	if k.open != nil {
		return k.open, nil
	}
	kv, err := b.keep.Bucket(ctx, k.config)
	if err != nil {
		return nil, away(err)
	}
	k.open = kv
	return kv, nil
}

// lost forgets a bucket that may be gone: it is made anew the next time.
func (k *bucket) lost(err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = nil
	return away(err)
}

func away(err error) error { return fault.Wrap(fault.Unavailable, "upload_away", err) }

func keyOf(board, id media.ID) string { return string(board) + "." + string(id) }

// written is an entry with the revision that it was read at; 0 for none.
type written struct {
	media.Entry
	revision uint64
}

func decode(e jetstream.KeyValueEntry) (written, error) {
	w := written{revision: e.Revision()}
	err := json.Unmarshal(e.Value(), &w.Entry)
	w.At = e.Created()
	return w, err
}

func (r *Register) read(ctx context.Context, board, id media.ID) (written, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kv, err := r.entries.reach(ctx, r.bus)
	if err != nil {
		return written{}, err
	}
	e, err := kv.Get(ctx, keyOf(board, id))
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		return written{}, nil
	case err != nil:
		return written{}, r.entries.lost(err)
	}
	w, err := decode(e)
	if err == nil {
		r.hear(w)
	}
	return w, err
}

// write puts an entry in the place of one that was read; false when somebody
// has put another there meanwhile.
func (r *Register) write(ctx context.Context, e media.Entry, over uint64) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	raw, err := json.Marshal(e)
	if err != nil {
		return false, err
	}
	kv, err := r.entries.reach(ctx, r.bus)
	if err != nil {
		return false, err
	}
	var revision uint64
	if over == 0 {
		revision, err = kv.Create(ctx, keyOf(e.Board, e.ID), raw)
	} else {
		revision, err = kv.Update(ctx, keyOf(e.Board, e.ID), raw, over)
	}
	if overtaken(err) {
		return false, nil
	}
	if err != nil {
		return false, r.entries.lost(err)
	}
	e.At = r.bus.now()
	r.hear(written{e, revision})
	return true, nil
}

func overtaken(err error) bool {
	var refused *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) ||
		errors.As(err, &refused) && refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// exchangeTries bounds how often a change begins anew because others were faster.
const exchangeTries = 20

// change reads an entry and writes what becomes of it, until nobody else has
// written meanwhile. next gives false where it is to stay as it is.
func (r *Register) change(ctx context.Context, board, id media.ID, next func(written) (media.Entry, bool, error)) (media.Entry, error) {
	for try := range exchangeTries {
		now, err := r.read(ctx, board, id)
		if err != nil {
			return media.Entry{}, err
		}
		then, changed, err := next(now)
		if err != nil || !changed {
			return now.Entry, err
		}
		done, err := r.write(ctx, then, now.revision)
		if err != nil || done {
			return then, err
		}
		// A copy of the bucket may be a moment behind the one that is written to.
		select {
		case <-ctx.Done():
			return media.Entry{}, ctx.Err()
		case <-time.After(time.Duration(try) * 5 * time.Millisecond):
		}
	}
	return media.Entry{}, away(errors.New("others keep writing the same entry"))
}

// Self is the name of this replica.
func (r *Register) Self() string { return r.RegisterConfig.Self }

// Find asks for an entry.
func (r *Register) Find(ctx context.Context, board, id media.ID) (media.Entry, error) {
	w, err := r.read(ctx, board, id)
	if err == nil && w.revision == 0 {
		err = media.ErrNotFound
	}
	return w.Entry, err
}

// OfBoard asks for all entries of a board.
func (r *Register) OfBoard(ctx context.Context, board media.ID) ([]media.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kv, err := r.entries.reach(ctx, r.bus)
	if err != nil {
		return nil, err
	}
	watch, err := kv.Watch(ctx, string(board)+".*", jetstream.IgnoreDeletes())
	if err != nil {
		return nil, r.entries.lost(err)
	}
	defer func() { _ = watch.Stop() }()
	var all []media.Entry
	for {
		select {
		case <-ctx.Done():
			return nil, r.entries.lost(ctx.Err())
		case e := <-watch.Updates():
			if e == nil { // all that there is has come
				return all, nil
			}
			w, err := decode(e)
			if err != nil {
				return nil, err
			}
			all = append(all, w.Entry)
		}
	}
}

// Claim makes an upload this replica's when nobody has it.
func (r *Register) Claim(ctx context.Context, u media.Upload) (media.Entry, error) {
	return r.change(ctx, u.Board, u.ID, func(now written) (media.Entry, bool, error) {
		mine := r.entry(u, media.Open)
		if now.revision == 0 {
			return mine, true, nil
		}
		if now.Standing != media.Open || now.Replica == mine.Replica && now.Size == mine.Size {
			return now.Entry, false, nil
		}
		if now.Replica != mine.Replica {
			_, there, err := r.Where(ctx, now.Replica)
			if err != nil || there {
				return now.Entry, false, err
			}
			r.log.Warn("taking over an upload of a replica that is gone", "media", u.ID, "board", u.Board, "replica", now.Replica)
		}
		return mine, true, nil
	})
}

// entry is that of an upload here, without what it is called: names stay in the
// quarantine.
func (r *Register) entry(u media.Upload, s media.Standing) media.Entry {
	return media.Entry{ID: u.ID, Board: u.Board, Owner: u.Owner, Size: u.Size, Replica: r.Self(), Standing: s}
}

// Seal ends an upload that is this replica's.
func (r *Register) Seal(ctx context.Context, u media.Upload, arrived bool, o media.Outcome) (media.Entry, error) {
	return r.change(ctx, u.Board, u.ID, func(now written) (media.Entry, bool, error) {
		if now.revision > 0 && (now.Standing != media.Open || now.Replica != r.Self()) {
			return now.Entry, false, nil
		}
		sealed := r.entry(u, media.Sealed)
		sealed.Arrived, sealed.Outcome = arrived, &o
		return sealed, true, nil
	})
}

// TakeOver makes the end of another's upload this replica's.
func (r *Register) TakeOver(ctx context.Context, e media.Entry, o *media.Outcome) (bool, error) {
	now, err := r.read(ctx, e.Board, e.ID)
	if err != nil || now.revision == 0 || now.Standing != e.Standing || now.Replica != e.Replica || now.Settled != e.Settled {
		return false, err
	}
	then := now.Entry
	then.Replica = r.Self()
	if o != nil {
		then.Standing, then.Outcome = media.Sealed, o
	}
	return r.write(ctx, then, now.revision)
}

// Settle says that what follows from an end has been done.
func (r *Register) Settle(ctx context.Context, board, id media.ID) error {
	_, err := r.change(ctx, board, id, func(now written) (media.Entry, bool, error) {
		then := now.Entry
		then.Settled, then.Outcome = true, nil
		return then, now.revision > 0 && now.Standing != media.Open && !now.Settled, nil
	})
	return err
}

// Bar keeps an upload from becoming anything, unless it has ended.
func (r *Register) Bar(ctx context.Context, board, id media.ID) error {
	if !board.Valid() || !id.Valid() {
		return media.ErrNotFound
	}
	_, err := r.change(ctx, board, id, func(now written) (media.Entry, bool, error) {
		if now.revision == 0 {
			// None of it has come, and none is to: its ticket may be good still.
			return media.Entry{ID: id, Board: board, Size: -1, Standing: media.Barred, Settled: true}, true, nil
		}
		then := now.Entry
		then.Standing = media.Barred
		return then, now.Standing == media.Open, nil
	})
	return err
}

// Renew writes an entry anew as it is, so that it is not forgotten.
func (r *Register) Renew(ctx context.Context, e media.Entry) error {
	now, err := r.read(ctx, e.Board, e.ID)
	if err != nil || now.revision == 0 || now.Standing != e.Standing || now.Replica != e.Replica {
		return err
	}
	_, err = r.write(ctx, now.Entry, now.revision)
	return err
}

// Withdraw gives an upload back of which nothing is there.
func (r *Register) Withdraw(ctx context.Context, e media.Entry) error {
	now, err := r.read(ctx, e.Board, e.ID)
	if err != nil || now.revision == 0 || now.Standing != media.Open || now.Replica != r.Self() {
		return err
	}
	kv, err := r.entries.reach(ctx, r.bus)
	if err != nil {
		return err
	}
	err = kv.Purge(ctx, keyOf(e.Board, e.ID), jetstream.LastRevision(now.revision))
	if err != nil && !overtaken(err) {
		return r.entries.lost(err)
	}
	return nil
}

// Known is an entry as this replica has last heard of it.
func (r *Register) Known(board, id media.ID) (media.Entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, ok := r.known[keyOf(board, id)]
	return w.Entry, ok
}

// All are the entries as this replica has last heard of them.
func (r *Register) All() []media.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]media.Entry, 0, len(r.known))
	oldest := r.bus.now().Add(-r.Kept)
	for key, w := range r.known {
		if w.At.Before(oldest) {
			delete(r.known, key) // forgotten there, too
			continue
		}
		all = append(all, w.Entry)
	}
	return all
}

// hear keeps what was written last, in whatever order it is heard of.
func (r *Register) hear(w written) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if key := keyOf(w.Board, w.ID); w.revision >= r.known[key].revision {
		r.known[key] = w
	}
}

// Listen hears what the others write, until the context ends.
func (r *Register) Listen(ctx context.Context) {
	for pause := openFirst; ctx.Err() == nil; pause = min(2*pause, openLast) {
		if err := r.listen(ctx, func() { pause = openFirst }); err != nil && ctx.Err() == nil {
			r.log.Debug("waiting for the register of uploads", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (r *Register) listen(ctx context.Context, heard func()) error {
	reaching, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	kv, err := r.entries.reach(reaching, r.bus)
	if err != nil {
		return err
	}
	watch, err := kv.WatchAll(ctx)
	if err != nil {
		return r.entries.lost(err)
	}
	defer func() { _ = watch.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-watch.Updates():
			if !ok {
				return r.entries.lost(errors.New("the watch ended"))
			}
			heard()
			if e != nil {
				r.take(e)
			}
		}
	}
}

func (r *Register) take(e jetstream.KeyValueEntry) {
	if e.Operation() != jetstream.KeyValuePut {
		r.mu.Lock()
		delete(r.known, e.Key())
		r.mu.Unlock()
		return
	}
	w, err := decode(e)
	if err != nil || keyOf(w.Board, w.ID) != e.Key() {
		r.log.Error("entry of the register not understood", "key", strings.ToValidUTF8(e.Key(), ""), "error", err)
		return
	}
	r.hear(w)
	r.Changed(w.Entry)
}

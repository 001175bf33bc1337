package pipeline_test

import (
	"context"
	"sync"
	"time"

	"fresque.dev/services/media/internal/media"
)

// register is what replicas agree on, in memory: the real one is in package bus.
type register struct {
	mu      sync.Mutex
	self    string
	entries map[media.ID]media.Entry
	// gone are the replicas that are not there.
	gone map[string]bool
}

func newRegister() *register {
	return &register{self: "here", entries: map[media.ID]media.Entry{}, gone: map[string]bool{}}
}

func (r *register) put(e media.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.At.IsZero() {
		e.At = time.Now()
	}
	r.entries[e.ID] = e
}

func (r *register) get(id media.ID) media.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entries[id]
}

func (r *register) Self() string { return r.self }

func (r *register) Known(_, id media.ID) (media.Entry, bool) {
	e := r.get(id)
	return e, e.ID != ""
}

func (r *register) All() (all []media.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.entries {
		all = append(all, e)
	}
	return all
}

func (r *register) Find(_ context.Context, _, id media.ID) (media.Entry, error) {
	if e := r.get(id); e.ID != "" {
		return e, nil
	}
	return media.Entry{}, media.ErrNotFound
}

func (r *register) OfBoard(_ context.Context, board media.ID) (of []media.Entry, _ error) {
	for _, e := range r.All() {
		if e.Board == board {
			of = append(of, e)
		}
	}
	return of, nil
}

func (r *register) Claim(_ context.Context, u media.Upload) (media.Entry, error) {
	e := r.get(u.ID)
	if e.ID == "" {
		e = media.Entry{ID: u.ID, Board: u.Board, Owner: u.Owner, Size: u.Size, Replica: r.self, Standing: media.Open}
		r.put(e)
	}
	return e, nil
}

func (r *register) Seal(_ context.Context, u media.Upload, arrived bool, o media.Outcome) (media.Entry, error) {
	e := r.get(u.ID)
	if e.ID != "" && (e.Standing != media.Open || e.Replica != r.self) {
		return e, nil
	}
	e = media.Entry{ID: u.ID, Board: u.Board, Owner: u.Owner, Size: u.Size, Replica: r.self, Standing: media.Sealed, Arrived: arrived, Outcome: &o}
	r.put(e)
	return e, nil
}

func (r *register) TakeOver(_ context.Context, e media.Entry, o *media.Outcome) (bool, error) {
	e.Replica, e.At = r.self, time.Time{}
	if o != nil {
		e.Standing, e.Outcome = media.Sealed, o
	}
	r.put(e)
	return true, nil
}

func (r *register) Settle(_ context.Context, _, id media.ID) error {
	if e := r.get(id); e.ID != "" && e.Standing != media.Open {
		e.Settled, e.Outcome = true, nil
		r.put(e)
	}
	return nil
}

func (r *register) Bar(_ context.Context, board, id media.ID) error {
	e := r.get(id)
	if e.ID == "" {
		e = media.Entry{ID: id, Board: board, Size: -1, Settled: true, Standing: media.Open}
	}
	if e.Standing == media.Open {
		e.Standing = media.Barred
		r.put(e)
	}
	return nil
}

func (r *register) Renew(_ context.Context, e media.Entry) error {
	e.At = time.Time{}
	r.put(e)
	return nil
}

func (r *register) Withdraw(_ context.Context, e media.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.entries, e.ID)
	return nil
}

func (r *register) Where(_ context.Context, replica string) (string, bool, error) {
	return "http://" + replica, !r.gone[replica], nil
}

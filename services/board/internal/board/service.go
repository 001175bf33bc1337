package board

import (
	"context"
	"errors"
	"time"

	"fresque.dev/services/internal/fault"
)

// UndoWindow is how long a deletion can be undone; after it the content is
// erased.
const UndoWindow = 10 * time.Minute

// changeTries bounds the retries of a change that commutes with others.
const changeTries = 20

// Deps are what the service needs from outside. All are required.
type Deps struct {
	Store    Store
	Announce Announcer
	Sanitize Sanitizer
	Links    LinkChecker
	Sealer   LinkSealer
	Clock    Clock
	IDs      IDSource
}

// Service is every command and question of the board service. Each method
// authorises its principal first.
type Service struct{ Deps }

// NewService makes the service.
func NewService(d Deps) *Service { return &Service{d} }

// ConflictError is ErrConflict with the document as it stands, for the caller
// to compare (rule S2).
type ConflictError struct{ Current Document }

// Error is for logs.
func (e *ConflictError) Error() string { return ErrConflict.Error() }

// Unwrap gives ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// now is the clock to the millisecond, which is what stores and the wire keep.
func (s *Service) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Millisecond) }

// get loads a document of a known type.
func get[D Document](ctx context.Context, s Store, key Key) (D, error) {
	var none D
	doc, err := s.Get(ctx, key)
	if err != nil {
		return none, err
	}
	d, ok := doc.(D)
	if !ok {
		return none, fault.Internalf(errors.New("wrong type"), "load %s %s", key.Kind, key.ID)
	}
	return d, nil
}

// create inserts a new document and announces it. When the id is taken it
// gives the document that has it, and false (rule S3).
func create[D Document](ctx context.Context, s *Service, doc D) (D, bool, error) {
	head := doc.Head()
	head.Rev, head.CreatedAt = 1, s.now()
	head.UpdatedAt = head.CreatedAt
	witness(doc)
	err := s.Store.Insert(ctx, doc)
	if errors.Is(err, ErrExists) {
		existing, err := get[D](ctx, s.Store, KeyOf(doc))
		return existing, false, err
	}
	if err != nil {
		return doc, false, err
	}
	s.Announce.Announce(doc)
	return doc, true, nil
}

// change is the one way a document changes (rule S2): load, apply a pure
// function, compare-and-set. The function tells whether it changed anything:
// what is already so is no change, answers as done, and so may be retried.
// With an expected revision a mismatch is a ConflictError; without one the
// change is taken to commute and is tried again on the newer document.
func change[D Document](ctx context.Context, s *Service, key Key, expected Rev, apply func(D) (bool, error)) (D, error) {
	for range changeTries {
		doc, err := get[D](ctx, s.Store, key)
		if err != nil {
			return doc, err
		}
		changed, err := apply(doc)
		if err != nil || !changed {
			return doc, err
		}
		head := doc.Head()
		current := head.Rev
		if expected != 0 && current != expected {
			return conflict[D](ctx, s, key)
		}
		head.Rev, head.UpdatedAt = current+1, s.now()
		witness(doc)
		switch err = s.Store.Replace(ctx, doc, current); {
		case err == nil:
			s.Announce.Announce(doc)
			return doc, nil
		case !errors.Is(err, ErrConflict):
			return doc, err
		case expected != 0:
			return conflict[D](ctx, s, key)
		}
	}
	var none D
	return none, fault.New(fault.Unavailable, "too_busy")
}

// conflict reloads the document that won, since the loser's copy is spoilt.
func conflict[D Document](ctx context.Context, s *Service, key Key) (D, error) {
	current, err := get[D](ctx, s.Store, key)
	if err != nil {
		return current, err
	}
	return current, &ConflictError{Current: current}
}

package board

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"fresque.dev/services/internal/fault"
)

const (
	// UndoWindow is how long whoever did something may undo it.
	UndoWindow = 10 * time.Minute
	// TrashKept is how long moderators find in the trash what was deleted; after
	// it the content is erased.
	TrashKept = 30 * 24 * time.Hour
)

// changeTries bounds the retries of a change that commutes with others.
const changeTries = 40

// stepAsideBy is by how much more a change waits with each try, at most.
const stepAsideBy = 4 * time.Millisecond

// Deps are what the service needs from outside. All are required.
type Deps struct {
	Store     Store
	Announce  Announcer
	Sanitize  Sanitizer
	Links     LinkChecker
	Sealer    LinkSealer
	Passwords Passwords
	Clock     Clock
	IDs       IDSource
	Keys      KeySets
	Changes   Changes
	Dispatch  Dispatch
	Courier   Courier
	Webhooks  WebhookSealer
	// Forget forgets the events of a board; nil where there are none.
	Forget EventForgetter
	// Uploads is what the platform takes; DefaultUploads when it is left out.
	Uploads UploadPolicy
	// Room is how much a wall holds; DefaultRoom when it is left out.
	Room Room
}

// Service is every command and question of the board service. Each method
// authorises its principal first.
type Service struct {
	Deps
	// decoy is a hash of nobody's password.
	decoy func() (string, error)
	// opened are the passwords of links that were right a while ago.
	opened *opened
	// lookups bounds the previews that people ask for.
	lookups *quota
	// usages are what platforms had a short while ago.
	usages usages
	// rooms are what walls hold.
	rooms rooms
	polls polls
	// due tells that there is something to do for Purge.
	due chan struct{}
}

// NewService makes the service.
func NewService(d Deps) *Service {
	if d.Uploads.Kinds == nil {
		d.Uploads = DefaultUploads()
	}
	if d.Room == (Room{}) {
		d.Room = DefaultRoom()
	}
	s := &Service{Deps: d, lookups: new(quota), opened: newOpened(), due: make(chan struct{}, 1), decoy: sync.OnceValues(func() (string, error) { return d.Passwords.Hash("nobody's password") })}
	s.stir() // what an earlier process left
	return s
}

// ConflictError is ErrConflict with the document as it stands, for the caller
// to compare (rule S2).
type ConflictError struct{ Current Document }

// Error is for logs.
func (e *ConflictError) Error() string { return ErrConflict.Error() }

// Unwrap gives ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// now is the clock to the millisecond, which is what stores and the wire keep.
func (s *Service) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Millisecond) }

// idOr gives an id that the client has made, or a new one.
func (s *Service) idOr(given ID) ID {
	if given != "" {
		return given
	}
	return s.IDs.NewID()
}

// scene is a board as a command finds it, and who acts there.
type scene struct {
	p     Principal
	board *Board
	sight *Sight
	now   time.Time
	// media finds an upload of the board; nil for none.
	media func(ID) *Media
	// bulk is what this is a part of; empty for nothing.
	bulk ID
}

// enter is where every command begins: it loads the board and refuses a
// principal who is of another one, whose link opens nothing any more, who was
// blocked, or who lacks the ability.
func (s *Service) enter(ctx context.Context, p Principal, id ID, a Ability) (*scene, error) {
	if err := p.of(id); err != nil {
		return nil, err
	}
	sc, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	sc.p = p
	if err := sc.may(a); err != nil {
		return nil, err
	}
	return sc, s.standing(ctx, sc)
}

// look loads a board and what its sight depends on.
func (s *Service) look(ctx context.Context, id ID) (*scene, error) {
	b, err := get[*Board](ctx, s.Store, boardKey(id))
	if err != nil {
		return nil, err
	}
	if b.Deleted() {
		return nil, ErrNotFound
	}
	sections, err := list[*Section](ctx, s.Store, id, KindSection)
	if err != nil {
		return nil, err
	}
	now := s.now()
	find := func(post ID) *Post {
		found, err := get[*Post](ctx, s.Store, Key{Board: id, Kind: KindPost, ID: post})
		if err != nil {
			return nil // who cannot be asked about is not shown
		}
		return found
	}
	media := func(id ID) *Media {
		found, err := get[*Media](ctx, s.Store, Key{Board: b.ID, Kind: KindMedia, ID: id})
		if err != nil {
			return nil // attaching it tells why
		}
		return found
	}
	return &scene{board: b, sight: NewSight(b, sections, find, now), now: now, media: media}, nil
}

func boardKey(id ID) Key { return Key{Board: id, Kind: KindBoard, ID: id} }

// SightOf gives the sight of a board, to render its documents with.
func (s *Service) SightOf(ctx context.Context, id ID) (*Sight, error) {
	sc, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	return sc.sight, nil
}

// AbilitiesOf lists what a principal may do on their board now.
func (s *Service) AbilitiesOf(ctx context.Context, p Principal) ([]Ability, error) {
	sc, err := s.look(ctx, p.Board)
	if err != nil {
		return nil, err
	}
	return AbilitiesOf(p.Role, sc.board.Settings, sc.sight.Phase), nil
}

// standing refuses somebody whose link has been revoked or has run out, or who
// was blocked, even while their session lasts, and puts them into the group that
// they are in now.
func (s *Service) standing(ctx context.Context, sc *scene) error {
	var link *Link
	if sc.p.Link != "" {
		var err error
		link, err = get[*Link](ctx, s.Store, Key{Board: sc.p.Board, Kind: KindLink, ID: sc.p.Link})
		if fault.KindOf(err) == fault.NotFound {
			return errNoSuchLink
		}
		if err != nil {
			return err
		}
	}
	person, err := s.participant(ctx, sc.p)
	if err != nil {
		return err
	}
	sc.p, err = sc.p.Standing(link, person, sc.now)
	return err
}

// may tells whether the scene's principal has an ability here and now.
func (sc *scene) may(a Ability) error {
	return Allowed(sc.p.Role, a, sc.board.Settings, sc.sight.Phase)
}

// mayPost tells whether the principal may do something to a post: their own,
// or any.
func (sc *scene) mayPost(post *Post, own, other Ability) error {
	err := sc.may(other)
	if post.Author.ID == sc.p.Participant && err != nil {
		return sc.may(own)
	}
	return err
}

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

// list loads the documents of a known type on a board.
func list[D Document](ctx context.Context, s Store, board ID, kind Kind) ([]D, error) {
	docs, err := s.List(ctx, board, kind)
	if err != nil {
		return nil, err
	}
	return typed[D](docs), nil
}

func typed[D Document](docs []Document) []D {
	out := make([]D, 0, len(docs))
	for _, doc := range docs {
		if d, ok := doc.(D); ok {
			out = append(out, d)
		}
	}
	return out
}

// create inserts a new document and announces it. When the id is taken it
// gives the document that has it, and false (rule S3).
func create[D Document](ctx context.Context, s *Service, sc *scene, verb Verb, doc D) (D, bool, error) {
	head := doc.Head()
	head.Rev, head.CreatedAt = 1, s.now()
	head.UpdatedAt = head.CreatedAt
	head.Deed = sc.deed(doc, verb, "", "")
	sc.sight.witness(doc, Nobody)
	err := s.Store.Insert(ctx, doc)
	if errors.Is(err, ErrExists) {
		existing, err := get[D](ctx, s.Store, KeyOf(doc))
		return existing, false, err
	}
	if err != nil {
		return doc, false, err
	}
	return doc, true, s.accepted(ctx, doc)
}

// accepted logs and announces a change that is durable, in this order: of a
// change that was not logged the mark stays, and the relay completes it.
func (s *Service) accepted(ctx context.Context, doc Document) error {
	if err := s.LogDeed(ctx, doc); err != nil {
		return err
	}
	s.announce(ctx, doc)
	return nil
}

// announce tells of a change, if changes of its kind are events.
func (s *Service) announce(ctx context.Context, doc Document) {
	if IsLive(doc.Kind()) {
		s.Announce.Announce(ctx, doc)
	}
}

// doing is what a change is, for the activity log.
type doing struct {
	verb   Verb
	reason string
}

// change is the one way a document changes (rule S2): load, apply a pure
// function, compare-and-set. The function tells whether it changed anything:
// what is already so is no change, answers as done, and so may be retried.
// With an expected revision a mismatch is a ConflictError; without one the
// change is taken to commute and is tried again on the newer document.
func change[D Document](ctx context.Context, s *Service, sc *scene, key Key, expected Rev, what doing, apply func(D) (bool, error)) (D, error) {
	for try := range changeTries {
		if err := stepAside(ctx, try); err != nil {
			return *new(D), err
		}
		doc, err := get[D](ctx, s.Store, key)
		if err != nil {
			return doc, err
		}
		before, image := sc.sight.AudienceOf(doc), ""
		if what.verb != "" {
			image = imageOf(doc)
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
		// What was done last must be in the log before it is overwritten.
		if err := s.SettleDeed(ctx, doc); err != nil {
			return doc, err
		}
		head.Rev, head.UpdatedAt = current+1, s.now()
		head.Deed = sc.deed(doc, what.verb, what.reason, image)
		sc.sight.witness(doc, before)
		switch err = s.Store.Replace(ctx, doc, current); {
		case err == nil:
			return doc, s.accepted(ctx, doc)
		case !errors.Is(err, ErrConflict):
			return doc, err
		case expected != 0:
			return conflict[D](ctx, s, key)
		}
	}
	var none D
	return none, fault.New(fault.Unavailable, "too_busy")
}

// changeOrMake changes a document that is there from its first change on: it is
// made empty, and changed like any other time.
func changeOrMake[D Document](ctx context.Context, s *Service, sc *scene, empty D, apply func(D) (bool, error)) (D, error) {
	doc, err := change(ctx, s, sc, KeyOf(empty), 0, doing{}, apply)
	if fault.KindOf(err) != fault.NotFound {
		return doc, err
	}
	if _, _, err := create(ctx, s, sc, NotLogged, empty); err != nil {
		return doc, err
	}
	return change(ctx, s, sc, KeyOf(empty), 0, doing{}, apply)
}

// stepAside waits a little, by chance and longer each time, before a change is
// tried again: a room that comes at once would else get in its own way.
func stepAside(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	select {
	case <-time.After(rand.N(time.Duration(try) * stepAsideBy)):
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "too_busy", ctx.Err())
	}
}

// conflict reloads the document that won, since the loser's copy is spoilt.
func conflict[D Document](ctx context.Context, s *Service, key Key) (D, error) {
	current, err := get[D](ctx, s.Store, key)
	if err != nil {
		return current, err
	}
	return current, &ConflictError{Current: current}
}

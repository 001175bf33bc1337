package board

import (
	"context"
	"time"

	"fresque.dev/services/internal/fault"
)

// What a Store answers; adapters return these, or a fault of their own that
// wraps an engine's error as Unavailable or Internal.
var (
	ErrNotFound = fault.New(fault.NotFound, "not_found")
	ErrExists   = fault.New(fault.Exists, "id_taken")
	ErrConflict = fault.New(fault.Conflict, "revision_conflict")
)

// Store keeps documents, one compare-and-set at a time. It holds no rule: a
// write is durable when it returns (rule S4), touches one document only, and
// marks that document, if its kind is live, unpublished in the same write (rule
// S5). Every method is safe for concurrent use by many processes.
type Store interface {
	// Get answers ErrNotFound when there is no such document. Tombstones are
	// documents and are found.
	Get(ctx context.Context, key Key) (Document, error)
	// List gives the documents of one kind on one board, tombstones left out,
	// ordered by id. Here and in sweeps a kind that this release does not know
	// is passed over; Get answers it with an internal fault.
	List(ctx context.Context, board ID, kind Kind) ([]Document, error)
	// ListUnder gives the documents of one kind on one board that have a parent,
	// tombstones included, ordered by id.
	ListUnder(ctx context.Context, board ID, kind Kind, parent ID) ([]Document, error)
	// Latest gives documents of one kind on one board, tombstones left out, in
	// the reverse order of their ids, at most limit: those below an id, or the
	// last ones when it is empty.
	Latest(ctx context.Context, board ID, kind Kind, below ID, limit int) ([]Document, error)
	// Trashed gives the tombstones of one kind on one board whose PurgeAt is not
	// zero, ordered by id.
	Trashed(ctx context.Context, board ID, kind Kind) ([]Document, error)
	// Catalogued gives documents of one kind, of CataloguedKinds, from every board,
	// tombstones included, ordered by id and then by board, at most limit: those
	// above a place.
	Catalogued(ctx context.Context, kind Kind, above Place, limit int) ([]Document, error)
	// Insert adds a document whose Rev is 1; ErrExists when the key is taken.
	// Another Rev, here and in Replace, is a fault of the caller: Internal.
	Insert(ctx context.Context, doc Document) error
	// Replace writes a document whose Rev is expected+1 over the one at
	// expected; ErrConflict when the current revision is another one, and
	// ErrNotFound when there is none.
	Replace(ctx context.Context, doc Document, expected Rev) error
}

// Place is where a document stands in a catalogue. Without a board it is before
// all documents of its id.
type Place struct{ ID, Board ID }

// PlaceOf gives a document's.
func PlaceOf(doc Document) Place { return Place{ID: doc.Head().ID, Board: doc.Head().Board} }

// Outbox is the part of a store that tells what has changed and was not yet
// published (rule S5).
type Outbox interface {
	// Unpublished gives documents whose mark was set before a time, oldest
	// first, at most limit, from every board. A mark is as old as its
	// document's UpdatedAt.
	Unpublished(ctx context.Context, before time.Time, limit int) ([]Document, error)
	// MarkPublished clears the marks of those documents whose revision is still
	// the one given; the others keep theirs.
	MarkPublished(ctx context.Context, published []Stamp) error
}

// Stamp is a document at one revision.
type Stamp struct {
	Key
	Rev Rev
}

// Purger is the part of a store that finds documents whose content is due to be
// erased.
type Purger interface {
	// DueForPurge gives documents whose PurgeAt is not zero and before a time,
	// the longest due first, at most limit, from every board.
	DueForPurge(ctx context.Context, before time.Time, limit int) ([]Document, error)
}

// EventForgetter is the part of the stream of events that forgets what it kept of
// a board, for browsers that come back.
type EventForgetter interface {
	// ForgetEvents forgets what the events of a board said, once what its documents
	// are now was told.
	ForgetEvents(ctx context.Context, board ID) error
}

// Announcer is told of every accepted change, after it is durable. It must not
// block and cannot fail: what it loses the relay finds in the Outbox. The context
// is that of the change, to tell what it belongs to; it may end at once.
type Announcer interface {
	Announce(ctx context.Context, doc Document)
}

// Sanitizer turns whatever HTML it gets into the safe set.
type Sanitizer interface {
	Sanitize(html string) string
}

// Clock tells the time, in UTC.
type Clock interface {
	Now() time.Time
}

// IDSource makes ids that sort by time (UUIDv7).
type IDSource interface {
	NewID() ID
}

// Aliaser makes pseudonyms: the same for the same person on the same board
// under the same promise, and telling nothing about who it is without the
// server's key.
type Aliaser interface {
	Alias(board, participant ID, promise Anonymity, language string) Author
	// Unlinked is a pseudonym that nothing else has: of one post.
	Unlinked(board, post ID, language string) Author
}

// Passwords hashes and checks the passwords of links, slowly (argon2id).
type Passwords interface {
	Hash(password string) (string, error)
	Check(hash, password string) bool
}

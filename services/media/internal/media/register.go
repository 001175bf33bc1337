package media

import (
	"context"
	"time"
)

// Standing is how far the replicas agree that an upload has come.
type Standing string

// The standings, of which only the first may change to another.
const (
	// Open: a replica has it, and it has not ended.
	Open Standing = "open"
	// Sealed: it has ended, once for all replicas.
	Sealed Standing = "sealed"
	// Barred: it is not to become anything.
	Barred Standing = "barred"
)

// Entry is what the replicas of this service agree on about one upload.
type Entry struct {
	ID    ID `json:"id"`
	Board ID `json:"board"`
	Owner ID `json:"owner,omitempty"`
	// Size is in bytes; -1 when nothing of it has come.
	Size int64 `json:"size"`
	// Replica is who has it, or had it when it ended; empty for nobody.
	Replica  string   `json:"replica,omitempty"`
	Standing Standing `json:"standing"`
	// Arrived tells of one that is sealed that all of it had come.
	Arrived bool `json:"arrived,omitempty"`
	// Outcome is that of one that is sealed, until Settled.
	Outcome *Outcome `json:"outcome,omitempty"`
	// Settled: what follows from its end has been done.
	Settled bool `json:"settled,omitempty"`
	// At is when the entry was written.
	At time.Time `json:"-"`
}

// Upload is what the entry tells of its upload.
func (e Entry) Upload() Upload {
	return Upload{ID: e.ID, Board: e.Board, Owner: e.Owner, Size: e.Size}
}

// Register is where the replicas agree whose an upload is and how it ended. Each
// change is one comparison and exchange, so that two replicas that know nothing
// of each other cannot end an upload in two ways.
type Register interface {
	// Self is the name of this replica; it lasts as long as its quarantine.
	Self() string
	// Known is an entry as this replica has last heard of it, without asking.
	Known(board, id ID) (Entry, bool)
	// All are the entries as this replica has last heard of them.
	All() []Entry
	// Find asks for an entry; ErrNotFound when there is none.
	Find(ctx context.Context, board, id ID) (Entry, error)
	// OfBoard asks for all entries of a board.
	OfBoard(ctx context.Context, board ID) ([]Entry, error)
	// Claim makes an upload this replica's when nobody has it, or who has it has
	// been gone for long. The entry is then as it is: maybe another's.
	Claim(ctx context.Context, u Upload) (Entry, error)
	// Seal ends an upload that is this replica's, or nobody's. The entry is then as
	// it is: another's, or barred.
	Seal(ctx context.Context, u Upload, arrived bool, o Outcome) (Entry, error)
	// TakeOver makes the end of another's upload this replica's: one that it has
	// read as given, and nobody has changed since. False when somebody has.
	TakeOver(ctx context.Context, e Entry, o *Outcome) (bool, error)
	// Settle says that what follows from an end has been done.
	Settle(ctx context.Context, board, id ID) error
	// Bar keeps an upload from becoming anything, unless it has ended.
	Bar(ctx context.Context, board, id ID) error
	// Renew keeps the entry of an upload that is still to come from being
	// forgotten, and Withdraw gives back one of which nothing is there.
	Renew(ctx context.Context, e Entry) error
	Withdraw(ctx context.Context, e Entry) error
	// Where is the address at which a replica takes uploads; false when it has been
	// gone for long. An error means that nobody knows.
	Where(ctx context.Context, replica string) (string, bool, error)
}

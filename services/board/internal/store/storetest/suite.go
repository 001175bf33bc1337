package storetest

import (
	"context"
	"testing"

	"fresque.dev/services/board/internal/board"
)

// Store is all that an engine offers the domain. Closing twice is harmless.
type Store interface {
	board.Store
	board.Outbox
	board.Purger
	board.Vault
	Close() error
	// Check tells whether the store can be read, by this release.
	Check(ctx context.Context) error
}

// Open opens one database, the same one at each call: another call is a
// restart, or another process on the same data.
type Open func(t *testing.T) Store

// Fresh makes an empty database that goes away with the test.
type Fresh func(t *testing.T) Open

// Run holds an engine to every property that one process can see.
func Run(t *testing.T, fresh Fresh) {
	for _, entry := range []struct {
		name string
		test func(t *testing.T, open Open)
	}{
		{"Every kind comes back as it was, every field filled", roundTripFilled},
		{"Every kind comes back as it was, every optional field empty", roundTripEmpty},
		{"Times keep their milliseconds and are UTC", times},
		{"Text comes back byte for byte", texts},
		{"A missing document is not found", missing},
		{"Boards and kinds are apart, even for one id", isolation},
		{"A list is ordered by id, without tombstones", listing},
		{"What hangs on a parent is listed, tombstones too", under},
		{"The latest come page by page, without tombstones", latest},
		{"A catalogue is of every board, page by page, tombstones too", catalogue},
		{"The trash is what can still be restored", trashed},
		{"A document belongs to the caller", ownership},
		{"Everything is there after reopening", reopening},
		{"S1 a revision starts at 1 and grows by exactly 1", revisions},
		{"S1 a tombstone is a document and can be undone", tombstones},
		{"S2 a replace over another revision is a conflict", conflicts},
		{"S2 concurrent compare-and-sets lose nothing", concurrentIncrements},
		{"S2 one conflict among concurrent writes fails that one alone", concurrentConflicts},
		{"S3 concurrent inserts of one id have one winner", concurrentInserts},
		{"S4 what is acknowledged is read at once", readYourWrites},
		{"S5 every write marks its document in the same write", marks},
		{"S5 a mark is cleared only at its revision", clearing},
		{"S5 unpublished documents come oldest first, at most the limit", sweeping},
		{"S5 a kind of a newer release does not stop a sweep", unknownKinds},
		{"Tombstones are found when their purge is due", purging},
		{"Every document is scanned in order, page by page", scanning},
		{"What was scanned is put into an empty store as it was, marks too", restoring},
		{"A list never shows half a write", tearing},
		{"A cancelled context fails its own call only", cancellation},
		{"A closed store is unavailable", closing},
	} {
		t.Run(entry.name, func(t *testing.T) { entry.test(t, fresh(t)) })
	}
}

// RunShared holds an engine to what several processes on the same data count
// on.
func RunShared(t *testing.T, fresh Fresh) {
	for _, entry := range []struct {
		name string
		test func(t *testing.T, open Open)
	}{
		{"S2 processes that increment together lose nothing", sharedIncrements},
		{"S3 processes that insert one id have one winner", sharedInserts},
		{"S4 what one process wrote, another reads", sharedReads},
	} {
		t.Run(entry.name, func(t *testing.T) { entry.test(t, fresh(t)) })
	}
}

// start opens a store and closes it with the test.
func start(t *testing.T, open Open) Store {
	t.Helper()
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

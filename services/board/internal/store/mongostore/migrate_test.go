package mongostore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// hasty does not wait as long as people would.
var hasty = pace{look: 5 * time.Millisecond, patience: 100 * time.Millisecond}

// oldRecords is more than two of the tests' batches: FerretDB reads every record
// for each that it changes.
const (
	oldBatch   = 20
	oldRecords = 2*oldBatch + 10
)

// inDatabase works on the database of an address, with the store's own options.
func inDatabase(t *testing.T, address string, use func(context.Context, *mongo.Database) error) {
	t.Helper()
	withClient(t, address, func(ctx context.Context, client *mongo.Client) error {
		return use(ctx, client.Database(databaseOf(address)))
	})
}

// fill writes a database as version 1 left it, and gives where.
func fill(t *testing.T) (address string, posts []*board.Post) {
	t.Helper()
	address = freshDatabase(t)
	on := board.ID(bson.NewObjectID().Hex())
	var records []any
	for i := range oldRecords {
		p := newPost()
		p.Board, p.Author.ID = on, board.ID(fmt.Sprintf("author %d", i%7))
		if i == 1 {
			p.DeletedAt = p.UpdatedAt
		}
		r, err := encode(p)
		if err != nil {
			t.Fatal(err)
		}
		records, posts = append(records, r), append(posts, p)
	}
	inDatabase(t, address, func(ctx context.Context, d *mongo.Database) error {
		_, err := d.Collection(documentsCollection).InsertMany(ctx, records)
		return errors.Join(err, setVersion(ctx, d, 1, 0), dropAndIndexFully(ctx, d))
	})
	return address, posts
}

func dropAndIndexFully(ctx context.Context, d *mongo.Database) error {
	_, err := d.Collection(documentsCollection).Indexes().CreateOne(ctx,
		mongo.IndexModel{Keys: up("purgeAt"), Options: options.Index().SetName("purge")})
	return err
}

func setVersion(ctx context.Context, d *mongo.Database, version, needs int) error {
	_, err := d.Collection(schemaCollection).UpdateOne(ctx, ofSchema,
		bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: version}, {Key: "needs", Value: needs}}}},
		options.UpdateOne().SetUpsert(true))
	return err
}

func migratorOf(t *testing.T, address string) *migrator {
	t.Helper()
	s, m, err := attach(Config{}.client(address), databaseOf(address), Config{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	m.pace, m.batch = hasty, oldBatch
	return m
}

func anOlderDatabaseIsBroughtUpToDate(t *testing.T, monitor *event.CommandMonitor) {
	address, posts := fill(t)
	if before, err := Migrations(t.Context(), address, Config{}); err != nil || before.Done() || before.Version != 1 || len(before.Pending) != len(migrations)-1 {
		t.Errorf("before: %v, %v", before, err)
	}
	if _, err := Open(t.Context(), address, Config{}); !errors.Is(err, ErrMigrationsWait) {
		t.Errorf("a store that may not migrate: %v", err)
	}
	s := openWatched(t, address, monitor)
	for i, p := range posts[:10] {
		doc, err := s.Get(t.Context(), board.KeyOf(p))
		want := p.Author.ID
		if i == 1 {
			want = "" // a tombstone hangs on nothing
		}
		if err != nil || doc.Head().Parent != want || doc.Head().Rev != 1 {
			t.Fatalf("post %d: %+v, %v", i, doc, err)
		}
	}
	if docs, err := s.ListUnder(t.Context(), posts[0].Board, board.KindPost, "author 0"); err != nil || len(docs) != 8 {
		t.Errorf("under an author: %d, %v", len(docs), err)
	}
	after, err := Migrations(t.Context(), address, Config{})
	if err != nil || !after.Done() || after.Version != len(migrations) || after.Migrating {
		t.Errorf("after: %v, %v", after, err)
	}
	// One that may not migrate has nothing to wait for any more.
	again, err := Open(t.Context(), address, Config{})
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}

func TestAnIndexThatWasDroppedIsMadeAgain(t *testing.T) {
	address := freshDatabase(t)
	open(t, address)
	inDatabase(t, address, func(ctx context.Context, d *mongo.Database) error {
		return d.Collection(documentsCollection).Indexes().DropOne(ctx, "under")
	})
	if status, err := Migrations(t.Context(), address, Config{}); err != nil || len(status.MissingIndexes) != 1 {
		t.Errorf("dropped: %v, %v", status, err)
	}
	open(t, address)
	if status, err := Migrations(t.Context(), address, Config{}); err != nil || !status.Done() {
		t.Errorf("opened again: %v, %v", status, err)
	}
}

func TestANewerSchema(t *testing.T) {
	for name, c := range map[string]struct {
		needs   int
		refused bool
	}{
		"that this release can use": {len(migrations), false},
		"that it cannot use":        {len(migrations) + 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			address := freshDatabase(t)
			running := open(t, address)
			inDatabase(t, address, func(ctx context.Context, d *mongo.Database) error {
				return setVersion(ctx, d, len(migrations)+1, c.needs)
			})
			if err := running.Check(t.Context()); errors.Is(err, ErrNewer) != c.refused {
				t.Errorf("one that runs: %v", err)
			}
			s, err := Open(t.Context(), address, Config{Migrate: true})
			if refused := err != nil && strings.Contains(err.Error(), "newer release"); refused != c.refused {
				t.Errorf("got %v", err)
			}
			if s != nil {
				_ = s.Close()
			}
		})
	}
}

// stamped is a migration of the tests: it sets a field once, and tells of each
// record.
func stamped(tell func()) migration {
	return migration{says: "a test's", change: func(stored bson.Raw) bson.D {
		tell()
		if _, err := stored.LookupErr("stamp"); err == nil {
			return nil
		}
		return bson.D{{Key: "stamp", Value: stored.Lookup("rev").AsInt64()}}
	}}
}

// wantStamped checks that all records are as one run leaves them.
func wantStamped(t *testing.T, address string, version int) {
	t.Helper()
	inDatabase(t, address, func(ctx context.Context, d *mongo.Database) error {
		n, err := d.Collection(documentsCollection).CountDocuments(ctx, bson.D{{Key: "stamp", Value: 1}, {Key: "rev", Value: 1}})
		if n != oldRecords {
			t.Errorf("%d of %d records are changed", n, oldRecords)
		}
		var at standing
		err = errors.Join(err, d.Collection(schemaCollection).FindOne(ctx, ofSchema).Decode(&at))
		if at.Version != version || at.After != "" {
			t.Errorf("schema: %+v", at)
		}
		lease := d.Collection(schemaCollection).FindOne(ctx, bson.D{{Key: "_id", Value: leaseID}}).Err()
		if !errors.Is(lease, mongo.ErrNoDocuments) {
			t.Errorf("a lease is left: %v", lease)
		}
		return err
	})
}

func TestSeveralStartAtOnce(t *testing.T) {
	address, _ := fill(t)
	var all sync.WaitGroup
	var passes atomic.Int64
	for range 4 {
		m := migratorOf(t, address)
		m.patience = time.Hour // nobody dies here
		m.migrations = append(migrations[:len(migrations):len(migrations)], stamped(func() { passes.Add(1) }))
		all.Go(func() {
			if err := m.run(t.Context()); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	all.Wait()
	wantStamped(t, address, len(migrations)+1)
	if passes.Load() != oldRecords {
		t.Errorf("%d records were passed: the others did not wait", passes.Load())
	}
}

// The first half is another process, which kills itself in the second batch.
func TestAHolderThatIsKilledIsFollowed(t *testing.T) {
	if address := os.Getenv("MONGOSTORE_DIES_AT"); address != "" {
		m, n := migratorOf(t, address), 0
		m.migrations = append(migrations[:len(migrations):len(migrations)], stamped(func() {
			if n++; n > oldBatch+oldBatch/2 {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}))
		t.Fatal(m.run(t.Context()))
	}
	address, _ := fill(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "MONGOSTORE_DIES_AT="+address)
	if out, err := child.CombinedOutput(); child.ProcessState == nil || child.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the child did not die of it: %v\n%s", err, out)
	}
	if status, err := migratorOf(t, address).status(t.Context()); err != nil || !status.Migrating {
		t.Errorf("after the kill: %v, %v", status, err)
	}
	m, passes := migratorOf(t, address), 0
	m.migrations = append(migrations[:len(migrations):len(migrations)], stamped(func() { passes++ }))
	if err := m.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStamped(t, address, len(migrations)+1)
	if passes != oldRecords-oldBatch {
		t.Errorf("%d records were passed: not from where the first was", passes)
	}
}

// A holder that hangs for long is followed too, and does no harm when it wakes.
func TestAHolderThatWakesFindsItsLeaseGone(t *testing.T) {
	address, _ := fill(t)
	asleep, wake := make(chan struct{}), make(chan struct{})
	first := migratorOf(t, address)
	first.look = time.Hour // no beat of its own
	first.migrations = append(migrations[:len(migrations):len(migrations)], stamped(sync.OnceFunc(func() {
		close(asleep)
		<-wake
	})))
	ended := make(chan error, 1)
	go func() { ended <- first.run(t.Context()) }()
	<-asleep
	second := migratorOf(t, address)
	second.migrations = append(migrations[:len(migrations):len(migrations)], stamped(func() {}))
	if err := second.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(wake)
	if err := <-ended; err != nil {
		t.Errorf("the first: %v", err)
	}
	wantStamped(t, address, len(migrations)+1)
}

func TestALostLeaseEndsTheWork(t *testing.T) {
	m := migratorOf(t, freshDatabase(t))
	m.migrations = []migration{{says: "a test's", before: func(ctx context.Context, _ *mongo.Collection) error {
		if _, err := m.schema.DeleteOne(ctx, bson.D{{Key: "_id", Value: leaseID}}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}}}
	if err := m.run(t.Context()); !errors.Is(err, errLeaseLost) {
		t.Errorf("got %v", err)
	}
}

package mongostore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// migrationBatch is how many records a migration reads and writes at a time.
const migrationBatch = 500

// ErrMigrationsWait is for a store that may not migrate as it is opened.
var ErrMigrationsWait = errors.New("migrations wait: run boardd migrate, or set MIGRATE=start")

// ErrNewer refuses a database that only newer releases can use.
var ErrNewer = errors.New("start a newer release")

// Status is how far a database is.
type Status struct {
	// Version is the database's, Known that of this release.
	Version, Known int
	// Pending says what waits, in order.
	Pending []string
	// MissingIndexes are those that this release declares and the database lacks.
	MissingIndexes []string
	// Migrating is true while a process holds the lease, or has died with it.
	Migrating bool
}

// Done tells that nothing is left to do.
func (s Status) Done() bool { return len(s.Pending) == 0 && len(s.MissingIndexes) == 0 }

// standing is the schema's document: the version that is reached, the least that
// a release must know, and how far the next migration is.
type standing struct {
	Version int `bson:"version"`
	Needs   int `bson:"needs"`
	// After is the last record that migration Version+1 has passed.
	After string `bson:"after"`
}

// SchemaVersion is the version of the schema that this release makes.
func SchemaVersion() int { return len(migrations) }

// migrator runs migrations on one database.
type migrator struct {
	schema, documents *mongo.Collection
	migrations        []migration
	batch             int64
	log               *slog.Logger
	pace
}

func newMigrator(database *mongo.Database, log *slog.Logger) *migrator {
	return &migrator{
		schema: database.Collection(schemaCollection), documents: database.Collection(documentsCollection),
		migrations: migrations, batch: migrationBatch, log: log, pace: usualPace,
	}
}

// status refuses a schema that only newer releases can read and write.
func (m *migrator) status(ctx context.Context) (Status, error) {
	at, err := m.standing(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Version: at.Version, Known: len(m.migrations)}
	if at.Version > s.Known {
		return s, nil // a newer release's, who has its own indexes
	}
	for _, pending := range m.migrations[at.Version:] {
		s.Pending = append(s.Pending, pending.says)
	}
	if s.MissingIndexes, err = missingIndexes(ctx, m.documents); err != nil {
		return Status{}, err
	}
	err = m.schema.FindOne(ctx, bson.D{{Key: "_id", Value: leaseID}}).Err()
	s.Migrating = err == nil
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return Status{}, fmt.Errorf("read the lease: %w", err)
	}
	return s, nil
}

func (m *migrator) standing(ctx context.Context) (at standing, err error) {
	err = m.schema.FindOne(ctx, ofSchema).Decode(&at)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return at, fmt.Errorf("read the schema's version: %w", err)
	}
	if at.Needs > len(m.migrations) {
		return at, fmt.Errorf("its schema is version %d and this release knows up to %d: %w", at.Version, len(m.migrations), ErrNewer)
	}
	return at, nil
}

var ofSchema = bson.D{{Key: "_id", Value: documentsCollection}}

// run brings the database to the current schema, or waits until another process
// has. Running it again changes nothing.
func (m *migrator) run(ctx context.Context) error {
	l := &lease{documents: m.schema, holder: bson.NewObjectID(), pace: m.pace}
	for {
		status, err := m.status(ctx)
		if err != nil || status.Done() {
			return err
		}
		mine, err := l.take(ctx)
		if err != nil {
			return err
		}
		if mine {
			return m.runUnder(ctx, l)
		}
		m.log.InfoContext(ctx, "another process migrates: waiting", "version", status.Version, "known", status.Known)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(m.look):
		}
	}
}

// runUnder does the work while the lease is kept.
func (m *migrator) runUnder(ctx context.Context, l *lease) error {
	work, cancel := context.WithCancelCause(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		l.keep(work, cancel)
	}()
	err := m.work(work)
	if cause := context.Cause(work); err != nil && cause != nil {
		err = errors.Join(cause, err)
	}
	cancel(nil)
	<-kept
	l.release(ctx)
	return err
}

func (m *migrator) work(ctx context.Context) error {
	at, err := m.standing(ctx)
	if err != nil {
		return err
	}
	for at.Version < len(m.migrations) {
		number, next := at.Version+1, m.migrations[at.Version]
		m.log.InfoContext(ctx, "migrating", "to", number, "what", next.says)
		if at, err = m.step(ctx, at, next); err != nil {
			return fmt.Errorf("migration %d, %s: %w", number, next.says, err)
		}
	}
	return createIndexes(ctx, m.documents)
}

func (m *migrator) step(ctx context.Context, at standing, next migration) (standing, error) {
	if next.before != nil {
		if err := next.before(ctx, m.documents); err != nil {
			return at, err
		}
	}
	if next.change != nil {
		if err := m.transform(ctx, at, next.change); err != nil {
			return at, err
		}
	}
	reached := standing{Version: at.Version + 1, Needs: at.Needs}
	if next.refuses {
		reached.Needs = reached.Version
	}
	return reached, m.note(ctx, at.Version, reached)
}

// transform passes all records in the order of their ids, from where a run
// before this one was cut.
func (m *migrator) transform(ctx context.Context, at standing, change func(bson.Raw) bson.D) error {
	for {
		records, err := m.read(ctx, at.After)
		if err != nil || len(records) == 0 {
			return err
		}
		var updates []mongo.WriteModel
		for _, r := range records {
			if set := change(r); set != nil {
				// The record's mark stays: what the store tells about a write must
				// not depend on a migration (see settle).
				updates = append(updates, mongo.NewUpdateOneModel().SetFilter(asRead(r).filter).SetUpdate(bson.D{{Key: "$set", Value: set}}))
			}
		}
		if len(updates) > 0 {
			result, err := m.documents.BulkWrite(ctx, updates, options.BulkWrite().SetOrdered(false).SetComment(queryChange))
			if err != nil {
				return fmt.Errorf("write records: %w", err)
			}
			if result.MatchedCount < int64(len(updates)) {
				continue // somebody wrote one meanwhile: the same batch again
			}
		}
		at.After = records[len(records)-1].Lookup("_id").StringValue()
		if err := m.note(ctx, at.Version, at); err != nil {
			return err
		}
	}
}

func (m *migrator) read(ctx context.Context, after string) ([]bson.Raw, error) {
	q := passed(after, m.batch)
	cursor, err := m.documents.Find(ctx, q.filter, options.Find().SetComment(q.name).SetSort(q.sort).SetLimit(q.limit))
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	var records []bson.Raw
	if err := cursor.All(ctx, &records); err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return records, nil
}

// note keeps how far it is. It never takes the schema back: a process that was
// taken for dead may still be at work.
func (m *migrator) note(ctx context.Context, from int, now standing) error {
	if from == 0 {
		_, err := m.schema.InsertOne(ctx, append(ofSchema[:1:1], bson.E{Key: "version", Value: 0}))
		if err != nil && !mongo.IsDuplicateKeyError(err) {
			return fmt.Errorf("begin the schema: %w", err)
		}
	}
	still := append(ofSchema[:1:1], bson.E{Key: "version", Value: from})
	if _, err := m.schema.UpdateOne(ctx, still, bson.D{{Key: "$set", Value: now}}); err != nil {
		return fmt.Errorf("note the schema's version: %w", err)
	}
	return nil
}

// String is for people.
func (s Status) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "schema version %d of %d\n", s.Version, s.Known)
	for i, p := range s.Pending {
		fmt.Fprintf(&text, "waits: %d, %s\n", s.Version+i+1, p)
	}
	if len(s.MissingIndexes) > 0 {
		fmt.Fprintf(&text, "missing indexes: %s\n", strings.Join(s.MissingIndexes, ", "))
	}
	if s.Migrating {
		text.WriteString("a process migrates now, or has died while it did\n")
	}
	return text.String()
}

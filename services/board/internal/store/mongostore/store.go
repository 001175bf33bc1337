package mongostore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// defaultDatabase is used when the address names none.
const defaultDatabase = "fresque"

// closeWait is how long Close waits for the calls that are under way.
const closeWait = 10 * time.Second

var _ interface {
	board.Store
	board.Outbox
	board.Purger
} = (*Store)(nil)

// Store is a board.Store, board.Outbox and board.Purger over one database. Its
// errors are the domain's, or a fault: Unavailable "store_unavailable" when
// the cluster cannot be reached, has no primary or no majority, when the
// caller's context ends and after Close; Internal otherwise.
type Store struct {
	documents *mongo.Collection
	close     func() error
}

// Open connects to the database that a mongodb: or mongodb+srv: address names
// ("fresque" if it names none), and declares its indexes. It refuses a database
// that a newer release has written. Options of the address stand, except that
// they cannot weaken the concerns this package promises. Close the store when
// done.
func Open(ctx context.Context, address string) (*Store, error) {
	return connect(ctx, options.Client().ApplyURI(address), databaseOf(address))
}

func connect(ctx context.Context, how *options.ClientOptions, name string) (*Store, error) {
	client, err := mongo.Connect(how)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	journal := true
	database := client.Database(name, options.Database().
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()))
	if err := prepare(ctx, database); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", database.Name(), err), disconnect(ctx, client))
	}
	return &Store{
		documents: database.Collection(documentsCollection),
		close:     sync.OnceValue(func() error { return disconnect(ctx, client) }),
	}, nil
}

// Close waits a little for the calls under way, then disconnects. Closing twice
// is harmless.
func (s *Store) Close() error { return s.close() }

// Get implements board.Store.
func (s *Store) Get(ctx context.Context, key board.Key) (board.Document, error) {
	var r record
	err := s.documents.FindOne(ctx, byKey(key)).Decode(&r)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, board.ErrNotFound
	}
	if err != nil {
		return nil, engineFault(err)
	}
	return r.decode()
}

// List implements board.Store.
func (s *Store) List(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return s.find(ctx, ofKind(on, kind, false), byID(1))
}

// ListUnder implements board.Store.
func (s *Store) ListUnder(ctx context.Context, on board.ID, kind board.Kind, parent board.ID) ([]board.Document, error) {
	return s.find(ctx,
		bson.D{{Key: "board", Value: on}, {Key: "kind", Value: kind}, {Key: "parent", Value: parent}}, byID(1))
}

// Latest implements board.Store.
func (s *Store) Latest(ctx context.Context, on board.ID, kind board.Kind, below board.ID, limit int) ([]board.Document, error) {
	filter := ofKind(on, kind, false)
	if below != "" {
		filter = append(filter, bson.E{Key: "id", Value: bson.D{{Key: "$lt", Value: below}}})
	}
	return s.find(ctx, filter, byID(-1).SetLimit(int64(limit)))
}

// Trashed implements board.Store.
func (s *Store) Trashed(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	filter := append(ofKind(on, kind, true), bson.E{Key: "purgeAt", Value: bson.D{{Key: "$exists", Value: true}}})
	return s.find(ctx, filter, byID(1))
}

func ofKind(on board.ID, kind board.Kind, deleted bool) bson.D {
	return bson.D{{Key: "board", Value: on}, {Key: "kind", Value: kind}, {Key: "deleted", Value: deleted}}
}

// byID sorts up (1) or down (-1).
func byID(direction int) *options.FindOptionsBuilder {
	return options.Find().SetSort(bson.D{{Key: "id", Value: direction}})
}

// Insert implements board.Store.
func (s *Store) Insert(ctx context.Context, doc board.Document) error {
	if doc.Head().Rev != 1 {
		return fault.Internalf(errRevision, "insert at %d", doc.Head().Rev)
	}
	r, err := encode(doc)
	if err != nil {
		return err
	}
	return s.insert(ctx, r)
}

func (s *Store) insert(ctx context.Context, r record) error {
	_, err := s.documents.InsertOne(ctx, r)
	switch {
	case err == nil:
		return nil
	case mongo.IsDuplicateKeyError(err):
		return s.settle(ctx, r, board.ErrExists)
	default:
		return s.settle(ctx, r, engineFault(err))
	}
}

// Replace implements board.Store.
func (s *Store) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	if doc.Head().Rev != expected+1 {
		return fault.Internalf(errRevision, "replace %d by %d", expected, doc.Head().Rev)
	}
	r, err := encode(doc)
	if err != nil {
		return err
	}
	return s.replace(ctx, r, expected)
}

func (s *Store) replace(ctx context.Context, r record, expected board.Rev) error {
	result, err := s.documents.ReplaceOne(ctx, byRevision(board.Stamp{Key: r.key(), Rev: expected}), r)
	switch {
	case err != nil:
		return s.settle(ctx, r, engineFault(err))
	case result.MatchedCount == 1:
		return nil
	default:
		return s.settle(ctx, r, board.ErrConflict)
	}
}

// settle looks at what is stored when a write did not plainly succeed. A
// failover can lose the answer to a write that was made, and a write sent again
// then finds its own revision or key taken: the mark that each write leaves
// tells one's own from another's. Equal content would not: two callers who
// count up at the same instant write the same document, and one of them must
// try again.
func (s *Store) settle(ctx context.Context, r record, verdict error) error {
	var stored record
	err := s.documents.FindOne(ctx, byKey(r.key()),
		options.FindOne().SetProjection(bson.D{{Key: "write", Value: 1}})).Decode(&stored)
	switch {
	case err == nil && stored.Write == r.Write:
		return nil
	case errors.Is(err, mongo.ErrNoDocuments) && errors.Is(verdict, board.ErrConflict):
		return board.ErrNotFound
	case err == nil, errors.Is(err, mongo.ErrNoDocuments), fault.KindOf(verdict) == fault.Unavailable:
		return verdict
	default:
		return engineFault(err)
	}
}

// Unpublished implements board.Outbox. A mark's time is the document's
// UpdatedAt.
func (s *Store) Unpublished(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return s.sweep(ctx, "unpublishedAt", before, limit)
}

// MarkPublished implements board.Outbox.
func (s *Store) MarkPublished(ctx context.Context, published []board.Stamp) error {
	if len(published) == 0 {
		return nil
	}
	clears := make([]mongo.WriteModel, 0, len(published))
	for _, p := range published {
		clears = append(clears, mongo.NewUpdateOneModel().
			SetFilter(byRevision(p)).
			SetUpdate(bson.D{{Key: "$unset", Value: bson.D{{Key: "unpublishedAt", Value: ""}}}}))
	}
	if _, err := s.documents.BulkWrite(ctx, clears, options.BulkWrite().SetOrdered(false)); err != nil {
		return engineFault(err)
	}
	return nil
}

// DueForPurge implements board.Purger; the longest due come first.
func (s *Store) DueForPurge(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return s.sweep(ctx, "purgeAt", before, limit)
}

// sweep finds the documents of every board whose date in a field is before a
// time. Documents without the field never match a comparison with a date.
func (s *Store) sweep(ctx context.Context, field string, before time.Time, limit int) ([]board.Document, error) {
	return s.find(ctx,
		bson.D{{Key: field, Value: bson.D{{Key: "$lt", Value: before}}}},
		options.Find().SetSort(bson.D{{Key: field, Value: 1}}).SetLimit(int64(limit)))
}

func (s *Store) find(ctx context.Context, filter bson.D, how *options.FindOptionsBuilder) ([]board.Document, error) {
	cursor, err := s.documents.Find(ctx, filter, how)
	if err != nil {
		return nil, engineFault(err)
	}
	var records []record
	if err := cursor.All(ctx, &records); err != nil {
		return nil, engineFault(err)
	}
	docs := make([]board.Document, 0, len(records))
	for _, r := range records {
		doc, err := r.decode()
		if errors.Is(err, errUnknownKind) {
			// Written by a newer release that runs beside this one: it sweeps its
			// own, and must not stop this one's sweep.
			continue
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// byKey finds one document, on one shard.
func byKey(k board.Key) bson.D {
	return bson.D{{Key: "_id", Value: recordID(k)}, {Key: "board", Value: k.Board}}
}

func byRevision(s board.Stamp) bson.D {
	return append(byKey(s.Key), bson.E{Key: "rev", Value: s.Rev})
}

// databaseOf reads the path of an address. net/url does not parse one that
// lists several hosts.
func databaseOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	escaped, _, _ := strings.Cut(path, "?")
	name, err := url.PathUnescape(escaped)
	if err != nil || name == "" {
		return defaultDatabase
	}
	return name
}

// disconnect takes its own time, whatever has become of the context that the
// store was opened with.
func disconnect(ctx context.Context, client *mongo.Client) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer cancel()
	return client.Disconnect(ctx)
}

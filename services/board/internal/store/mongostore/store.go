package mongostore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// readBatch is how many documents come at a time; the server sends fewer when
// they are large (16 MB). The largest wall takes five.
const readBatch = 1000

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
	// certain is the same, for reads that must know of every acknowledged write
	// even while two servers believe that they are the primary.
	certain *mongo.Collection
	schema  *migrator
	close   func() error
}

// Config is how a store uses its database.
type Config struct {
	// Migrate brings an older database up to date as it is opened; else Open
	// answers ErrMigrationsWait.
	Migrate bool
	// Connections is how many are open to each server at most; 0 for the usual.
	Connections int
	// Timeout is how long one call may take, over failovers and retries, when its
	// context has no end of its own; 0 for the usual.
	Timeout time.Duration
	// Log is told of migrations; nil for nobody.
	Log *slog.Logger
}

// What is usual; an operator may set it, or give the options of the same name in
// the address.
const (
	usualConnections = 100
	usualTimeout     = 20 * time.Second
	// selectionTimeout is longer than an election; connectTimeout is for one
	// server's connection, with TLS.
	selectionTimeout = 15 * time.Second
	connectTimeout   = 5 * time.Second
	// idleTime is less than what firewalls and balancers forget connections after.
	idleTime = 4 * time.Minute
	// migrationTime is far longer than an index takes on a full collection.
	migrationTime = 24 * time.Hour
)

// client gives the driver's options: ours, then the address's, then what the
// address cannot change.
func (c Config) client(address string) *options.ClientOptions {
	return options.Client().SetAppName("fresque-board").
		SetMaxPoolSize(uint64(cmp.Or(c.Connections, usualConnections))).SetMaxConnIdleTime(idleTime).
		SetTimeout(cmp.Or(c.Timeout, usualTimeout)).
		SetServerSelectionTimeout(selectionTimeout).SetConnectTimeout(connectTimeout).
		SetRetryWrites(true).SetRetryReads(true).
		ApplyURI(address)
}

// Open connects to the database that a mongodb: or mongodb+srv: address names
// ("fresque" if it names none), and brings it up to date if it may. It refuses a
// database that only newer releases can use. Options of the address stand, except
// that they cannot weaken the concerns this package promises. Close the store
// when done.
func Open(ctx context.Context, address string, cfg Config) (*Store, error) {
	return connect(ctx, cfg.client(address), databaseOf(address), cfg)
}

func connect(ctx context.Context, how *options.ClientOptions, name string, cfg Config) (*Store, error) {
	s, m, err := attach(how, name, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	err = s.fits(ctx, how)
	if err == nil {
		err = prepare(ctx, m, cfg.Migrate)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", name, err), s.Close())
	}
	return s, nil
}

// attach touches nothing yet.
func attach(how *options.ClientOptions, name string, cfg Config) (*Store, *migrator, error) {
	client, err := mongo.Connect(how)
	if err != nil {
		return nil, nil, err
	}
	journal := true
	database := client.Database(name, options.Database().
		SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal}).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()))
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	m := newMigrator(database, log)
	s := &Store{
		schema:    m,
		documents: database.Collection(documentsCollection),
		certain:   database.Collection(documentsCollection, options.Collection().SetReadConcern(readconcern.Linearizable())),
		close:     sync.OnceValue(func() error { return disconnect(client) }),
	}
	return s, m, nil
}

// fits refuses a server that loses writes: FerretDB 1 judges a compare-and-set
// and makes it in two steps, so that two connections can both win. With one
// connection, as tests have it, it holds for one process.
func (s *Store) fits(ctx context.Context, how *options.ClientOptions) error {
	info, err := s.documents.Database().Client().Database("admin").
		RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Raw()
	if err != nil {
		return fmt.Errorf("ask the server what it is: %w", err)
	}
	one := how.MaxPoolSize != nil && *how.MaxPoolSize == 1
	if version, ok := info.Lookup("ferretdbVersion").StringValueOK(); ok && !one {
		return fmt.Errorf("the server is FerretDB %s, which loses concurrent writes: use MongoDB", version)
	}
	return nil
}

func prepare(ctx context.Context, m *migrator, migrate bool) error {
	ctx, cancel := context.WithTimeout(ctx, migrationTime)
	defer cancel()
	if migrate {
		return m.run(ctx)
	}
	status, err := m.status(ctx)
	if err == nil && !status.Done() {
		err = fmt.Errorf("%w\n%v", ErrMigrationsWait, status)
	}
	return err
}

// Migrations tells how far a database is and changes nothing.
func Migrations(ctx context.Context, address string, cfg Config) (Status, error) {
	s, m, err := attach(cfg.client(address), databaseOf(address), cfg)
	if err != nil {
		return Status{}, err
	}
	status, err := m.status(ctx)
	return status, errors.Join(err, s.Close())
}

// Close waits a little for the calls under way, then disconnects. Closing twice
// is harmless.
func (s *Store) Close() error { return s.close() }

// Check tells whether the primary answers, and no newer release has made the
// database its own.
func (s *Store) Check(ctx context.Context) error {
	_, err := s.schema.standing(ctx)
	if err != nil && !errors.Is(err, ErrNewer) {
		return engineFault(err)
	}
	return err
}

// Get implements board.Store.
func (s *Store) Get(ctx context.Context, key board.Key) (board.Document, error) {
	q := byKey(queryGet, key)
	var r record
	err := s.documents.FindOne(ctx, q.filter, options.FindOne().SetComment(q.name)).Decode(&r)
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
	return s.find(ctx, listed(on, kind))
}

// ListUnder implements board.Store.
func (s *Store) ListUnder(ctx context.Context, on board.ID, kind board.Kind, parent board.ID) ([]board.Document, error) {
	return s.find(ctx, under(on, kind, parent))
}

// Latest implements board.Store.
func (s *Store) Latest(ctx context.Context, on board.ID, kind board.Kind, below board.ID, limit int) ([]board.Document, error) {
	return s.find(ctx, latest(on, kind, below, limit))
}

// Trashed implements board.Store.
func (s *Store) Trashed(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return s.find(ctx, trashed(on, kind))
}

// Catalogued implements board.Store.
func (s *Store) Catalogued(ctx context.Context, kind board.Kind, above board.Place, limit int) ([]board.Document, error) {
	return s.find(ctx, catalogued(kind, above, limit))
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
	q := byRevision(queryReplace, board.Stamp{Key: r.key(), Rev: expected})
	result, err := s.documents.ReplaceOne(ctx, q.filter, r, options.Replace().SetComment(q.name))
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
	q := byKey(querySettle, r.key())
	var stored record
	err := s.certain.FindOne(ctx, q.filter,
		options.FindOne().SetComment(q.name).SetProjection(bson.D{{Key: "write", Value: 1}})).Decode(&stored)
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
	return s.find(ctx, swept(queryUnpublished, "unpublishedAt", before, limit))
}

// MarkPublished implements board.Outbox.
func (s *Store) MarkPublished(ctx context.Context, published []board.Stamp) error {
	if len(published) == 0 {
		return nil
	}
	clears := make([]mongo.WriteModel, 0, len(published))
	for _, p := range published {
		clears = append(clears, mongo.NewUpdateOneModel().
			SetFilter(byRevision(queryClearMark, p).filter).
			SetUpdate(bson.D{{Key: "$unset", Value: bson.D{{Key: "unpublishedAt", Value: ""}}}}))
	}
	if _, err := s.documents.BulkWrite(ctx, clears, options.BulkWrite().SetOrdered(false).SetComment(queryClearMark)); err != nil {
		return engineFault(err)
	}
	return nil
}

// DueForPurge implements board.Purger; the longest due come first.
func (s *Store) DueForPurge(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return s.find(ctx, swept(queryDue, "purgeAt", before, limit))
}

// find reads batch by batch, so that beside the documents themselves one batch
// of them is in memory. A cursor dies with its server: the query is then sent
// again, once, and what a first half has given is forgotten.
func (s *Store) find(ctx context.Context, q query) ([]board.Document, error) {
	docs, err := s.findOnce(ctx, q)
	if fault.KindOf(err) == fault.Unavailable && ctx.Err() == nil {
		docs, err = s.findOnce(ctx, q)
	}
	return docs, err
}

func (s *Store) findOnce(ctx context.Context, q query) ([]board.Document, error) {
	cursor, err := s.documents.Find(ctx, q.filter,
		options.Find().SetComment(q.name).SetSort(q.sort).SetLimit(q.limit).SetBatchSize(readBatch))
	if err != nil {
		return nil, engineFault(err)
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	docs := make([]board.Document, 0, cursor.RemainingBatchLength())
	for cursor.Next(ctx) {
		var r record
		if err := cursor.Decode(&r); err != nil {
			return nil, engineFault(err)
		}
		doc, err := r.decode()
		if errors.Is(err, errUnknownKind) {
			// Written by a newer release that runs beside this one, which looks
			// after its own.
			continue
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	if err := cursor.Err(); err != nil {
		return nil, engineFault(err)
	}
	return docs, nil
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

func disconnect(client *mongo.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	return client.Disconnect(ctx)
}

package mongostore

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/store/storetest"
	"fresque.dev/services/internal/fault"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func TestStore(t *testing.T) {
	serverAddress(t) // or skip
	w := &watch{seen: map[string]asked{}}
	storetest.Run(t, func(t *testing.T) storetest.Open {
		address := freshDatabase(t)
		return func(t *testing.T) storetest.Store { return openWatched(t, address, w.monitor()) }
	})
	t.Run("An older database", func(t *testing.T) { anOlderDatabaseIsBroughtUpToDate(t, w.monitor()) })
	t.Run("Every query has its index", w.check)
	t.Run("Every query is explained by an index", w.explain)
}

func TestShared(t *testing.T) {
	if isFerretDB(t) {
		t.Skip("FerretDB over SQLite loses concurrent updates between connections: needs a real MongoDB")
	}
	storetest.RunShared(t, fresh)
}

func fresh(t *testing.T) storetest.Open {
	address := freshDatabase(t)
	return func(t *testing.T) storetest.Store { return open(t, address) }
}

// freshDatabase is the address of a database of the test's own, dropped with
// it.
func freshDatabase(t *testing.T) string {
	t.Helper()
	server := serverAddress(t)
	name := "fresque_test_" + bson.NewObjectID().Hex()
	t.Cleanup(func() { drop(t, server, name) })
	return withDatabase(server, name)
}

func serverAddress(t *testing.T) string {
	t.Helper()
	server := os.Getenv("MONGODB_URI")
	if server == "" {
		t.Skip("MONGODB_URI is not set: run under test/mongowire, or name a MongoDB")
	}
	return server
}

// withDatabase puts a database's name into an address.
func withDatabase(address, name string) string {
	base, query, _ := strings.Cut(address, "?")
	scheme, rest, _ := strings.Cut(base, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + hosts + "/" + name + "?" + query
}

func open(t *testing.T, address string) *Store {
	t.Helper()
	return openWatched(t, address, nil)
}

func openWatched(t *testing.T, address string, monitor *event.CommandMonitor) *Store {
	t.Helper()
	s, err := connect(t.Context(), Config{}.client(address).SetMonitor(monitor), databaseOf(address), Config{Migrate: true})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func drop(t *testing.T, server, name string) {
	withClient(t, server, func(ctx context.Context, client *mongo.Client) error {
		return client.Database(name).Drop(ctx)
	})
}

func isFerretDB(t *testing.T) bool {
	var info bson.M
	withClient(t, serverAddress(t), func(ctx context.Context, client *mongo.Client) error {
		return client.Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info)
	})
	return info["ferretdbVersion"] != nil
}

func withClient(t *testing.T, server string, use func(context.Context, *mongo.Client) error) {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := errors.Join(use(ctx, client), client.Disconnect(ctx)); err != nil {
		t.Error(err)
	}
}

func newPost() *board.Post {
	at := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	id := board.ID(bson.NewObjectID().Hex())
	return &board.Post{Meta: board.Meta{ID: id, Board: id + "-board", Rev: 1, CreatedAt: at, UpdatedAt: at}}
}

func TestDatabaseOf(t *testing.T) {
	for address, want := range map[string]string{
		"mongodb://127.0.0.1:27017":                          defaultDatabase,
		"mongodb://127.0.0.1:27017/":                         defaultDatabase,
		"mongodb://127.0.0.1:27017/?replicaSet=rs":           defaultDatabase,
		"mongodb://u:p%2Fw@a:1,b:2,c:3/walls?authSource=a/b": "walls",
		"mongodb+srv://cluster.example.org/murs%20d":         "murs d",
	} {
		if got := databaseOf(address); got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestOpenRefusesAWrongAddress(t *testing.T) {
	if _, err := Open(t.Context(), "http://127.0.0.1/", Config{Migrate: true}); err == nil {
		t.Error("opened")
	}
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	// Port 1 refuses at once; the driver would go on trying.
	if _, err := Open(ctx, "mongodb://127.0.0.1:1/", Config{Migrate: true}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatLosesWritesIsRefused(t *testing.T) {
	if !isFerretDB(t) {
		t.Skip("the server does not lose any")
	}
	address := strings.Replace(freshDatabase(t), "maxPoolSize=1", "maxPoolSize=2", 1)
	if _, err := Open(t.Context(), address, Config{Migrate: true}); err == nil || !strings.Contains(err.Error(), "loses concurrent writes") {
		t.Errorf("got %v", err)
	}
}

func TestS4ConcernsCannotBeWeakenedByTheAddress(t *testing.T) {
	address := freshDatabase(t) + "&w=1&journal=false&readConcernLevel=local"
	sent := map[string]bson.Raw{}
	monitor := &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		sent[e.CommandName] = append(bson.Raw(nil), e.Command...)
	}}
	s, err := connect(t.Context(), Config{}.client(address).SetMonitor(monitor), databaseOf(address), Config{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	post := newPost()
	if err := s.Insert(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	if err := s.MarkPublished(t.Context(), []board.Stamp{{Key: board.KeyOf(post), Rev: 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), board.KeyOf(post)); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"insert", "update"} {
		concern := sent[command].Lookup("writeConcern")
		if concern.String() != `{"w": "majority","j": true}` {
			t.Errorf("%s: write concern %s", command, concern)
		}
	}
	if concern := sent["find"].Lookup("readConcern"); concern.String() != `{"level": "majority"}` {
		t.Errorf("find: read concern %s", concern)
	}
}

func TestTheStoredShape(t *testing.T) {
	s := open(t, freshDatabase(t))
	post := newPost()
	post.Author = board.Author{ID: "a", Name: "Zoé"}
	if err := s.Insert(t.Context(), post); err != nil {
		t.Fatal(err)
	}
	var stored bson.M
	if err := s.documents.FindOne(t.Context(), byKey(queryGet, board.KeyOf(post)).filter).Decode(&stored); err != nil {
		t.Fatal(err)
	}
	at := bson.NewDateTimeFromTime(post.UpdatedAt)
	if stored["unpublishedAt"] != at || stored["rev"] != int64(1) || stored["deleted"] != false {
		t.Errorf("fields of the record: %v", stored)
	}
	if _, ok := stored["purgeAt"]; ok {
		t.Errorf("a purge date on a live document: %v", stored)
	}
	doc := stored["doc"].(bson.D)
	fields := bson.M{}
	for _, e := range doc {
		fields[e.Key] = e.Value
	}
	meta := bson.M{}
	for _, e := range fields["meta"].(bson.D) {
		meta[e.Key] = e.Value
	}
	if meta["createdAt"] != at || meta["deletedAt"] != nil {
		t.Errorf("times in the document: %v", meta)
	}
}

// A write sent again after its answer was lost, as drivers do over a failover,
// is still a success; the same content from another caller is not.
func TestS3AWriteSentAgainIsTheSameWrite(t *testing.T) {
	s := open(t, freshDatabase(t))
	post := newPost()
	first, err := encode(post)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.insert(t.Context(), first); err != nil {
			t.Fatalf("insert: %v", err)
		}
	}
	if err := s.Insert(t.Context(), post); !errors.Is(err, board.ErrExists) {
		t.Errorf("another's insert: %v", err)
	}
	post.Rev = 2
	second, err := encode(post)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.replace(t.Context(), second, 1); err != nil {
			t.Fatalf("replace: %v", err)
		}
	}
	if err := s.Replace(t.Context(), post, 1); !errors.Is(err, board.ErrConflict) {
		t.Errorf("another's replace: %v", err)
	}
}

func TestEngineFaults(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"stepped down":     {mongo.CommandError{Code: 189}, fault.Unavailable},
		"network":          {mongo.CommandError{Labels: []string{"NetworkError"}}, fault.Unavailable},
		"no majority":      {mongo.WriteException{WriteConcernError: &mongo.WriteConcernError{Code: 64}}, fault.Unavailable},
		"bulk, no primary": {mongo.BulkWriteException{WriteConcernError: &mongo.WriteConcernError{Code: 10107}}, fault.Unavailable},
		"disconnected":     {mongo.ErrClientDisconnected, fault.Unavailable},
		"deadline":         {context.DeadlineExceeded, fault.Unavailable},
		"unauthorised":     {mongo.CommandError{Code: 13}, fault.Internal},
		"document too big": {mongo.WriteException{WriteErrors: []mongo.WriteError{{Code: 10334}}}, fault.Internal},
	} {
		got := engineFault(c.err)
		if fault.KindOf(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

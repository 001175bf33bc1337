package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fresque.dev/services/board/internal/board"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	documentsCollection = "documents"
	schemaCollection    = "schema"
)

// indexNotFound is the server's word for one that somebody else has dropped.
const indexNotFound = 27

// index is one of the collection of documents.
type index struct {
	name string
	keys []string
	// sparse holds only the documents that have the key: what waits for a sweep
	// is a handful among millions. The sweeps' comparisons match no others.
	sparse bool
}

// indexes are all there are. The first lists a board and serves the shard key,
// the second what hangs on a document; the last lists from every board; the others
// are for sweeps.
var indexes = []index{
	{name: "list", keys: []string{"board", "kind", "deleted", "id"}},
	{name: "under", keys: []string{"board", "kind", "parent", "id"}},
	{name: "unpublished", keys: []string{"unpublishedAt"}, sparse: true},
	{name: "purge", keys: []string{"purgeAt"}, sparse: true},
	{name: "catalogue", keys: []string{"catalogue"}, sparse: true},
}

// migration brings a database from one version of the schema to the next.
//
// It may be cut anywhere and run again, also by another, also beside the one
// that was thought dead: whatever it does must come to the same when it is done
// twice. Replicas of the release before go on reading and writing meanwhile.
type migration struct {
	// says what it does, for operators.
	says string
	// refuses the releases that do not know it: they would read or write the
	// documents wrongly. Others may still be started on a newer schema, which is
	// the way back from an upgrade.
	refuses bool
	// before is run first; nil for nothing.
	before func(context.Context, *mongo.Collection) error
	// change gives what is to be set in one stored record (record.go), nil for
	// nothing; itself nil when no record changes. It sees the record as it is
	// stored, since its Go type may have moved on.
	change func(stored bson.Raw) bson.D
}

// migrations bring a database from nothing to the current schema: the nth makes
// version n. After the last, the indexes declared above are made. A migration
// that has been released is never changed; a new one is added at the end.
var migrations = []migration{
	{says: "the collection of documents and its indexes", refuses: true},
	{says: "posts hang on their authors", refuses: true, change: hangPostsOnAuthors},
	{says: "the indexes of sweeps hold only what waits", before: dropFullIndexes},
	{says: "boards, accounts and whose a board is stand in a catalogue", change: enterCatalogue},
}

func hangPostsOnAuthors(stored bson.Raw) bson.D {
	author, known := stored.Lookup("doc", "author", "id").StringValueOK()
	_, hangs := stored.Lookup("parent").StringValueOK()
	if stored.Lookup("kind").StringValue() != string(board.KindPost) || stored.Lookup("deleted").Boolean() || hangs || !known || author == "" {
		return nil
	}
	return bson.D{{Key: "parent", Value: author}, {Key: "doc.meta.parent", Value: author}}
}

// enterCatalogue fills in what records have since.
func enterCatalogue(stored bson.Raw) bson.D {
	kind := board.Kind(stored.Lookup("kind").StringValue())
	if !slices.Contains([]board.Kind{"account", "board", "owned"}, kind) {
		return nil
	}
	at := board.Place{ID: board.ID(stored.Lookup("id").StringValue()), Board: board.ID(stored.Lookup("board").StringValue())}
	return bson.D{{Key: "catalogue", Value: catalogueEntry(kind, at)}}
}

// dropFullIndexes makes way for sparse ones: an index cannot be turned into
// one. The sweeps scan until they are there again.
func dropFullIndexes(ctx context.Context, documents *mongo.Collection) error {
	stored, err := storedIndexes(ctx, documents)
	if err != nil {
		return err
	}
	for _, wanted := range indexes {
		found, ok := stored[wanted.name]
		if ok && wanted.sparse && (found.Sparse == nil || !*found.Sparse) {
			err := documents.Indexes().DropOne(ctx, wanted.name)
			if refusal, ok := errors.AsType[mongo.ServerError](err); err != nil && (!ok || !refusal.HasErrorCode(indexNotFound)) {
				return fmt.Errorf("drop index %s: %w", wanted.name, err)
			}
		}
	}
	return nil
}

// createIndexes makes those that are missing. One that is there by its name but
// on other fields is an error of the server's, and an operator's to drop.
func createIndexes(ctx context.Context, documents *mongo.Collection) error {
	// One by one: FerretDB closes the connection on several that exist already.
	for _, i := range indexes {
		if _, err := documents.Indexes().CreateOne(ctx, i.model()); err != nil {
			return fmt.Errorf("make index %s: %w", i.name, err)
		}
	}
	return nil
}

func (i index) model() mongo.IndexModel {
	var keys bson.D
	for _, k := range i.keys {
		keys = append(keys, bson.E{Key: k, Value: 1})
	}
	how := options.Index().SetName(i.name)
	if i.sparse {
		how.SetSparse(true)
	}
	return mongo.IndexModel{Keys: keys, Options: how}
}

// missingIndexes gives the names of those that are not there, or on other
// fields.
func missingIndexes(ctx context.Context, documents *mongo.Collection) ([]string, error) {
	stored, err := storedIndexes(ctx, documents)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, i := range indexes {
		found, ok := stored[i.name]
		if !ok || !slices.Equal(keysOf(found), i.keys) {
			missing = append(missing, i.name)
		}
	}
	return missing, nil
}

func storedIndexes(ctx context.Context, documents *mongo.Collection) (map[string]mongo.IndexSpecification, error) {
	specs, err := documents.Indexes().ListSpecifications(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the indexes: %w", err)
	}
	stored := make(map[string]mongo.IndexSpecification, len(specs))
	for _, s := range specs {
		stored[s.Name] = s
	}
	return stored, nil
}

func keysOf(s mongo.IndexSpecification) []string {
	elements, err := s.KeysDocument.Elements()
	if err != nil {
		return nil
	}
	keys := make([]string, 0, len(elements))
	for _, e := range elements {
		keys = append(keys, e.Key())
	}
	return keys
}

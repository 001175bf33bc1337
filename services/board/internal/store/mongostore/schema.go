package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	documentsCollection = "documents"
	schemaCollection    = "schema"
)

// schemaVersion grows when an older release could no longer read or write the
// documents rightly.
const schemaVersion = 2

// indexes are all there are. The first lists a board and serves the shard key,
// the second what hangs on a document; the others are for sweeps.
var indexes = []mongo.IndexModel{
	index("list", "board", "kind", "deleted", "id"),
	index("under", "board", "kind", "parent", "id"),
	index("unpublished", "unpublishedAt"),
	index("purge", "purgeAt"),
}

func index(name string, fields ...string) mongo.IndexModel {
	var keys bson.D
	for _, f := range fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	return mongo.IndexModel{Keys: keys, Options: options.Index().SetName(name)}
}

// prepare brings a database to the current schema; doing it again changes
// nothing.
func prepare(ctx context.Context, database *mongo.Database) error {
	if err := claimVersion(ctx, database.Collection(schemaCollection)); err != nil {
		return err
	}
	declared := database.Collection(documentsCollection).Indexes()
	// One by one: FerretDB closes the connection on several that exist already.
	for _, i := range indexes {
		if _, err := declared.CreateOne(ctx, i); err != nil {
			return fmt.Errorf("declare the indexes: %w", err)
		}
	}
	return nil
}

// claimVersion refuses a newer schema and else says that this release's is in
// use.
func claimVersion(ctx context.Context, schemas *mongo.Collection) error {
	ours := bson.D{{Key: "_id", Value: documentsCollection}}
	var stored struct {
		Version int `bson:"version"`
	}
	err := schemas.FindOne(ctx, ours).Decode(&stored)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if stored.Version > schemaVersion {
		return fmt.Errorf("its schema is version %d and this release knows up to %d: start a newer release",
			stored.Version, schemaVersion)
	}
	_, err = schemas.UpdateOne(ctx, ours,
		bson.D{{Key: "$max", Value: bson.D{{Key: "version", Value: schemaVersion}}}},
		options.UpdateOne().SetUpsert(true))
	// Another replica that starts at the same time may have inserted it.
	if err != nil && !mongo.IsDuplicateKeyError(err) {
		return fmt.Errorf("write the schema's version: %w", err)
	}
	return nil
}

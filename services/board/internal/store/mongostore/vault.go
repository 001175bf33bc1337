package mongostore

import (
	"context"
	"errors"

	"fresque.dev/services/board/internal/board"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

var _ board.Vault = (*Store)(nil)

// scanned reads all records there are, on every shard, in the order of their ids.
func scanned(above board.Key, limit int) query {
	after := ""
	if above != (board.Key{}) {
		after = recordID(above)
	}
	q := passed(after, int64(limit))
	q.name = queryScan
	return q
}

// Scan implements board.Vault.
func (s *Store) Scan(ctx context.Context, above board.Key, limit int) ([]board.Kept, error) {
	q := scanned(above, limit)
	cursor, err := s.documents.Find(ctx, q.filter,
		options.Find().SetComment(q.name).SetSort(q.sort).SetLimit(q.limit).SetBatchSize(readBatch))
	if err != nil {
		return nil, engineFault(err)
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	var out []board.Kept
	for cursor.Next(ctx) {
		var r record
		if err := cursor.Decode(&r); err != nil {
			return nil, engineFault(err)
		}
		doc, err := r.decode()
		if err != nil {
			return nil, err
		}
		out = append(out, board.Kept{Doc: doc, Marked: r.UnpublishedAt != nil})
	}
	if err := cursor.Err(); err != nil {
		return nil, engineFault(err)
	}
	return out, nil
}

// Restore implements board.Vault.
func (s *Store) Restore(ctx context.Context, kept []board.Kept) error {
	records := make([]any, 0, len(kept))
	for _, one := range kept {
		r, err := encode(one.Doc)
		if err != nil {
			return err
		}
		if !one.Marked {
			r.UnpublishedAt = nil
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil
	}
	_, err := s.documents.InsertMany(ctx, records, options.InsertMany().SetOrdered(false))
	if err == nil {
		return nil
	}
	if !mongo.IsDuplicateKeyError(err) {
		return engineFault(err)
	}
	// An earlier try came this far, or something else is there: one by one.
	for _, one := range records {
		if err := s.restoreOne(ctx, one.(record)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) restoreOne(ctx context.Context, r record) error {
	_, err := s.documents.InsertOne(ctx, r)
	if !mongo.IsDuplicateKeyError(err) {
		if err != nil {
			return engineFault(err)
		}
		return nil
	}
	q := byRevision(queryGet, board.Stamp{Key: r.key(), Rev: r.Rev})
	err = s.documents.FindOne(ctx, q.filter, options.FindOne().SetComment(q.name).SetProjection(bson.D{{Key: "rev", Value: 1}})).Err()
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return board.ErrConflict
	case err != nil:
		return engineFault(err)
	}
	return nil
}

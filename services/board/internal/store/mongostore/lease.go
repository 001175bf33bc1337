package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// leaseID is the lease's document in the collection of the schema.
const leaseID = "lease"

// errLeaseLost ends the work of a holder that was taken for dead.
var errLeaseLost = errors.New("another process has taken over the migrations")

// lease lets one process at a time migrate. Nobody's clock counts: a holder
// moves its beat on, and whoever has seen it stand still for the whole of its
// own patience takes over. It is got by an insert and let go by a delete, which
// are atomic on every server.
type lease struct {
	documents *mongo.Collection
	// holder is unique to this process's attempt.
	holder bson.ObjectID
	seen   beat
	since  time.Time
	pace
}

// beat is the lease as it is stored.
type beat struct {
	Holder bson.ObjectID `bson:"holder"`
	Beat   int64         `bson:"beat"`
}

// pace is how a lease is kept and awaited.
type pace struct {
	// look is between two looks at another's lease, and between two beats of
	// one's own; patience how long another's may stand still.
	look, patience time.Duration
}

var usualPace = pace{look: 2 * time.Second, patience: 20 * time.Second}

// take tells whether the lease is ours now. To be called again after a while
// when it is not.
func (l *lease) take(ctx context.Context) (bool, error) {
	_, err := l.documents.InsertOne(ctx, bson.D{{Key: "_id", Value: leaseID}, {Key: "holder", Value: l.holder}, {Key: "beat", Value: int64(0)}})
	if err == nil {
		return true, nil
	}
	if !mongo.IsDuplicateKeyError(err) {
		return false, fmt.Errorf("take the lease: %w", err)
	}
	var now beat
	err = l.documents.FindOne(ctx, bson.D{{Key: "_id", Value: leaseID}}).Decode(&now)
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read the lease: %w", err)
	case now.Holder == l.holder:
		return true, nil // our insert, whose answer was lost
	case now != l.seen:
		l.seen, l.since = now, time.Now()
		return false, nil
	case time.Since(l.since) < l.patience:
		return false, nil
	}
	_, err = l.documents.DeleteOne(ctx, bson.D{{Key: "_id", Value: leaseID}, {Key: "holder", Value: now.Holder}, {Key: "beat", Value: now.Beat}})
	if err != nil {
		return false, fmt.Errorf("end a dead process's lease: %w", err)
	}
	return l.take(ctx)
}

// keep moves the beat on until the context ends, and cancels it when the lease
// is another's.
func (l *lease) keep(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(l.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		result, err := l.documents.UpdateOne(ctx, l.ours(), bson.D{{Key: "$inc", Value: bson.D{{Key: "beat", Value: int64(1)}}}})
		// A fault passes, or the work itself fails of it.
		if err == nil && result.MatchedCount == 0 {
			cancel(errLeaseLost)
			return
		}
	}
}

// release gives the lease back, whatever has become of the context.
func (l *lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
	defer cancel()
	// Else it expires.
	_, _ = l.documents.DeleteOne(ctx, l.ours())
}

func (l *lease) ours() bson.D {
	return bson.D{{Key: "_id", Value: leaseID}, {Key: "holder", Value: l.holder}}
}

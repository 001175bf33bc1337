package mongostore

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	"go.mongodb.org/mongo-driver/v2/bson"
)

var (
	errRevision    = errors.New("a revision grows by exactly one")
	errUnknownKind = errors.New("unknown kind of document")
)

// record is a document as the collection keeps it: what filters and indexes
// need, and the document itself, encoded through its JSON tags.
type record struct {
	RecordID string     `bson:"_id"`
	Board    board.ID   `bson:"board"`
	Kind     board.Kind `bson:"kind"`
	ID       board.ID   `bson:"id"`
	// Parent is absent when there is none.
	Parent board.ID  `bson:"parent,omitempty"`
	Rev    board.Rev `bson:"rev"`
	// Write is unique to each write (see settle).
	Write   bson.ObjectID `bson:"write"`
	Deleted bool          `bson:"deleted"`
	// Catalogue is where it stands among those of its kind from every board; absent
	// of kinds that are not listed so.
	Catalogue string `bson:"catalogue,omitempty"`
	// UnpublishedAt and PurgeAt are absent when there is nothing to sweep.
	UnpublishedAt *time.Time `bson:"unpublishedAt,omitempty"`
	PurgeAt       *time.Time `bson:"purgeAt,omitempty"`
	Doc           bson.Raw   `bson:"doc"`
}

// recordID starts with the board, so that ids of one shard key stay unique
// over the cluster.
func recordID(k board.Key) string {
	return fmt.Sprintf("%s/%s/%s", k.Board, k.Kind, k.ID)
}

// catalogueEntry sorts by kind, id and board.
func catalogueEntry(kind board.Kind, at board.Place) string {
	return fmt.Sprintf("%s/%s/%s", kind, at.ID, at.Board)
}

func (r *record) key() board.Key {
	return board.Key{Board: r.Board, Kind: r.Kind, ID: r.ID}
}

func encode(doc board.Document) (record, error) {
	var raw bytes.Buffer
	encoder := bson.NewEncoder(bson.NewDocumentWriter(&raw))
	encoder.SetRegistry(zeroTimesAsNull)
	encoder.UseJSONStructTags()
	if err := encoder.Encode(doc); err != nil {
		return record{}, fault.Internalf(err, "encode %s %s", doc.Kind(), doc.Head().ID)
	}
	head, key := doc.Head(), board.KeyOf(doc)
	r := record{
		RecordID: recordID(key),
		Board:    key.Board, Kind: key.Kind, ID: key.ID,
		Parent:  head.Parent,
		Rev:     head.Rev,
		Write:   bson.NewObjectID(),
		Deleted: head.Deleted(),
		Doc:     raw.Bytes(),
	}
	if marked := head.UpdatedAt; board.IsLive(key.Kind) {
		r.UnpublishedAt = &marked
	}
	if board.IsCatalogued(key.Kind) {
		r.Catalogue = catalogueEntry(key.Kind, board.PlaceOf(doc))
	}
	if due := head.PurgeAt; !due.IsZero() {
		r.PurgeAt = &due
	}
	return r, nil
}

func (r *record) decode() (board.Document, error) {
	doc, ok := board.NewDocument(r.Kind)
	if !ok {
		return nil, fault.Wrap(fault.Internal, "internal", fmt.Errorf("%w: %q", errUnknownKind, r.Kind))
	}
	decoder := bson.NewDecoder(bson.NewDocumentReader(bytes.NewReader(r.Doc)))
	decoder.UseJSONStructTags()
	if err := decoder.Decode(doc); err != nil {
		return nil, fault.Internalf(err, "decode a stored %s", r.Kind)
	}
	return doc, nil
}

// zeroTimesAsNull is the driver's registry, but for zero times: the driver knows
// no omitzero, and a date in the year 1 reads as one that was meant.
var zeroTimesAsNull = func() *bson.Registry {
	r := bson.NewRegistry()
	r.RegisterTypeEncoder(reflect.TypeFor[time.Time](), bson.ValueEncoderFunc(encodeTime))
	return r
}()

func encodeTime(_ bson.EncodeContext, w bson.ValueWriter, v reflect.Value) error {
	at := v.Interface().(time.Time)
	if at.IsZero() {
		return w.WriteNull()
	}
	return w.WriteDateTime(at.UnixMilli())
}

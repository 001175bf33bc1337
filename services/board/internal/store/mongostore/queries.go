package mongostore

import (
	"time"

	"fresque.dev/services/board/internal/board"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// query is what the store asks of the documents, all of it: nothing else than
// the constructors below writes a filter. The tests hold each to the indexes
// (see indexes), by rule and, where the server has it, by its explain.
type query struct {
	// name goes with the query as its comment, so that the server's slow log and
	// currentOp tell which one it is. docs/mongodb.md has a line for each.
	name   string
	filter bson.D
	// sort is empty for a query on one document.
	sort bson.D
	// limit is 0 for all.
	limit int64
}

// The names of the queries.
const (
	queryGet         = "get"
	querySettle      = "settle"
	queryReplace     = "replace"
	queryClearMark   = "clear mark"
	queryList        = "list"
	queryUnder       = "list under"
	queryLatest      = "latest"
	queryTrashed     = "trashed"
	queryCatalogue   = "catalogue"
	queryUnpublished = "unpublished"
	queryDue         = "due for purge"
	queryPass        = "migration, read"
	queryChange      = "migration, write"
	queryScan        = "backup"
)

// queryNames are all there are.
var queryNames = []string{
	queryGet, querySettle, queryReplace, queryClearMark,
	queryList, queryUnder, queryLatest, queryTrashed, queryCatalogue, queryUnpublished, queryDue,
	queryPass, queryChange, queryScan,
}

// byKey finds one document, on one shard.
func byKey(name string, k board.Key) query {
	return query{name: name, filter: bson.D{{Key: "_id", Value: recordID(k)}, {Key: "board", Value: k.Board}}}
}

func byRevision(name string, s board.Stamp) query {
	q := byKey(name, s.Key)
	q.filter = append(q.filter, bson.E{Key: "rev", Value: s.Rev})
	return q
}

func listed(on board.ID, kind board.Kind) query {
	return query{name: queryList, filter: ofKind(on, kind, false), sort: up("id")}
}

func under(on board.ID, kind board.Kind, parent board.ID) query {
	return query{
		name:   queryUnder,
		filter: bson.D{{Key: "board", Value: on}, {Key: "kind", Value: kind}, {Key: "parent", Value: parent}},
		sort:   up("id"),
	}
}

func latest(on board.ID, kind board.Kind, below board.ID, limit int) query {
	filter := ofKind(on, kind, false)
	if below != "" {
		filter = append(filter, bson.E{Key: "id", Value: bson.D{{Key: "$lt", Value: below}}})
	}
	return query{name: queryLatest, filter: filter, sort: bson.D{{Key: "id", Value: -1}}, limit: int64(limit)}
}

// trashed reads the tombstones of a kind and keeps those that can come back.
func trashed(on board.ID, kind board.Kind) query {
	filter := append(ofKind(on, kind, true), bson.E{Key: "purgeAt", Value: bson.D{{Key: "$exists", Value: true}}})
	return query{name: queryTrashed, filter: filter, sort: up("id")}
}

// catalogued reads documents of a kind from every board, on every shard.
func catalogued(kind board.Kind, above board.Place, limit int) query {
	return query{
		name: queryCatalogue,
		filter: bson.D{{Key: "catalogue", Value: bson.D{
			{Key: "$gt", Value: catalogueEntry(kind, above)},
			{Key: "$lt", Value: string(kind) + "0"}, // what sorts next after a slash
		}}},
		sort:  up("catalogue"),
		limit: int64(limit),
	}
}

func ofKind(on board.ID, kind board.Kind, deleted bool) bson.D {
	return bson.D{{Key: "board", Value: on}, {Key: "kind", Value: kind}, {Key: "deleted", Value: deleted}}
}

// swept finds the documents of every board, on every shard, whose date in a
// field is before a time, the oldest first. Documents without the field never
// match a comparison with a date.
func swept(name, field string, before time.Time, limit int) query {
	return query{
		name: name,
		filter: bson.D{
			{Key: field, Value: bson.D{{Key: "$lt", Value: before}}},
			// What a newer release has left would fill the limit and hide the rest.
			{Key: "kind", Value: bson.D{{Key: "$in", Value: board.Kinds()}}},
		},
		sort:  up(field),
		limit: int64(limit),
	}
}

// passed reads all records there are, on every shard, in the order of their ids.
func passed(after string, limit int64) query {
	return query{name: queryPass, filter: bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}, sort: up("_id"), limit: limit}
}

// asRead finds a record if nobody has written it since.
func asRead(stored bson.Raw) query {
	return query{name: queryChange, filter: bson.D{
		{Key: "_id", Value: stored.Lookup("_id")},
		{Key: "board", Value: stored.Lookup("board")},
		{Key: "write", Value: stored.Lookup("write")},
	}}
}

func up(field string) bson.D { return bson.D{{Key: field, Value: 1}} }

// Package mongostore keeps the board's documents in MongoDB: the engine of a
// service that runs as several replicas.
//
// Each write touches one document, with write concern majority and the
// journal, so that what is acknowledged survives a failover (rule S4); reads
// are majority reads on the primary. Nothing needs a transaction, a change
// stream, a TTL or a partial index, or more than one shard: every filter on one
// document has its board, which is the shard key.
//
// Indexes and migrations are declared in schema.go, queries in queries.go;
// docs/mongodb.md tells operators of both.
package mongostore

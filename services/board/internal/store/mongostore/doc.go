// Package mongostore keeps the board's documents in MongoDB: the engine of a
// service that runs as several replicas.
//
// Each write touches one document, with write concern majority and the
// journal, so that what is acknowledged survives a failover (rule S4); reads
// are majority reads on the primary. Nothing needs a transaction, a change
// stream, a TTL or a partial index, or more than one shard: every filter on one
// document has its board, which is the shard key. On a sharded cluster the
// collection is to be sharded before its first use:
//
//	sh.shardCollection("fresque.documents", {board: "hashed"})
package mongostore

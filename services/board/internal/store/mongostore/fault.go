package mongostore

import (
	"errors"
	"slices"

	"fresque.dev/services/internal/fault"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// passing are the server's errors that a failover, a shutdown or an overload
// explains: "Retryable errors" of the driver specifications for retryable reads
// and writes, and what a missing majority or a full disk gives.
var passing = []int{
	6,     // HostUnreachable
	7,     // HostNotFound
	50,    // MaxTimeMSExpired
	43,    // CursorNotFound: it was another server's
	64,    // WriteConcernTimeout
	89,    // NetworkTimeout
	91,    // ShutdownInProgress
	100,   // UnsatisfiableWriteConcern
	133,   // FailedToSatisfyReadPreference
	134,   // ReadConcernMajorityNotAvailableYet
	175,   // QueryPlanKilled: an index came or went
	189,   // PrimarySteppedDown
	262,   // ExceededTimeLimit
	9001,  // SocketException
	10107, // NotWritablePrimary
	11600, // InterruptedAtShutdown
	11602, // InterruptedDueToReplStateChange
	13435, // NotPrimaryNoSecondaryOk
	13436, // NotPrimaryOrSecondary
	14031, // OutOfDiskSpace
}

// engineFault sorts an error of the driver: Internal for what a server that
// works has refused, Unavailable for all else (the cause is kept, a context's
// included).
func engineFault(err error) error {
	refusal, ok := errors.AsType[mongo.ServerError](err)
	if ok && !passes(refusal) && !mongo.IsNetworkError(err) && !mongo.IsTimeout(err) {
		return fault.Internalf(err, "mongodb")
	}
	return fault.Wrap(fault.Unavailable, "store_unavailable", err)
}

func passes(refusal mongo.ServerError) bool {
	return refusal.HasErrorLabel("RetryableWriteError") || slices.ContainsFunc(passing, refusal.HasErrorCode)
}

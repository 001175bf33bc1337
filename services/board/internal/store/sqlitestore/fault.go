package sqlitestore

import (
	"errors"

	"fresque.dev/services/internal/fault"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// engineFault sorts an error of the engine: Unavailable for what may pass by
// itself or with room on the disk (the cause is kept, a context's included),
// Internal for what points at a bug or a damaged file.
func engineFault(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && !passes(e) {
		return fault.Internalf(err, "sqlite")
	}
	return unavailable(err)
}

// primary is the part of a result code that the rest only details.
const primary = 0xff

func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&primary == sqlite3.SQLITE_BUSY
}

func passes(e *sqlite.Error) bool {
	switch e.Code() & primary {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

func unavailable(cause error) error {
	return fault.Wrap(fault.Unavailable, "store_unavailable", cause)
}

package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql
)

// lockWait is how long a connection waits for another process's lock before
// it answers that the store is unavailable.
const lockWait = 10 * time.Second

// minReaders keeps a slow listing from holding up every other read on a small
// machine.
const minReaders = 4

var _ interface {
	board.Store
	board.Outbox
	board.Purger
} = (*Store)(nil)

// Store is a board.Store, board.Outbox and board.Purger over one file. Its
// errors are the domain's, or a fault: Unavailable "store_unavailable" when
// the disk is full or fails, when a lock or the caller's context runs out and
// after Close; Internal otherwise.
type Store struct {
	readers *statements
	writer  *writer
	close   func() error
}

// Open opens the file, creates it if there is none (its folder must exist),
// and brings its schema up to date. It refuses a file that a newer release has
// written. Close the store when done.
func Open(ctx context.Context, path string) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	writer, err := openWriter(ctx, absolute)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	readers, err := openReaders(absolute)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), writer.close())
	}
	s := &Store{readers: newStatements(readers), writer: writer}
	s.close = sync.OnceValue(func() error {
		return errors.Join(s.writer.close(), s.readers.close())
	})
	return s, nil
}

// Close commits what was already asked for, then closes the file. Closing
// twice is harmless.
func (s *Store) Close() error { return s.close() }

// Check tells whether the file can be read, and no newer release has made it its
// own.
func (s *Store) Check(ctx context.Context) error {
	stmt, err := s.readers.of(ctx, `PRAGMA user_version`)
	if err != nil {
		return engineFault(err)
	}
	var version int
	if err := stmt.QueryRowContext(ctx).Scan(&version); err != nil {
		return engineFault(err)
	}
	return fits(version)
}

// Get implements board.Store.
func (s *Store) Get(ctx context.Context, key board.Key) (board.Document, error) {
	stmt, err := s.readers.of(ctx, `SELECT doc FROM document WHERE board = ? AND kind = ? AND id = ?`)
	if err != nil {
		return nil, engineFault(err)
	}
	var text string
	err = stmt.QueryRowContext(ctx, key.Board, key.Kind, key.ID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, board.ErrNotFound
	}
	if err != nil {
		return nil, engineFault(err)
	}
	return decode(key.Kind, text)
}

// List implements board.Store.
func (s *Store) List(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE board = ? AND kind = ? AND deleted = 0 ORDER BY id`, on, kind)
}

// ListUnder implements board.Store.
func (s *Store) ListUnder(ctx context.Context, on board.ID, kind board.Kind, parent board.ID) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE board = ? AND kind = ? AND parent = ? ORDER BY id`, on, kind, parent)
}

// Latest implements board.Store.
func (s *Store) Latest(ctx context.Context, on board.ID, kind board.Kind, below board.ID, limit int) ([]board.Document, error) {
	if below == "" {
		return s.query(ctx, `SELECT kind, doc FROM document
			WHERE board = ? AND kind = ? AND deleted = 0 ORDER BY id DESC LIMIT ?`, on, kind, limit)
	}
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE board = ? AND kind = ? AND deleted = 0 AND id < ? ORDER BY id DESC LIMIT ?`, on, kind, below, limit)
}

// Trashed implements board.Store.
func (s *Store) Trashed(ctx context.Context, on board.ID, kind board.Kind) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE board = ? AND kind = ? AND deleted = 1 AND purge_at IS NOT NULL ORDER BY id`, on, kind)
}

// Catalogued implements board.Store. The kinds stand here as in the index, which
// serves no query but one that says so.
func (s *Store) Catalogued(ctx context.Context, kind board.Kind, above board.Place, limit int) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE kind IN ('account', 'board', 'owned') AND kind = ? AND (id, board) > (?, ?) ORDER BY id, board LIMIT ?`, kind, above.ID, above.Board, limit)
}

// Insert implements board.Store.
func (s *Store) Insert(ctx context.Context, doc board.Document) error {
	if doc.Head().Rev != 1 {
		return fault.Internalf(errRevision, "insert at %d", doc.Head().Rev)
	}
	r, err := encode(doc)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(ctx context.Context, tx *batch) (verdict, failure error) {
		return tx.insert(ctx, r)
	})
}

// Replace implements board.Store.
func (s *Store) Replace(ctx context.Context, doc board.Document, expected board.Rev) error {
	if doc.Head().Rev != expected+1 {
		return fault.Internalf(errRevision, "replace %d by %d", expected, doc.Head().Rev)
	}
	r, err := encode(doc)
	if err != nil {
		return err
	}
	return s.writer.do(ctx, func(ctx context.Context, tx *batch) (verdict, failure error) {
		return tx.replace(ctx, r, expected)
	})
}

// Unpublished implements board.Outbox. A mark's time is the document's
// UpdatedAt.
func (s *Store) Unpublished(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE unpublished_at < ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY unpublished_at LIMIT ?`, before.UnixMilli(), knownKinds, limit)
}

// MarkPublished implements board.Outbox.
func (s *Store) MarkPublished(ctx context.Context, published []board.Stamp) error {
	if len(published) == 0 {
		return nil
	}
	return s.writer.do(ctx, func(ctx context.Context, tx *batch) (verdict, failure error) {
		return nil, tx.markPublished(ctx, published)
	})
}

// DueForPurge implements board.Purger; the longest due come first.
func (s *Store) DueForPurge(ctx context.Context, before time.Time, limit int) ([]board.Document, error) {
	return s.query(ctx, `SELECT kind, doc FROM document
		WHERE purge_at < ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY purge_at LIMIT ?`, before.UnixMilli(), knownKinds, limit)
}

// knownKinds are in the sweeps, as a JSON array: what a newer release has left
// would fill them up to their limit and hide the rest.
var knownKinds = func() string {
	text, err := json.Marshal(board.Kinds())
	if err != nil {
		panic(err) // of strings
	}
	return string(text)
}()

// query reads the documents of rows of kind and doc.
func (s *Store) query(ctx context.Context, text string, args ...any) ([]board.Document, error) {
	stmt, err := s.readers.of(ctx, text)
	if err != nil {
		return nil, engineFault(err)
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, engineFault(err)
	}
	defer func() { _ = rows.Close() }()
	var docs []board.Document
	for rows.Next() {
		var kind board.Kind
		var text string
		if err := rows.Scan(&kind, &text); err != nil {
			return nil, engineFault(err)
		}
		doc, err := decode(kind, text)
		if errors.Is(err, errUnknownKind) {
			// Written by a newer release that runs beside this one, which looks
			// after its own.
			continue
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	if err := rows.Err(); err != nil {
		return nil, engineFault(err)
	}
	return docs, nil
}

func openReaders(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source(path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	n := max(minReaders, runtime.NumCPU())
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// source is the driver's address of a file, with the pragmas that every
// connection starts with. A transaction takes the write lock as it begins: a
// lock taken later, after a read, can fail with no way to wait for it.
func source(path string, pragmas ...string) string {
	query := url.Values{"_txlock": {"immediate"}}
	query.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", lockWait.Milliseconds()))
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	return u.String()
}

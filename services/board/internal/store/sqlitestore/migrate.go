package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// migrations bring a file from nothing to the current schema: the nth makes
// version n, kept in PRAGMA user_version. A migration that has been released
// is never changed; a new one is added at the end.
//
// unpublished_at and purge_at are Unix milliseconds, and NULL when there is
// nothing to sweep, so that their indexes hold only what a sweep looks for.
var migrations = []string{
	`CREATE TABLE document (
		board          TEXT NOT NULL,
		kind           TEXT NOT NULL,
		id             TEXT NOT NULL,
		rev            INTEGER NOT NULL,
		doc            TEXT NOT NULL,
		deleted        INTEGER NOT NULL,
		unpublished_at INTEGER,
		purge_at       INTEGER,
		PRIMARY KEY (board, kind, id)
	) STRICT;
	CREATE INDEX document_unpublished ON document (unpublished_at) WHERE unpublished_at IS NOT NULL;
	CREATE INDEX document_purge ON document (purge_at) WHERE purge_at IS NOT NULL;`,

	// What a document hangs on; posts hang on their author.
	`ALTER TABLE document ADD COLUMN parent TEXT;
	UPDATE document SET doc = json_set(doc, '$.parent', json_extract(doc, '$.author.id')), parent = json_extract(doc, '$.author.id')
		WHERE kind = 'post' AND deleted = 0;
	CREATE INDEX document_parent ON document (board, kind, parent, id) WHERE parent IS NOT NULL;`,

	// What is listed from every board.
	`CREATE INDEX document_catalogue ON document (kind, id, board) WHERE kind IN ('account', 'board', 'owned');`,
}

// ErrNewer refuses a file that only newer releases can use.
var ErrNewer = errors.New("start a newer release")

// SchemaVersion is the version of the schema that this release makes.
func SchemaVersion() int { return len(migrations) }

// Version tells how far a file's schema is, and changes nothing; an error that is
// fs.ErrNotExist where there is no file.
func Version(ctx context.Context, path string) (version int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	db, err := openReaders(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version)
	return version, err
}

// fits tells whether this release can use a version.
func fits(version int) error {
	if version > len(migrations) {
		return fmt.Errorf("its schema is version %d and this release knows up to %d: %w", version, len(migrations), ErrNewer)
	}
	return nil
}

// migrate runs the migrations that a file lacks, all or none.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var version int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if err := fits(version); err != nil {
		return err
	}
	for n, statement := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("migration %d: %w", version+n+1, err)
		}
	}
	// A pragma takes no parameter.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

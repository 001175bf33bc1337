package sqlitestore

import (
	"context"
	"database/sql"

	"fresque.dev/services/board/internal/board"
)

// batch is the transaction that a batch of changes shares.
type batch struct {
	tx       *sql.Tx
	prepared *statements
}

// The statements of a batch.
const (
	insertDocument = `INSERT INTO document (board, kind, id, parent, rev, doc, deleted, unpublished_at, purge_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	replaceDocument = `UPDATE document SET parent = ?, rev = ?, doc = ?, deleted = ?, unpublished_at = ?, purge_at = ?
		WHERE board = ? AND kind = ? AND id = ? AND rev = ?`
	documentExists = `SELECT EXISTS (SELECT 1 FROM document WHERE board = ? AND kind = ? AND id = ?)`
	clearMark      = `UPDATE document SET unpublished_at = NULL
		WHERE board = ? AND kind = ? AND id = ? AND rev = ?`
)

// prepareBatches prepares them all before the first batch: a transaction holds
// the one connection there is.
func prepareBatches(ctx context.Context, s *statements) error {
	for _, text := range []string{insertDocument, replaceDocument, documentExists, clearMark, revisionOf} {
		if _, err := s.of(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	stmt, err := b.prepared.within(ctx, b.tx, text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// insert answers ErrExists when the key is taken.
func (b *batch) insert(ctx context.Context, r row) (verdict, failure error) {
	n, err := affected(b.exec(ctx, insertDocument,
		r.key.Board, r.key.Kind, r.key.ID, r.parent, r.rev, r.doc, r.deleted, r.unpublishedAt, r.purgeAt))
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return board.ErrExists, nil
	}
	return nil, nil
}

// replace answers ErrConflict or ErrNotFound when the revision expected is not
// there.
func (b *batch) replace(ctx context.Context, r row, expected board.Rev) (verdict, failure error) {
	n, err := affected(b.exec(ctx, replaceDocument,
		r.parent, r.rev, r.doc, r.deleted, r.unpublishedAt, r.purgeAt,
		r.key.Board, r.key.Kind, r.key.ID, expected))
	if err != nil || n == 1 {
		return nil, err
	}
	stmt, err := b.prepared.within(ctx, b.tx, documentExists)
	if err != nil {
		return nil, err
	}
	var exists bool
	err = stmt.QueryRowContext(ctx, r.key.Board, r.key.Kind, r.key.ID).Scan(&exists)
	if err != nil {
		return nil, err
	}
	if !exists {
		return board.ErrNotFound, nil
	}
	return board.ErrConflict, nil
}

// markPublished clears the marks of the revisions given.
func (b *batch) markPublished(ctx context.Context, published []board.Stamp) error {
	for _, p := range published {
		_, err := b.exec(ctx, clearMark, p.Board, p.Kind, p.ID, p.Rev)
		if err != nil {
			return err
		}
	}
	return nil
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

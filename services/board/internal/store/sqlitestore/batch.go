package sqlitestore

import (
	"context"
	"database/sql"

	"fresque.dev/services/board/internal/board"
)

// batch is the transaction that a batch of changes shares.
type batch struct{ tx *sql.Tx }

// insert answers ErrExists when the key is taken.
func (b *batch) insert(ctx context.Context, r row) (verdict, failure error) {
	n, err := affected(b.tx.ExecContext(ctx,
		`INSERT INTO document (board, kind, id, parent, rev, doc, deleted, unpublished_at, purge_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
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
	n, err := affected(b.tx.ExecContext(ctx,
		`UPDATE document SET parent = ?, rev = ?, doc = ?, deleted = ?, unpublished_at = ?, purge_at = ?
			WHERE board = ? AND kind = ? AND id = ? AND rev = ?`,
		r.parent, r.rev, r.doc, r.deleted, r.unpublishedAt, r.purgeAt,
		r.key.Board, r.key.Kind, r.key.ID, expected))
	if err != nil || n == 1 {
		return nil, err
	}
	var exists bool
	err = b.tx.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM document WHERE board = ? AND kind = ? AND id = ?)`,
		r.key.Board, r.key.Kind, r.key.ID).Scan(&exists)
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
		_, err := b.tx.ExecContext(ctx,
			`UPDATE document SET unpublished_at = NULL
				WHERE board = ? AND kind = ? AND id = ? AND rev = ?`,
			p.Board, p.Kind, p.ID, p.Rev)
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

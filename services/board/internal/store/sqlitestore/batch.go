package sqlitestore

import (
	"context"
	"database/sql"

	"fresque.dev/services/board/internal/board"
)

// statements are what the writer runs, prepared once.
type statements struct {
	insert, replace, exists, publish *sql.Stmt
}

// batch runs the statements within one transaction.
type batch struct{ in statements }

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := new(statements)
	for _, p := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&s.insert, `INSERT INTO document (board, kind, id, rev, doc, deleted, unpublished_at, purge_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.replace, `UPDATE document SET rev = ?, doc = ?, deleted = ?, unpublished_at = ?, purge_at = ?
			WHERE board = ? AND kind = ? AND id = ? AND rev = ?`},
		{&s.exists, `SELECT EXISTS (SELECT 1 FROM document WHERE board = ? AND kind = ? AND id = ?)`},
		{&s.publish, `UPDATE document SET unpublished_at = NULL
			WHERE board = ? AND kind = ? AND id = ? AND rev = ?`},
	} {
		var err error
		if *p.statement, err = db.PrepareContext(ctx, p.text); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *statements) begin(ctx context.Context, tx *sql.Tx) *batch {
	return &batch{in: statements{
		insert:  tx.StmtContext(ctx, s.insert),
		replace: tx.StmtContext(ctx, s.replace),
		exists:  tx.StmtContext(ctx, s.exists),
		publish: tx.StmtContext(ctx, s.publish),
	}}
}

// insert answers ErrExists when the key is taken.
func (b *batch) insert(ctx context.Context, r row) (verdict, failure error) {
	n, err := affected(b.in.insert.ExecContext(ctx, r.key.Board, r.key.Kind, r.key.ID,
		r.rev, r.doc, r.deleted, r.unpublishedAt, r.purgeAt))
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
	n, err := affected(b.in.replace.ExecContext(ctx, r.rev, r.doc, r.deleted, r.unpublishedAt, r.purgeAt,
		r.key.Board, r.key.Kind, r.key.ID, expected))
	if err != nil || n == 1 {
		return nil, err
	}
	var exists bool
	err = b.in.exists.QueryRowContext(ctx, r.key.Board, r.key.Kind, r.key.ID).Scan(&exists)
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
		if _, err := b.in.publish.ExecContext(ctx, p.Board, p.Kind, p.ID, p.Rev); err != nil {
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

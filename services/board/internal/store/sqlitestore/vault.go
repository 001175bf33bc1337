package sqlitestore

import (
	"context"

	"fresque.dev/services/board/internal/board"
)

var _ board.Vault = (*Store)(nil)

// Scan implements board.Vault.
func (s *Store) Scan(ctx context.Context, above board.Key, limit int) ([]board.Kept, error) {
	stmt, err := s.readers.of(ctx, `SELECT kind, doc, unpublished_at IS NOT NULL FROM document
		WHERE (board, kind, id) > (?, ?, ?) ORDER BY board, kind, id LIMIT ?`)
	if err != nil {
		return nil, engineFault(err)
	}
	rows, err := stmt.QueryContext(ctx, above.Board, above.Kind, above.ID, limit)
	if err != nil {
		return nil, engineFault(err)
	}
	defer func() { _ = rows.Close() }()
	var out []board.Kept
	for rows.Next() {
		var kind board.Kind
		var text string
		var one board.Kept
		if err := rows.Scan(&kind, &text, &one.Marked); err != nil {
			return nil, engineFault(err)
		}
		if one.Doc, err = decode(kind, text); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		return nil, engineFault(err)
	}
	return out, nil
}

// Restore implements board.Vault.
func (s *Store) Restore(ctx context.Context, kept []board.Kept) error {
	rows := make([]row, 0, len(kept))
	for _, one := range kept {
		r, err := encode(one.Doc)
		if err != nil {
			return err
		}
		r.unpublishedAt.Valid = one.Marked
		rows = append(rows, r)
	}
	return s.writer.do(ctx, func(ctx context.Context, tx *batch) (verdict, failure error) {
		for _, r := range rows {
			if verdict, failure = tx.restore(ctx, r); verdict != nil || failure != nil {
				return verdict, failure
			}
		}
		return nil, nil
	})
}

const revisionOf = `SELECT rev FROM document WHERE board = ? AND kind = ? AND id = ?`

// restore answers ErrConflict when the key is taken at another revision.
func (b *batch) restore(ctx context.Context, r row) (verdict, failure error) {
	if taken, err := b.insert(ctx, r); taken == nil || err != nil {
		return nil, err
	}
	stmt, err := b.prepared.within(ctx, b.tx, revisionOf)
	if err != nil {
		return nil, err
	}
	var rev board.Rev
	if err := stmt.QueryRowContext(ctx, r.key.Board, r.key.Kind, r.key.ID).Scan(&rev); err != nil {
		return nil, err
	}
	if rev != r.rev {
		return board.ErrConflict, nil
	}
	return nil, nil
}

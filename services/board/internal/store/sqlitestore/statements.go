package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements prepares each statement once: parsing SQL takes longer than
// finding a document by its key.
type statements struct {
	*sql.DB
	mu sync.Mutex
	by map[string]*sql.Stmt
}

func newStatements(db *sql.DB) *statements {
	return &statements{DB: db, by: make(map[string]*sql.Stmt)}
}

// statement is one that is prepared; it is kept, and not its user's to close.
type statement interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
}

// of gives a statement by its text; the texts are this package's own, and few.
func (s *statements) of(ctx context.Context, text string) (statement, error) {
	return s.prepare(ctx, text)
}

// within gives a statement for use in a transaction, which closes it.
func (s *statements) within(ctx context.Context, tx *sql.Tx, text string) (statement, error) {
	stmt, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return tx.StmtContext(ctx, stmt), nil
}

// prepare takes no caller's context, since what it makes serves all of them.
func (s *statements) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.by[text]; ok {
		return stmt, nil
	}
	stmt, err := s.PrepareContext(context.WithoutCancel(ctx), text) //nolint:sqlclosecheck // close does
	if err != nil {
		return nil, err
	}
	s.by[text] = stmt
	return stmt, nil
}

// close lets go of the statements, then of the database.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, stmt := range s.by {
		failed = errors.Join(failed, stmt.Close())
	}
	return errors.Join(failed, s.Close())
}

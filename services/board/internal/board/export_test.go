package board

import (
	"context"
	"time"
)

// Spend lets tests use something up.
func (s *Service) Spend(ctx context.Context, platform ID, what string, until time.Time) (bool, error) {
	return s.spend(ctx, platform, what, until)
}

// EnsureUser lets tests bring a platform's user to a board.
func (s *Service) EnsureUser(ctx context.Context, p *Platform, ref string, board ID) (*User, error) {
	return s.ensureUser(ctx, p, ref, "", board)
}

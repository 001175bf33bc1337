package board

import (
	"context"
	"time"
)

// Spend lets tests use something up.
func (s *Service) Spend(ctx context.Context, platform ID, what string, until time.Time) (bool, error) {
	return s.spend(ctx, platform, what, until)
}

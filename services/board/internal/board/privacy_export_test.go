package board

import "context"

// EnsureNamed lets tests bring a platform's user without a ticket.
func (s *Service) EnsureNamed(ctx context.Context, p *Platform, ref, name string, board ID) (*User, error) {
	return s.ensureUser(ctx, p, ref, name, board)
}

// Bring lets tests bring somebody onto a board without a ticket.
func (s *Service) Bring(ctx context.Context, p Principal) (Principal, error) {
	sc, err := s.named(ctx, p, p.Name)
	if err != nil {
		return p, err
	}
	return s.register(ctx, sc)
}

// IsPersonal tells whether documents of a kind are somebody's.
func IsPersonal(kind Kind) bool {
	_, is := kinds[kind].empty().(personal)
	return is
}

package uploads

import (
	"context"
	"crypto/ed25519"

	"fresque.dev/services/internal/token"
)

// keyFunc looks keys up for one request and remembers why one was not found.
func (s *server) keyFunc(ctx context.Context, failed *error) token.KeyFunc {
	return func(keyID string) (ed25519.PublicKey, bool) {
		key, err := s.Keys.Key(ctx, keyID)
		*failed = err
		return key, err == nil
	}
}

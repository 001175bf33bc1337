package app

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"fresque.dev/services/board/internal/keyring"
	"fresque.dev/services/internal/token"
)

// keysWithin bounds how long the keys are read for.
const keysWithin = 10 * time.Second

// openKeys opens the keys of the service, and gives those that never change, by
// what they are for.
func (a *App) openKeys(now func() time.Time) (map[string][]byte, error) {
	masters, err := a.cfg.masterKeys()
	if err != nil {
		return nil, err
	}
	keeper, err := keyring.New(a.store, masters, now)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), keysWithin)
	defer cancel()
	ring, err := keeper.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("MASTER_KEY: %w", err)
	}
	a.tokens = token.NewTurningSigner(ring.Signing(), func() ([]token.Seed, error) {
		ctx, cancel := context.WithTimeout(context.Background(), keysWithin)
		defer cancel()
		ring, err := keeper.Again(ctx)
		if err != nil {
			a.log.Warn("keys not read anew", "error", err)
		}
		return ring.Signing(), err
	}, now)
	return ring.Roots, nil
}

// publicKeys are those that check tokens, a new one among them.
func (a *App) publicKeys() map[string]ed25519.PublicKey {
	a.tokens.Refresh()
	return a.tokens.PublicKeys()
}

package bus

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	boardv1 "fresque.dev/proto/gen/go/fresque/board/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/media/internal/media"
)

const (
	// askAgainAfter is the least time between two questions for an unknown key:
	// anybody can invent key ids.
	askAgainAfter = 3 * time.Second
	// believeFor is how long a known key is used without asking whether it is
	// still one.
	believeFor = 15 * time.Minute
)

// keyCache keeps the board's keys.
type keyCache struct {
	mu      sync.Mutex
	keys    map[string]ed25519.PublicKey
	asked   time.Time
	learned time.Time
	failed  error
}

// find looks a key up and asks for all keys when it is not known or was learned
// long ago. Those who come meanwhile wait for the same answer.
func (c *keyCache) find(ctx context.Context, keyID string, now func() time.Time,
	ask func(context.Context) (map[string]ed25519.PublicKey, error),
) (ed25519.PublicKey, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, known := c.keys[keyID]
	fresh := now().Sub(c.learned) < believeFor
	if (!known || !fresh) && now().Sub(c.asked) >= askAgainAfter {
		c.asked = now()
		keys, err := ask(ctx)
		if c.failed = err; err == nil {
			c.keys, c.learned = keys, now()
			key, known = keys[keyID]
		}
	}
	switch {
	case known: // also when the board is away: it has not said otherwise
		return key, nil
	case c.failed != nil:
		return nil, fmt.Errorf("%w: %w", media.ErrKeysUnavailable, c.failed)
	default:
		return nil, media.ErrTicketInvalid
	}
}

// fetchKeys asks the board.
func (b *Bus) fetchKeys(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	// Others wait for the answer too: it does not end with one request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	question, err := proto.Marshal(&boardv1.GetVerificationKeysRequest{})
	if err != nil {
		return nil, err
	}
	m, err := b.nc.RequestWithContext(ctx, subject.VerificationKeys, question)
	if err != nil {
		return nil, err
	}
	var answer boardv1.GetVerificationKeysResponse
	if err := proto.Unmarshal(m.Data, &answer); err != nil {
		return nil, err
	}
	keys := make(map[string]ed25519.PublicKey, len(answer.Keys))
	for _, k := range answer.Keys {
		if len(k.PublicKey) == ed25519.PublicKeySize {
			keys[k.KeyId] = ed25519.PublicKey(k.PublicKey)
		}
	}
	return keys, nil
}

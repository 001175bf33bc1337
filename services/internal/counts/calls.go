package counts

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"
)

const (
	// callTries bounds the tries of one count, and callAside by how much more each
	// of them waits, at most.
	callTries = 20
	callAside = time.Millisecond
)

// Calls adds up what all replicas have counted. Keys are keyed hashes: who reads
// the bucket learns no address and nobody's id.
type Calls struct {
	bucket *Bucket
	key    []byte
}

// NewCalls makes the counts of a bucket, with a key of 32 bytes that all replicas
// have.
func NewCalls(b *Bucket, key []byte) *Calls { return &Calls{b, key} }

// Add adds n to a count, and gives what it is then for all replicas.
func (c *Calls) Add(ctx context.Context, what string, n int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	kv, err := c.bucket.Reach(ctx)
	if err != nil {
		return 0, err
	}
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(what))
	name := hex.EncodeToString(mac.Sum(nil)[:16])
	for try := range callTries {
		// A little later each time, or two that count at once meet again and again.
		time.Sleep(rand.N(time.Duration(try)*callAside + 1))
		was, rev, err := c.bucket.Read(ctx, kv, name)
		if err != nil {
			return 0, err
		}
		total, _ := strconv.Atoi(was) // none yet is 0
		if done, err := c.bucket.Write(ctx, kv, name, strconv.Itoa(total+n), rev); done || err != nil {
			return total + n, err
		}
	}
	return 0, ErrTooMany
}

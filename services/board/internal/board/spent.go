package board

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"fresque.dev/services/internal/fault"
)

// Spent lists what may be used once only, and was: assertions and tickets of one
// platform. There are spentBuckets of them to a platform, so that many at once do
// not meet in one document, and each forgets what has run out whenever it is
// written: what is kept is bounded by what is live.
type Spent struct {
	Meta
	Marks []SpentMark `json:"marks,omitempty"`
}

// SpentMark stands for one thing that was used.
type SpentMark struct {
	// Hash is the start of the SHA-256 of what it is, in base64url.
	Hash string `json:"hash"`
	// Until is when it opens nothing any more, used or not.
	Until time.Time `json:"until"`
}

// Kind tells KindSpent.
func (*Spent) Kind() Kind { return KindSpent }

const (
	spentBuckets = 64
	// spentClocks is by how much the clocks of two replicas may differ.
	spentClocks = time.Minute
	// maxSpent bounds the marks of one bucket: what uses up more at once waits.
	maxSpent = 2000
)

// spend uses something up, and tells whether it was there to be used: of any
// number of calls, at all replicas and over restarts, one is told so. Until is
// when it runs out anyway, after which nobody may accept it. Where that cannot be
// written down it was not used for anything, and the caller must refuse it.
func (s *Service) spend(ctx context.Context, platform ID, what string, until time.Time) (fresh bool, err error) {
	sum := sha256.Sum256([]byte(what))
	hash := base64.RawURLEncoding.EncodeToString(sum[:16])
	d := &Spent{}
	d.ID, d.Board = derivedID("spent", platform, ID(fmt.Sprint(sum[31]%spentBuckets))), platform
	_, err = changeOrMake(ctx, s, s.caretaking(platform), d, func(d *Spent) (bool, error) {
		fresh = !slices.ContainsFunc(d.Marks, func(m SpentMark) bool { return m.Hash == hash })
		if !fresh {
			return false, nil
		}
		now := s.now()
		d.Marks = slices.DeleteFunc(d.Marks, func(m SpentMark) bool { return m.Until.Add(spentClocks).Before(now) })
		if len(d.Marks) >= maxSpent {
			return false, fault.New(fault.Unavailable, "too_busy")
		}
		d.Marks = append(d.Marks, SpentMark{Hash: hash, Until: until.UTC().Truncate(time.Millisecond)})
		return true, nil
	})
	return fresh && err == nil, err
}

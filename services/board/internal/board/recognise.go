package board

import (
	"context"
	"time"

	"fresque.dev/services/internal/fault"
)

// KeySets reads the public keys of platforms, and what they have signed.
type KeySets interface {
	// Check tells whether a text is a JSON Web Key Set that can be used, and if
	// not, why: a fault of kind Invalid.
	Check(keys string) error
	// Claimed tells which platform an assertion says it is of, before anything of
	// it is believed.
	Claimed(assertion string) (ID, error)
	// Verify checks an assertion of a platform's, and refuses it with a fault of
	// kind Unauthenticated.
	Verify(ctx context.Context, p *Platform, assertion string) (Assertion, error)
}

// Assertion is what a platform signs to be recognised.
type Assertion struct {
	// ID is what the platform calls it: no two are called alike.
	ID string
	// Until is when it is no longer taken by anybody.
	Until time.Time
}

var errReplayed = fault.New(fault.Unauthenticated, "assertion_replayed")

// Recognise gives the platform that has signed an assertion, which is good for
// that once.
func (s *Service) Recognise(ctx context.Context, assertion string) (*Platform, error) {
	id, err := s.Keys.Claimed(assertion)
	if err != nil {
		return nil, err
	}
	p, err := s.OpenPlatform(ctx, id)
	if err != nil {
		return nil, err
	}
	read, err := s.Keys.Verify(ctx, p, assertion)
	if err != nil {
		return nil, err
	}
	fresh, err := s.spend(ctx, p.ID, "assertion "+read.ID, read.Until)
	if err == nil && !fresh {
		err = errReplayed
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

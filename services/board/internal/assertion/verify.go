package assertion

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

const (
	// maxAssertion bounds an assertion, in bytes, and maxID what it is called.
	maxAssertion, maxID = 8 << 10, 200
	// maxLife is the longest that one may live.
	maxLife = 5 * time.Minute
	// clocks is by how much the clocks of a site and of ours may differ.
	clocks = time.Minute
)

var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"}

func refused(code string) *fault.Fault { return fault.New(fault.Unauthenticated, code) }

// What an assertion is refused with.
var (
	errMalformed  = refused("assertion_malformed")
	errAlgorithm  = refused("assertion_algorithm")
	errIncomplete = refused("assertion_incomplete")
	errSubject    = refused("assertion_subject")
	errAudience   = refused("assertion_audience")
	errKey        = refused("assertion_key")
	errSignature  = refused("assertion_signature")
	errExpired    = refused("assertion_expired")
	errClock      = refused("assertion_clock")
	errLong       = refused("assertion_too_long").With("max", int(maxLife.Seconds()))
)

// Verifier checks assertions. It is safe for concurrent use.
type Verifier struct {
	audiences []string
	now       func() time.Time
	http      *http.Client

	mu        sync.Mutex
	published map[board.ID]*cached
}

// New makes a verifier of assertions that are meant for one of some audiences;
// the first is the one that is told to whoever has it wrong.
func New(audiences []string, now func() time.Time) *Verifier {
	return &Verifier{
		audiences: audiences, now: now, published: make(map[board.ID]*cached),
		http: &http.Client{Timeout: fetchWithin, CheckRedirect: sameSite},
	}
}

// Check tells whether a text is a key set that can be used, and if not, why.
func (v *Verifier) Check(keys string) error {
	_, err := parse([]byte(keys))
	return err
}

// Claimed tells which platform an assertion says it is of; nothing is checked yet.
func (v *Verifier) Claimed(assertion string) (board.ID, error) {
	c, _, err := v.read(assertion)
	if err != nil {
		return "", err
	}
	if c.Issuer == "" || c.Issuer != c.Subject {
		return "", errSubject
	}
	id, ok := board.ParseID(c.Issuer)
	if !ok {
		return "", board.ErrPlatformClosed
	}
	return id, nil
}

// read takes an assertion apart.
func (v *Verifier) read(assertion string) (*jwt.RegisteredClaims, *jwt.Token, error) {
	if len(assertion) > maxAssertion {
		return nil, nil, errMalformed
	}
	c := new(jwt.RegisteredClaims)
	t, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(assertion, c)
	switch {
	case errors.Is(err, jwt.ErrTokenUnverifiable), err == nil && !slices.Contains(algorithms, t.Method.Alg()):
		return nil, nil, errAlgorithm
	case err != nil:
		return nil, nil, errMalformed
	}
	if _, critical := t.Header["crit"]; critical {
		return nil, nil, errMalformed // what it asks of us we do not know
	}
	return c, t, nil
}

// Verify checks an assertion of a platform's, and tells what it is called and
// until when it would be taken again.
func (v *Verifier) Verify(ctx context.Context, p *board.Platform, assertion string) (board.Assertion, error) {
	var none board.Assertion
	c, t, err := v.read(assertion)
	if err != nil {
		return none, err
	}
	if c.Issuer != string(p.ID) || c.Subject != string(p.ID) {
		return none, errSubject
	}
	if err := v.checkSignature(ctx, p, t, assertion); err != nil {
		return none, err
	}
	if len(c.Audience) != 1 || !slices.Contains(v.audiences, c.Audience[0]) {
		return none, errAudience.With("audience", v.audiences[0])
	}
	if c.ID == "" || len(c.ID) > maxID || c.ExpiresAt == nil || c.IssuedAt == nil {
		return none, errIncomplete
	}
	return board.Assertion{ID: c.ID, Until: c.ExpiresAt.Add(clocks)}, v.checkTimes(c)
}

func (v *Verifier) checkSignature(ctx context.Context, p *board.Platform, t *jwt.Token, assertion string) error {
	id, _ := t.Header["kid"].(string)
	keys, err := v.keysOf(ctx, p, id)
	if err != nil {
		return err
	}
	algorithm := t.Method.Alg()
	keys = slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return id != "" && k.id != id || !k.fits(algorithm) })
	if len(keys) == 0 {
		return errKey.With("kid", id).With("algorithm", algorithm)
	}
	cut := strings.LastIndexByte(assertion, '.')
	for _, k := range keys {
		if t.Method.Verify(assertion[:cut], t.Signature, k.public) == nil {
			return nil
		}
	}
	return errSignature
}

// checkTimes tells an assertion that is of another time, and by how much. What
// has run out a while ago, or is of a time to come, was made by a clock that is
// off: nobody keeps an assertion.
func (v *Verifier) checkTimes(c *jwt.RegisteredClaims) error {
	now := v.now()
	told := func(f *fault.Fault, off time.Duration) error {
		return f.With("time", now.UTC().Format(time.RFC3339)).With("off", int(off.Round(time.Second).Seconds()))
	}
	ahead := c.IssuedAt.Sub(now)
	if c.NotBefore != nil {
		ahead = max(ahead, c.NotBefore.Sub(now))
	}
	switch late := now.Sub(c.ExpiresAt.Time); {
	case ahead > clocks:
		return told(errClock, ahead)
	case c.ExpiresAt.Sub(c.IssuedAt.Time) > maxLife || c.ExpiresAt.Sub(now) > maxLife+clocks:
		return errLong
	case late >= clocks:
		return told(errClock, -now.Sub(c.IssuedAt.Time))
	case late >= 0:
		return told(errExpired, -late)
	}
	return nil
}

// Package token signs and checks the short-lived credentials of Fresque:
// JSON Web Tokens with Ed25519 (RFC 8037), one audience and one type each, so
// that a token made for one purpose opens nothing else.
package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"fresque.dev/services/internal/fault"
)

// Issuer is who signs: the board service.
const Issuer = "fresque-board"

// The audiences.
const (
	AudienceBoard = "fresque-board"
	AudienceMedia = "fresque-media"
	// AudienceAccount is the board service too, where it serves accounts.
	AudienceAccount = "fresque-account"
	// AudiencePlatform is the board service too, where it serves platforms.
	AudiencePlatform = "fresque-platform"
)

// The types, in the JOSE header "typ".
const (
	TypeSession = "session+jwt"
	TypeRenewal = "renewal+jwt"
	TypeUpload  = "upload+jwt"
	// Those of an account, and what renews them.
	TypeAccount        = "account+jwt"
	TypeAccountRenewal = "account-renewal+jwt"
	// TypePlatform is that of a platform, which is its subject.
	TypePlatform = "platform+jwt"
	// TypeTicket is that of a ticket, which lets somebody onto a board, once.
	TypeTicket = "ticket+jwt"
)

// Claims are all that any token of ours says.
type Claims struct {
	jwt.RegisteredClaims
	Board string `json:"brd,omitempty"`
	// Session and renewal tokens.
	Role string `json:"rol,omitempty"`
	Name string `json:"nam,omitempty"`
	Link string `json:"lnk,omitempty"`
	// Group is that of the participant, Account of whoever has signed in.
	Group   string `json:"grp,omitempty"`
	Account string `json:"acc,omitempty"`
	// Generation is that of the account's sessions.
	Generation int `json:"gen,omitempty"`
	// Platform is the one by whose ticket the participant came, User who they are
	// there.
	Platform string `json:"plf,omitempty"`
	User     string `json:"usr,omitempty"`
	// Tickets: the origin, the language and the theme of the page around.
	Origin   string `json:"org,omitempty"`
	Language string `json:"lng,omitempty"`
	Theme    string `json:"thm,omitempty"`
	// Scope is what a platform may do: words with spaces between (RFC 8693, 4.2).
	Scope string `json:"scope,omitempty"`
	// Upload tickets: the media, the most bytes, the kinds that its content may
	// turn out to be, and its media type as announced. Name is the file's.
	Media string   `json:"mid,omitempty"`
	Max   int64    `json:"max,omitempty"`
	Kinds []string `json:"knd,omitempty"`
	Type  string   `json:"mtp,omitempty"`
	// Trace is that of the request which gave the ticket, where requests are traced.
	Trace string `json:"trc,omitempty"`
}

// The faults of a token.
var (
	ErrMissing = fault.New(fault.Unauthenticated, "session_missing")
	ErrExpired = fault.New(fault.Unauthenticated, "session_expired")
	ErrInvalid = fault.New(fault.Unauthenticated, "session_invalid")
)

// KeyID names a public key: the start of its SHA-256.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Signer makes tokens, and knows the keys that check them. It is safe for
// concurrent use.
type Signer struct {
	now  func() time.Time
	keys atomic.Pointer[[]signing]
	// read gives the keys anew; nil where they never change.
	read func() ([]Seed, error)

	mu     sync.Mutex
	readAt time.Time
}

// Seed is what a key is made of (32 bytes), and when it begins to sign.
type Seed struct {
	Key  []byte
	From time.Time
}

type signing struct {
	id     string
	key    ed25519.PrivateKey
	public ed25519.PublicKey
	from   time.Time
}

// readEvery bounds how often keys are read anew because of tokens whose key is not
// known: anybody can make one.
const readEvery = 200 * time.Millisecond

// NewSigner signs with the key of a seed (32 bytes).
func NewSigner(seed []byte, now func() time.Time) *Signer {
	s := &Signer{now: now}
	s.use([]Seed{{Key: seed}})
	return s
}

// NewTurningSigner signs with the first of several keys that has begun to, and
// checks with all. It reads them again when a token comes whose key it does not
// know.
func NewTurningSigner(seeds []Seed, read func() ([]Seed, error), now func() time.Time) *Signer {
	s := &Signer{now: now, read: read}
	s.use(seeds)
	return s
}

func (s *Signer) use(seeds []Seed) {
	keys := make([]signing, 0, len(seeds))
	for _, seed := range seeds {
		key := ed25519.NewKeyFromSeed(seed.Key)
		public := key.Public().(ed25519.PublicKey)
		keys = append(keys, signing{KeyID(public), key, public, seed.From})
	}
	s.keys.Store(&keys)
}

// PublicKeys are the keys that check this signer's tokens, by key id.
func (s *Signer) PublicKeys() map[string]ed25519.PublicKey {
	out := make(map[string]ed25519.PublicKey)
	for _, k := range *s.keys.Load() {
		out[k.id] = k.public
	}
	return out
}

// Key finds the public key of a key id; false when there is none.
func (s *Signer) Key(id string) (ed25519.PublicKey, bool) {
	if key, ok := s.known(id); ok {
		return key, true
	}
	s.Refresh()
	return s.known(id)
}

func (s *Signer) known(id string) (ed25519.PublicKey, bool) {
	for _, k := range *s.keys.Load() {
		if k.id == id {
			return k.public, true
		}
	}
	return nil, false
}

// Refresh reads the keys anew, unless it was done just now. Where they cannot be
// read, those that are known stay.
func (s *Signer) Refresh() {
	if s.read == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.readAt) < readEvery {
		return
	}
	if seeds, err := s.read(); err == nil && len(seeds) > 0 {
		s.use(seeds)
	}
	s.readAt = time.Now()
}

// signing is the first key that has begun to sign, or else the last.
func (s *Signer) signing() signing {
	keys, now := *s.keys.Load(), s.now()
	for _, k := range keys {
		if !now.Before(k.from) {
			return k
		}
	}
	return keys[len(keys)-1]
}

// Sign completes the claims with issuer, audience and times, and signs them.
// It gives the token and its expiry.
func (s *Signer) Sign(typ, audience string, ttl time.Duration, c Claims) (string, time.Time, error) {
	now := s.now().UTC().Truncate(time.Second)
	expires := now.Add(ttl)
	c.Issuer = Issuer
	c.Audience = jwt.ClaimStrings{audience}
	c.IssuedAt = jwt.NewNumericDate(now)
	c.ExpiresAt = jwt.NewNumericDate(expires)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	key := s.signing()
	t.Header["typ"], t.Header["kid"] = typ, key.id
	signed, err := t.SignedString(key.key)
	return signed, expires, err
}

// KeyFunc finds the public key of a key id; false when there is none.
type KeyFunc func(keyID string) (ed25519.PublicKey, bool)

// Verify checks a token's signature, type, issuer, audience and times, and
// gives its claims, or ErrMissing, ErrExpired or ErrInvalid.
func Verify(raw, typ, audience string, keys KeyFunc, now func() time.Time) (*Claims, error) {
	if raw == "" {
		return nil, ErrMissing
	}
	claims := new(Claims)
	_, err := jwt.ParseWithClaims(raw, claims, func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != typ {
			return nil, ErrInvalid
		}
		id, _ := t.Header["kid"].(string)
		key, ok := keys(id)
		if !ok {
			return nil, ErrInvalid
		}
		return key, nil
	},
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(Issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithLeeway(5*time.Second), jwt.WithTimeFunc(now),
	)
	switch {
	case err == nil:
		return claims, nil
	case errors.Is(err, jwt.ErrTokenExpired):
		return nil, ErrExpired
	default:
		return nil, ErrInvalid
	}
}

package assertion

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"fresque.dev/services/internal/fault"
)

const (
	// maxKeys bounds the keys of one set.
	maxKeys = 20
	// RSA keys have so many bits: below, they can be broken; above, checking one
	// signature is work for whoever sends many.
	leastBits, mostBits = 2048, 8192
)

// key is a public key that a platform signs with.
type key struct {
	id string
	// algorithm is the only one that it is for; empty for all that fit it.
	algorithm string
	public    any
}

// What a set of keys is refused with.
var (
	errKeysMalformed = fault.New(fault.Invalid, "keys_malformed")
	errKeysMany      = fault.New(fault.Invalid, "too_many").With("max", maxKeys)
	errKeysPrivate   = fault.New(fault.Invalid, "keys_private")
	errKeysWeak      = fault.New(fault.Invalid, "keys_weak").With("min", leastBits)
	errKeysNone      = fault.New(fault.Invalid, "keys_none")
)

// parse reads a JSON Web Key Set. Keys of kinds that are not known, or that are
// not for signing, are passed over; a set with a secret in it is refused whole,
// since everybody who was sent it has the secret.
func parse(set []byte) ([]key, error) {
	var all struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(set, &all); err != nil || all.Keys == nil {
		return nil, errKeysMalformed
	}
	if len(all.Keys) > maxKeys {
		return nil, errKeysMany
	}
	var keys []key
	var weak error
	for _, raw := range all.Keys {
		var k jose.JSONWebKey
		if err := k.UnmarshalJSON(raw); err != nil {
			if secret(raw) {
				return nil, errKeysPrivate
			}
			if errors.Is(err, jose.ErrUnsupportedKeyType) {
				continue
			}
			return nil, errKeysMalformed
		}
		switch {
		case !k.IsPublic():
			return nil, errKeysPrivate
		case k.Use != "" && k.Use != "sig" || !known(k.Key):
			continue
		case isWeak(k.Key):
			weak = errKeysWeak
			continue
		}
		keys = append(keys, key{id: k.KeyID, algorithm: k.Algorithm, public: k.Key})
	}
	switch {
	case len(keys) > 0:
		return keys, nil
	case weak != nil:
		return nil, weak
	}
	return nil, errKeysNone
}

// secret tells a key that says more than the public should know.
func secret(raw []byte) bool {
	var k map[string]json.RawMessage
	if json.Unmarshal(raw, &k) != nil {
		return false
	}
	_, private := k["d"]
	return private || bytes.Equal(k["kty"], []byte(`"oct"`))
}

func known(public any) bool {
	switch k := public.(type) {
	case *rsa.PublicKey, ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384()
	}
	return false
}

func isWeak(public any) bool {
	k, ok := public.(*rsa.PublicKey)
	return ok && (k.N.BitLen() < leastBits || k.N.BitLen() > mostBits || k.E < 3)
}

// fits tells whether a key is one for an algorithm.
func (k key) fits(algorithm string) bool {
	if k.algorithm != "" && k.algorithm != algorithm {
		return false
	}
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		return slices.Contains([]string{"RS256", "RS384", "RS512", "PS256"}, algorithm)
	case *ecdsa.PublicKey:
		return algorithm == map[elliptic.Curve]string{elliptic.P256(): "ES256", elliptic.P384(): "ES384"}[public.Curve]
	default:
		return algorithm == "EdDSA"
	}
}

// Package keyring keeps the keys that the service makes tokens, links, pseudonyms
// and webhooks with. They are in the store, sealed with the operator's master key:
// that one may be changed while they stay. See docs/adr/0028-*.md.
package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/token"
)

// settle is how long a new key of tokens is there before it signs: by then every
// replica finds it.
const settle = 10 * time.Second

// writeTries bounds how often replicas that start at once get in each other's way.
const writeTries = 20

// purposes are what keys are for. Those of tokens are apart: they change.
var purposes = []string{"links", "aliases", "signing in", "guesses", "webhooks"}

// ErrOtherMaster is that none of the master keys opens what is in the store.
var ErrOtherMaster = errors.New("the keys in the store are sealed with another key: give the key that was used before, here or as MASTER_KEY_PREVIOUS")

var errDamaged = errors.New("the keys in the store are damaged: restore them from a backup")

// Store is where the keys are kept.
type Store interface {
	Get(ctx context.Context, key board.Key) (board.Document, error)
	Insert(ctx context.Context, doc board.Document) error
	Replace(ctx context.Context, doc board.Document, expected board.Rev) error
}

// Ring is all of the keys.
type Ring struct {
	Roots map[string][]byte `json:"roots"`
	// Tokens are the keys that sign, the newest first.
	Tokens []tokenKey `json:"tokens"`
}

type tokenKey struct {
	Seed  []byte    `json:"seed"`
	Since time.Time `json:"since"`
	// Master is the master key with which it came, and goes.
	Master string `json:"master"`
}

// Keeper reads the keys, again whenever somebody shows a token of a key that it
// does not know.
type Keeper struct {
	store   Store
	masters []master
	now     func() time.Time
}

// master is a master key: its name, which tells nothing of it, and what seals.
type master struct {
	name string
	key  []byte
	seal cipher.AEAD
}

// New takes the master keys, the newest first, each of 32 bytes.
func New(store Store, keys [][]byte, now func() time.Time) (*Keeper, error) {
	k := &Keeper{store: store, now: now}
	for _, key := range keys {
		sealing, err := derive(key, "keyring")
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(sealing)
		if err != nil {
			return nil, err
		}
		seal, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		name := sha256.Sum256(append([]byte("fresque master "), sealing...))
		k.masters = append(k.masters, master{hex.EncodeToString(name[:8]), key, seal})
	}
	return k, nil
}

// derive makes a key of 32 bytes for one purpose (RFC 5869).
func derive(master []byte, purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, master, nil, "fresque "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	return key, nil
}

// Open gives the keys. It makes them the first time, and seals them for a master
// key that is new; once a replica starts without an old one, that opens them no
// longer, and what was signed in its time is void.
func (k *Keeper) Open(ctx context.Context) (Ring, error) {
	for range writeTries {
		doc, err := k.read(ctx)
		if errors.Is(err, board.ErrNotFound) {
			ring, err := k.first()
			if err != nil {
				return ring, err
			}
			doc := &board.Keys{}
			err = k.write(ctx, doc, ring)
			if err == nil {
				return ring, nil
			}
			if !errors.Is(err, board.ErrExists) {
				return ring, err
			}
			continue
		}
		if err != nil {
			return Ring{}, err
		}
		ring, err := k.unseal(doc)
		if err != nil || !k.due(doc) {
			return ring, err
		}
		k.turn(doc, &ring)
		if err := k.write(ctx, doc, ring); !errors.Is(err, board.ErrConflict) {
			return ring, err
		}
	}
	return Ring{}, board.ErrConflict
}

// Again gives the keys as they are now, and changes nothing.
func (k *Keeper) Again(ctx context.Context) (Ring, error) {
	doc, err := k.read(ctx)
	if err != nil {
		return Ring{}, err
	}
	return k.unseal(doc)
}

func (k *Keeper) read(ctx context.Context) (*board.Keys, error) {
	doc, err := k.store.Get(ctx, board.KeysKey())
	if err != nil {
		return nil, err
	}
	keys, ok := doc.(*board.Keys)
	if !ok {
		return nil, fmt.Errorf("the keys are a %s", doc.Kind())
	}
	return keys, nil
}

// first makes the keys out of the oldest master key, as releases before this one
// did at each start: their links and tokens go on.
func (k *Keeper) first() (Ring, error) {
	oldest := k.masters[len(k.masters)-1]
	ring := Ring{Roots: make(map[string][]byte, len(purposes))}
	for _, purpose := range purposes {
		key, err := derive(oldest.key, purpose)
		if err != nil {
			return ring, err
		}
		ring.Roots[purpose] = key
	}
	seed, err := derive(oldest.key, "tokens")
	ring.Tokens = []tokenKey{{Seed: seed, Since: k.now().Add(-settle), Master: oldest.name}}
	if k.masters[0].name != oldest.name {
		k.turn(&board.Keys{}, &ring)
	}
	return ring, err
}

// due tells that the keys are to be sealed anew: for a master key that is new, or,
// by whoever has the newest, without one that is dropped. Who was started with an
// older one only leaves them as they are.
func (k *Keeper) due(doc *board.Keys) bool {
	if _, known := doc.Sealed[k.masters[0].name]; !known {
		return true
	}
	return doc.Primary == k.masters[0].name && !slices.Equal(slices.Sorted(maps.Keys(doc.Sealed)), k.names())
}

func (k *Keeper) names() []string {
	var out []string
	for _, m := range k.masters {
		out = append(out, m.name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// turn adds a key of tokens for a master key that is new, and drops those of
// master keys that are gone.
func (k *Keeper) turn(doc *board.Keys, ring *Ring) {
	newest := k.masters[0].name
	if doc.Primary != newest {
		seed := make([]byte, 32)
		_, _ = rand.Read(seed) // never fails
		ring.Tokens = append([]tokenKey{{Seed: seed, Since: k.now(), Master: newest}}, ring.Tokens...)
	}
	names := k.names()
	ring.Tokens = slices.DeleteFunc(ring.Tokens, func(t tokenKey) bool { return !slices.Contains(names, t.Master) })
}

func (k *Keeper) unseal(doc *board.Keys) (Ring, error) {
	var ring Ring
	for _, m := range k.masters {
		kept, there := doc.Sealed[m.name]
		if !there {
			continue
		}
		sealed, err := base64.StdEncoding.DecodeString(kept)
		n := m.seal.NonceSize()
		if err != nil || len(sealed) < n {
			return ring, errDamaged
		}
		text, err := m.seal.Open(nil, sealed[:n], sealed[n:], []byte(m.name))
		if err != nil {
			return ring, errDamaged
		}
		return ring, json.Unmarshal(text, &ring)
	}
	return ring, ErrOtherMaster
}

// write seals the keys for every master key, and keeps them over what was read.
func (k *Keeper) write(ctx context.Context, doc *board.Keys, ring Ring) error {
	text, err := json.Marshal(ring)
	if err != nil {
		return err
	}
	key, was := board.KeysKey(), doc.Rev
	doc.ID, doc.Board, doc.Rev, doc.UpdatedAt = key.ID, key.Board, was+1, k.now()
	doc.Primary, doc.Sealed = k.masters[0].name, make(map[string]string, len(k.masters))
	for _, m := range k.masters {
		nonce := make([]byte, m.seal.NonceSize())
		_, _ = rand.Read(nonce)
		doc.Sealed[m.name] = base64.StdEncoding.EncodeToString(m.seal.Seal(nonce, nonce, text, []byte(m.name)))
	}
	if was == 0 {
		doc.CreatedAt = doc.UpdatedAt
		return k.store.Insert(ctx, doc)
	}
	return k.store.Replace(ctx, doc, was)
}

// Signing are the keys of tokens, as a signer takes them.
func (r Ring) Signing() []token.Seed {
	out := make([]token.Seed, 0, len(r.Tokens))
	for _, t := range r.Tokens {
		out = append(out, token.Seed{Key: t.Seed, From: t.Since.Add(settle)})
	}
	return out
}

package keyring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/keyring"
	"fresque.dev/services/board/internal/store/sqlitestore"
)

func key(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func open(t *testing.T, store keyring.Store, keys ...[]byte) (keyring.Ring, error) {
	t.Helper()
	k, err := keyring.New(store, keys, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return k.Open(context.Background())
}

func newStore(t *testing.T) *sqlitestore.Store {
	t.Helper()
	store, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "board.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// TestKeysOutliveTheMasterKey: what must not change does not, through several
// changes; who starts late with the old key undoes nothing.
func TestKeysOutliveTheMasterKey(t *testing.T) {
	store := newStore(t)
	first, err := open(t, store, key(1))
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, tokens int, keys ...[]byte) keyring.Ring {
		t.Helper()
		ring, err := open(t, store, keys...)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !maps.EqualFunc(ring.Roots, first.Roots, bytes.Equal) || len(ring.Tokens) != tokens {
			t.Fatalf("%s: %d keys of tokens, or others have changed", what, len(ring.Tokens))
		}
		return ring
	}
	same("again", 1, key(1))
	both := same("a new one", 2, key(2), key(1))
	if bytes.Equal(both.Tokens[0].Seed, first.Tokens[0].Seed) || !bytes.Equal(both.Tokens[1].Seed, first.Tokens[0].Seed) {
		t.Fatal("the newest key of tokens is not a new one")
	}
	if late := same("late with the old one", 2, key(1)); !bytes.Equal(late.Tokens[0].Seed, both.Tokens[0].Seed) {
		t.Fatal("who is late undoes it")
	}
	same("without the old one", 1, key(2))
	if _, err := open(t, store, key(1)); !errors.Is(err, keyring.ErrOtherMaster) {
		t.Fatalf("the old one opens: %v", err)
	}
	same("a third", 2, key(3), key(2))
	doc, err := store.Get(t.Context(), board.KeysKey())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range first.Roots {
		text, _ := json.Marshal(root)
		if bytes.Contains(kept, bytes.Trim(text, `"`)) {
			t.Error("a key can be read in the store")
		}
	}
}

// TestReplicasThatStartAtOnceHaveTheSameKeys.
func TestReplicasThatStartAtOnceHaveTheSameKeys(t *testing.T) {
	store := newStore(t)
	for _, masters := range [][][]byte{{key(1)}, {key(2), key(1)}, {key(2)}} {
		var mu sync.Mutex
		var all []string
		var work sync.WaitGroup
		for range 8 {
			work.Go(func() {
				ring, err := open(t, store, masters...)
				if err != nil {
					t.Error(err)
				}
				text, _ := json.Marshal([]any{ring.Roots, ring.Tokens[0].Seed, len(ring.Tokens)})
				mu.Lock()
				defer mu.Unlock()
				all = append(all, string(text))
			})
		}
		work.Wait()
		if len(slices.Compact(slices.Sorted(slices.Values(all)))) != 1 {
			t.Error("replicas differ")
		}
	}
}

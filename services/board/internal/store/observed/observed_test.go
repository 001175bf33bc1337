package observed_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/board/internal/store/observed"
	"fresque.dev/services/board/internal/store/sqlitestore"
	"fresque.dev/services/board/internal/store/storetest"
)

// TestAnObservedStoreIsAStore holds it to the suite, and looks that observers are
// told of every operation, its begin and its end.
func TestAnObservedStoreIsAStore(t *testing.T) {
	var mu sync.Mutex
	begun, ended := map[observed.Operation]int{}, map[observed.Operation]int{}
	count := func(ctx context.Context, op observed.Operation, _ board.Kind) (context.Context, func(error)) {
		mu.Lock()
		defer mu.Unlock()
		begun[op]++
		return ctx, func(error) {
			mu.Lock()
			defer mu.Unlock()
			ended[op]++
		}
	}
	storetest.Run(t, func(t *testing.T) storetest.Open {
		path := filepath.Join(t.TempDir(), "board.db")
		return func(t *testing.T) storetest.Store {
			s, err := sqlitestore.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			return observed.Wrap(s, count, count)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if want := reflect.TypeFor[observed.Store]().NumMethod() - 1; len(begun) != want { // Close is none
		t.Errorf("told of %d operations, want %d: %v", len(begun), want, begun)
	}
	if !reflect.DeepEqual(begun, ended) {
		t.Errorf("begun %v, ended %v", begun, ended)
	}
}

func TestObserversAreToldWhatCameOfIt(t *testing.T) {
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "board.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if observed.Wrap(s) != observed.Store(s) {
		t.Error("a store that nobody observes is wrapped")
	}
	type key struct{}
	var told []string
	observer := func(name string) observed.Observer {
		return func(ctx context.Context, op observed.Operation, kind board.Kind) (context.Context, func(error)) {
			before, _ := ctx.Value(key{}).(string)
			told = append(told, name+" begins "+string(op)+" "+string(kind)+before)
			return context.WithValue(ctx, key{}, " after "+name), func(err error) {
				if errors.Is(err, board.ErrNotFound) {
					told = append(told, name+" ends")
				}
			}
		}
	}
	_, _ = observed.Wrap(s, observer("a"), observer("b")).Get(t.Context(), board.Key{Kind: board.KindPost})
	if want := []string{"a begins get post", "b begins get post after a", "b ends", "a ends"}; !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

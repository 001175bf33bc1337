package board_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"fresque.dev/services/board/internal/board"
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// isOrder tells what an order is: digits of base 62, and no zero at the end.
func isOrder(s string) bool {
	return s != "" && !strings.HasSuffix(s, "0") && strings.Trim(s, digits) == ""
}

func randomOrder(r *rand.Rand) string {
	var out strings.Builder
	for range 1 + r.IntN(6) {
		out.WriteByte("0019AVzzz"[r.IntN(9)])
	}
	return strings.TrimRight(out.String(), "0")
}

// checkBetween holds what OrderBetween gives to what it promises.
func checkBetween(t *testing.T, after, before string) string {
	t.Helper()
	got := board.OrderBetween(after, before)
	ordered := before == "" || after < before
	switch {
	case !isOrder(got):
		t.Fatalf("between %q and %q stands %q, which is no order", after, before, got)
	case got <= after:
		t.Fatalf("%q does not come after %q", got, after)
	case ordered && before != "" && got >= before:
		t.Fatalf("%q does not come before %q", got, before)
	case len(got) > max(len(after), len(before))+1:
		t.Fatalf("between %q and %q stands %q: longer than it need be", after, before, got)
	}
	return got
}

func TestBetweenTwoOrdersThereIsAnother(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		checkBetween(t, randomOrder(r), randomOrder(r))
	}
}

// TestOrdersGrowSlowly inserts always at the same place, which is the worst
// there is, at the end and at the beginning.
func TestOrdersGrowSlowly(t *testing.T) {
	for name, place := range map[string]func([]string) int{
		"at the end": func(all []string) int { return len(all) }, "at the beginning": func([]string) int { return 0 },
		"before the last": func(all []string) int { return max(len(all)-1, 0) }, "after the first": func(all []string) int { return min(len(all), 1) },
	} {
		var all []string
		longest := 0
		for range 500 {
			i := place(all)
			after, before := "", ""
			if i > 0 {
				after = all[i-1]
			}
			if i < len(all) {
				before = all[i]
			}
			order := checkBetween(t, after, before)
			all = append(all[:i], append([]string{order}, all[i:]...)...)
			longest = max(longest, len(order))
		}
		if longest > board.MaxOrder/2 {
			t.Errorf("%s: %d characters after 500", name, longest)
		}
	}
}

func FuzzOrderBetween(f *testing.F) {
	for _, pair := range [][2]string{{"", ""}, {"", "1"}, {"", "01"}, {"", "0"}, {"V", "V"}, {"z", ""}, {"a", "a1"}, {"zz", "zzz"}, {"", "!"}, {"é", "é0"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, after, before string) {
		if isOrder(after) && isOrder(before) {
			checkBetween(t, after, before)
			return
		}
		board.OrderBetween(after, before) // whatever it gets, it ends
	})
}

package board

import (
	"testing"
	"time"
)

// A board's choice of where new posts come may change at any time: the next
// post comes first, or last, of all that are there.
func TestOrderAtComesFirstOrLastWhateverCameBefore(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	first, last := orderAt(at, true), orderAt(at, false)
	for _, newestFirst := range []bool{true, false, false, true, true, false} {
		at = at.Add(time.Second)
		order := orderAt(at, newestFirst)
		if wrong := checkOrder("order", order); wrong != nil {
			t.Fatal(wrong)
		}
		if newestFirst && order >= first || !newestFirst && order <= last {
			t.Errorf("%q is not beyond %q and %q", order, first, last)
		}
		first, last = min(first, order), max(last, order)
	}
}

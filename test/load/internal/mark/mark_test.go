package mark_test

import (
	"slices"
	"strings"
	"testing"

	"fresque.dev/test/load/internal/mark"
)

// TestNextFindsMarksHoweverTheyAreCut reads the same bytes in pieces of every
// size, as a socket may give them.
func TestNextFindsMarksHoweverTheyAreCut(t *testing.T) {
	text := "id: a\ndata: {\"title\":\"" + mark.Mark{Seq: 1, At: 1_700_000_000_000_001}.String() + "\"}\n\n~no mark~" +
		mark.Mark{Seq: 99_999_999, At: 2}.String() + mark.Mark{Seq: 3, At: 0}.String() + " ~12"
	want := []mark.Mark{{Seq: 1, At: 1_700_000_000_000_001}, {Seq: 99_999_999, At: 2}, {Seq: 3}}
	for size := 1; size <= len(text); size++ {
		var got []mark.Mark
		var kept []byte
		for piece := range slices.Chunk([]byte(text), size) {
			rest := append(kept, piece...)
			for {
				var m mark.Mark
				var ok bool
				if m, rest, ok = mark.Next(rest); !ok {
					break
				}
				got = append(got, m)
			}
			if len(rest) >= mark.Size {
				t.Fatalf("pieces of %d: %d bytes are kept", size, len(rest))
			}
			kept = slices.Clone(rest)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pieces of %d: %v", size, got)
		}
	}
}

func TestEveryMarkHasTheSameSize(t *testing.T) {
	for _, m := range []mark.Mark{{}, {Seq: 99_999_999, At: 1_999_999_999_999_999}} {
		if s := m.String(); len(s) != mark.Size || !strings.HasPrefix(s, "~") {
			t.Fatalf("%q", s)
		}
	}
}

package live

import (
	"strings"

	"fresque.dev/services/board/internal/board"
)

// cursorOf is a place in the stream of a board as it was seen there: whoever
// comes back after the sight of the board has changed begins anew, whatever
// they have missed.
func cursorOf(at board.Position, sign string) string { return at.String() + "." + sign }

// parseCursor reads a cursor; false for what is none.
func parseCursor(cursor string) (at board.Position, sign string, ok bool) {
	place, sign, _ := strings.Cut(cursor, ".")
	at, ok = board.ParsePosition(place)
	return at, sign, ok
}

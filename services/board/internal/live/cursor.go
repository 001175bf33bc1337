package live

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"fresque.dev/services/board/internal/board"
)

// cursorOf is a place in the stream of a board as a class saw it there: whoever
// comes back after the sight of the board has changed, or as another class,
// begins anew, whatever they have missed.
func cursorOf(at board.Position, sign string, class board.Class) string {
	return at.String() + "." + signOf(sign, class)
}

// signOf names the sight of a class where a board's sight has a sign.
func signOf(sign string, class board.Class) string {
	sum := sha256.Sum256([]byte(sign + "\x00" + string(class.Level) + "\x00" + string(class.Group)))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// parseCursor reads a cursor; false for what is none.
func parseCursor(cursor string) (at board.Position, sign string, ok bool) {
	place, sign, _ := strings.Cut(cursor, ".")
	at, ok = board.ParsePosition(place)
	return at, sign, ok
}

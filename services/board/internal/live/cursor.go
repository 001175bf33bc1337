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
	return string(appendCursor(nil, at, signOf(sign, class)))
}

// appendCursor writes the cursor of the class whose sight has a name (signOf).
func appendCursor(to []byte, at board.Position, named string) []byte {
	return append(append(at.Append(to), '.'), named...)
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

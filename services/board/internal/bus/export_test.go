package bus

import "fresque.dev/services/board/internal/board"

// Encode makes an event, for tests that publish their own.
func Encode(doc board.Document) ([]byte, error) { return encode(doc) }

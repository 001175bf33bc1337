package board

import (
	"encoding/json"
	"errors"

	"fresque.dev/services/internal/fault"
)

// maxTransferItems bounds what is in all lists of a transfer together: posts,
// attachments and reactions alike. Empty ones take three bytes to write and some
// hundred to hold, so they are counted before anything is made of them.
const maxTransferItems = 500_000

var errNoTransfer = errors.New("no board of Fresque's")

// ReadTransfer reads what was exported.
func ReadTransfer(raw []byte) (*Transfer, error) {
	if itemsIn(raw) > maxTransferItems {
		return nil, fault.New(fault.Invalid, "too_many").With("max", maxTransferItems)
	}
	t := new(Transfer)
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fault.Wrap(fault.Invalid, "transfer_malformed", errors.Join(errNoTransfer, err))
	}
	return t, nil
}

// itemsIn counts what separates things in a JSON text. Of one that is none it
// counts something.
func itemsIn(raw []byte) (n int) {
	var lists []bool // of what is open: a list, or an object
	text := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '[' || c == '{':
			lists = append(lists, c == '[')
		case (c == ']' || c == '}') && len(lists) > 0:
			lists = lists[:len(lists)-1]
		case c == ',' && len(lists) > 0 && lists[len(lists)-1]:
			n++
		}
	}
	return n
}

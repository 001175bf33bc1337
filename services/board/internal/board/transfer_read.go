package board

import (
	"encoding/json"
	"errors"

	"fresque.dev/services/internal/fault"
)

// Bounds of the lists of a transfer, of what kind they ever are: of each of its own,
// of each within those, and of all together. Empty things take three bytes to write
// and some hundred to hold, so they are counted before anything is made of them.
const (
	maxOwnItems   = MaxTransferComments
	maxInnerItems = maxReactions
	maxAllItems   = 500_000
)

var errNoTransfer = errors.New("no board of Fresque's")

// ReadTransfer reads what was exported.
func ReadTransfer(raw []byte) (*Transfer, error) {
	if most := tooManyItems(raw); most > 0 {
		return nil, fault.New(fault.Invalid, "too_many").With("max", most)
	}
	t := new(Transfer)
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fault.Wrap(fault.Invalid, "transfer_malformed", errors.Join(errNoTransfer, err))
	}
	return t, nil
}

// object is what is open and no list.
const object = -1

// tooManyItems gives the bound that a JSON text is beyond; 0 for none. What is no
// JSON is left to who reads it.
func tooManyItems(raw []byte) (most int) {
	var open []int // lists by what is in them so far, and objects
	all, text := 0, false
	for i := 0; i < len(raw); i++ {
		in := len(open) - 1
		switch c := raw[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '[':
			open = append(open, 1)
		case c == '{':
			open = append(open, object)
		case (c == ']' || c == '}') && in >= 0:
			open = open[:in]
		case c == ',' && in >= 0 && open[in] != object:
			open[in]++
			all++
			switch {
			case all >= maxAllItems:
				return maxAllItems
			case in == 1 && open[in] > maxOwnItems:
				return maxOwnItems
			case in > 1 && open[in] > maxInnerItems:
				return maxInnerItems
			}
		}
	}
	return 0
}

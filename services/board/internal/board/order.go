package board

import (
	"cmp"
	"strings"
	"time"

	"fresque.dev/services/internal/fault"
)

// Orders are fractions between 0 and 1 in base 62, without the leading "0."
// and without zeros at the end: between two there is always another, so that
// whoever moves something writes that thing only, and two who move at once
// lose nothing. They sort byte by byte.
const orderDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// MaxOrder bounds the length of an order, in characters.
const MaxOrder = 200

// orderTimeDigits write a time in milliseconds until the year 8900.
const orderTimeDigits = 8

var errOrderInvalid = fault.New(fault.Invalid, "order_invalid")

// checkOrder refuses what is no order.
func checkOrder(field, order string) *fault.Fault {
	good := order != "" && len(order) <= MaxOrder && order[len(order)-1] != orderDigits[0]
	for i := 0; good && i < len(order); i++ {
		good = strings.IndexByte(orderDigits, order[i]) >= 0
	}
	if good {
		return nil
	}
	return errOrderInvalid.At(field)
}

// orderLast begins the orders of what comes last: behind all that came first,
// so that the board's choice may change.
const orderLast = "zz"

// orderAt gives an order by time: later ones come after all earlier ones or,
// when newest come first, before them.
func orderAt(at time.Time, newestFirst bool) string {
	n := uint64(max(at.UnixMilli(), 0))
	prefix := orderLast
	if newestFirst {
		prefix = ""
		most := uint64(1)
		for range orderTimeDigits {
			most *= uint64(len(orderDigits))
		}
		n = most - 1 - n
	}
	var out [orderTimeDigits + 1]byte
	for i := orderTimeDigits - 1; i >= 0; i-- {
		out[i] = orderDigits[n%uint64(len(orderDigits))]
		n /= uint64(len(orderDigits))
	}
	// Never a zero at the end.
	out[orderTimeDigits] = orderDigits[len(orderDigits)/2]
	return prefix + string(out[:])
}

// OrderBetween gives an order after one and before another; an empty one is
// the beginning or the end. What is not in order gives what comes after the
// first.
func OrderBetween(after, before string) string {
	if before != "" && after >= before {
		before = ""
	}
	var out []byte
	for i := 0; ; i++ {
		low, high := digitAt(after, i, 0), len(orderDigits)
		switch {
		case i >= len(before): // all the same: nothing stands before it
			before = ""
		case before != "":
			high = digitAt(before, i, 0)
		}
		switch {
		case low == high: // the same so far
			out = append(out, orderDigits[low])
		case high-low > 1:
			return string(append(out, orderDigits[(low+high)/2]))
		default:
			// Neighbours: keep the lower one, and go on above what follows it.
			out = append(out, orderDigits[low])
			before = ""
		}
	}
}

// digitAt is a digit of an order, or another number past its end.
func digitAt(order string, i, past int) int {
	if i >= len(order) {
		return past
	}
	return max(strings.IndexByte(orderDigits, order[i]), 0)
}

// compareOrder compares two documents by their orders, and their ids where
// those are the same.
func compareOrder(a, b string, idA, idB ID) int {
	return cmp.Or(cmp.Compare(a, b), cmp.Compare(idA, idB))
}

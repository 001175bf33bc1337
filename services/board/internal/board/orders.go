package board

// Order is what the media service is asked to do; exactly one of its fields is
// set besides the board.
type Order struct {
	Board  ID
	Erase  *Erase
	Unfurl *Unfurl
	Copy   *Copy
}

// Erase removes uploads for good, and whatever was made of them.
type Erase struct {
	// Media are which; none for all of the board.
	Media []ID
}

// Unfurl makes the preview of a link.
type Unfurl struct {
	Media  ID
	Lookup Lookup
	// Turn is repeated by the answer.
	Turn int
}

// OrdersOf tells what follows for the media service from a document as it
// stands. Orders are not stored: the document is, in one write, and as long as
// its mark stands they are given again (rule S5). Following one twice changes
// nothing.
func OrdersOf(doc Document) []Order {
	head := doc.Head()
	if m, ok := doc.(*Media); ok && !m.Deleted() && m.Preview.Due() {
		return []Order{{Board: head.Board, Unfurl: &Unfurl{Media: head.ID, Lookup: m.Preview.Lookup, Turn: m.Preview.Asked}}}
	}
	if m, ok := doc.(*Media); ok && !m.Deleted() && m.Source != nil && m.State == MediaProcessing {
		return []Order{{Board: head.Board, Copy: &Copy{FromBoard: m.Source.Board, FromMedia: m.Source.Media, Media: head.ID}}}
	}
	erased := head.bare()
	if !erased {
		return nil
	}
	switch doc.Kind() {
	case KindMedia:
		return []Order{{Board: head.Board, Erase: &Erase{Media: []ID{head.ID}}}}
	case KindBoard:
		return []Order{{Board: head.Board, Erase: &Erase{}}}
	}
	return nil
}

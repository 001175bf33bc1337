package board

// Order is what the media service is asked to do; exactly one of its fields is
// set besides the board.
type Order struct {
	Board ID
	Erase *Erase
}

// Erase removes uploads for good, and whatever was made of them.
type Erase struct {
	// Media are which; none for all of the board.
	Media []ID
}

// OrdersOf tells what follows for the media service from a document as it
// stands. Orders are not stored: the document is, in one write, and as long as
// its mark stands they are given again (rule S5). Following one twice changes
// nothing.
func OrdersOf(doc Document) []Order {
	head := doc.Head()
	erased := head.Deleted() && head.PurgeAt.IsZero()
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

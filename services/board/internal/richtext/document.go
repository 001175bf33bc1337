package richtext

// maxListDepth is how deep lists nest. Deeper ones are flattened into the
// deepest level.
const maxListDepth = 4

// block is a paragraph, or a list when list is set.
type block struct {
	inline []run
	list   *list
}

type list struct {
	ordered bool
	items   []*item
}

// item is text, then the lists below it.
type item struct {
	inline []run
	lists  []*list
}

// run is text with one set of marks, or a line break.
type run struct {
	text string
	br   bool
	marks
}

// marks are what is set around text, from the outermost: a link (an empty href
// for none), strong, em.
type marks struct {
	href       string
	strong, em bool
}

// common gives the marks that both have, from the outermost down to the first
// that differs: inside that one nothing is shared.
func (m marks) common(n marks) marks {
	switch {
	case m.href != n.href:
		return marks{}
	case m.strong != n.strong:
		return marks{href: m.href}
	}
	m.em = m.em && n.em
	return m
}

// tidyBlocks makes every text canonical and drops what is empty. One empty
// paragraph may stay between two blocks: it is a blank line that somebody put.
func tidyBlocks(blocks []*block) []block {
	out := make([]block, 0, len(blocks))
	blank := false
	for _, b := range blocks {
		if b.list != nil {
			tidyList(b.list)
		} else {
			b.inline = tidyInline(b.inline)
		}
		switch {
		case b.list != nil && len(b.list.items) == 0:
			continue
		case b.list == nil && len(b.inline) == 0:
			blank = true
			continue
		}
		if blank && len(out) > 0 {
			out = append(out, block{})
		}
		blank = false
		out = append(out, *b)
	}
	return out
}

func tidyList(l *list) {
	kept := l.items[:0]
	for _, it := range l.items {
		it.inline = tidyInline(it.inline)
		it.lists = tidyLists(it.lists)
		if len(it.inline) > 0 || len(it.lists) > 0 {
			kept = append(kept, it)
		}
	}
	l.items = kept
}

func tidyLists(lists []*list) []*list {
	kept := lists[:0]
	for _, l := range lists {
		tidyList(l)
		if len(l.items) > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}

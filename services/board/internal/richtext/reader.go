package richtext

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// reader gathers tokens into blocks. It keeps no tree of the HTML, so that
// nothing recurses and hostile nesting costs what its length costs.
type reader struct {
	blocks []*block
	// para is the paragraph that text goes to, outside lists.
	para *block
	// lists are the open ones, from the outermost, and item the one of the last
	// that text goes to.
	lists []*list
	item  *item
	// flattened counts the open lists below maxListDepth.
	flattened int
	// newLine: a block ended inside an item, where only a line break can show it.
	newLine bool

	strong, em, heading int
	href                string
	// linked: text was put under href. A link that is left open ends with the
	// block, else its address could be repeated for every block that follows.
	linked bool
}

// readBlocks reads HTML that holds the elements known to New and no other.
func readBlocks(source string) []block {
	r := &reader{}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidyBlocks(r.blocks)
		case html.TextToken:
			r.text(cleanText(string(z.Text())))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			r.start(t.Data, t.Attr)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(string(name))
		}
	}
}

func (r *reader) start(name string, attrs []html.Attribute) {
	switch name {
	case "br":
		r.lineBreak()
	case "strong", "b":
		r.strong++
	case "em", "i":
		r.em++
	case "a":
		r.startLink(attrs)
	case "ul", "ol":
		r.startList(name == "ol")
	case "li":
		r.startItem()
	case "td", "th":
		r.text(" ")
	case "p":
		r.startParagraph()
	case "h1", "h2", "h3", "h4", "h5", "h6":
		r.endBlock()
		r.heading++
	default:
		r.endBlock()
	}
}

func (r *reader) end(name string) {
	switch name {
	case "br":
		// Browsers read </br> so.
		r.lineBreak()
	case "strong", "b":
		r.strong = max(0, r.strong-1)
	case "em", "i":
		r.em = max(0, r.em-1)
	case "a":
		r.href = ""
	case "ul", "ol":
		r.endList()
	case "li":
		r.endBlock()
		r.item, r.newLine = nil, false
	case "td", "th":
		r.text(" ")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		r.endBlock()
		r.heading = max(0, r.heading-1)
	default:
		r.endBlock()
	}
}

// text puts text where it belongs. White space between blocks belongs nowhere.
func (r *reader) text(s string) {
	if strings.Trim(s, " ") == "" && (r.newLine || !r.inText()) {
		return
	}
	r.put(run{text: s, marks: r.marks()})
	r.linked = r.linked || !isBlank(s)
}

func (r *reader) lineBreak() { r.put(run{br: true}) }

func (r *reader) put(n run) {
	inline := r.sink()
	if r.newLine {
		*inline = append(*inline, run{br: true})
		r.newLine = false
	}
	*inline = append(*inline, n)
}

// inText tells that text goes on, rather than starting a paragraph or an item.
func (r *reader) inText() bool {
	if len(r.lists) == 0 {
		return r.para != nil
	}
	return r.item != nil && len(r.item.lists) == 0
}

// sink gives what text is added to. Text below a list of the same item has no
// place in the canonical form: it starts an item.
func (r *reader) sink() *[]run {
	if len(r.lists) > 0 {
		if !r.inText() {
			r.addItem()
		}
		return &r.item.inline
	}
	if r.para == nil {
		r.addParagraph()
	}
	return &r.para.inline
}

func (r *reader) marks() marks {
	return marks{href: r.href, strong: r.strong > 0 || r.heading > 0, em: r.em > 0}
}

// startLink takes the first href, as browsers do, and ends the link before it.
func (r *reader) startLink(attrs []html.Attribute) {
	r.href, r.linked = "", false
	for _, a := range attrs {
		if a.Key == "href" {
			r.href, _ = cleanHref(a.Val)
			return
		}
	}
}

// endBlock makes the text that follows start anew.
func (r *reader) endBlock() {
	r.para = nil
	r.newLine = r.item != nil
	if r.linked {
		r.href, r.linked = "", false
	}
}

func (r *reader) startParagraph() {
	r.endBlock()
	if len(r.lists) == 0 {
		r.addParagraph()
	}
}

func (r *reader) addParagraph() {
	r.para = &block{}
	r.blocks = append(r.blocks, r.para)
}

func (r *reader) startItem() {
	r.endBlock()
	if len(r.lists) > 0 {
		r.addItem()
	}
}

func (r *reader) addItem() {
	l := r.lists[len(r.lists)-1]
	r.item, r.newLine = &item{}, false
	l.items = append(l.items, r.item)
}

func (r *reader) startList(ordered bool) {
	r.endBlock()
	if len(r.lists) == maxListDepth {
		r.flattened++
		return
	}
	l := &list{ordered: ordered}
	if len(r.lists) == 0 {
		r.blocks = append(r.blocks, &block{list: l})
	} else {
		parent := r.lastItem()
		parent.lists = append(parent.lists, l)
	}
	r.lists = append(r.lists, l)
	r.item, r.newLine = nil, false
}

// lastItem gives the item that a list belongs to, also where the HTML has the
// list beside the item instead of in it.
func (r *reader) lastItem() *item {
	l := r.lists[len(r.lists)-1]
	if len(l.items) == 0 {
		r.addItem()
	}
	return l.items[len(l.items)-1]
}

func (r *reader) endList() {
	r.endBlock()
	r.item, r.newLine = nil, false
	switch {
	case r.flattened > 0:
		r.flattened--
	case len(r.lists) > 0:
		r.lists = r.lists[:len(r.lists)-1]
	}
}

// cleanText drops what could reorder, hide or break text away, and makes every
// white space that HTML folds a plain space.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '\t', r == '\n', r == '\f', r == '\r', r == 0x2028, r == 0x2029:
			return ' '
		case forbidden(r):
			return -1
		}
		return r
	}, s)
}

// forbidden are controls, noncharacters, what stands for invalid bytes, byte
// order marks, and the bidirectional embeddings, overrides and isolates. The
// marks that only say a direction stay, as do the joiners that scripts and
// emoji need.
func forbidden(r rune) bool {
	switch {
	case r == unicode.ReplacementChar, r == 0xfeff:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xfff9 && r <= 0xfffb:
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}

// isBlank tells text of which nothing is seen.
func isBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
	}) < 0
}

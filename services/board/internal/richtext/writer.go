package richtext

import "strings"

// escaper covers text and the attribute: an address holds no quote.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func writeBlocks(b *strings.Builder, blocks []block) {
	for _, bl := range blocks {
		if bl.list != nil {
			writeList(b, bl.list)
			continue
		}
		b.WriteString("<p>")
		writeInline(b, bl.inline)
		b.WriteString("</p>")
	}
}

func writeList(b *strings.Builder, l *list) {
	name := "ul"
	if l.ordered {
		name = "ol"
	}
	b.WriteString("<" + name + ">")
	for _, it := range l.items {
		b.WriteString("<li>")
		writeInline(b, it.inline)
		for _, below := range it.lists {
			writeList(b, below)
		}
		b.WriteString("</li>")
	}
	b.WriteString("</" + name + ">")
}

func writeInline(b *strings.Builder, runs []run) {
	var open marks
	for _, n := range runs {
		turn(b, open, n.marks)
		open = n.marks
		if n.br {
			b.WriteString("<br>")
		} else {
			b.WriteString(escaper.Replace(n.text))
		}
	}
	turn(b, open, marks{})
}

// turn closes and opens what lies between two sets of marks. A mark that goes
// on stays open, unless one around it changes.
func turn(b *strings.Builder, from, to marks) {
	link := from.href != to.href
	strong := link || from.strong != to.strong
	em := strong || from.em != to.em
	if em && from.em {
		b.WriteString("</em>")
	}
	if strong && from.strong {
		b.WriteString("</strong>")
	}
	if link && from.href != "" {
		b.WriteString("</a>")
	}
	if link && to.href != "" {
		b.WriteString(`<a href="` + escaper.Replace(to.href) + `" rel="noopener noreferrer nofollow ugc" target="_blank">`)
	}
	if strong && to.strong {
		b.WriteString("<strong>")
	}
	if em && to.em {
		b.WriteString("<em>")
	}
}

// lines gives the text, a line for each paragraph, item and break.
func lines(blocks []block) []string {
	var out []string
	for _, b := range blocks {
		if b.list != nil {
			out = append(out, listLines(b.list)...)
		} else {
			out = append(out, inlineLines(b.inline)...)
		}
	}
	return out
}

func listLines(l *list) []string {
	var out []string
	for _, it := range l.items {
		if len(it.inline) > 0 {
			out = append(out, inlineLines(it.inline)...)
		}
		for _, below := range it.lists {
			out = append(out, listLines(below)...)
		}
	}
	return out
}

func inlineLines(runs []run) []string {
	var b strings.Builder
	for _, n := range runs {
		if n.br {
			b.WriteByte('\n')
		} else {
			b.WriteString(n.text)
		}
	}
	return strings.Split(b.String(), "\n")
}

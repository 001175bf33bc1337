package paper

import (
	"strings"

	"github.com/carlos7ags/folio/layout"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// body is text in the canonical form of docs/richtext.md.
func (s *sheet) body(canonical string, size float64) []layout.Element {
	if canonical == "" {
		return nil
	}
	nodes, err := html.ParseFragment(strings.NewReader(canonical), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return nil
	}
	var out []layout.Element
	for _, n := range nodes {
		switch n.DataAtom {
		case atom.Ul, atom.Ol:
			l := layout.NewListEmbedded(s.plain, size).SetLeading(leading).SetIndent(14)
			s.list(l, n, size)
			out = append(out, l)
		default:
			out = append(out, s.lines(s.inline(n, style{size: size, colour: ink}))...)
		}
	}
	return out
}

// linesEach is how many lines broken by hand are laid out as one paragraph: what
// that takes grows with their square.
const linesEach = 50

func (s *sheet) lines(runs []layout.TextRun) []layout.Element {
	var out []layout.Element
	for len(runs) > 0 {
		end, broken := len(runs), 0
		for i, r := range runs {
			if r.IsLineBreak {
				broken++
			}
			if broken == linesEach {
				end = i
				break
			}
		}
		rest := runs[min(end+1, len(runs)):]
		space := 3.0
		if len(rest) > 0 {
			space = 0
		}
		if end > 0 {
			out = append(out, layout.NewStyledParagraph(runs[:end]...).SetLeading(leading).SetSpaceAfter(space).SetWordBreak("break-word"))
		}
		runs = rest
	}
	return out
}

func (s *sheet) list(into *layout.List, n *html.Node, size float64) {
	if n.DataAtom == atom.Ol {
		into.SetStyle(layout.ListOrdered)
	}
	for item := n.FirstChild; item != nil; item = item.NextSibling {
		var runs []layout.TextRun
		var nested []*html.Node
		for c := item.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom == atom.Ul || c.DataAtom == atom.Ol {
				nested = append(nested, c)
				continue
			}
			runs = append(runs, s.piece(c, style{size: size, colour: ink})...)
		}
		if len(runs) == 0 {
			runs = s.runs("\u00a0", style{size: size, colour: ink})
		}
		if len(nested) == 0 {
			into.AddItemRuns(runs)
			continue
		}
		sub := into.AddItemRunsWithSubList(runs)
		for _, one := range nested {
			s.list(sub, one, size)
		}
	}
}

// inline are the pieces of text in an element.
func (s *sheet) inline(n *html.Node, as style) []layout.TextRun {
	var out []layout.TextRun
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, s.piece(c, as)...)
	}
	return out
}

func (s *sheet) piece(n *html.Node, as style) []layout.TextRun {
	if n.Type == html.TextNode {
		return s.runs(n.Data, as)
	}
	switch n.DataAtom {
	case atom.Br:
		return []layout.TextRun{{IsLineBreak: true}}
	case atom.Strong:
		as.bold = true
	case atom.Em:
		as.slanted = true
	case atom.A:
		as.colour = blue
		for _, a := range n.Attr {
			if a.Key == "href" {
				as.link = a.Val
			}
		}
	}
	return s.inline(n, as)
}

package paper

import (
	"cmp"
	"strings"

	"github.com/carlos7ags/folio/layout"

	"fresque.dev/services/board/internal/archive"
)

// post is one contribution, with what was said to it.
func (s *sheet) post(p archive.Post, level layout.HeadingLevel) layout.Element {
	edge := line
	if hex := colours[p.Colour]; hex != "" {
		edge = layout.Hex(hex)
	}
	card := layout.NewDiv().SetTag("Art").SetBorders(layout.CellBorders{Left: layout.SolidBorder(3, edge)}).
		SetPaddingAll(layout.Padding{Left: inset, Top: 1, Bottom: 2}).SetSpaceBefore(4).SetSpaceAfter(14)
	if p.Title != "" {
		card.Add(s.heading(p.Title, level, sizePost))
	}
	by := s.by(p.Author, p.Trainer, s.words.Date(p.At))
	if p.Group != "" {
		by += " · " + s.words.T("group") + " " + p.Group
	}
	if p.State != "published" {
		by += " · " + s.words.T(p.State)
		if p.Reason != "" {
			by += s.words.T("colon") + p.Reason
		}
	}
	card.Add(s.paragraph(by, style{size: sizeNote, colour: quiet}).SetSpaceAfter(4))
	text := s.body(string(p.Body), sizeText)
	for _, one := range text {
		card.Add(one)
	}
	for _, one := range s.attachments(p.Attachments) {
		card.Add(one)
	}
	if given := s.words.Given(p); given != "" {
		card.Add(s.paragraph(given, style{size: sizeNote, bold: true, colour: ink}).SetSpaceBefore(3))
	}
	if n := p.Said(); n > 0 {
		card.Add(s.paragraph(s.words.Count("comments", n), style{size: sizeNote, bold: true, colour: quiet}).SetSpaceBefore(5))
		s.thread(card, p.Comments)
	}
	return card.SetKeepTogether(together(p))
}

// cardTogether is how much text a post has at most that is kept on one page.
const cardTogether = 1200

// together tells whether a post is kept on one page.
func together(p archive.Post) bool {
	return len(p.Title)+len(p.Body) < cardTogether && len(p.Attachments) < 4 && len(p.Comments) < 3
}

func (s *sheet) by(author string, trainer bool, date string) string {
	if trainer {
		author += " (" + s.words.T("trainer") + ")"
	}
	return author + " · " + date
}

func (s *sheet) thread(into *layout.Div, comments []archive.Comment) {
	for _, c := range comments {
		one := layout.NewDiv().SetPaddingAll(layout.Padding{Left: inset, Top: 3})
		by := s.by(c.Author, c.Trainer, s.words.Date(c.At))
		if c.State != "published" {
			by += " · " + s.words.T(c.State)
		}
		one.Add(s.paragraph(by, style{size: sizeNote, colour: quiet}))
		for _, text := range s.body(string(c.Body), sizeText-1) {
			one.Add(text)
		}
		s.thread(one, c.Replies)
		into.Add(one)
	}
}

// attachments are what a post shows: pictures side by side, everything else in
// lines of its own.
func (s *sheet) attachments(all []archive.Attachment) []layout.Element {
	var out []layout.Element
	var row []archive.Attachment
	flush := func() {
		out = append(out, s.row(row)...)
		row = nil
	}
	for _, a := range all {
		if s.pictures.of[a.Poster] != nil && a.Kind == "picture" {
			row = append(row, a)
			continue
		}
		flush()
		out = append(out, s.attachment(a)...)
	}
	flush()
	return out
}

// abreast is how many pictures stand side by side.
const abreast = 3

func (s *sheet) row(pictures []archive.Attachment) []layout.Element {
	if len(pictures) == 1 {
		return s.figure(pictures[0], 300, 230)
	}
	var out []layout.Element
	const gap = 8
	for len(pictures) > 0 {
		n := min(abreast, len(pictures))
		each := float64(column-inset-3-(abreast-1)*gap) / abreast
		side := layout.NewFlex().SetColumnGap(gap).SetSpaceBefore(4)
		for _, a := range pictures[:n] {
			cell := layout.NewDiv().SetWidth(each)
			for _, one := range s.figure(a, each, 150) {
				cell.Add(one)
			}
			side.Add(cell)
		}
		out, pictures = append(out, side), pictures[n:]
	}
	return out
}

// figure is a picture, with its caption.
func (s *sheet) figure(a archive.Attachment, width, height float64) []layout.Element {
	img := layout.NewImageElement(s.pictures.of[a.Poster]).SetMaxSize(width, height).SetAltText(cmp.Or(a.Alt, a.Caption, a.Name))
	out := []layout.Element{layout.NewDiv().SetPaddingAll(layout.Padding{Top: 4}).Add(img)}
	if p := s.paragraph(a.Caption, style{size: sizeNote, slanted: true, colour: quiet}); p != nil {
		out = append(out, p)
	}
	return out
}

// attachment is one that is no picture, or whose picture is not here.
func (s *sheet) attachment(a archive.Attachment) []layout.Element {
	var out []layout.Element
	if s.pictures.of[a.Poster] != nil {
		shown := a
		shown.Caption, shown.Alt = "", s.words.T("pictures_of")+s.words.T("colon")+a.Name
		out = s.figure(shown, 160, 120)
	}
	text, link := s.words.T("file_of_"+a.Kind)+s.words.T("colon")+a.Name, ""
	switch {
	case a.Kind == "link":
		link = a.URL
		text = cmp.Or(a.About, a.URL)
	case a.Missing:
		text += ". " + s.words.T("missing")
	case a.Kind == "picture":
		text += ". " + s.words.T("picture_left")
	case a.Size > 0:
		text += " (" + s.words.Size(a.Size) + ")"
	}
	runs := s.runs(text, style{size: sizeText - 0.5, colour: ink})
	if link != "" {
		runs = s.runs(text, style{size: sizeText - 0.5, colour: blue, link: link})
		if a.About != "" {
			runs = append(runs, s.runs("  "+shortened(a.URL), style{size: sizeNote, colour: quiet})...)
		}
	}
	out = append(out, layout.NewStyledParagraph(runs...).SetLeading(leading).SetSpaceBefore(3).SetWordBreak("break-word"))
	if p := s.paragraph(a.Caption, style{size: sizeNote, slanted: true, colour: quiet}); p != nil {
		out = append(out, p)
	}
	return out
}

// shortened is an address on paper: who wants it whole follows the link.
func shortened(address string) string {
	address = strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	if runes := []rune(address); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return strings.TrimSuffix(address, "/")
}

// Package paper writes a wall as a PDF, to print or to keep: one column of posts
// by section, with small pictures, tagged for who has it read out.
package paper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/carlos7ags/folio/document"
	"github.com/carlos7ags/folio/layout"
	"golang.org/x/sync/semaphore"

	"fresque.dev/services/board/internal/archive"
	"fresque.dev/services/internal/fault"
)

// Sizes are in points.
const (
	margin    = 48
	foot      = 28
	widthOfA4 = 595
	column    = widthOfA4 - 2*margin
	inset     = 12
	leading   = 1.38

	sizeTitle, sizeSection, sizePost, sizeText, sizeNote = 23, 16, 12, 10, 8.5
)

// textMost bounds the text of a document, in bytes: what it takes in memory while
// it is laid out is some hundred times as much.
const textMost = 2 << 20

// within is how long a document may take, roomWithin how long it waits before.
const within, roomWithin = time.Minute, 20 * time.Second

// ErrBusy says that others are being laid out.
var ErrBusy = errors.New("paper: busy")

// ErrTooLong says that a wall is more than a document can be.
var ErrTooLong = fault.New(fault.TooLarge, "paper_too_long")

var (
	ink   = layout.Hex("#1b1b1f")
	quiet = layout.Hex("#5a5a66")
	blue  = layout.Hex("#1f4fb0")
	line  = layout.Hex("#d8d8e0")
	// colours are those of posts, as the page of an archive has them.
	colours = map[string]string{
		"red": "#c8322b", "orange": "#b8560a", "yellow": "#8f6b00", "green": "#3d7d1e", "teal": "#0f7d80", "blue": "#2f66d0", "purple": "#8148bd", "pink": "#bd3376", "grey": "#66727f",
	}
)

// Press lays out the documents of one process: small ones side by side, a large
// one alone, so that together they take no more memory than the largest does.
type Press struct{ room *semaphore.Weighted }

// NewPress makes a press.
func NewPress() *Press { return &Press{semaphore.NewWeighted(textMost)} }

// textLeast is what the smallest document counts for, with its pictures.
const textLeast = 128 << 10

// Write writes a page as a PDF. What of it cannot be shown is said in it: pictures
// that could not be read or were too many, and characters that no font has. It
// waits a while for room; ErrBusy says that there was none.
func (p *Press) Write(ctx context.Context, w io.Writer, files archive.Files, page archive.Page) error {
	takes := int64(max(length(page), textLeast))
	if takes > textMost {
		return ErrTooLong
	}
	waiting, cancel := context.WithTimeoutCause(ctx, roomWithin, ErrBusy)
	defer cancel()
	if p.room.Acquire(waiting, takes) != nil {
		return context.Cause(waiting)
	}
	defer p.room.Release(takes)
	return write(ctx, w, files, page)
}

func write(ctx context.Context, w io.Writer, files archive.Files, page archive.Page) (err error) {
	defer func() {
		// The layout of text that people made up is somebody else's work: whatever
		// it trips over is one wall's trouble.
		if r := recover(); r != nil {
			err = fmt.Errorf("paper: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, within, ErrTooLong)
	defer cancel()
	f, err := newFonts()
	if err != nil {
		return err
	}
	s := &sheet{fonts: f, page: page, words: archive.WordsOf(page.Language)}
	if s.pictures, err = fetch(ctx, files, page); err != nil {
		return err
	}
	doc := document.NewDocument(document.PageSizeA4)
	doc.Info = document.Info{Title: page.Title, Language: s.words.Language, Creator: "Fresque", Producer: "Fresque", CreationDate: page.SavedAt, ModDate: page.SavedAt}
	doc.SetMargins(layout.Margins{Top: margin, Left: margin, Right: margin, Bottom: margin + foot})
	doc.SetTagged(true)
	doc.SetAutoBookmarks(true)
	doc.SetViewerPreferences(document.ViewerPreferences{DisplayDocTitle: true})
	body := s.sections()
	for _, one := range append(s.head(), body...) {
		doc.Add(one)
	}
	doc.SetFooter(s.footer)
	_, err = doc.WriteToWithContext(ctx, w, document.WriteOptions{UseXRefStream: true, UseObjectStreams: true})
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// length is how much text a page has.
func length(page archive.Page) (n int) {
	var said func([]archive.Comment)
	said = func(comments []archive.Comment) {
		for _, c := range comments {
			n += len(c.Author) + len(c.Body)
			said(c.Replies)
		}
	}
	for _, section := range page.Sections {
		n += len(section.Description)
		for _, p := range section.Posts {
			n += len(p.Title) + len(p.Author) + len(p.Body)
			for _, a := range p.Attachments {
				n += len(a.Name) + len(a.Caption) + len(a.About) + len(a.URL)
			}
			said(p.Comments)
		}
	}
	return n
}

// sheet is what a document is made of.
type sheet struct {
	*fonts
	page     archive.Page
	words    archive.Words
	pictures *pictures
}

func (s *sheet) footer(at document.PageContext, p *document.Page) {
	text := fmt.Sprintf("%d / %d", at.PageIndex+1, at.TotalPages)
	width := s.plain.MeasureString(text, sizeNote)
	p.AddTextEmbedded(text, s.plain, sizeNote, widthOfA4-margin-width, margin)
}

// paragraph is text in one style; nil for none.
func (s *sheet) paragraph(text string, as style) *layout.Paragraph {
	runs := s.runs(strings.TrimSpace(text), as)
	if len(runs) == 0 {
		return nil
	}
	return layout.NewStyledParagraph(runs...).SetLeading(leading)
}

func (s *sheet) heading(text string, level layout.HeadingLevel, size float64) *layout.Heading {
	h := layout.NewHeadingEmbedded(text, level, s.bold)
	h.SetRuns(s.runs(text, style{size: size, bold: true, colour: ink}))
	return h
}

// head is what stands above the posts. It comes last: only then is known what is
// not there.
func (s *sheet) head() []layout.Element {
	out := []layout.Element{s.heading(s.page.Title, layout.H1, sizeTitle)}
	if p := s.paragraph(s.page.Description, style{size: sizeText + 1, colour: ink}); p != nil {
		out = append(out, p.SetSpaceAfter(4))
	}
	note := s.words.T("saved") + " " + s.words.Date(s.page.SavedAt) + "."
	if n := s.pictures.left; n > 0 {
		note += " " + s.words.Count("pictures_left", n)
	}
	if n := len(s.missing); n > 0 {
		note += " " + s.words.Count("unknown", n)
	}
	return append(out, s.paragraph(note, style{size: sizeNote, colour: quiet}).SetSpaceAfter(6))
}

func (s *sheet) sections() []layout.Element {
	var out []layout.Element
	for _, section := range s.page.Sections {
		top, level := s.top(section)
		posts := section.Posts
		if len(posts) > 0 && together(posts[0]) {
			// A heading alone at the foot of a page is of nothing.
			top, posts = append(top, s.post(posts[0], level)), posts[1:]
		}
		first := layout.NewDiv().SetTag("Sect").SetKeepTogether(true)
		for _, one := range top {
			first.Add(one)
		}
		out = append(out, first)
		for _, post := range posts {
			out = append(out, s.post(post, level))
		}
	}
	return out
}

// top is what stands above the posts of a section, and of which level their
// headings are.
func (s *sheet) top(section archive.Section) (out []layout.Element, level layout.HeadingLevel) {
	title := section.Title
	switch {
	case title == "" && len(s.page.Sections) > 1:
		title = s.words.T("loose")
	case section.Hidden:
		title += " (" + s.words.T("hidden") + ")"
	}
	level = layout.H2
	if title != "" {
		level = layout.H3
		out = append(out, s.heading(title, layout.H2, sizeSection).SetBookmarkClosed(true))
	}
	if p := s.paragraph(section.Description, style{size: sizeText, colour: quiet}); p != nil {
		out = append(out, p.SetSpaceAfter(6))
	}
	if len(section.Posts) == 0 {
		out = append(out, s.paragraph(s.words.T("none"), style{size: sizeText, slanted: true, colour: quiet}).SetSpaceAfter(10))
	}
	return out, level
}

package archive

import (
	_ "embed"
	"html/template"
	"io"
	"time"
)

// Page is what people read: no script, nothing from elsewhere, and nothing but
// what is beside it.
type Page struct {
	// Language is fr or en: of the words around what people wrote.
	Language           string
	Title, Description string
	SavedAt            time.Time
	// Sections hold the posts; one without a title holds those of no section.
	Sections []Section
	// Missing counts the files that are not there.
	Missing int
}

// Section is one part of a wall.
type Section struct {
	Title, Description string
	Hidden             bool
	Posts              []Post
}

// Post is one contribution.
type Post struct {
	ID, Title, Author, Group, Colour string
	Trainer                          bool
	At                               time.Time
	// State is published, pending or rejected; Reason says why the latter.
	State, Reason string
	// Body is canonical HTML, as it is stored.
	Body        template.HTML
	Attachments []Attachment
	// Scale is like, stars or votes; empty for none. Given counts what the post has.
	Scale    string
	Given    int
	Average  float64
	Comments []Comment
}

// Attachment is one piece of content. Files are paths beside the page.
type Attachment struct {
	// Kind is link, picture, file, audio, video, or captions.
	Kind, Name, Caption, Alt string
	// URL and About are of a link: its address, and what its page says of itself.
	URL, About string
	// File is what is kept, Shown what is looked at, Poster what shows it.
	File, Shown, Poster string
	Type                string
	Width, Height       int
	Size                int64
	// Captions are the file that says what is said, Language theirs.
	Captions, Language string
	Missing            bool
}

// Said counts what was said to it, replies too.
func (p Post) Said() int {
	n := len(p.Comments)
	for _, c := range p.Comments {
		n += len(c.Replies)
	}
	return n
}

// Comment is what was said to a post.
type Comment struct {
	Author, State string
	Trainer       bool
	At            time.Time
	Body          template.HTML
	Replies       []Comment
}

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

func (p Page) write(w io.Writer) error {
	words := WordsOf(p.Language)
	p.Language = words.Language
	t, err := template.New(PageName).Funcs(template.FuncMap{
		"t": words.T, "date": words.Date, "size": words.Size, "given": words.Given, "count": words.Count,
		"iso":   func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"style": func() template.CSS { return template.CSS(pageStyle) }, //nolint:gosec // our own
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

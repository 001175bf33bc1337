package archive

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
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
	words := languages[p.Language]
	if words == nil {
		p.Language, words = "fr", languages["fr"]
	}
	t, err := template.New(PageName).Funcs(template.FuncMap{
		"t":     func(key string) string { return words[key] },
		"date":  func(at time.Time) string { return dateIn(p.Language, at) },
		"iso":   func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"size":  func(n int64) string { return sizeIn(p.Language, n) },
		"given": func(post Post) string { return givenIn(p.Language, post) },
		"count": func(what string, n int) string { return countIn(words, what, n) },
		"style": func() template.CSS { return template.CSS(pageStyle) }, //nolint:gosec // our own
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

var languages = map[string]map[string]string{
	"fr": {
		"colon": "\u00a0: ", "saved": "Copie du", "read_only": "Cette page se lit sans connexion. Pour en refaire un mur : « Mes murs », puis « Importer ».",
		"trainer": "formation", "pending": "en attente", "rejected": "refusée", "hidden": "section masquée", "group": "groupe",
		"none": "Aucune publication", "no_title": "Publication", "loose": "Sans section", "missing": "Ce fichier n’était pas disponible quand la copie a été faite.",
		"file": "Fichier", "original": "Fichier d’origine", "captions": "Sous-titres", "pictures_of": "Première page",
		"missing_1": "Un fichier manque dans cette copie.", "missing_n": "%d fichiers manquent dans cette copie.",
		"comments_1": "1 commentaire", "comments_n": "%d commentaires", "posts_1": "1 publication", "posts_n": "%d publications",
	},
	"en": {
		"colon": ": ", "saved": "Copy of", "read_only": "This page reads without a connection. To make a wall of it again: “My walls”, then “Import”.",
		"trainer": "trainer", "pending": "pending", "rejected": "rejected", "hidden": "hidden section", "group": "group",
		"none": "No posts", "no_title": "Post", "loose": "Without a section", "missing": "This file was not available when the copy was made.",
		"file": "File", "original": "Original file", "captions": "Captions", "pictures_of": "First page",
		"missing_1": "One file is missing from this copy.", "missing_n": "%d files are missing from this copy.",
		"comments_1": "1 comment", "comments_n": "%d comments", "posts_1": "1 post", "posts_n": "%d posts",
	},
}

var frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

func dateIn(language string, at time.Time) string {
	at = at.UTC()
	if language == "en" {
		return at.Format("2 January 2006")
	}
	day := fmt.Sprint(at.Day())
	if at.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d", day, frenchMonths[at.Month()-1], at.Year())
}

// decimal writes a number of one decimal as a language does.
func decimal(language string, f float64) string {
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0")
	if language != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

func sizeIn(language string, n int64) string {
	units := []string{"o", "ko", "Mo", "Go"}
	if language == "en" {
		units = []string{"B", "kB", "MB", "GB"}
	}
	f, unit := float64(n), 0
	for f >= 1000 && unit < len(units)-1 {
		f, unit = f/1000, unit+1
	}
	return decimal(language, f) + "\u00a0" + units[unit]
}

func countIn(words map[string]string, what string, n int) string {
	if n == 1 {
		return words[what+"_1"]
	}
	return fmt.Sprintf(words[what+"_n"], n)
}

// givenIn says what a post was given.
func givenIn(language string, p Post) string {
	many := ""
	if p.Given > 1 {
		many = "s"
	}
	switch english := language == "en"; {
	case p.Given == 0:
		return ""
	case p.Scale == "stars" && english:
		return fmt.Sprintf("%s stars out of 5 (%d)", decimal(language, p.Average), p.Given)
	case p.Scale == "stars":
		return fmt.Sprintf("%s étoiles sur 5 (%d avis)", decimal(language, p.Average), p.Given)
	case p.Scale == "votes" && english:
		return fmt.Sprintf("%d vote%s", p.Given, many)
	case p.Scale == "votes":
		return fmt.Sprintf("%d voix", p.Given)
	case english:
		return fmt.Sprintf("%d like%s", p.Given, many)
	default:
		return fmt.Sprintf("%d « j’aime »", p.Given)
	}
}

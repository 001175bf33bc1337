// Package sheet writes the contributions of a wall as a CSV file that
// spreadsheets open as it is meant: UTF-8 with a mark, the separator that the
// language's spreadsheets expect, and no text that is taken for a formula.
package sheet

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
)

// Row is one post or comment. All of it is plain text.
type Row struct {
	// Comment tells a comment from a post.
	Comment bool
	// ID names it; Post is the post of a comment, ReplyTo what a reply is to.
	ID, Post, ReplyTo string
	Section, Author   string
	Title, Text       string
	// Links are addresses, Files the names of uploads.
	Links, Files []string
	// State is published, pending or rejected.
	State     string
	CreatedAt time.Time
	// Reactions count people, or votes; Sum adds up stars.
	Reactions, Sum int
}

// words are those of a language, in the order of the columns.
type words struct {
	separator rune
	columns   []string
	post      string
	comment   string
	states    map[string]string
}

var languages = map[string]words{
	"fr": {
		separator: ';', post: "publication", comment: "commentaire",
		columns: []string{"type", "identifiant", "publication", "en réponse à", "section", "auteur", "titre", "texte", "liens", "fichiers", "état", "date (UTC)", "réactions", "total"},
		states:  map[string]string{"published": "publiée", "pending": "en attente", "rejected": "refusée"},
	},
	"en": {
		separator: ',', post: "post", comment: "comment",
		columns: []string{"kind", "id", "post", "in reply to", "section", "author", "title", "text", "links", "files", "state", "date (UTC)", "reactions", "total"},
		states:  map[string]string{"published": "published", "pending": "pending", "rejected": "rejected"},
	},
}

// mark tells spreadsheets that the file is UTF-8.
const mark = "\uFEFF"

// CSV writes rows in a language, French for one that it does not know.
func CSV(language string, rows []Row) ([]byte, error) {
	w, known := languages[language]
	if !known {
		w = languages["fr"]
	}
	out := bytes.NewBufferString(mark)
	sheet := csv.NewWriter(out)
	sheet.Comma, sheet.UseCRLF = w.separator, true
	if err := sheet.Write(w.columns); err != nil {
		return nil, err
	}
	for _, r := range rows {
		kind := w.post
		if r.Comment {
			kind = w.comment
		}
		cells := []string{
			kind, r.ID, r.Post, r.ReplyTo, r.Section, r.Author, r.Title, r.Text, strings.Join(r.Links, "\n"), strings.Join(r.Files, "\n"),
			w.states[r.State], r.CreatedAt.UTC().Format(time.DateTime), "", "",
		}
		if !r.Comment {
			cells[12], cells[13] = strconv.Itoa(r.Reactions), strconv.Itoa(r.Sum)
		}
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		if err := sheet.Write(cells); err != nil {
			return nil, err
		}
	}
	sheet.Flush()
	return out.Bytes(), sheet.Error()
}

// inert keeps a spreadsheet from taking what somebody wrote for a formula: also
// after what it skips at the beginning. A number with a sign stays one.
func inert(cell string) string {
	start := strings.TrimLeft(cell, " \u00a0\u200b\ufeff\x00")
	if start == "" || !strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(start)[0]) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

package archive

import (
	"fmt"
	"strings"
	"time"
)

var languages = map[string]map[string]string{
	"fr": {
		"colon": "\u00a0: ", "saved": "Copie du", "read_only": "Cette page se lit sans connexion. Pour en refaire un mur : « Mes murs », puis « Importer ».",
		"trainer": "formation", "pending": "en attente", "rejected": "refusée", "hidden": "section masquée", "group": "groupe",
		"none": "Aucune publication", "no_title": "Publication", "loose": "Sans section", "missing": "Ce fichier n’était pas disponible quand la copie a été faite.",
		"file": "Fichier", "original": "Fichier d’origine", "captions": "Sous-titres", "pictures_of": "Première page",
		"missing_1": "Un fichier manque dans cette copie.", "missing_n": "%d fichiers manquent dans cette copie.",
		"file_of_picture": "Image", "file_of_file": "Fichier", "file_of_audio": "Son", "file_of_video": "Vidéo", "file_of_captions": "Sous-titres",
		"picture_left":    "Elle n’est pas dans ce document ; elle est sur le mur et dans son archive ZIP.",
		"pictures_left_1": "Une image n’y est pas : elle est sur le mur et dans son archive ZIP.", "pictures_left_n": "%d images n’y sont pas : elles sont sur le mur et dans son archive ZIP.",
		"unknown_1": "Un caractère n’a pas de dessin ici (□) : il se lit sur le mur.", "unknown_n": "%d caractères différents n’ont pas de dessin ici (□) : ils se lisent sur le mur.",
		"comments_1": "1 commentaire", "comments_n": "%d commentaires", "posts_1": "1 publication", "posts_n": "%d publications",
	},
	"en": {
		"colon": ": ", "saved": "Copy of", "read_only": "This page reads without a connection. To make a wall of it again: “My walls”, then “Import”.",
		"trainer": "trainer", "pending": "pending", "rejected": "rejected", "hidden": "hidden section", "group": "group",
		"none": "No posts", "no_title": "Post", "loose": "Without a section", "missing": "This file was not available when the copy was made.",
		"file": "File", "original": "Original file", "captions": "Captions", "pictures_of": "First page",
		"missing_1": "One file is missing from this copy.", "missing_n": "%d files are missing from this copy.",
		"file_of_picture": "Picture", "file_of_file": "File", "file_of_audio": "Sound", "file_of_video": "Video", "file_of_captions": "Captions",
		"picture_left":    "It is not in this document; it is on the wall and in its ZIP archive.",
		"pictures_left_1": "One picture is not in it: it is on the wall and in its ZIP archive.", "pictures_left_n": "%d pictures are not in it: they are on the wall and in its ZIP archive.",
		"unknown_1": "One character has no shape here (□): it reads on the wall.", "unknown_n": "%d different characters have no shape here (□): they read on the wall.",
		"comments_1": "1 comment", "comments_n": "%d comments", "posts_1": "1 post", "posts_n": "%d posts",
	},
}

// Words are those around what people wrote, in one language.
type Words struct {
	// Language is fr or en.
	Language string
	of       map[string]string
}

// WordsOf gives those of a language; French for one that is not known.
func WordsOf(language string) Words {
	if of := languages[language]; of != nil {
		return Words{language, of}
	}
	return Words{"fr", languages["fr"]}
}

// T is one word, by its name.
func (w Words) T(key string) string { return w.of[key] }

var frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}

// Date is a day, in words.
func (w Words) Date(at time.Time) string {
	at = at.UTC()
	if w.Language == "en" {
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

// Size is a number of bytes, in words.
func (w Words) Size(n int64) string {
	units := []string{"o", "ko", "Mo", "Go"}
	if w.Language == "en" {
		units = []string{"B", "kB", "MB", "GB"}
	}
	f, unit := float64(n), 0
	for f >= 1000 && unit < len(units)-1 {
		f, unit = f/1000, unit+1
	}
	return decimal(w.Language, f) + "\u00a0" + units[unit]
}

// Count says how many of something there are.
func (w Words) Count(what string, n int) string {
	if n == 1 {
		return w.of[what+"_1"]
	}
	return fmt.Sprintf(w.of[what+"_n"], n)
}

// Given says what a post was given.
func (w Words) Given(p Post) string {
	language := w.Language
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

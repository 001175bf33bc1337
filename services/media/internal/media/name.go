package media

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is in bytes, since an object store on a disk may take 255 for one
// part of a key.
const maxName = 150

// FileName is what a file is called when it is saved: its author's name for it
// without what some disk or browser would stumble over, and with the extension
// that it really has.
func FileName(given, extension string) string {
	if i := strings.LastIndexByte(given, '.'); i > 0 && len(given)-i <= 6 {
		given = given[:i]
	}
	stem := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return -1
		case strings.ContainsRune(`/\:*?"<>|%#;`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, given)
	stem = strings.Trim(strings.Join(strings.Fields(stem), " "), " .")
	for len(stem) > maxName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	if stem == "" {
		stem = "fichier"
	}
	return stem + "." + extension
}

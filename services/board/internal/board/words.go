package board

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold brings a text to words of plain lower-case letters and digits, one space
// between them.
func fold(text string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(text) {
		switch plain, known := plainLetters[r]; {
		case known:
			out.WriteString(plain)
		case unicode.Is(unicode.Mn, r): // an accent apart from its letter
		case unicode.Is(unicode.Cf, r): // seen by nobody, such as a soft hyphen
		case unicode.IsLetter(r), unicode.IsDigit(r):
			out.WriteRune(r)
		default:
			out.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// plainLetters are those of European languages without their accents.
var plainLetters = func() map[rune]string {
	m := map[rune]string{'œ': "oe", 'æ': "ae", 'ß': "ss", 'ø': "o", 'đ': "d", 'ł': "l"}
	for plain, accented := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭįı", "j": "ĵ",
		"k": "ķ", "l": "ĺļľ", "n": "ñńņň", "o": "òóôõöōŏő", "r": "ŕŗř", "s": "śŝşš", "t": "ţť", "u": "ùúûüũūŭůűų",
		"w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range accented {
			m[r] = plain
		}
	}
	return m
}()

// textOf is the text of sanitised HTML: its tags are gone, its blocks apart.
func textOf(body string) string {
	var out strings.Builder
	for rest := body; rest != ""; {
		text, tag, found := strings.Cut(rest, "<")
		out.WriteString(html.UnescapeString(text))
		if !found {
			break
		}
		name, after, _ := strings.Cut(tag, ">")
		if !inlineTag(name) {
			out.WriteByte('\n')
		}
		rest = after
	}
	return strings.TrimSpace(out.String())
}

// lengthOf counts the characters of sanitised HTML as whoever writes them does:
// without its tags, and without the breaks that those make.
func lengthOf(body string) int {
	text := textOf(body)
	return utf8.RuneCountInString(text) - strings.Count(text, "\n")
}

// inlineTag tells a tag that stands within a word or a line.
func inlineTag(tag string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
	switch name {
	case "strong", "em", "a":
		return true
	default:
		return false
	}
}

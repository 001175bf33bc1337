package board

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"fresque.dev/services/internal/fault"
)

// Limits of what a person may write. Lengths are in Unicode characters.
const (
	MaxBoardTitle       = 200
	MaxBoardDescription = 2000
	MaxName             = 60
	MaxPostTitle        = 200
	// MaxPostBody is of HTML, as received and as stored.
	MaxPostBody    = 20_000
	MaxAttachments = 10
	MaxURL         = 2000
	MaxCaption     = 500
	MaxFileName    = 200
)

// faults gathers what is wrong with one input, so that all is told at once.
type faults []*fault.Fault

func (f *faults) add(fl *fault.Fault) {
	if fl != nil {
		*f = append(*f, fl)
	}
}

// err is nil, or one fault of kind Invalid that holds them all.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "invalid_input")
	e.Details = f
	return e
}

// oneLine trims, folds white space and drops what does not print.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(printable, s)), " ")
}

// fileName is a file's name without its path, on one line. One that is too long
// keeps its extension.
func fileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = oneLine(s)
	extension := path.Ext(s)
	if len(extension) > 10 {
		extension = ""
	}
	if utf8.RuneCountInString(s) > MaxFileName {
		s = shorten(s, MaxFileName-utf8.RuneCountInString(extension)) + extension
	}
	return s
}

// plainText keeps line breaks, and drops what does not print.
func plainText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return printable(r)
	}, s))
}

// printable maps what could reorder, hide or break text away: controls become
// spaces, bidirectional overrides and invalid bytes vanish.
func printable(r rune) rune {
	switch {
	case r == utf8.RuneError:
		return -1
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return -1
	case unicode.IsControl(r):
		return ' '
	}
	return r
}

// tooLong checks a length in characters.
func tooLong(field, s string, most int) *fault.Fault {
	if utf8.RuneCountInString(s) <= most {
		return nil
	}
	return fault.New(fault.Invalid, "too_long").At(field).With("max", most)
}

// required checks that something was written.
func required(field, s string) *fault.Fault {
	if s != "" {
		return nil
	}
	return fault.New(fault.Invalid, "required").At(field)
}

// ParseID reads a UUID in its canonical form, in either case; false for
// anything else, the nil UUID included.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return "", false
	}
	zero := true
	for i, r := range s {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if r != '-' {
				return "", false
			}
		case r >= '0' && r <= '9', r >= 'a' && r <= 'f', r >= 'A' && r <= 'F':
			zero = zero && r == '0'
		default:
			return "", false
		}
	}
	return ID(strings.ToLower(s)), !zero
}

// shorten cuts a text at a length.
func shorten(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// shortened puts a name of a platform's on one line, cut at a length so that it
// is seen: a site has names longer than ours, and its people must come in all
// the same.
func shortened(name string, most int) string {
	name = oneLine(name)
	if cut := shorten(name, most); cut == name {
		return name
	}
	return strings.TrimSpace(shorten(name, most-1)) + "…"
}

package unfurl_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"fresque.dev/services/media/internal/unfurl"
)

func FuzzLine(f *testing.F) {
	f.Add("Un titre\u202e\x00 \n long", 5)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most = max(2, most%1000)
		got := unfurl.Line(s, most)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("got %q", got)
		}
	})
}

package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, raw []byte, comma rune) [][]string {
	t.Helper()
	if !bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")) {
		t.Error("no mark of UTF-8")
	}
	in := csv.NewReader(bytes.NewReader(raw[3:]))
	in.Comma = comma
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRowsComeBackInBothLanguages(t *testing.T) {
	at := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	rows := []Row{
		{ID: "1", Section: "Mythes", Author: "Zoé", Title: "L’« été »; oui, \"bien\"", Text: "deux\nlignes", Links: []string{"https://a.example", "https://b.example"}, Files: []string{"a.pdf"}, State: "pending", CreatedAt: at, Reactions: 2, Sum: 9},
		{Comment: true, ID: "2", Post: "1", ReplyTo: "3", Author: "Ada", Text: "Oui", State: "published", CreatedAt: at},
	}
	for language, comma := range map[string]rune{"fr": ';', "en": ',', "": ';'} {
		raw, err := CSV(language, rows)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, raw, comma)
		if len(got) != 3 || got[1][6] != rows[0].Title || got[1][7] != "deux\nlignes" || got[1][8] != "https://a.example\nhttps://b.example" || got[1][11] != "2026-03-02 09:30:00" ||
			got[1][12] != "2" || got[1][13] != "9" || got[2][2] != "1" || got[2][3] != "3" || got[2][12] != "" || got[2][0] == got[1][0] || got[1][10] == got[2][10] {
			t.Errorf("%q: %q", language, got)
		}
	}
	for _, w := range languages {
		if len(w.columns) != 14 || len(w.states) != 3 {
			t.Errorf("columns %q, states %q", w.columns, w.states)
		}
	}
}

func TestNothingIsAFormula(t *testing.T) {
	for _, hostile := range []string{
		"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =cmd|' /C calc'!A0", "\u00a0=1", "\ufeff=1", "＝1+1", "|x", "%0A", "=HYPERLINK(\"http://evil.example\")", "-",
	} {
		raw, err := CSV("en", []Row{{Title: hostile, Text: hostile, Author: hostile, Section: hostile, Files: []string{hostile}, Links: []string{hostile}}})
		if err != nil {
			t.Fatal(err)
		}
		for i, cell := range read(t, raw, ',')[1][4:10] {
			if cell != "" && strings.Contains(strings.ReplaceAll(cell, "\r\n", "\n"), strings.ReplaceAll(hostile, "\r\n", "\n")) && !strings.HasPrefix(cell, "'") {
				t.Errorf("%q, cell %d: %q", hostile, i, cell)
			}
		}
	}
	for _, harmless := range []string{"Bonjour", "-5", "+3.5", "a=b", "1-2", "", "é"} {
		if got := inert(harmless); got != harmless {
			t.Errorf("%q became %q", harmless, got)
		}
	}
}

package paper

import (
	_ "embed"
	"fmt"
	"unicode"

	"github.com/carlos7ags/folio/font"
	"github.com/carlos7ags/folio/layout"
	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/go-fonts/dejavu/dejavusanscondensedoblique"
)

//go:embed font/NotoEmoji-Regular.ttf
var emoji []byte

// unknown stands for a character that no font here has.
const unknown = '□'

// fonts are those of one document: each notes which characters it is asked for.
type fonts struct {
	plain, bold, slanted, emoji *font.EmbeddedFont
	// missing are the characters that no font has.
	missing map[rune]bool
}

func newFonts() (*fonts, error) {
	f := &fonts{missing: make(map[rune]bool)}
	for _, one := range []struct {
		into **font.EmbeddedFont
		raw  []byte
	}{{&f.plain, dejavusanscondensed.TTF}, {&f.bold, dejavusanscondensedbold.TTF}, {&f.slanted, dejavusanscondensedoblique.TTF}, {&f.emoji, emoji}} {
		face, err := font.ParseTTF(one.raw)
		if err != nil {
			return nil, fmt.Errorf("paper: font: %w", err)
		}
		*one.into = font.NewEmbeddedFont(face)
	}
	return f, nil
}

// style is how some text looks.
type style struct {
	size          float64
	bold, slanted bool
	colour        layout.Color
	link          string
}

// runs are pieces of text, each in a font that has its characters.
func (f *fonts) runs(text string, s style) []layout.TextRun {
	var out []layout.TextRun
	var in *font.EmbeddedFont
	var part []rune
	flush := func() {
		if len(part) > 0 {
			run := layout.NewRunEmbedded(string(part), in, s.size).WithColor(s.colour)
			if s.link != "" {
				run = run.WithLinkURI(s.link).WithUnderline()
			}
			out = append(out, run)
		}
		part = part[:0]
	}
	for _, r := range text {
		if r == '\t' || r == '\n' {
			r = ' '
		}
		face, r := f.of(r, in, s)
		if face == nil {
			continue
		}
		if face != in {
			flush()
			in = face
		}
		part = append(part, r)
	}
	flush()
	return out
}

// of is the font for a character, and what is drawn for it; none for what only
// shapes its neighbours, and which these fonts cannot do with.
func (f *fonts) of(r rune, before *font.EmbeddedFont, s style) (*font.EmbeddedFont, rune) {
	text := f.plain
	switch {
	case s.bold:
		text = f.bold
	case s.slanted:
		text = f.slanted
	}
	has := func(in *font.EmbeddedFont) bool { return in.Face().GlyphIndex(r) != 0 }
	switch {
	case before == f.emoji && r >= 0x1F3FB && r <= 0x1F3FF:
		return nil, r // the colour of a skin, in a font that has none
	case r >= 0x1F000 && has(f.emoji):
		return f.emoji, r
	case before == f.emoji && unicode.Is(unicode.Cf, r):
		return nil, r
	case has(text):
		return text, r
	case has(f.plain):
		return f.plain, r
	case has(f.emoji):
		return f.emoji, r
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector):
		return nil, r
	}
	f.missing[r] = true
	return f.plain, unknown
}

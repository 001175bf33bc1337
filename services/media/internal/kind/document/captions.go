package document

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

const (
	// maxCaptions is the most bytes of captions: those of some ten hours.
	maxCaptions = 1 << 20
	maxCues     = 20_000
	// maxCueLines is the most lines that are shown at once.
	maxCueLines = 8
)

// cue is what is said from one moment to another, in milliseconds.
type cue struct {
	from, to int
	lines    []string
}

var (
	timing = regexp.MustCompile(`^\s*(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})[ \t]+-->[ \t]+(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})(?:\s|$)`)
	// styling is what WebVTT and SubRip have within a cue: tags, moments, places.
	styling = regexp.MustCompile(`<[^<>]*>|\{\\[^{}]*\}`)
)

// checkCaptions refuses what is no captions, and more than anybody says.
func checkCaptions(f kind.File) media.Code {
	if f.Size > maxCaptions {
		return media.NotCaptions
	}
	if code := checkText(f); code != "" {
		return code
	}
	cues, err := readCaptions(f)
	if err != nil || len(cues) == 0 || len(cues) > maxCues {
		return media.NotCaptions
	}
	return ""
}

// writeCaptions makes WebVTT anew, of words and times alone: styles, regions,
// places, notes and tags are left out, whichever program reads it.
func writeCaptions(f kind.File, out kind.Output) error {
	cues, err := readCaptions(f)
	if err != nil {
		return err
	}
	return out.File(extensions[vtt], func(w io.Writer) error {
		var b strings.Builder
		b.WriteString("WEBVTT\n")
		for _, c := range cues {
			fmt.Fprintf(&b, "\n%s --> %s\n", moment(c.from), moment(c.to))
			for _, line := range c.lines {
				b.WriteString(escapeCue.Replace(line) + "\n")
			}
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

var escapeCue = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func moment(ms int) string {
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// readCaptions reads WebVTT and SubRip alike: blocks between empty lines, of
// which those with a timing are cues. In the order of their times.
func readCaptions(f kind.File) ([]cue, error) {
	text, err := captionsText(f)
	if err != nil {
		return nil, err
	}
	var cues []cue
	for _, block := range strings.Split(text, "\n\n") {
		if c, ok := readCue(block); ok {
			cues = append(cues, c)
		}
	}
	slices.SortStableFunc(cues, func(a, b cue) int { return cmp.Compare(a.from, b.from) })
	return cues, nil
}

// captionsText is the file in UTF-8, with plain line ends.
func captionsText(f kind.File) (string, error) {
	if f.Size > maxCaptions {
		return "", errNoText
	}
	how, err := encodingOf(f)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := readText(f, how, &b); err != nil {
		return "", err
	}
	text := strings.TrimPrefix(b.String(), byteOrderMark)
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text, nil
}

// readCue reads one block; false for what shows nothing: a header, a style, a
// note, a cue without words or that ends before it begins.
func readCue(block string) (cue, bool) {
	lines := strings.Split(strings.Trim(block, "\n"), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "-->") })
	if at < 0 || at > 1 {
		return cue{}, false
	}
	m := timing.FindStringSubmatch(lines[at])
	if m == nil {
		return cue{}, false
	}
	c := cue{from: milliseconds(m[1:5]), to: milliseconds(m[5:9])}
	for _, line := range lines[at+1:] {
		if words := cueWords(line); words != "" && len(c.lines) < maxCueLines {
			c.lines = append(c.lines, words)
		}
	}
	return c, c.to > c.from && len(c.lines) > 0
}

// cueWords are the words of a line: its tags are taken out, its entities are
// what they stand for. What looks like a tag after that is words.
func cueWords(line string) string {
	line = styling.ReplaceAllString(line, "")
	clean := func(r rune) rune {
		if !isText(r) || r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}
	return strings.TrimSpace(strings.Map(clean, html.UnescapeString(line)))
}

// milliseconds of hours (may be empty), minutes, seconds and a fraction.
func milliseconds(parts []string) int {
	n := func(digits string) int {
		v, err := strconv.Atoi(digits)
		if err != nil {
			return 0 // no hours
		}
		return v
	}
	fraction := (parts[3] + "00")[:3]
	return ((n(parts[0])*60+n(parts[1]))*60+n(parts[2]))*1000 + n(fraction)
}

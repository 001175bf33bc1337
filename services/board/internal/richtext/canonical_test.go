package richtext_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checker is a strict parser of the canonical form, written from the grammar in
// docs/richtext.md and from nothing else.
type checker struct{ rest string }

const maxDepth = 4

var (
	anchor = regexp.MustCompile(`^<a href="([^"<>]*)" rel="noopener noreferrer nofollow ugc" target="_blank">`)
	webURL = regexp.MustCompile(`^https?://[a-z0-9._\-\[\]:]+/([A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=#]|%[0-9A-Fa-f]{2})*$`)
	mailTo = regexp.MustCompile(`^mailto:[A-Za-z0-9.!$*+=_'~-]+@[A-Za-z0-9.-]+$`)
)

// checkCanonical tells what keeps s from being canonical.
func checkCanonical(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("not UTF-8")
	}
	c := &checker{rest: s}
	if err := c.blocks(); err != nil {
		return fmt.Errorf("%w, before %.60q", err, c.rest)
	}
	return nil
}

func (c *checker) took(prefix string) bool {
	rest, ok := strings.CutPrefix(c.rest, prefix)
	c.rest = rest
	return ok
}

// block* with no empty paragraph at either end or beside another.
func (c *checker) blocks() error {
	empty := true
	for c.rest != "" {
		if c.took("<p></p>") {
			if empty {
				return errors.New("empty paragraph")
			}
			empty = true
			if c.rest == "" {
				return errors.New("empty paragraph at the end")
			}
			continue
		}
		empty = false
		if err := c.block(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) block() error {
	if c.took("<p>") {
		return c.textUpTo("</p>")
	}
	if took, err := c.list(1); took || err != nil {
		return err
	}
	return errors.New("no block")
}

func (c *checker) list(depth int) (bool, error) {
	for _, name := range []string{"ul", "ol"} {
		if !c.took("<" + name + ">") {
			continue
		}
		if depth > maxDepth {
			return true, errors.New("list too deep")
		}
		return true, c.items(depth, "</"+name+">")
	}
	return false, nil
}

func (c *checker) items(depth int, end string) error {
	for {
		if !c.took("<li>") {
			return errors.New("no item")
		}
		if err := c.item(depth); err != nil {
			return err
		}
		if c.took(end) {
			return nil
		}
	}
}

func (c *checker) item(depth int) error {
	content := false
	if !strings.HasPrefix(c.rest, "<ul>") && !strings.HasPrefix(c.rest, "<ol>") {
		content = true
		if err := c.text(); err != nil {
			return err
		}
	}
	for {
		took, err := c.list(depth + 1)
		if err != nil {
			return err
		}
		if !took {
			break
		}
		content = true
	}
	if !content || !c.took("</li>") {
		return errors.New("item badly ended")
	}
	return nil
}

func (c *checker) textUpTo(end string) error {
	if err := c.text(); err != nil {
		return err
	}
	if !c.took(end) {
		return fmt.Errorf("no %s", end)
	}
	return nil
}

// text is one block's: it reads all there is and then looks at the whole.
func (c *checker) text() error {
	var seen strings.Builder
	if err := c.inline(&seen, 0); err != nil {
		return err
	}
	s := seen.String()
	switch {
	case blank(s):
		return errors.New("blank text")
	case strings.Trim(s, " \n") != s:
		return errors.New("space or break at an end")
	case strings.Contains(s, "  "), strings.Contains(s, " \n"), strings.Contains(s, "\n "):
		return errors.New("more space than one")
	case strings.Contains(s, "\n\n\n"):
		return errors.New("more breaks than two")
	}
	return nil
}

// Levels of marks, from the outermost: inside one, only a later one may start.
var markElements = []struct{ open, end string }{
	{"<a ", "</a>"}, {"<strong>", "</strong>"}, {"<em>", "</em>"},
}

// inline reads until something that is not text of this level. It writes what a
// reader sees, a break as a newline.
func (c *checker) inline(seen *strings.Builder, level int) error {
	// Before: the mark that just ended, which may not start again at once.
	before := ""
	for {
		start := seen.Len()
		switch next := c.mark(level); {
		case next >= 0:
			open := c.openTag(next)
			if open == "" || open == before {
				return errors.New("bad mark")
			}
			if err := c.marked(seen, next); err != nil {
				return err
			}
			before = open
		case c.took("<br>"):
			seen.WriteByte('\n')
			before = ""
		default:
			if err := c.plain(seen); err != nil {
				return err
			}
			if seen.Len() == start {
				return nil
			}
			before = ""
		}
	}
}

func (c *checker) mark(level int) int {
	for i := level; i < len(markElements); i++ {
		if strings.HasPrefix(c.rest, markElements[i].open) {
			return i
		}
	}
	return -1
}

// openTag gives the tag it took; none for a link that may not be.
func (c *checker) openTag(level int) string {
	tag := markElements[level].open
	if level == 0 {
		m := anchor.FindStringSubmatch(c.rest)
		if m == nil || !validHref(m[1]) {
			return ""
		}
		tag = m[0]
	}
	c.took(tag)
	return tag
}

func (c *checker) marked(seen *strings.Builder, level int) error {
	var inner strings.Builder
	if err := c.inline(&inner, level+1); err != nil {
		return err
	}
	s := inner.String()
	seen.WriteString(s)
	switch {
	case s == "" || strings.HasPrefix(s, "\n") || strings.HasSuffix(s, "\n"):
		return errors.New("empty mark, or a break at its end")
	case level == 0 && blank(s):
		return errors.New("link that is not seen")
	case !c.took(markElements[level].end):
		return errors.New("mark badly ended")
	}
	return nil
}

func validHref(escaped string) bool {
	href := strings.ReplaceAll(escaped, "&amp;", "&")
	if strings.ReplaceAll(href, "&", "&amp;") != escaped || len(href) > 2000 {
		return false
	}
	return webURL.MatchString(href) && strings.Count(href, "#") <= 1 || mailTo.MatchString(href)
}

// plain reads characters and the three entities.
func (c *checker) plain(seen *strings.Builder) error {
	for c.rest != "" && c.rest[0] != '<' {
		switch {
		case c.took("&amp;"):
			seen.WriteByte('&')
		case c.took("&lt;"):
			seen.WriteByte('<')
		case c.took("&gt;"):
			seen.WriteByte('>')
		default:
			r, size := utf8.DecodeRuneInString(c.rest)
			if r == '&' || r == '>' || !allowedRune(r) {
				return fmt.Errorf("character %U", r)
			}
			seen.WriteRune(r)
			c.rest = c.rest[size:]
		}
	}
	return nil
}

func allowedRune(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029, r == 0xfeff,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
		r >= 0xfff9 && r <= 0xfffb, r == 0xfffd,
		r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return false
	}
	return true
}

// blank: white space and characters of format only.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

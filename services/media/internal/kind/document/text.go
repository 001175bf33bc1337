package document

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

var errNoText = errors.New("no text")

// byteOrderMark is that of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// checkText refuses what is no text, and what is a page.
func checkText(f kind.File) media.Code {
	how, err := encodingOf(f)
	if err != nil {
		return media.TypeMismatch
	}
	head := f.Head
	if how != nil {
		head, _ = how.NewDecoder().Bytes(head) // what is cut off at the end does not matter
	}
	if beginsLikePage(bytes.TrimPrefix(head, []byte(byteOrderMark))) {
		return media.TypeMismatch
	}
	return ""
}

// encodingOf tells in which encoding the file is a text; nil for UTF-8.
func encodingOf(f kind.File) (encoding.Encoding, error) {
	switch {
	case bytes.HasPrefix(f.Head, []byte("\xff\xfe")), bytes.HasPrefix(f.Head, []byte("\xfe\xff")):
		utf16 := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
		return utf16, readText(f, utf16, nil)
	case readText(f, nil, nil) == nil:
		return nil, nil
	default:
		return charmap.Windows1252, readText(f, charmap.Windows1252, nil)
	}
}

// readText reads a whole text, in UTF-8 when no encoding is given, and hands it
// on in UTF-8; errNoText when it is none.
func readText(f kind.File, how encoding.Encoding, out io.Writer) error {
	var in io.Reader = io.NewSectionReader(f, 0, f.Size)
	if how != nil {
		in = how.NewDecoder().Reader(in)
	}
	r := bufio.NewReaderSize(in, 1<<16)
	var line []byte
	for {
		c, size, err := r.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return write(out, line)
		case err != nil:
			return err
		case c == utf8.RuneError && (size == 1 || how != nil), !isText(c):
			return errNoText
		}
		if out == nil {
			continue
		}
		if line = utf8.AppendRune(line, c); len(line) > 1<<15 {
			if err := write(out, line); err != nil {
				return err
			}
			line = line[:0]
		}
	}
}

func write(out io.Writer, b []byte) error {
	if out == nil || len(b) == 0 {
		return nil
	}
	_, err := out.Write(b)
	return err
}

// isText tells characters from the controls that no text has.
func isText(c rune) bool {
	switch c {
	case '\t', '\n', '\r', '\f':
		return true
	}
	return c >= 0x20 && (c < 0x7f || c > 0x9f)
}

// rewrite makes UTF-8 of a text in another encoding; false when it is UTF-8
// already. A table gets a byte order mark, by which spreadsheets know UTF-8.
func rewrite(f kind.File, mediaType string, out kind.Output) (bool, error) {
	how, err := encodingOf(f)
	if err != nil || how == nil {
		return false, err
	}
	return true, out.File(extensions[mediaType], func(w io.Writer) error {
		if mediaType == csv {
			if _, err := io.WriteString(w, byteOrderMark); err != nil {
				return err
			}
		}
		return readText(f, how, w)
	})
}

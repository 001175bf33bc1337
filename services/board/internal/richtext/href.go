package richtext

import (
	"regexp"
	"strings"

	"fresque.dev/services/board/internal/embed/weburl"
)

// maxHref bounds an address, in characters, as for an attachment.
const maxHref = 2000

// mailbox is one plain address. Everything else that mailto: can carry (copies,
// a subject, a text to send) is dropped: it is seldom what the reader expects.
var mailbox = regexp.MustCompile(`^[A-Za-z0-9.!$*+=_'~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$`)

// cleanHref gives the canonical form of a link's address; false when it may not
// be one.
func cleanHref(raw string) (string, bool) {
	clean, ok := weburl.Clean(raw)
	if !ok {
		clean, ok = cleanMailto(raw)
	}
	if !ok || len(clean) > maxHref {
		return "", false
	}
	return clean, true
}

func cleanMailto(raw string) (string, bool) {
	scheme, rest, _ := strings.Cut(strings.Trim(raw, " \t\n\f\r"), ":")
	if !strings.EqualFold(scheme, "mailto") {
		return "", false
	}
	address, _, _ := strings.Cut(rest, "?")
	if !mailbox.MatchString(address) {
		return "", false
	}
	return "mailto:" + address, true
}

package picture

import (
	"bytes"
	"strings"

	"fresque.dev/services/media/internal/media"
)

// sniffLen is how many first bytes Sniff needs at most.
const sniffLen = 512

// Format is a picture format that is taken.
type Format string

// The formats that are taken.
const (
	JPEG Format = "image/jpeg"
	PNG  Format = "image/png"
	WebP Format = "image/webp"
	GIF  Format = "image/gif"
)

var extensions = map[Format]string{JPEG: "jpg", PNG: "png", WebP: "webp", GIF: "gif"}

// Sniff tells a file's format from its first bytes, or why it is refused. What
// the sender calls it is never believed.
func Sniff(head []byte) (Format, media.Code) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG, ""
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, ""
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF, ""
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP, ""
	case isOtherPicture(head):
		return "", media.TypeUnsupported
	default:
		return "", media.NotAPicture
	}
}

// isOtherPicture knows the formats that people do send and that are not taken,
// so that the refusal can say "convert it" rather than "no picture".
func isOtherPicture(head []byte) bool {
	for _, magic := range []string{
		"II*\x00", "MM\x00*", "8BPS", "\x00\x00\x01\x00",
		"\xff\x0a", "\x00\x00\x00\x0cJXL ", "\x00\x00\x00\x0cjP  ",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return isBMP(head) || isHEIF(head) || isSVG(head)
}

// isBMP looks at what is reserved too: texts begin with BM as well.
func isBMP(head []byte) bool {
	return len(head) >= 14 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00"
}

func isHEIF(head []byte) bool {
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return false
	}
	switch string(head[8:12]) {
	case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

func isSVG(head []byte) bool {
	text := strings.ToLower(string(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	text = strings.TrimLeft(text, " \t\r\n")
	return strings.HasPrefix(text, "<") && strings.Contains(text, "<svg")
}

package media

import (
	"bytes"
	"strings"
)

// The largest picture that is decoded. A side is what WebP can hold; the
// pixels bound the memory that decoding takes.
const (
	MaxSide   = 16_384
	MaxPixels = 50_000_000
)

// SniffLen is how many first bytes Sniff needs at most.
const SniffLen = 512

// Format is a picture format that is taken.
type Format string

// The formats that are taken.
const (
	JPEG Format = "image/jpeg"
	PNG  Format = "image/png"
	WebP Format = "image/webp"
	GIF  Format = "image/gif"
)

// Sniff tells a file's format from its first bytes (up to SniffLen), or why it
// is refused. What the sender calls it is never believed.
func Sniff(head []byte) (Format, Code) {
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
		return "", TypeUnsupported
	default:
		return "", NotAPicture
	}
}

// isOtherPicture knows the formats that people do send and that are not taken,
// so that the refusal can say "convert it" rather than "no picture".
func isOtherPicture(head []byte) bool {
	for _, magic := range []string{
		"BM", "II*\x00", "MM\x00*", "8BPS", "\x00\x00\x01\x00",
		"\xff\x0a", "\x00\x00\x00\x0cJXL ", "\x00\x00\x00\x0cjP  ",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return isHEIF(head) || isSVG(head)
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

// CheckDeclared refuses a file that its sender calls something else than a
// picture: whoever sends a picture as text/html is up to something. Which kind
// of picture it is called does not matter, as it is made anew anyway.
func CheckDeclared(declared string) Code {
	if declared == "" || strings.HasPrefix(strings.ToLower(declared), "image/") {
		return ""
	}
	return TypeMismatch
}

// CheckSize refuses a picture whose decoding would take too much memory.
func CheckSize(width, height int) Code {
	switch {
	case width < 1 || height < 1:
		return Damaged
	case width > MaxSide || height > MaxSide || int64(width)*int64(height) > MaxPixels:
		return TooManyPixels
	}
	return ""
}

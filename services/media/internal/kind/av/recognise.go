// Package av is the kinds of sounds and videos. What they are said to hold is
// found out, and what browsers play is made, by ffmpeg; nothing that was sent
// is served as it came, where ffmpeg is installed.
package av

import (
	"bytes"
	"encoding/binary"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// container is a form in which sounds and videos are kept.
type container struct {
	// demuxer is the one that ffmpeg may use: others read playlists.
	demuxer string
	// sound and video are what it is called when it holds that; empty when it
	// does not.
	sound, video sort
}

// sort is a type and the extension that such files get.
type sort struct{ mediaType, extension string }

var (
	quicktime = container{"mov", sort{"audio/mp4", "m4a"}, sort{"video/quicktime", "mov"}}
	mp4       = container{"mov", sort{"audio/mp4", "m4a"}, sort{"video/mp4", "mp4"}}
	webm      = container{"matroska", sort{"audio/webm", "weba"}, sort{"video/webm", "webm"}}
	ogg       = container{"ogg", sort{"audio/ogg", "oga"}, sort{}}
	mp3       = container{"mp3", sort{"audio/mpeg", "mp3"}, sort{}}
	aac       = container{"aac", sort{"audio/aac", "aac"}, sort{}}
	wav       = container{"wav", sort{"audio/wav", "wav"}, sort{}}
)

// containers are found again by the extensions that they give.
var containers = []container{quicktime, mp4, webm, ogg, mp3, aac, wav}

// containerOf finds the container of what was recognised.
func containerOf(f kind.Found) container {
	for _, c := range containers {
		if c.sound.mediaType == f.Type || c.video.mediaType == f.Type {
			return c
		}
	}
	return container{}
}

// Recognise knows sounds and videos by their containers. Which of the two it
// is, is as announced, until a tool has looked.
func (Module) Recognise(f kind.File, u media.Upload) (kind.Found, bool) {
	c, whole, ok := recognise(f)
	if !ok {
		return kind.Found{}, false
	}
	found := kind.Found{Kind: media.Audio, Type: c.sound.mediaType, Extension: c.sound.extension}
	if c.video.mediaType != "" && u.Announced() != media.Audio {
		found = kind.Found{Kind: media.Video, Type: c.video.mediaType, Extension: c.video.extension}
	}
	if !whole {
		found.Refusal = media.Damaged
	}
	return found, true
}

// recognise tells the container of a file, and whether all of it is there.
func recognise(f kind.File) (c container, whole, ok bool) {
	h := f.Head
	switch {
	case len(h) >= 12 && string(h[4:8]) == "ftyp":
		if string(h[8:12]) == "qt  " {
			return quicktime, boxesFit(f), true
		}
		return mp4, boxesFit(f), isMP4(string(h[8:12]))
	case len(h) >= 8 && (string(h[4:8]) == "moov" || string(h[4:8]) == "wide" || string(h[4:8]) == "mdat"):
		return quicktime, boxesFit(f), true
	case bytes.HasPrefix(h, []byte("\x1a\x45\xdf\xa3")) && bytes.Contains(h[:min(len(h), 64)], []byte("webm")):
		return webm, segmentFits(f), true
	case bytes.HasPrefix(h, []byte("OggS")):
		return ogg, true, true
	case len(h) >= 12 && string(h[:4]) == "RIFF" && string(h[8:12]) == "WAVE":
		return wav, riffFits(f), true
	case bytes.HasPrefix(h, []byte("ID3")):
		return mp3, true, true
	case len(h) >= 4 && h[0] == 0xff && h[1]&0xf6 == 0xf0:
		return aac, true, true
	case len(h) >= 4 && isMP3Frame(h):
		return mp3, true, true
	}
	return container{}, false, false
}

// isMP4 knows the brands of files for sounds and videos, and not those of
// pictures, which begin the same way.
func isMP4(brand string) bool {
	switch brand {
	case "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4A ", "M4B ", "M4V ", "M4VH", "M4VP", "MSNV", "dash", "mmp4", "f4v ", "3gp4", "3gp5", "3gp6":
		return true
	}
	return false
}

// isMP3Frame looks for the header of a frame of MPEG audio, layer III, in which
// nothing is reserved.
func isMP3Frame(h []byte) bool {
	return h[0] == 0xff && h[1]&0xe0 == 0xe0 && h[1]&0x18 != 0x08 && h[1]&0x06 == 0x02 && h[2]&0xf0 != 0xf0 && h[2]&0x0c != 0x0c
}

// boxesFit walks the outermost boxes of an MP4: a file that was cut off ends
// within one, or has no table of contents.
func boxesFit(f kind.File) bool {
	contents := false
	var head [16]byte
	for at, n := int64(0), 0; at < f.Size; n++ {
		if n > 100_000 {
			return false
		}
		if _, err := f.ReadAt(head[:8], at); err != nil {
			return false
		}
		size := int64(binary.BigEndian.Uint32(head[:4]))
		switch size {
		case 0: // to the end
			size = f.Size - at
		case 1:
			if _, err := f.ReadAt(head[8:16], at+8); err != nil {
				return false
			}
			size = int64(binary.BigEndian.Uint64(head[8:16])) //nolint:gosec // checked below
		}
		if size < 8 || size > f.Size-at {
			return false
		}
		kind := string(head[4:8])
		contents = contents || kind == "moov" || kind == "moof"
		at += size
	}
	return contents
}

// segmentFits compares the length that a WebM tells of its one segment with
// the file's. What is recorded live tells none.
func segmentFits(f kind.File) bool {
	var head [12]byte
	if _, err := f.ReadAt(head[:], 4); err != nil {
		return false
	}
	n, width := varint(head[:])
	at := 4 + int64(width) + n
	if width == 0 || at+12 > f.Size {
		return false
	}
	if _, err := f.ReadAt(head[:], at); err != nil || string(head[:4]) != "\x18\x53\x80\x67" {
		return false
	}
	n, width = varint(head[4:])
	unknown := n == int64(1)<<(7*width)-1
	return width > 0 && (unknown || at+4+int64(width)+n <= f.Size)
}

// varint reads a length of EBML; a width of 0 is none.
func varint(b []byte) (n int64, width int) {
	for width = 1; width <= 8; width++ {
		if b[0]&(0x80>>(width-1)) != 0 {
			break
		}
	}
	if width > 8 || width > len(b) {
		return 0, 0
	}
	n = int64(b[0]) & (0x7f >> (width - 1))
	for _, c := range b[1:width] {
		n = n<<8 | int64(c)
	}
	return n, width
}

// riffFits compares the length that a WAV tells with the file's. What is
// recorded live tells none.
func riffFits(f kind.File) bool {
	n := int64(binary.LittleEndian.Uint32(f.Head[4:8]))
	return n == 0 || n >= 0xffff_0000 || n+8 <= f.Size+1
}

package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"io"
)

// Orientation is the EXIF tag of that name: how a camera held sideways says
// that its pixels are to be turned. 1 to 8; 1 is upright.
type Orientation uint8

const upright Orientation = 1

func (o Orientation) swapsSides() bool { return o >= 5 }

// orient turns and mirrors the pixels as the orientation asks.
func orient(src *image.RGBA, o Orientation) *image.RGBA {
	if o <= upright || o > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if o.swapsSides() {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := 0; y < dh; y++ {
		for x := 0; x < dw; x++ {
			sx, sy := o.source(x, y, w, h)
			copy(dst.Pix[y*dst.Stride+x*4:][:4], src.Pix[sy*src.Stride+sx*4:][:4])
		}
	}
	return dst
}

// source is where the upright pixel x, y is stored in a picture of w by h.
func (o Orientation) source(x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	default:
		return x, y
	}
}

// maxEXIF bounds what is read of an EXIF block. Orientation stands at its
// start; thumbnails come later.
const maxEXIF = 64 << 10

// readOrientation finds the orientation in the metadata of any format. What is
// missing or broken is upright: a picture is not refused for its metadata.
func readOrientation(r *bufio.Reader, format Format) Orientation {
	var exif []byte
	switch format {
	case JPEG:
		exif = exifOfJPEG(r)
	case PNG:
		exif = exifOfPNG(r)
	case WebP:
		exif = exifOfWebP(r)
	}
	return orientationOf(exif)
}

func exifOfJPEG(r *bufio.Reader) []byte {
	if _, err := r.Discard(2); err != nil {
		return nil
	}
	for {
		var h [4]byte
		if _, err := io.ReadFull(r, h[:2]); err != nil || h[0] != 0xff {
			return nil
		}
		for h[1] == 0xff { // fill bytes
			b, err := r.ReadByte()
			if err != nil {
				return nil
			}
			h[1] = b
		}
		if h[1] == 0xda || h[1] == 0xd9 { // the pixels begin, or the end
			return nil
		}
		if _, err := io.ReadFull(r, h[2:]); err != nil {
			return nil
		}
		size := int(binary.BigEndian.Uint16(h[2:])) - 2
		if size < 0 {
			return nil
		}
		if h[1] != 0xe1 {
			if _, err := r.Discard(size); err != nil {
				return nil
			}
			continue
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(r, body); err != nil {
			return nil
		}
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
			return tiff
		}
	}
}

func exifOfPNG(r *bufio.Reader) []byte {
	if _, err := r.Discard(8); err != nil {
		return nil
	}
	for {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil
		}
		size := int64(binary.BigEndian.Uint32(h[:4]))
		switch string(h[4:]) {
		case "eXIf":
			return readUpTo(r, size)
		case "IEND":
			return nil
		}
		if !skip(r, size+4) {
			return nil
		}
	}
}

func exifOfWebP(r *bufio.Reader) []byte {
	if _, err := r.Discard(12); err != nil {
		return nil
	}
	for {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil
		}
		size := int64(binary.LittleEndian.Uint32(h[4:]))
		if string(h[:4]) == "EXIF" {
			return bytes.TrimPrefix(readUpTo(r, size), []byte("Exif\x00\x00"))
		}
		if !skip(r, size+size%2) {
			return nil
		}
	}
}

func readUpTo(r io.Reader, size int64) []byte {
	b, err := io.ReadAll(io.LimitReader(r, min(size, maxEXIF)))
	if err != nil {
		return nil
	}
	return b
}

func skip(r io.Reader, n int64) bool {
	_, err := io.CopyN(io.Discard, r, n)
	return err == nil
}

// orientationOf reads the tag 0x0112 of the first directory of a TIFF block.
func orientationOf(tiff []byte) Orientation {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return upright
	}
	entries := int(order.Uint16(tiff[at:]))
	dir := tiff[at+2:]
	for i := 0; i < entries && len(dir) >= 12; i, dir = i+1, dir[12:] {
		const short = 3
		if order.Uint16(dir) == 0x0112 && order.Uint16(dir[2:]) == short {
			if o := order.Uint16(dir[8:]); o >= 1 && o <= 8 {
				return Orientation(o)
			}
			return upright
		}
	}
	return upright
}

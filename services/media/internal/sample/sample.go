package sample

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
)

// The secrets are in the metadata of every sample. Finding one in a published
// file means that metadata came through.
const (
	SecretMake  = "SECRET-CAMERA-MAKE"
	SecretXMP   = "SECRET-XMP-CREATOR"
	SecretNote  = "SECRET-JPEG-COMMENT"
	SecretPlace = "SECRET-GPS-PLACE"
)

// The colours of the corners, as they are to be seen (orientation applied).
var (
	TopLeft     = color.RGBA{R: 230, G: 20, B: 20, A: 255}
	TopRight    = color.RGBA{R: 20, G: 200, B: 20, A: 255}
	BottomLeft  = color.RGBA{R: 20, G: 20, B: 230, A: 255}
	BottomRight = color.RGBA{R: 230, G: 220, B: 20, A: 255}
)

// Options say what to make.
type Options struct {
	// Width and Height are as seen, in pixels.
	Width, Height int
	// Orientation is the EXIF tag, 1 to 8; pixels are stored accordingly.
	Orientation int
	// Quality is the JPEG encoder's; 0 is 90.
	Quality int
	// Seed makes the noise.
	Seed uint64
}

// TwelveMegapixels is a portrait taken with a phone held upright: stored
// sideways, with orientation 6.
func TwelveMegapixels() Options {
	return Options{Width: 3000, Height: 4000, Orientation: 6, Quality: 92, Seed: 1}
}

// JPEG writes a picture with all the metadata a camera adds.
func JPEG(w io.Writer, o Options) error {
	if o.Quality == 0 {
		o.Quality = 90
	}
	if o.Orientation == 0 {
		o.Orientation = 1
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored(o), &jpeg.Options{Quality: o.Quality}); err != nil {
		return err
	}
	for _, part := range [][]byte{
		{0xff, 0xd8},
		segment(0xe1, append([]byte("Exif\x00\x00"), EXIF(o.Orientation)...)),
		segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x='adobe:ns:meta/'>"+SecretXMP+"</x:xmpmeta>")),
		segment(0xfe, []byte(SecretNote)),
		b.Bytes()[2:],
	} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// Image makes the pixels as seen.
func Image(o Options) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, o.Width, o.Height))
	noise := rand.New(rand.NewPCG(o.Seed, 7))
	for y := range o.Height {
		row := img.Pix[y*img.Stride:]
		wave := 40 * math.Cos(float64(y)/61)
		for x := range o.Width {
			n := int(noise.Uint32() % 20)
			v := int(wave + 40*math.Sin(float64(x)/83))
			row[x*4] = clamp(90 + v + n)
			row[x*4+1] = clamp(x*160/o.Width + 30 + n)
			row[x*4+2] = clamp(y*160/o.Height + 60 + n)
			row[x*4+3] = 255
		}
	}
	side := max(1, min(o.Width, o.Height)/8)
	for _, c := range []struct {
		x, y int
		c    color.RGBA
	}{
		{0, 0, TopLeft}, {o.Width - side, 0, TopRight},
		{0, o.Height - side, BottomLeft}, {o.Width - side, o.Height - side, BottomRight},
	} {
		fill(img, image.Rect(c.x, c.y, c.x+side, c.y+side), c.c)
	}
	return img
}

// stored makes the pixels as a camera stores them for an orientation.
func stored(o Options) *image.RGBA {
	seen := Image(o)
	w, h := o.Width, o.Height
	sw, sh := w, h
	if o.Orientation >= 5 {
		sw, sh = h, w
	}
	img := image.NewRGBA(image.Rect(0, 0, sw, sh))
	for y := range h {
		for x := range w {
			sx, sy := place(o.Orientation, x, y, w, h)
			copy(img.Pix[sy*img.Stride+sx*4:][:4], seen.Pix[y*seen.Stride+x*4:][:4])
		}
	}
	return img
}

// place tells where the pixel seen at x, y is stored, after the table of the
// EXIF 2.32 specification (row 0, column 0 of what is stored is the visual…).
func place(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2: // top, right
		return w - 1 - x, y
	case 3: // bottom, right
		return w - 1 - x, h - 1 - y
	case 4: // bottom, left
		return x, h - 1 - y
	case 5: // left, top
		return y, x
	case 6: // right, top
		return y, w - 1 - x
	case 7: // right, bottom
		return h - 1 - y, w - 1 - x
	case 8: // left, bottom
		return h - 1 - y, x
	default:
		return x, y
	}
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetRGBA(x, y, c)
		}
	}
}

func clamp(v int) uint8 { return uint8(max(0, min(255, v))) }

func segment(marker byte, body []byte) []byte {
	out := []byte{0xff, marker}
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(out, body...)
}

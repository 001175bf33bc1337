package picture

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	xwebp "golang.org/x/image/webp"

	"fresque.dev/services/media/internal/media"
)

// widths are those of the variants, in pixels. A picture is never enlarged.
var widths = []int{320, 640, 1280}

// tallest bounds a variant's height to this many times its nominal width:
// WebP holds no more than 16,383 pixels a side.
const tallest = 8

// Sink takes one encoded variant.
type Sink func(name, mediaType string, width, height int, encode func(io.Writer) error) error

// Render makes all variants of the picture in r and hands them to the sink, by
// ascending width and the fallback last. A Code says why a file is refused; an
// error is the sink's or the encoder's.
func Render(r io.ReadSeeker, sink Sink) (media.Image, media.Code, error) {
	info, code, err := Inspect(r)
	if err != nil || code != "" {
		return media.Image{}, code, err
	}
	base, code := reduced(r, info)
	if code != "" {
		return media.Image{}, code, nil
	}
	p := media.Image{Width: info.Width, Height: info.Height}
	if info.Orientation.swapsSides() {
		p.Width, p.Height = p.Height, p.Width
	}
	variants := scaleAll(base, p.Width, p.Height)
	for _, v := range variants {
		if err := sinkWebP(sink, v); err != nil {
			return p, "", err
		}
	}
	if err := sinkFallback(sink, variants[len(variants)-1]); err != nil {
		return p, "", err
	}
	colour := dominant(variants[0])
	p.Colour = hex(colour)
	p.Placeholder, err = placeholder(variants[0], colour)
	return p, "", err
}

// reduced gives the upright pixels that all variants are made from. Those of
// full size are let go here, before more memory is needed.
func reduced(r io.ReadSeeker, info Info) (*image.RGBA, media.Code) {
	img, code := decode(r, info)
	if code != "" {
		return nil, code
	}
	return orient(shrink(img, info), info.Orientation), ""
}

// Info is what a picture's headers tell.
type Info struct {
	Format Format
	// Width and Height are as stored, before orientation.
	Width, Height int
	Orientation   Orientation
}

// Inspect reads headers only: the format by its magic bytes, the size, the
// orientation. It refuses what is not to be decoded. An error is the reader's.
func Inspect(r io.ReadSeeker) (Info, media.Code, error) {
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Info{}, "", err
	}
	format, code := Sniff(head[:n])
	if code != "" {
		return Info{}, code, nil
	}
	if err := rewind(r); err != nil {
		return Info{}, "", err
	}
	cfg, err := codecs[format].config(bufio.NewReader(r))
	if err != nil {
		return Info{}, refusalOf(err), nil
	}
	if code := media.CheckSize(cfg.Width, cfg.Height); code != "" {
		return Info{}, code, nil
	}
	if err := rewind(r); err != nil {
		return Info{}, "", err
	}
	orientation := readOrientation(bufio.NewReader(r), format)
	return Info{format, cfg.Width, cfg.Height, orientation}, "", nil
}

func rewind(r io.Seeker) error {
	_, err := r.Seek(0, io.SeekStart)
	return err
}

type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// codecs are the only decoders that are ever used: the registry of package
// image would take whatever some dependency registers.
var codecs = map[Format]codec{
	JPEG: {jpeg.DecodeConfig, jpeg.Decode},
	PNG:  {png.DecodeConfig, png.Decode},
	GIF:  {gif.DecodeConfig, gif.Decode}, // the first frame
	WebP: {xwebp.DecodeConfig, xwebp.Decode},
}

// decode decodes what Inspect let through.
func decode(r io.ReadSeeker, info Info) (image.Image, media.Code) {
	if err := rewind(r); err != nil {
		return nil, media.Damaged
	}
	img, err := codecs[info.Format].decode(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, refusalOf(err)
	}
	// A GIF's first frame may be smaller than its canvas. Anything larger than
	// announced is an attempt to get past the gate.
	if !img.Bounds().In(image.Rect(0, 0, info.Width, info.Height)) {
		return nil, media.Damaged
	}
	return img, ""
}

// refusalOf tells a variety of a format that is not taken from a broken file.
func refusalOf(err error) media.Code {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	if errors.As(err, &j) || errors.As(err, &p) {
		return media.TypeUnsupported
	}
	return media.Damaged
}

func sinkWebP(sink Sink, img *image.NRGBA) error {
	b := img.Bounds()
	return sink(fmt.Sprintf("w%d.webp", b.Dx()), "image/webp", b.Dx(), b.Dy(), func(w io.Writer) error {
		return encodeWebP(w, img, 78)
	})
}

// sinkFallback makes the file for readers without WebP.
func sinkFallback(sink Sink, img *image.NRGBA) error {
	b := img.Bounds()
	if img.Opaque() {
		return sink(fmt.Sprintf("w%d.jpg", b.Dx()), "image/jpeg", b.Dx(), b.Dy(), func(w io.Writer) error {
			// The fast path of the JPEG encoder is for RGBA, which is the same
			// as NRGBA when opaque.
			return jpeg.Encode(w, &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}, &jpeg.Options{Quality: 82})
		})
	}
	return sink(fmt.Sprintf("w%d.png", b.Dx()), "image/png", b.Dx(), b.Dy(), func(w io.Writer) error {
		return png.Encode(w, img)
	})
}

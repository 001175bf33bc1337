package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/gen2brain/webp"
	xwebp "golang.org/x/image/webp"

	"fresque.dev/services/media/internal/kind/picture"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/sample"
)

type variant struct {
	name, typ     string
	width, height int
	body          []byte
}

func (v variant) image(t *testing.T) image.Image {
	t.Helper()
	decode := map[string]func(io.Reader) (image.Image, error){
		"image/webp": xwebp.Decode, "image/jpeg": jpeg.Decode, "image/png": png.Decode,
	}[v.typ]
	img, err := decode(bytes.NewReader(v.body))
	if err != nil {
		t.Fatalf("%s: %v", v.name, err)
	}
	if s := img.Bounds().Size(); s != image.Pt(v.width, v.height) {
		t.Fatalf("%s is %v, said to be %dx%d", v.name, s, v.width, v.height)
	}
	return img
}

func render(t *testing.T, file []byte) (media.Image, []variant, media.Code) {
	t.Helper()
	var out []variant
	p, code, err := picture.Render(bytes.NewReader(file), func(name, typ string, w, h int, encode func(io.Writer) error) error {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			return err
		}
		out = append(out, variant{name, typ, w, h, b.Bytes()})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, out, code
}

func sampleJPEG(t *testing.T, o sample.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sample.JPEG(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOrientationIsApplied(t *testing.T) {
	for o := 1; o <= 8; o++ {
		t.Run(fmt.Sprint(o), func(t *testing.T) {
			p, variants, code := render(t, sampleJPEG(t, sample.Options{Width: 360, Height: 240, Orientation: o}))
			if code != "" {
				t.Fatal(code)
			}
			if p.Width != 360 || p.Height != 240 {
				t.Errorf("picture is %dx%d", p.Width, p.Height)
			}
			for _, v := range variants {
				checkCorners(t, v.name, v.image(t))
			}
		})
	}
}

func checkCorners(t *testing.T, name string, img image.Image) {
	t.Helper()
	b := img.Bounds()
	in := min(b.Dx(), b.Dy()) / 16
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{
		{in, in, sample.TopLeft}, {b.Dx() - 1 - in, in, sample.TopRight},
		{in, b.Dy() - 1 - in, sample.BottomLeft}, {b.Dx() - 1 - in, b.Dy() - 1 - in, sample.BottomRight},
	} {
		if got := img.At(c.x, c.y); distance(got, c.want) > 40 {
			t.Errorf("%s at %d,%d: %v, want %v", name, c.x, c.y, got, c.want)
		}
	}
}

// distance is the largest difference of a channel, 0 to 255.
func distance(a, b color.Color) int {
	r1, g1, b1, a1 := a.RGBA()
	r2, g2, b2, a2 := b.RGBA()
	d := 0
	for _, p := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
		d = max(d, max(int(p[0])-int(p[1]), int(p[1])-int(p[0]))>>8)
	}
	return d
}

func TestMetadataStaysBehind(t *testing.T) {
	file := sampleJPEG(t, sample.Options{Width: 500, Height: 400, Orientation: 6})
	file = append(file, "<script>polyglot</script>PK\x03\x04"...)
	for _, secret := range []string{sample.SecretMake, sample.SecretPlace, sample.SecretXMP, sample.SecretNote} {
		if !bytes.Contains(file, []byte(secret)) {
			t.Fatalf("the sample lacks %s", secret)
		}
	}
	_, variants, code := render(t, file)
	if code != "" {
		t.Fatal(code)
	}
	for _, v := range variants {
		for _, trace := range []string{"SECRET", "Exif", "EXIF", "XMP", "adobe", "ICCP", "polyglot", "PK\x03\x04"} {
			if bytes.Contains(v.body, []byte(trace)) {
				t.Errorf("%s contains %q", v.name, trace)
			}
		}
		checkChunks(t, v)
	}
}

// checkChunks parses a file and fails on any part that is not pixels.
func checkChunks(t *testing.T, v variant) {
	t.Helper()
	switch v.typ {
	case "image/webp":
		for rest := v.body[12:]; len(rest) >= 8; {
			size := binary.LittleEndian.Uint32(rest[4:])
			if id := string(rest[:4]); id != "VP8 " && id != "VP8L" && id != "VP8X" && id != "ALPH" {
				t.Errorf("%s has a chunk %q", v.name, id)
			}
			rest = rest[8+size+size%2:]
		}
	case "image/jpeg":
		for rest := v.body[2:]; rest[1] != 0xda; {
			if m := rest[1]; m >= 0xe0 && m <= 0xef || m == 0xfe {
				t.Errorf("%s has a segment %x", v.name, m)
			}
			rest = rest[2+int(binary.BigEndian.Uint16(rest[2:])):]
		}
	}
}

func TestVariants(t *testing.T) {
	cases := []struct {
		name          string
		width, height int
		want          string
	}{
		{"large", 4000, 400, "w320.webp 320x32 w640.webp 640x64 w1280.webp 1280x128 w1280.jpg 1280x128"},
		{"never enlarged", 500, 400, "w320.webp 320x256 w500.webp 500x400 w500.jpg 500x400"},
		{"exactly a variant", 640, 100, "w320.webp 320x50 w640.webp 640x100 w640.jpg 640x100"},
		{"tiny", 3, 2, "w3.webp 3x2 w3.jpg 3x2"},
		{"one pixel", 1, 1, "w1.webp 1x1 w1.jpg 1x1"},
		{"very tall", 12, 16_384, "w2.webp 2x2560 w4.webp 4x5120 w8.webp 8x10240 w8.jpg 8x10240"},
		{"very wide", 16_384, 10, "w320.webp 320x1 w640.webp 640x1 w1280.webp 1280x1 w1280.jpg 1280x1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := encodePNG(t, sample.Image(sample.Options{Width: c.width, Height: c.height}))
			p, variants, code := render(t, file)
			if code != "" {
				t.Fatal(code)
			}
			var got []string
			for _, v := range variants {
				v.image(t)
				got = append(got, fmt.Sprintf("%s %dx%d", v.name, v.width, v.height))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
			if p.Width != c.width || p.Height != c.height {
				t.Errorf("picture is %dx%d", p.Width, p.Height)
			}
		})
	}
}

func TestTransparencyIsKept(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for y := range 400 {
		for x := range 200 {
			img.SetNRGBA(x, y, color.NRGBA{R: 200, G: 30, B: 30, A: 255})
		}
	}
	_, variants, code := render(t, encodePNG(t, img))
	if code != "" {
		t.Fatal(code)
	}
	if last := variants[len(variants)-1]; last.name != "w400.png" || last.typ != "image/png" {
		t.Errorf("the fallback is %s, %s", last.name, last.typ)
	}
	for _, v := range variants {
		got := v.image(t)
		w := got.Bounds().Dx()
		if _, _, _, a := got.At(w*3/4, w/2).RGBA(); a != 0 {
			t.Errorf("%s: alpha %d on the clear half", v.name, a)
		}
		if d := distance(got.At(w/4, w/2), color.NRGBA{R: 200, G: 30, B: 30, A: 255}); d > 12 {
			t.Errorf("%s: %v on the painted half", v.name, got.At(w/4, w/2))
		}
	}
}

func TestEveryFormatIsTaken(t *testing.T) {
	img := sample.Image(sample.Options{Width: 400, Height: 300})
	var g, w bytes.Buffer
	if err := gif.EncodeAll(&g, &gif.GIF{Image: []*image.Paletted{paletted(img), paletted(img)}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := webp.Encode(&w, img, webp.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"png": encodePNG(t, img), "gif": g.Bytes(), "webp": w.Bytes(),
		"png with EXIF": pngWithEXIF(encodePNG(t, img), 1), "webp with EXIF": webpWithEXIF(w.Bytes(), 1, 400, 300),
	} {
		t.Run(name, func(t *testing.T) {
			_, variants, code := render(t, file)
			if code != "" {
				t.Fatal(code)
			}
			for _, v := range variants {
				checkCorners(t, v.name, v.image(t))
				if bytes.Contains(v.body, []byte("SECRET")) {
					t.Errorf("%s has metadata", v.name)
				}
			}
		})
	}
}

func TestOrientationOfOtherFormats(t *testing.T) {
	img := sample.Image(sample.Options{Width: 400, Height: 300})
	var w bytes.Buffer
	if err := webp.Encode(&w, img, webp.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"png": pngWithEXIF(encodePNG(t, img), 6), "webp": webpWithEXIF(w.Bytes(), 6, 400, 300),
	} {
		t.Run(name, func(t *testing.T) {
			p, _, code := render(t, file)
			if code != "" || p.Width != 300 || p.Height != 400 {
				t.Errorf("%q %dx%d, want 300x400", code, p.Width, p.Height)
			}
		})
	}
}

func TestColourAndPlaceholder(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{0x22, 0x66, 0xaa, 0xff})
	}
	for i := 0; i < 320*4*50; i += 4 { // a fifth of it is another colour
		copy(img.Pix[i:], []byte{0xff, 0xff, 0x00, 0xff})
	}
	p, _, code := render(t, encodePNG(t, img))
	if code != "" {
		t.Fatal(code)
	}
	if p.Colour != "#2266aa" {
		t.Errorf("colour %s", p.Colour)
	}
	body, ok := strings.CutPrefix(p.Placeholder, "data:image/webp;base64,")
	if !ok {
		t.Fatal(p.Placeholder)
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	small, err := xwebp.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if s := small.Bounds().Size(); s != image.Pt(12, 9) {
		t.Errorf("placeholder is %v", s)
	}
	if len(raw) > 100 {
		t.Errorf("placeholder has %d bytes", len(raw))
	}
}

func TestRefusals(t *testing.T) {
	whole := sampleJPEG(t, sample.Options{Width: 300, Height: 200})
	cases := []struct {
		name string
		file []byte
		want media.Code
	}{
		{"a bomb of 30000 by 30000", bomb(30_000, 30_000), media.TooManyPixels},
		{"a side too long", bomb(16_385, 1), media.TooManyPixels},
		{"too many pixels", bomb(10_000, 5_001), media.TooManyPixels},
		{"no pixels", bomb(0, 10), media.Damaged},
		{"truncated JPEG", whole[:len(whole)/2], media.Damaged},
		{"JPEG of headers only", whole[:40], media.Damaged},
		{"truncated PNG", encodePNG(t, sample.Image(sample.Options{Width: 300, Height: 300}))[:5000], media.Damaged},
		{"text", []byte("Just text in a file called holiday.jpg."), media.NotAPicture},
		{"HTML", []byte("<!doctype html><script>alert(1)</script>"), media.NotAPicture},
		{"PDF", []byte("%PDF-1.7\n"), media.NotAPicture},
		{"empty", nil, media.NotAPicture},
		{"SVG", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), media.TypeUnsupported},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), media.TypeUnsupported},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"), media.TypeUnsupported},
		{"TIFF", []byte("II*\x00\x08\x00\x00\x00"), media.TypeUnsupported},
		{"a PNG's name on nothing", []byte("\x89PNG\r\n\x1a\nrubbish"), media.Damaged},
		{"WebP larger inside than announced", webpLarger(t), media.Damaged},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, variants, code := render(t, c.file)
			if code != c.want {
				t.Errorf("code %q, want %q", code, c.want)
			}
			if len(variants) > 0 {
				t.Errorf("%d variants of a refused file", len(variants))
			}
		})
	}
}

func paletted(img image.Image) *image.Paletted {
	p := image.NewPaletted(img.Bounds(), color.Palette{
		sample.TopLeft, sample.TopRight, sample.BottomLeft, sample.BottomRight, color.RGBA{R: 128, G: 128, B: 128, A: 255},
	})
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			p.Set(x, y, img.At(x, y))
		}
	}
	return p
}

// bomb is a PNG whose header announces w by h pixels of one bit.
func bomb(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 1, 0, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", ihdr)...)
	return append(out, chunk("IDAT", bytes.Repeat([]byte{0}, 1000))...)
}

func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func pngWithEXIF(file []byte, orientation int) []byte {
	const afterIHDR = 8 + 25
	out := append([]byte{}, file[:afterIHDR]...)
	return append(append(out, chunk("eXIf", sample.EXIF(orientation))...), file[afterIHDR:]...)
}

// webpWithEXIF puts a simple WebP into the extended container.
func webpWithEXIF(file []byte, orientation, w, h int) []byte {
	return riff(w, h, file[12:], sample.EXIF(orientation))
}

// webpLarger announces 10 by 10 pixels around a frame of 300 by 300.
func webpLarger(t *testing.T) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := webp.Encode(&w, sample.Image(sample.Options{Width: 300, Height: 300})); err != nil {
		t.Fatal(err)
	}
	return riff(10, 10, w.Bytes()[12:], nil)
}

func riff(w, h int, frame, exif []byte) []byte {
	vp8x := []byte("VP8X\x0a\x00\x00\x00\x08\x00\x00\x00")
	for _, v := range []int{w - 1, h - 1} {
		vp8x = append(vp8x, byte(v), byte(v>>8), byte(v>>16))
	}
	body := append([]byte("WEBP"), vp8x...)
	body = append(body, frame...)
	if len(exif) > 0 {
		body = append(body, "EXIF"...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(exif)))
		body = append(body, exif...)
		if len(exif)%2 == 1 {
			body = append(body, 0)
		}
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	return append(out, body...)
}

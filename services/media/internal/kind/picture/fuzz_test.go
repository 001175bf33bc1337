package picture_test

import (
	"bytes"
	"testing"

	"fresque.dev/services/media/internal/kind/picture"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/sample"
)

// FuzzInspect: whatever arrives, the gate neither panics nor lets a size
// through that it must stop, and says exactly one of yes and why not.
func FuzzInspect(f *testing.F) {
	var b bytes.Buffer
	if err := sample.JPEG(&b, sample.Options{Width: 16, Height: 12, Orientation: 6}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(bomb(30_000, 30_000))
	f.Add(pngWithEXIF(bomb(2, 2), 8))
	f.Add(riff(4, 4, []byte("VP8 \x00\x00\x00\x00"), sample.EXIF(3)))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		info, code, err := picture.Inspect(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if code != "" {
			return
		}
		if media.CheckSize(info.Width, info.Height) != "" {
			t.Fatalf("let %dx%d through", info.Width, info.Height)
		}
		if info.Orientation < 1 || info.Orientation > 8 {
			t.Fatalf("orientation %d", info.Orientation)
		}
	})
}

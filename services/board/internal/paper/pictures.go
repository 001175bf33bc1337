package paper

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // the two forms of pictures that are no WebP
	"io"
	"sync"
	"time"

	folio "github.com/carlos7ags/folio/image"
	_ "golang.org/x/image/webp" // the form of most pictures
	"golang.org/x/sync/errgroup"

	"fresque.dev/services/board/internal/archive"
)

const (
	// picturesMost bounds the bytes of all pictures in a document.
	picturesMost = 32 << 20
	// pictureMost and pixelsMost bound one that is read.
	pictureMost, pixelsMost = 4 << 20, 4 << 20
	// quality is that of pictures as JPEG.
	quality = 78
	// readers is how many pictures are read at a time.
	readers = 4
	// picturesWithin is how long it may take to read all of them.
	picturesWithin = 25 * time.Second
)

// pictures are those of a document, by where they were read.
type pictures struct {
	of map[string]*folio.Image
	// left counts those that are not there.
	left int
}

// fetch reads all pictures of a page that can be read in time.
func fetch(ctx context.Context, files archive.Files, page archive.Page) (*pictures, error) {
	out := &pictures{of: make(map[string]*folio.Image)}
	var mu sync.Mutex
	room := picturesMost
	var g errgroup.Group
	g.SetLimit(readers)
	late, cancel := context.WithTimeout(ctx, picturesWithin)
	defer cancel()
	for _, section := range page.Sections {
		for _, post := range section.Posts {
			for _, a := range post.Attachments {
				if a.Poster == "" {
					continue
				}
				g.Go(func() error {
					mu.Lock()
					full := room <= 0
					mu.Unlock()
					var raw []byte
					if !full {
						raw = read(late, files, a.Poster)
					}
					mu.Lock()
					defer mu.Unlock()
					img, err := folio.NewJPEG(raw)
					if raw == nil || err != nil || len(raw) > room {
						out.left++
						return nil
					}
					room -= len(raw)
					out.of[a.Poster] = img
					return nil
				})
			}
		}
	}
	_ = g.Wait()
	return out, context.Cause(ctx)
}

// read gives a picture as JPEG; nil for one that cannot be read, or over which its
// reader trips.
func read(ctx context.Context, files archive.Files, path string) (jpg []byte) {
	defer func() {
		if recover() != nil {
			jpg = nil
		}
	}()
	body, err := files.Open(ctx, path, 0)
	if err != nil {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(body, pictureMost))
	_ = body.Close()
	if err != nil {
		return nil
	}
	size, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || size.Width*size.Height > pixelsMost || size.Width < 1 || size.Height < 1 {
		return nil
	}
	if kind == "jpeg" {
		return raw
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	// Paper is white: so is what shines through.
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	var into bytes.Buffer
	if err := jpeg.Encode(&into, flat, &jpeg.Options{Quality: quality}); err != nil {
		return nil
	}
	return into.Bytes()
}

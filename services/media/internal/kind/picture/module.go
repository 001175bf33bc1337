package picture

import (
	"context"
	"io"

	"fresque.dev/services/media/internal/kind"
	"fresque.dev/services/media/internal/media"
)

// Module is the kind of pictures.
type Module struct{}

var _ kind.Module = Module{}

// Recognise knows pictures. A picture that is not taken is one all the same.
func (Module) Recognise(f kind.File, _ media.Upload) (kind.Found, bool) {
	format, code := Sniff(f.Head)
	switch code {
	case "":
		return kind.Found{Kind: media.Picture, Type: string(format), Extension: extensions[format]}, true
	case media.TypeUnsupported:
		return kind.Found{Kind: media.Picture, Refusal: code}, true
	}
	return kind.Found{}, false
}

// Inside decodes and makes all variants: nothing else of the file comes
// through, whatever is in it or glued behind it.
func (Module) Inside(f kind.File, _ kind.Found, out kind.Output) (media.Code, error) {
	image, code, err := Render(io.NewSectionReader(f, 0, f.Size), out.Variant)
	if code == "" && err == nil {
		out.Image(image)
	}
	return code, err
}

// Make has nothing left to do.
func (Module) Make(context.Context, kind.Workshop, kind.Job) error { return nil }

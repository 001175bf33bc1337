// Package kind says what a kind of content is to the media service: how a file
// of it is recognised and what is made of it. Each kind is a module below; the
// list of them is in package kinds.
package kind

import (
	"context"
	"io"
	"os"

	"fresque.dev/services/media/internal/confine"
	"fresque.dev/services/media/internal/media"
)

// HeadLen is how many first bytes a recogniser is given.
const HeadLen = 1024

// File is a file as a recogniser sees it.
type File struct {
	io.ReaderAt
	Size int64
	// Head are its first bytes, HeadLen at most.
	Head []byte
}

// Found is what a recogniser found a file to be.
type Found struct {
	Kind media.Kind
	// Type is the media type, without parameters, and Extension what such files
	// are called.
	Type, Extension string
	// Refusal is set when it is of this kind and not taken.
	Refusal media.Code
}

// Output is where a module puts what it makes within the worker.
type Output interface {
	// Image describes what shows the file; Variant adds one file of it.
	Image(media.Image)
	Variant(name, mediaType string, width, height int, write func(io.Writer) error) error
	// File adds the whole file, in another form than it was sent.
	File(extension string, write func(io.Writer) error) error
}

// Module is one kind of content.
//
// Recognise and Inside run in the worker, a process of its own with narrow
// limits, because they read what strangers send. Make runs in the service and
// must not read the file itself: it lets confined tools do that.
type Module interface {
	// Recognise tells whether a file is of this kind by its content alone; what
	// it is called must not count, save to tell apart what looks the same.
	Recognise(f File, u media.Upload) (Found, bool)
	// Inside makes what can be made without tools.
	Inside(f File, found Found, out Output) (media.Code, error)
	// Make completes what Inside made.
	Make(ctx context.Context, shop Workshop, job Job) error
}

// Job is one file to make ready.
type Job struct {
	media.Upload
	Found
	// Source is the file as it was sent.
	Source *os.File
	// Made is what Inside made, to be completed.
	Made *media.Made
}

// Workshop is what modules make things with.
type Workshop interface {
	// Tool gives the path of a program; empty when it is not installed.
	Tool(name string) string
	// Run runs a program, confined, in a folder of its own below dir.
	Run(ctx context.Context, c confine.Command) ([]byte, error)
	// Folder makes a folder for temporary files; whoever asked removes it.
	Folder() (string, error)
	// Picture makes an image of a PNG or JPEG file.
	Picture(ctx context.Context, file *os.File) (*media.Made, error)
	// Long is how many seconds a conversion may take.
	Long() int
}

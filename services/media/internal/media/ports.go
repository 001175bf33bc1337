package media

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
)

// ErrCrashed says that a renderer died of a file or ran out of time with it.
var ErrCrashed = errors.New("the renderer crashed")

// Quarantine keeps what was sent, and how it ended, across restarts.
type Quarantine interface {
	// Find gives what is known of an upload, or ErrNotFound.
	Find(id ID) (Record, error)
	// All gives everything that is known.
	All() ([]Record, error)
	// Open gives the file of an upload that has wholly come.
	Open(id ID) (*os.File, error)
	// Decide writes the outcome down for good. Only the first one counts, and
	// is what Decide gives back.
	Decide(id ID, o Outcome) (Outcome, error)
	// Release removes the file; the outcome stays.
	Release(id ID) error
	// Forget removes all that is known of an upload.
	Forget(id ID) error
}

// Publisher tells the other services, durably. A nil error means stored.
type Publisher interface {
	Publish(ctx context.Context, e Event) error
}

// Objects is the object store.
type Objects interface {
	// Put stores size bytes, wholly or not at all.
	Put(ctx context.Context, key Key, r io.Reader, size int64) error
	// Clear removes all objects of an upload.
	Clear(ctx context.Context, u Upload) error
	// Size tells an object's bytes, or ErrNoObject.
	Size(ctx context.Context, key Key) (int64, error)
	// Read opens length bytes from an offset; the caller closes.
	Read(ctx context.Context, key Key, offset, length int64) (io.ReadCloser, error)
}

// Renderer makes the variants of a picture. A refusal is no error; an error
// means that this attempt failed. The caller closes the rendering.
type Renderer interface {
	Render(ctx context.Context, file *os.File) (*Rendering, error)
}

// Rendering is what a renderer made of a file.
type Rendering struct {
	// Refusal is set when the file is not taken; nothing else is then.
	Refusal Code
	// Picture has no variants yet: they have no key.
	Picture Picture
	Files   []RenderedFile
	close   func() error
}

// RenderedFile is one variant, before it has a key.
type RenderedFile struct {
	// Name is such as w640.webp.
	Name   string
	Type   string
	Width  int
	Height int
	Body   *io.SectionReader
}

// NewRendering is a rendering that needs closing.
func NewRendering(p Picture, files []RenderedFile, closer func() error) *Rendering {
	return &Rendering{Picture: p, Files: files, close: closer}
}

// Close frees the files.
func (r *Rendering) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close()
}

// Keys finds the public key that a ticket was signed with: ErrKeysUnavailable
// when nobody could be asked, ErrTicketInvalid when there is no such key.
type Keys interface {
	Key(ctx context.Context, keyID string) (ed25519.PublicKey, error)
}

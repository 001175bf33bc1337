package media

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
)

// ErrCrashed says that whatever made something of a file died of it or ran out
// of time with it.
var ErrCrashed = errors.New("the maker crashed")

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
	// Bar keeps an upload from ever becoming anything, whether or not any of it
	// has come. One that has ended stays as it ended.
	Bar(board, id ID) error
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
	// Clear removes all objects of an upload, or of a whole board when the
	// upload is empty.
	Clear(ctx context.Context, board, upload ID) error
	// Discard removes the objects that one replica made of an upload.
	Discard(ctx context.Context, folder Folder) error
	// Copy copies all objects of an upload to another, and gives how many there
	// are. Doing it again changes nothing.
	Copy(ctx context.Context, from, to Upload) (int, error)
	// Size tells an object's bytes, or ErrNoObject.
	Size(ctx context.Context, key Key) (int64, error)
	// Read opens length bytes from an offset; the caller closes.
	Read(ctx context.Context, key Key, offset, length int64) (io.ReadCloser, error)
}

// Scanner looks for viruses. An error means that it could not be asked, and
// that nothing is known.
type Scanner interface {
	// Scan gives NotScannable or Infected, or an empty code for a file in which
	// nothing was found.
	Scan(ctx context.Context, r io.Reader) (Code, error)
}

// Maker finds out what a file is and makes what shows it. A refusal is no
// error; an error means that this attempt failed. The caller closes what was
// made.
type Maker interface {
	Make(ctx context.Context, u Upload, file *os.File) (*Made, error)
}

// Made is what a maker made of a file. Nothing in it has a key yet.
type Made struct {
	// Refusal is set when the file is not taken; nothing else is then.
	Refusal  Code
	Kind     Kind
	Type     string
	Duration float64
	Pages    int
	// Image and Variants show the file; nil and none when nothing does.
	Image    *Image
	Variants []MadeVariant
	// File and Original are nil where there are none.
	File, Original *MadeFile
	closers        []func() error
}

// MadeVariant is one variant of an image, before it has a key.
type MadeVariant struct {
	// Name is such as w640.webp.
	Name   string
	Type   string
	Width  int
	Height int
	Body   *io.SectionReader
}

// MadeFile is a whole file, before it has a key.
type MadeFile struct {
	// Extension is that of a type that is served.
	Extension string
	Body      *io.SectionReader
}

// OnClose adds what is to be done when the files are no longer needed.
func (m *Made) OnClose(do func() error) { m.closers = append(m.closers, do) }

// Close frees the files.
func (m *Made) Close() error {
	var faults []error
	for i := len(m.closers) - 1; i >= 0; i-- {
		faults = append(faults, m.closers[i]())
	}
	m.closers = nil
	return errors.Join(faults...)
}

// Take adds what another maker made to show the file.
func (m *Made) Take(shown *Made) {
	m.Image, m.Variants = shown.Image, shown.Variants
	m.OnClose(shown.Close)
}

// Keys finds the public key that a ticket was signed with: ErrKeysUnavailable
// when nobody could be asked, ErrTicketInvalid when there is no such key.
type Keys interface {
	Key(ctx context.Context, keyID string) (ed25519.PublicKey, error)
}

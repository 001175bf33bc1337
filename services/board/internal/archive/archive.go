// Package archive writes a wall as a ZIP: a page to read, what another wall is
// made of, and the files. It is written as it is read, so that a wall of any size
// takes the same memory, and no disk.
package archive

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Files hands out what uploads have become.
type Files interface {
	// Open gives a file, by its path, from a byte on.
	Open(ctx context.Context, path string, from int64) (io.ReadCloser, error)
}

// Names of what is in an archive besides the files.
const (
	PageName  = "index.html"
	BoardName = "board.json"
)

// tries is how often a file is asked for in vain, with less than worthIt to show for
// it; each goes on where the last one broke off.
const (
	tries   = 3
	worthIt = 64 << 10
)

// posterWidth is how wide a poster is at least, where there is one.
const posterWidth = 640

// Write writes an archive. The files come first: only then is known which could be
// read, and both the page and the transfer say so. An error is one of the writer,
// or of the context.
func Write(ctx context.Context, w io.Writer, files Files, a *board.Archive, page func(*board.Transfer) Page) error {
	z := &writer{ctx: ctx, zip: zip.NewWriter(w), files: files, at: a.Transfer.SavedAt}
	for i := range a.Transfer.Media {
		one := &a.Transfer.Media[i]
		if one.Missing != "" {
			continue
		}
		if err := z.upload(one, a.Uploads[board.ID(one.ID)]); err != nil {
			return err
		}
		if one.Missing != "" {
			a.Transfer.Without++
		}
	}
	raw, err := z.create(BoardName, zip.Deflate)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(raw)
	enc.SetIndent("", " ")
	if err := enc.Encode(a.Transfer); err != nil {
		return err
	}
	html, err := z.create(PageName, zip.Deflate)
	if err != nil {
		return err
	}
	if err := page(a.Transfer).write(html); err != nil {
		return err
	}
	return z.zip.Close()
}

type writer struct {
	ctx   context.Context //nolint:containedctx // of one call of Write
	zip   *zip.Writer
	files Files
	at    time.Time
}

func (z *writer) create(name string, method uint16) (io.Writer, error) {
	return z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: z.at})
}

// version is one file of an upload.
type version struct {
	path, kind string
	size       int64
}

// versions are what an upload is made of again, and what people look at.
func versions(m *board.Media) (source version, shown, poster *version) {
	of := func(f *board.File) version { return version{f.Path, f.Type, f.Size} }
	if m.Picture != nil && len(m.Picture.Variants) > 0 {
		v := m.Picture.Variants[len(m.Picture.Variants)-1]
		if m.File != nil {
			for _, smaller := range m.Picture.Variants {
				if smaller.Width >= posterWidth {
					v = smaller
					break
				}
			}
		}
		poster = &version{v.Path, v.Type, v.Bytes}
	}
	switch {
	case m.Original != nil:
		source = of(m.Original)
		if m.File != nil {
			also := of(m.File)
			shown = &also
		}
	case m.File != nil:
		source = of(m.File)
	case poster != nil:
		source, poster = *poster, nil
	}
	return source, shown, poster
}

// upload writes the files of one, and notes what they are called.
func (z *writer) upload(one *board.TransferMedia, m *board.Media) error {
	if m == nil {
		one.Missing = board.MissingNotReady
		return nil
	}
	source, shown, poster := versions(m)
	file, sum, err := z.file(one.ID, source)
	if err != nil {
		return err
	}
	one.Type, one.Size = source.kind, source.size
	if one.File, one.SHA256 = file, sum; file == "" {
		one.Missing, one.Size = board.MissingUnreadable, 0
	}
	for _, also := range []struct {
		version *version
		suffix  string
		into    *string
	}{{shown, "-shown", &one.Shown}, {poster, "-poster", &one.Poster}} {
		if also.version == nil {
			continue
		}
		if *also.into, _, err = z.file(one.ID+also.suffix, *also.version); err != nil {
			return err
		}
	}
	return nil
}

// file writes one file and gives its name and digest; no name for one that could
// not be read whole. What was written of such a one stays in the archive, and
// nothing refers to it.
func (z *writer) file(name string, v version) (called, digest string, err error) {
	if v.path == "" {
		return "", "", nil
	}
	body, err := z.files.Open(z.ctx, v.path, 0)
	if err != nil {
		return "", "", z.ctx.Err()
	}
	called = "media/" + name + "." + board.ExtensionOf(v.kind)
	into, err := z.create(called, zip.Store)
	if err != nil {
		_ = body.Close()
		return "", "", err
	}
	sink := &sink{into: into, sum: sha256.New()}
	for try := 1; ; try++ {
		if body != nil {
			if n, _ := io.Copy(sink, body); n >= worthIt {
				try = 1
			}
			_ = body.Close()
		}
		switch {
		case sink.failed != nil:
			return "", "", sink.failed
		case z.ctx.Err() != nil:
			return "", "", z.ctx.Err()
		case sink.n == v.size:
			return called, hex.EncodeToString(sink.sum.Sum(nil)), nil
		case sink.n > v.size || try == tries:
			return "", "", nil
		}
		if body, err = z.files.Open(z.ctx, v.path, sink.n); err != nil {
			body = nil
		}
	}
}

// sink counts and sums up what is written, and tells a writer that fails from a
// reader that does.
type sink struct {
	into   io.Writer
	sum    hash.Hash
	n      int64
	failed error
}

// Write writes on.
func (s *sink) Write(p []byte) (int, error) {
	n, err := s.into.Write(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	s.failed = err
	return n, err
}

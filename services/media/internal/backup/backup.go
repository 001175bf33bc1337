// Package backup copies all objects into a folder while the service runs, checks
// them, and puts them back. An object never changes under its key, so that a
// backup of a folder that has one already copies only what is new.
//
//	objects/<key>   each object
//	objects.jsonl   one line per object; written last
package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"fresque.dev/services/media/internal/media"
)

const (
	listFile      = "objects.jsonl"
	documentsFile = "documents.json"
	folder        = "objects"
)

// Objects is the store of objects.
type Objects interface {
	Put(ctx context.Context, key media.Key, r io.Reader, size int64) error
	// Each gives every object there is, with its size.
	Each(ctx context.Context, do func(key media.Key, size int64) error) error
	Size(ctx context.Context, key media.Key) (int64, error)
	Read(ctx context.Context, key media.Key, offset, length int64) (io.ReadCloser, error)
}

// Entry is one object of a backup.
type Entry struct {
	Key    media.Key `json:"key"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
}

// end is the last line of a list; what was cut off has none. It names the
// documents that the objects were copied after, so that older ones are not taken
// for theirs.
type end struct {
	Objects   *int   `json:"objects"`
	Documents string `json:"documents,omitempty"`
}

// Report counts what was done.
type Report struct {
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
	// New are those that were not there before.
	New int `json:"new"`
}

// errDamaged is what is no longer as it was written.
var errDamaged = errors.New("the backup is damaged or not whole")

// Write copies what is in the store into a folder, and forgets there what the
// store has no more. An object that is erased meanwhile is left out.
func Write(ctx context.Context, from Objects, dir string) (Report, error) {
	var out Report
	if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
		return out, err
	}
	documents, err := os.ReadFile(filepath.Join(dir, documentsFile))
	if err != nil {
		return out, fmt.Errorf("the documents come first (boardd backup): %w", err)
	}
	known, err := entries(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return out, err
	}
	there := make(map[media.Key]Entry, len(known))
	for _, e := range known {
		there[e.Key] = e
	}
	var list []Entry
	err = from.Each(ctx, func(key media.Key, size int64) error {
		if _, ours := media.ParseKey(string(key)); !ours {
			return nil
		}
		e, had := there[key]
		if !had || e.Size != size || !isWhole(dir, e) {
			var err error
			if e, err = fetch(ctx, from, dir, key, size); errors.Is(err, media.ErrNoObject) {
				return nil
			} else if err != nil {
				return err
			}
			out.New++
		}
		delete(there, key)
		list = append(list, e)
		out.Objects, out.Bytes = out.Objects+1, out.Bytes+size
		return nil
	})
	if err != nil {
		return out, err
	}
	if err := writeList(dir, list, sha256.Sum256(documents)); err != nil {
		return out, err
	}
	for key := range there {
		if err := os.Remove(place(dir, key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return out, err
		}
	}
	return out, nil
}

func place(dir string, key media.Key) string {
	return filepath.Join(dir, folder, filepath.FromSlash(string(key)))
}

// isWhole tells whether an object that was copied before has all of its bytes;
// Verify looks at what they are.
func isWhole(dir string, e Entry) bool {
	info, err := os.Stat(place(dir, e.Key))
	return err == nil && info.Size() == e.Size
}

func fetch(ctx context.Context, from Objects, dir string, key media.Key, size int64) (Entry, error) {
	e := Entry{Key: key, Size: size}
	r := io.NopCloser(eof{})
	if size > 0 {
		var err error
		if r, err = from.Read(ctx, key, 0, size); err != nil {
			return e, err
		}
	}
	defer func() { _ = r.Close() }()
	path := place(dir, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return e, err
	}
	sum := sha256.New()
	err := writeFile(path, func(f io.Writer) error {
		n, err := io.Copy(io.MultiWriter(f, sum), r)
		if err == nil && n != size {
			err = fmt.Errorf("%s has %d bytes, not %d", key, n, size)
		}
		return err
	})
	e.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return e, err
}

// eof is an empty object.
type eof struct{}

// Read ends.
func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func writeList(dir string, list []Entry, documents [sha256.Size]byte) error {
	return writeFile(filepath.Join(dir, listFile), func(f io.Writer) error {
		out := json.NewEncoder(f)
		for _, e := range list {
			if err := out.Encode(e); err != nil {
				return err
			}
		}
		n := len(list)
		return out.Encode(end{Objects: &n, Documents: hex.EncodeToString(documents[:])})
	})
}

// entries reads the list of a backup. A key that is none of ours could lead out
// of the folder.
func entries(dir string) ([]Entry, error) {
	f, err := os.Open(filepath.Join(dir, listFile))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var out []Entry
	in := json.NewDecoder(bufio.NewReader(f))
	for {
		var e struct {
			Entry
			end
		}
		if err := in.Decode(&e); err != nil {
			return nil, errors.Join(errDamaged, err)
		}
		if e.Objects != nil {
			if *e.Objects != len(out) {
				return nil, errDamaged
			}
			return out, nil
		}
		if _, ours := media.ParseKey(string(e.Key)); !ours {
			return nil, fmt.Errorf("%w: %q", errDamaged, e.Key)
		}
		out = append(out, e.Entry)
	}
}

// Verify reads every object of a backup.
func Verify(ctx context.Context, dir string) (Report, error) {
	var out Report
	list, err := entries(dir)
	if err != nil {
		return out, err
	}
	for _, e := range list {
		if err := errors.Join(ctx.Err(), check(dir, e)); err != nil {
			return out, err
		}
		out.Objects, out.Bytes = out.Objects+1, out.Bytes+e.Size
	}
	return out, nil
}

func check(dir string, e Entry) error {
	f, err := os.Open(place(dir, e.Key))
	if err != nil {
		return errors.Join(errDamaged, err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return errors.Join(errDamaged, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("%w: %s", errDamaged, e.Key)
	}
	return nil
}

// Restore puts the objects of a backup into a store; those that are there stay,
// so that it may be cut off and started again. It checks all of them first.
func Restore(ctx context.Context, dir string, into Objects) (Report, error) {
	out, err := Verify(ctx, dir)
	if err != nil {
		return out, err
	}
	list, err := entries(dir)
	if err != nil {
		return out, err
	}
	for _, e := range list {
		size, err := into.Size(ctx, e.Key)
		switch {
		case err == nil && size == e.Size:
			continue
		case err != nil && !errors.Is(err, media.ErrNoObject):
			return out, err
		}
		if err := send(ctx, dir, e, into); err != nil {
			return out, err
		}
		out.New++
	}
	return out, nil
}

func send(ctx context.Context, dir string, e Entry, into Objects) error {
	f, err := os.Open(place(dir, e.Key))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return into.Put(ctx, e.Key, f, e.Size)
}

// writeFile makes a file appear whole, on the disk, or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	defer func() { _ = f.Close() }()
	out := bufio.NewWriter(f)
	if err := write(out); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), f.Sync()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"fresque.dev/services/board/internal/board"
	"fresque.dev/services/internal/fault"
)

// page is how many documents are in memory at a time.
const page = 500

// Source is where documents come from.
type Source interface {
	board.Store
	board.Vault
}

// Write makes a backup of all documents in a folder, in place of the one that was
// there, while others write. What was acknowledged before it began is in it; of
// what comes meanwhile, any part that is whole by itself.
func Write(ctx context.Context, from Source, dir string, now func() time.Time) (Manifest, error) {
	w := &writing{from: from, m: Manifest{Version: Version, Began: now().UTC().Truncate(time.Millisecond), Kinds: map[string]int{}}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return w.m, err
	}
	// Until all is written there is no backup.
	if err := os.Remove(filepath.Join(dir, manifestFile)); err != nil && !os.IsNotExist(err) {
		return w.m, err
	}
	sum := sha256.New()
	err := writeFile(filepath.Join(dir, documentsFile), func(f io.Writer) error {
		packed := gzip.NewWriter(io.MultiWriter(f, sum))
		w.out = json.NewEncoder(packed)
		w.out.SetEscapeHTML(false)
		if err := w.all(ctx); err != nil {
			return err
		}
		return packed.Close()
	})
	if err != nil {
		return w.m, err
	}
	w.m.Ended, w.m.SHA256 = now().UTC().Truncate(time.Millisecond), hex.EncodeToString(sum.Sum(nil))
	raw, err := json.MarshalIndent(w.m, "", "  ")
	if err != nil {
		return w.m, err
	}
	return w.m, writeFile(filepath.Join(dir, manifestFile), func(f io.Writer) error { _, err := f.Write(raw); return err })
}

// writing is a backup on its way.
type writing struct {
	from Source
	out  *json.Encoder
	m    Manifest
	// Of the board that is being read: what was seen of it, and what that needs.
	on     board.ID
	left   bool
	seen   map[board.Key]bool
	needed []board.Key
}

func (w *writing) all(ctx context.Context) error {
	var above board.Key
	for {
		docs, err := w.from.Scan(ctx, above, page)
		if err != nil {
			return err
		}
		for _, one := range docs {
			if err := w.take(ctx, one); err != nil {
				return err
			}
			above = board.KeyOf(one.Doc)
		}
		if len(docs) < page {
			return w.complete(ctx)
		}
	}
}

func (w *writing) take(ctx context.Context, one board.Kept) error {
	if on := one.Doc.Head().Board; on != w.on {
		if err := w.complete(ctx); err != nil {
			return err
		}
		w.on, w.seen = on, make(map[board.Key]bool)
		var err error
		if w.left, err = w.tooNew(ctx, on); err != nil {
			return err
		}
	}
	if w.left {
		return nil
	}
	return w.put(one)
}

// tooNew tells a board that was made since the backup began: whose it is may
// already have been read.
func (w *writing) tooNew(ctx context.Context, id board.ID) (bool, error) {
	b, err := w.from.Get(ctx, board.Key{Board: id, Kind: board.KindBoard, ID: id})
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil && !b.Head().CreatedAt.Before(w.m.Began), err
}

func (w *writing) put(one board.Kept) error {
	key := board.KeyOf(one.Doc)
	w.seen[key] = true
	w.needed = append(w.needed, board.References(one.Doc)...)
	raw, err := json.Marshal(one.Doc)
	if err != nil {
		return err
	}
	w.m.Documents++
	w.m.Kinds[string(key.Kind)]++
	return w.out.Encode(line{Kind: key.Kind, Marked: one.Marked, Doc: raw})
}

// complete brings in what was made after its place had been read, and something
// that was read needs: so nothing is half of what it was.
func (w *writing) complete(ctx context.Context) error {
	for len(w.needed) > 0 {
		key := w.needed[0]
		w.needed = w.needed[1:]
		if w.seen[key] {
			continue
		}
		w.seen[key] = true
		doc, err := w.from.Get(ctx, key)
		if fault.KindOf(err) == fault.NotFound {
			continue // it was not there either
		}
		if err != nil {
			return err
		}
		if err := w.put(board.Kept{Doc: doc, Marked: true}); err != nil {
			return err
		}
	}
	return nil
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
	if err := out.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

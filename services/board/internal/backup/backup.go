// Package backup writes all documents of a store into a folder while the service
// runs, checks them, and puts them into an empty store. docs/backup.md says what
// holds of it, and ADR 29 why.
//
//	documents.jsonl.gz   one line per document, by board, kind and id
//	documents.json       when and what; written last, so that what has none is no backup
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"fresque.dev/services/board/internal/board"
)

// Version is that of the form of a backup. Another one is refused.
const Version = 1

const (
	manifestFile  = "documents.json"
	documentsFile = "documents.jsonl.gz"
	// maxLine bounds one document; MongoDB has none larger.
	maxLine = 32 << 20
)

// Manifest tells what a backup holds.
type Manifest struct {
	Version   int            `json:"version"`
	Began     time.Time      `json:"began"`
	Ended     time.Time      `json:"ended"`
	Documents int            `json:"documents"`
	Kinds     map[string]int `json:"kinds"`
	// SHA256 is of the file of documents, in hex.
	SHA256 string `json:"sha256"`
}

// line is one document.
type line struct {
	Kind   board.Kind      `json:"kind"`
	Marked bool            `json:"marked,omitempty"`
	Doc    json.RawMessage `json:"doc"`
}

// errDamaged is what is no longer as it was written.
var errDamaged = errors.New("the backup is damaged or not whole")

// read gives the manifest, and each document of a folder to do; what is damaged
// is told before or after, so that nothing may be kept of it until read is done.
func read(dir string, do func(board.Kept) error) (Manifest, error) {
	m, err := manifest(dir)
	if err != nil {
		return m, err
	}
	f, err := os.Open(filepath.Join(dir, documentsFile))
	if err != nil {
		return m, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	unpacked, err := gzip.NewReader(bufio.NewReader(io.TeeReader(f, sum)))
	if err != nil {
		return m, errors.Join(errDamaged, err)
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		one, err := parse(lines.Bytes())
		if err != nil {
			return m, err
		}
		if err := do(one); err != nil {
			return m, err
		}
		n++
	}
	if err := lines.Err(); err != nil {
		return m, errors.Join(errDamaged, err)
	}
	if _, err := io.Copy(sum, f); err != nil {
		return m, err
	}
	if n != m.Documents || hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return m, fmt.Errorf("%w: %s", errDamaged, documentsFile)
	}
	return m, nil
}

func manifest(dir string) (Manifest, error) {
	var m Manifest
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, errors.Join(errDamaged, err)
	}
	if m.Version != Version {
		return m, fmt.Errorf("the backup is of version %d and this release reads %d", m.Version, Version)
	}
	return m, nil
}

func parse(raw []byte) (board.Kept, error) {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return board.Kept{}, errors.Join(errDamaged, err)
	}
	doc, known := board.NewDocument(l.Kind)
	if !known {
		return board.Kept{}, fmt.Errorf("a newer release has written a %q: use that one", l.Kind)
	}
	if err := json.Unmarshal(l.Doc, doc); err != nil {
		return board.Kept{}, errors.Join(errDamaged, err)
	}
	return board.Kept{Doc: doc, Marked: l.Marked}, nil
}

// Verify reads a whole backup.
func Verify(dir string) (Manifest, error) {
	return read(dir, func(board.Kept) error { return nil })
}

// ErrNotEmpty says that there is something where a backup is to go.
var ErrNotEmpty = errors.New("the store is not empty; -resume goes on with a restore that was cut off")

// Restore puts a backup into an empty store, or goes on with one that was cut
// off. It checks all of it first. there tells which files of uploads came along.
func Restore(ctx context.Context, dir string, into board.Vault, resume bool, there func(path string) bool) (Manifest, error) {
	m, err := Verify(dir)
	if err != nil {
		return m, err
	}
	some, err := into.Scan(ctx, board.Key{}, 1)
	if err != nil {
		return m, err
	}
	if len(some) > 0 && !resume {
		return m, ErrNotEmpty
	}
	var waiting []board.Kept
	flush := func() error {
		err := into.Restore(ctx, waiting)
		waiting = waiting[:0]
		if errors.Is(err, board.ErrConflict) {
			err = errors.Join(errors.New("the store has changed since: restore into an empty one"), err)
		}
		return err
	}
	m, err = read(dir, func(one board.Kept) error {
		waiting = append(waiting, one.Revive(m.Began, there))
		if len(waiting) < page {
			return nil
		}
		return flush()
	})
	if err != nil {
		return m, err
	}
	return m, flush()
}

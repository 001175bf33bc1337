package live

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"fresque.dev/services/board/internal/board"
)

// snapshotKept is how long a snapshot that nobody asks for is kept.
const snapshotKept = 30 * time.Second

// Snapshot is a whole board as one view class sees it, encoded. The same bytes
// go to everybody of the class, and each compressed form is made once.
type Snapshot struct {
	version uint64
	plain   []byte
	tag     string
	used    time.Time // under the channel's lock

	gzip, zstd func() []byte
}

func newSnapshot(version uint64, plain []byte) *Snapshot {
	sum := sha256.Sum256(plain)
	return &Snapshot{
		version: version, plain: plain, tag: hex.EncodeToString(sum[:12]),
		gzip: sync.OnceValue(func() []byte { return gzipped(plain) }),
		zstd: sync.OnceValue(func() []byte { return zstandard(plain) }),
	}
}

// Tag names the content, whatever its coding.
func (s *Snapshot) Tag() string { return s.tag }

// Encoded gives the JSON in a content coding: gzip, zstd, or plain for any
// other.
func (s *Snapshot) Encoded(coding string) []byte {
	switch coding {
	case "gzip":
		return s.gzip()
	case "zstd":
		return s.zstd()
	default:
		return s.plain
	}
}

func gzipped(plain []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, 4)
	if err != nil {
		return nil
	}
	if _, err = w.Write(plain); err != nil || w.Close() != nil {
		return nil
	}
	return out.Bytes()
}

func zstandard(plain []byte) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil
	}
	defer func() { _ = w.Close() }()
	return w.EncodeAll(plain, nil)
}

// Snapshot gives a principal's board as it stands, with the cursor to go on
// from (rule S8). While events are out of reach it comes from the store, and
// without a cursor.
func (h *Hub) Snapshot(ctx context.Context, p board.Principal) (*Snapshot, error) {
	class, ok := board.ClassOf(p.Role)
	if !ok || !p.Can(board.ReadBoard) {
		return nil, board.ErrForbidden
	}
	if h.events.Connected() {
		s, err := h.mirrored(ctx, p.Board, class)
		if err == nil || !isUnavailable(err) {
			return s, err
		}
	}
	m, err := loadMirror(ctx, h.docs, p.Board)
	if err != nil {
		return nil, err
	}
	plain, err := m.assemble(h.render, class, "")
	if err != nil {
		return nil, err
	}
	return newSnapshot(m.version, plain), nil
}

func (h *Hub) mirrored(ctx context.Context, id board.ID, class board.Class) (*Snapshot, error) {
	for range attachTries {
		c, err := h.channel(id)
		if err != nil {
			return nil, err
		}
		if err := c.connect(ctx); err != nil {
			return nil, err
		}
		if s, err := c.snapshot(class, h.now()); s != nil || err != nil {
			return s, err
		}
	}
	return nil, errEventsAway
}

// snapshot gives the class's snapshot, nil when the channel has closed
// meanwhile. Whoever comes while one is being made shares it, if it has all
// that was there when they came.
func (c *channel) snapshot(class board.Class, now time.Time) (*Snapshot, error) {
	c.mu.Lock()
	if !c.open {
		c.mu.Unlock()
		return nil, nil
	}
	wanted := c.mirror.version
	s := c.kept(class, wanted, now)
	c.mu.Unlock()
	if s != nil {
		return s, nil
	}
	c.making.Lock()
	defer c.making.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return nil, nil
	}
	if s := c.kept(class, wanted, now); s != nil {
		return s, nil
	}
	plain, err := c.mirror.assemble(c.render, class, c.head.String())
	if err != nil {
		return nil, err
	}
	s = newSnapshot(c.mirror.version, plain)
	s.used = now
	c.snapshots[class] = s
	return s, nil
}

// kept gives a snapshot that is recent enough. The caller holds the lock.
func (c *channel) kept(class board.Class, wanted uint64, now time.Time) *Snapshot {
	s := c.snapshots[class]
	if s == nil || s.version < wanted {
		return nil
	}
	s.used = now
	return s
}

// forget drops the snapshots that nobody asks for. The caller holds the lock.
func (c *channel) forget(now time.Time) {
	for class, s := range c.snapshots {
		if now.Sub(s.used) > snapshotKept {
			delete(c.snapshots, class)
		}
	}
}

// assemble writes the JSON of a class's whole board out of its documents'.
func (m *mirror) assemble(r Renderer, class board.Class, cursor string) ([]byte, error) {
	wall := board.WallFor(class, m.all())
	if wall.Board == nil {
		return nil, board.ErrNotFound
	}
	quoted, err := json.Marshal(cursor)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`{"cursor":`)
	out.Write(quoted)
	out.WriteString(`,"board":`)
	out.Write(m.docs[board.KeyOf(wall.Board)].encoded(r))
	writeList(&out, `,"posts":[`, m, r, wall.Posts)
	writeList(&out, `,"media":[`, m, r, wall.Media)
	out.WriteByte('}')
	return out.Bytes(), nil
}

func writeList[D board.Document](out *bytes.Buffer, opening string, m *mirror, r Renderer, docs []D) {
	out.WriteString(opening)
	for i, doc := range docs {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(m.docs[board.KeyOf(doc)].encoded(r))
	}
	out.WriteByte(']')
}

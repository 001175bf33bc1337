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
	if _, ok := board.ClassOf(p); !ok {
		return nil, board.ErrForbidden
	}
	if h.events.Connected() {
		s, err := h.mirrored(ctx, p)
		if err == nil || !isUnavailable(err) {
			return s, err
		}
	}
	m, err := loadMirror(ctx, h.docs, p.Board, h.now())
	if err != nil {
		return nil, err
	}
	class, err := m.classOf(p, h.now())
	if err != nil {
		return nil, err
	}
	plain, err := m.assemble(h.render, class, "")
	if err != nil {
		return nil, err
	}
	return newSnapshot(m.version, plain), nil
}

func (h *Hub) mirrored(ctx context.Context, p board.Principal) (*Snapshot, error) {
	for range attachTries {
		c, err := h.channel(p.Board)
		if err != nil {
			return nil, err
		}
		if err := c.connect(ctx); err != nil {
			return nil, err
		}
		if s, err := c.snapshot(p, h.now()); s != nil || err != nil {
			return s, err
		}
	}
	return nil, errEventsAway
}

// snapshot gives the class's snapshot, nil when the channel has closed
// meanwhile. Whoever comes while one is being made shares it, if it has all
// that was there when they came.
func (c *channel) snapshot(p board.Principal, now time.Time) (*Snapshot, error) {
	s, wanted, err := c.fresh(p, 0, now)
	if s != nil || err != nil {
		return s, err
	}
	c.making.Lock()
	defer c.making.Unlock()
	if s, _, err = c.fresh(p, wanted, now); s != nil || err != nil {
		return s, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return nil, nil
	}
	class, err := c.mirror.classOf(p, now)
	if err != nil {
		return nil, err
	}
	plain, err := c.mirror.assemble(c.render, class, cursorOf(c.head, c.mirror.sign, class))
	if err != nil {
		return nil, err
	}
	s = newSnapshot(c.mirror.version, plain)
	s.used = now
	c.snapshots[class] = s
	c.counts.snapshots.Add(1)
	return s, nil
}

// fresh gives the principal's snapshot if there is one that holds all of a
// version, or of the present one for 0; else that version.
func (c *channel) fresh(p board.Principal, wanted uint64, now time.Time) (*Snapshot, uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return nil, 0, nil
	}
	if wanted == 0 {
		wanted = c.mirror.version
	}
	class, err := c.mirror.classOf(p, now)
	if err != nil {
		return nil, 0, err
	}
	return c.kept(class, wanted, now), wanted, nil
}

// classOf gives the class as which a principal sees the board now; an error says
// why they may not see it at all.
func (m *mirror) classOf(p board.Principal, now time.Time) (board.Class, error) {
	if m.board() == nil {
		return board.Class{}, board.ErrNotFound
	}
	p, err := p.Standing(m.link(p.Link), m.participant(p.Participant), now)
	if err != nil {
		return board.Class{}, err
	}
	class, ok := m.sight.ClassOf(p)
	if !ok {
		return class, board.ErrForbidden
	}
	return class, m.sight.Admits(p.Role)
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

// lists are the members of a snapshot, each a list of one kind. Those that only
// moderators are told of are left out for others.
var lists = []struct {
	name       string
	kind       board.Kind
	moderators bool
}{
	{"sections", board.KindSection, false},
	{"groups", board.KindGroup, false},
	{"posts", board.KindPost, false},
	{"media", board.KindMedia, false},
	{"comments", board.KindComment, true},
	{"participants", board.KindParticipant, true},
	{"reports", board.KindReport, true},
}

// assemble writes the JSON of a class's whole board out of its documents'.
func (m *mirror) assemble(r *press, class board.Class, cursor string) ([]byte, error) {
	quoted, err := json.Marshal(cursor)
	if err != nil {
		return nil, err
	}
	v := viewerOf(class.Level)
	seen := m.seenBy(class)
	limits, err := json.Marshal(r.Limits(m.uploaded()))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(`{"cursor":`)
	out.Write(quoted)
	out.WriteString(`,"board":`)
	out.Write(m.encoded(r, m.docs[board.Key{Board: m.id, Kind: board.KindBoard, ID: m.id}], v))
	out.WriteString(`,"limits":`)
	out.Write(limits)
	for _, list := range lists {
		if list.moderators && class.Level != board.LevelModerators {
			continue
		}
		out.WriteString(`,"` + list.name + `":[`)
		for i, held := range seen[list.kind] {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(m.encoded(r, held, v))
		}
		out.WriteByte(']')
	}
	m.writeCounts(&out, seen[board.KindPost])
	out.WriteByte('}')
	return out.Bytes(), nil
}

// uploaded is how many bytes the board's uploads count for.
func (m *mirror) uploaded() (bytes int64) {
	for _, held := range m.docs {
		if d, ok := held.doc.(*board.Media); ok && !d.Deleted() {
			bytes += d.Takes()
		}
	}
	return bytes
}

// writeCounts writes what the posts that are seen have.
func (m *mirror) writeCounts(out *bytes.Buffer, posts []*mirrored) {
	out.WriteString(`,"counts":[`)
	some := false
	for _, held := range posts {
		counts := m.counts(held.doc.Head().ID, false)
		if counts == nil {
			continue
		}
		if some {
			out.WriteByte(',')
		}
		out.Write(counts)
		some = true
	}
	out.WriteByte(']')
}

// seenBy sorts out what a class sees, by kind and in the order of the ids.
// Uploads are there when something that is there shows them.
func (m *mirror) seenBy(class board.Class) map[board.Kind][]*mirrored {
	seen := make(map[board.Kind][]*mirrored)
	used := make(map[board.ID]bool)
	for _, held := range m.all() {
		if !class.In(m.sight.AudienceOf(held.doc)) {
			continue
		}
		kind := held.doc.Kind()
		seen[kind] = append(seen[kind], held)
		switch d := held.doc.(type) {
		case *board.Post:
			for _, a := range d.Attachments {
				used[a.MediaID()] = true
			}
		case *board.Board:
			used[d.Settings.Background.Picture] = true
		}
	}
	media := seen[board.KindMedia][:0]
	for _, held := range seen[board.KindMedia] {
		if used[held.doc.Head().ID] {
			media = append(media, held)
		}
	}
	seen[board.KindMedia] = media
	return seen
}

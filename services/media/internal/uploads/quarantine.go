package uploads

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"

	"fresque.dev/services/media/internal/media"
)

// Quarantine is the folder where uploads wait, and where it is written how they
// ended:
//
//	uploads/<id>         what has come of the file
//	uploads/<id>.info    what it is (tusd's)
//	outcomes/<id>.json   how it ended
//	work/                variants while they are made
//	secret               from which objects get unguessable names
//	replica              what other replicas know this folder by
//
// One process owns it at a time.
type Quarantine struct {
	dir    string
	store  filestore.FileStore
	secret []byte
	name   string
	lock   *os.File
	// mu orders the writers of one file's fate.
	mu sync.Mutex
}

var _ media.Quarantine = (*Quarantine)(nil)

// OpenQuarantine opens the folder, makes it if absent, and clears what a crash
// left unusable. It must come before any request.
func OpenQuarantine(dir string) (*Quarantine, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	q := &Quarantine{dir: dir, store: filestore.New(filepath.Join(dir, "uploads"))}
	q.store.DirModePerm, q.store.FileModePerm = 0o700, 0o600
	for _, d := range []string{q.store.Path, q.outcomes(), q.WorkDir()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	if err := q.acquire(); err != nil {
		return nil, err
	}
	if err := q.prepare(); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return q, nil
}

func (q *Quarantine) acquire() (err error) {
	q.lock, err = os.OpenFile(filepath.Join(q.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(q.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("%s is in use by another process", q.dir), q.lock.Close())
	}
	return nil
}

func (q *Quarantine) prepare() error {
	if err := clearFolder(q.WorkDir()); err != nil {
		return err
	}
	if err := q.loadSecret(); err != nil {
		return err
	}
	return q.clearTorn()
}

// Close lets another process have the folder.
func (q *Quarantine) Close() error { return q.lock.Close() }

// WorkDir is for files that need not outlive the process.
func (q *Quarantine) WorkDir() string { return filepath.Join(q.dir, "work") }

// Name is what other replicas know this quarantine by, whichever process and
// address it has.
func (q *Quarantine) Name() string { return q.name }

// Secret makes names unguessable. It stays the same, so that a file that is
// processed again after a crash gets the same names.
func (q *Quarantine) Secret() []byte { return q.secret }

func (q *Quarantine) loadSecret() (err error) {
	if q.secret, err = keepRandom(filepath.Join(q.dir, "secret"), 32); err != nil {
		return err
	}
	name, err := keepRandom(filepath.Join(q.dir, "replica"), 8)
	q.name = hex.EncodeToString(name)
	return err
}

// keepRandom gives random bytes that stay the same from the first time on.
func keepRandom(path string, n int) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		b = make([]byte, n)
		if _, err := rand.Read(b); err != nil {
			return nil, err
		}
		err = writeDurably(path, b)
	}
	if err == nil && len(b) != n {
		err = fmt.Errorf("%s is damaged: it must have %d bytes", path, n)
	}
	return b, err
}

// clearTorn removes uploads that a crash cut off while they were created: no
// byte of them was acknowledged.
func (q *Quarantine) clearTorn() error {
	entries, err := os.ReadDir(q.store.Path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id := media.ID(strings.TrimSuffix(e.Name(), ".info"))
		if _, err := q.readInfo(id); err == nil {
			if _, err := os.Stat(q.file(id)); err == nil {
				continue
			}
		}
		if err := os.Remove(filepath.Join(q.store.Path, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (q *Quarantine) outcomes() string        { return filepath.Join(q.dir, "outcomes") }
func (q *Quarantine) file(id media.ID) string { return filepath.Join(q.store.Path, string(id)) }
func (q *Quarantine) info(id media.ID) string { return q.file(id) + ".info" }
func (q *Quarantine) outcome(id media.ID) string {
	return filepath.Join(q.outcomes(), string(id)+".json")
}

// ended is the form of an outcome on the disk.
type ended struct {
	Upload  media.Upload  `json:"upload"`
	Offset  int64         `json:"offset"`
	Outcome media.Outcome `json:"outcome"`
}

// Find gives what is known of an upload, or media.ErrNotFound.
func (q *Quarantine) Find(id media.ID) (media.Record, error) {
	if !id.Valid() {
		return media.Record{}, media.ErrNotFound
	}
	r, heldErr := q.findHeld(id)
	e, at, err := q.findEnded(id)
	switch {
	case err == nil:
		if heldErr != nil {
			r = media.Record{Upload: e.Upload, Offset: e.Offset, TouchedAt: at}
		}
		r.Outcome = &e.Outcome
		return r, nil
	case !errors.Is(err, os.ErrNotExist):
		return media.Record{}, err
	case errors.Is(heldErr, os.ErrNotExist):
		return media.Record{}, media.ErrNotFound
	default:
		return r, heldErr
	}
}

func (q *Quarantine) findHeld(id media.ID) (media.Record, error) {
	u, err := q.readInfo(id)
	if err != nil {
		return media.Record{}, err
	}
	stat, err := os.Stat(q.file(id))
	if err != nil {
		return media.Record{}, err
	}
	return media.Record{Upload: u, Offset: stat.Size(), Held: true, TouchedAt: stat.ModTime()}, nil
}

func (q *Quarantine) findEnded(id media.ID) (ended, time.Time, error) {
	var e ended
	stat, err := os.Stat(q.outcome(id))
	if err != nil {
		return e, time.Time{}, err
	}
	return e, stat.ModTime(), readJSON(q.outcome(id), &e)
}

// readInfo reads tusd's description of an upload. Tusd writes it in place: half of
// one is an upload that is being created, and so not there yet.
func (q *Quarantine) readInfo(id media.ID) (media.Upload, error) {
	var info handler.FileInfo
	err := readJSON(q.info(id), &info)
	if _, half := errors.AsType[*json.SyntaxError](err); half {
		err = fmt.Errorf("%w: %w", os.ErrNotExist, err)
	}
	if err != nil {
		return media.Upload{}, err
	}
	return uploadOf(info), nil
}

// All gives everything that is known, in no order.
func (q *Quarantine) All() ([]media.Record, error) {
	ids := map[media.ID]bool{}
	for dir, suffix := range map[string]string{q.store.Path: ".info", q.outcomes(): ".json"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if id, ok := strings.CutSuffix(e.Name(), suffix); ok {
				ids[media.ID(id)] = true
			}
		}
	}
	records := make([]media.Record, 0, len(ids))
	var faults []error
	for id := range ids {
		r, err := q.Find(id)
		switch {
		case err == nil:
			records = append(records, r)
		case !errors.Is(err, media.ErrNotFound): // gone meanwhile
			faults = append(faults, fmt.Errorf("%s: %w", id, err))
		}
	}
	return records, errors.Join(faults...)
}

// Open gives the file of an upload.
func (q *Quarantine) Open(id media.ID) (*os.File, error) { return os.Open(q.file(id)) }

// Decide writes the outcome down. Only the first one counts.
func (q *Quarantine) Decide(id media.ID, o media.Outcome) (media.Outcome, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.Find(id)
	if err != nil {
		return o, err
	}
	if r.Outcome != nil {
		return *r.Outcome, nil
	}
	raw, err := json.Marshal(ended{r.Upload, r.Offset, o})
	if err != nil {
		return o, err
	}
	return o, writeDurably(q.outcome(id), raw)
}

// Bar writes down that an upload is not to become anything.
func (q *Quarantine) Bar(board, id media.ID) error {
	if !id.Valid() || !board.Valid() {
		return media.ErrNotFound
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.Find(id)
	switch {
	case errors.Is(err, media.ErrNotFound):
		// None of it has come, and none is to: its ticket may be good still.
		r = media.Record{Upload: media.Upload{ID: id, Board: board, Size: -1}}
	case err != nil:
		return err
	case r.Board != board:
		return nil // clients make ids: what lies here is another board's
	case r.Outcome != nil:
		return nil
	}
	raw, err := json.Marshal(ended{r.Upload, r.Offset, media.Outcome{Refusal: media.Erased}})
	if err != nil {
		return err
	}
	return writeDurably(q.outcome(id), raw)
}

// toCome is how many bytes of uploads here have not come yet. It looks at those
// alone that are held, for those that have ended are remembered for long.
func (q *Quarantine) toCome() (n int64, err error) {
	entries, err := os.ReadDir(q.store.Path)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		id, described := strings.CutSuffix(e.Name(), ".info")
		if !described {
			continue
		}
		if _, err := os.Stat(q.outcome(media.ID(id))); err == nil {
			continue
		}
		r, err := q.findHeld(media.ID(id))
		if errors.Is(err, os.ErrNotExist) {
			continue // it comes, or goes, this moment
		}
		if err != nil {
			return 0, err
		}
		n += r.Size - r.Offset
	}
	return n, nil
}

// Release removes the file; the outcome stays.
func (q *Quarantine) Release(id media.ID) error {
	return errors.Join(remove(q.file(id)), remove(q.info(id)))
}

// Forget removes all that is known of an upload.
func (q *Quarantine) Forget(id media.ID) error {
	return errors.Join(q.Release(id), remove(q.outcome(id)))
}

// Room tells whether there is more room than is to be left.
func (q *Quarantine) Room(reserve int64) (bool, error) {
	free, err := q.Free()
	return free > reserve, err
}

// Free is the room left on the quarantine's disk, in bytes.
func (q *Quarantine) Free() (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(q.dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:unconvert // its type is not the same on every system
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func clearFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// writeDurably writes a file wholly or not at all, also when power fails.
func writeDurably(path string, content []byte) error {
	aside := path + ".new"
	f, err := os.OpenFile(aside, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, syncAndClose(f)); err != nil {
		return err
	}
	if err := os.Rename(aside, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return syncAndClose(dir)
}

func syncAndClose(f *os.File) error { return errors.Join(f.Sync(), f.Close()) }

package worker_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/sample"
	"fresque.dev/services/media/internal/worker"
)

func TestMain(m *testing.M) {
	worker.RunIfAsked(os.Args)
	os.Exit(m.Run())
}

func newPool(t *testing.T, change func(*worker.Config)) (*worker.Pool, string) {
	t.Helper()
	cfg := worker.Config{Dir: t.TempDir(), Concurrency: 2, Memory: 1 << 30, Timeout: time.Minute}
	if change != nil {
		change(&cfg)
	}
	p, err := worker.NewPool(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, cfg.Dir
}

func file(t *testing.T, body []byte) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// examine looks at a file that was announced as a picture.
func examine(ctx context.Context, pool *worker.Pool, f *os.File) (*media.Made, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	made, _, err := pool.Examine(ctx, media.Upload{Size: info.Size()}, f)
	return made, err
}

func jpeg(t *testing.T, o sample.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sample.JPEG(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRenderInAnotherProcess(t *testing.T) {
	pool, dir := newPool(t, nil)
	r, err := examine(t.Context(), pool, file(t, jpeg(t, sample.Options{Width: 1000, Height: 800, Orientation: 6})))
	if err != nil {
		t.Fatal(err)
	}
	if r.Image.Width != 1000 || r.Image.Height != 800 || r.Image.Colour == "" || r.Image.Placeholder == "" {
		t.Errorf("picture %+v", r.Image)
	}
	for _, f := range r.Variants {
		body, err := io.ReadAll(f.Body)
		if err != nil || int64(len(body)) != f.Body.Size() || len(body) < 100 {
			t.Errorf("%s: %d bytes, %v", f.Name, len(body), err)
		}
	}
	if len(r.Variants) != 4 {
		t.Errorf("%d files", len(r.Variants))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRefusalIsNoError(t *testing.T) {
	pool, dir := newPool(t, nil)
	r, err := examine(t.Context(), pool, file(t, []byte("just text")))
	if err != nil || r.Refusal != media.NotAPicture {
		t.Errorf("%+v, %v", r, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestTooLittleTimeIsACrash gives a second to a worker that waits for a file
// that never ends.
func TestTooLittleTimeIsACrash(t *testing.T) {
	pool, _ := newPool(t, func(c *worker.Config) { c.Timeout = time.Second })
	_, err := examine(t.Context(), pool, endless(t))
	if !errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}

// endless is a file of zeros in which a JPEG decoder looks for a marker.
func endless(t *testing.T) *os.File {
	t.Helper()
	f := file(t, []byte("\xff\xd8\xff"))
	if err := os.Truncate(f.Name(), 1<<36); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestNoTimeToStartIsNotTheFilesFault kills the worker before it can begin.
func TestNoTimeToStartIsNotTheFilesFault(t *testing.T) {
	pool, _ := newPool(t, func(c *worker.Config) { c.Timeout = time.Nanosecond })
	_, err := examine(t.Context(), pool, file(t, jpeg(t, sample.Options{Width: 100, Height: 80})))
	if err == nil || errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}

func TestStoppingIsNoCrash(t *testing.T) {
	pool, _ := newPool(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := examine(ctx, pool, file(t, jpeg(t, sample.Options{Width: 1000, Height: 800})))
	if !errors.Is(err, context.Canceled) || errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}

func TestWorkWithoutADirectoryIsNoCrash(t *testing.T) {
	pool, dir := newPool(t, nil)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_, err := examine(t.Context(), pool, file(t, jpeg(t, sample.Options{Width: 100, Height: 80})))
	if err == nil || errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}

// widest is a PNG of one colour within the gate: it takes 200 MB decoded and
// a hundredth of that on the wire.
func widest() []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, 10_000)
	ihdr = binary.BigEndian.AppendUint32(ihdr, 5_000)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	part := func(name string, body []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		out = append(append(out, name...), body...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	return append(append([]byte("\x89PNG\r\n\x1a\n"), part("IHDR", ihdr)...), part("IDAT", []byte("\x78\x9c"))...)
}

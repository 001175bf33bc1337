package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/backup"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/objects"
	"fresque.dev/services/media/internal/s3test"
)

const (
	of    = "01980000-0000-7000-8000-000000000001/01980000-0000-7000-8000-00000000000"
	sum   = "/0123456789abcdef0123456789abcdef/"
	first = media.Key(of + "2" + sum + "w320.webp")
	other = media.Key(of + "3" + sum + "file/Un exposé.pdf")
	late  = media.Key(of + "4" + sum + "w320.webp")
)

func bucket(t *testing.T, s *s3test.Server, name string) *objects.Store {
	t.Helper()
	cfg := s.Config()
	cfg.Bucket = name
	store, err := objects.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

func put(t *testing.T, s *objects.Store, key media.Key, content string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}

// erasing erases an upload once it was listed.
type erasing struct {
	*objects.Store
	t *testing.T
}

func (e erasing) Read(ctx context.Context, key media.Key, offset, length int64) (io.ReadCloser, error) {
	if key == late {
		if err := e.Clear(ctx, media.ID(of[:36]), media.ID(late[37:73])); err != nil {
			e.t.Fatal(err)
		}
	}
	return e.Store.Read(ctx, key, offset, length)
}

func TestObjectsAreBackedUpAndRestored(t *testing.T) {
	server := s3test.Start(t)
	from, into, dir := bucket(t, server, "from"), bucket(t, server, "into"), t.TempDir()
	put(t, from, first, "une image")
	put(t, from, late, "bientôt effacée")
	if _, err := backup.Write(t.Context(), from, dir); err == nil || !strings.Contains(err.Error(), "documents come first") {
		t.Errorf("objects before documents: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "documents.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := backup.Write(t.Context(), erasing{from, t}, dir); err != nil || r.Objects != 1 || r.New != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	put(t, from, other, "un exposé")
	if r, err := backup.Write(t.Context(), from, dir); err != nil || r.Objects != 2 || r.New != 1 || r.Bytes != int64(len("une image")+len("un exposé")) {
		t.Fatalf("what was there is copied again: %+v, %v", r, err)
	}
	for want := range 2 { // cut off, and gone on with
		r, err := backup.Restore(t.Context(), dir, into)
		if err != nil || r.New != 2-2*want {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	for key, want := range map[media.Key]string{first: "une image", other: "un exposé"} {
		body, err := into.Read(t.Context(), key, 0, int64(len(want)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		_ = body.Close()
		if err != nil || !bytes.Equal(got, []byte(want)) {
			t.Errorf("%s: %q, %v", key, got, err)
		}
	}
	// What was erased in the store is forgotten in the backup.
	if err := from.Clear(t.Context(), media.ID(of[:36]), media.ID(other[37:73])); err != nil {
		t.Fatal(err)
	}
	if r, err := backup.Write(t.Context(), from, dir); err != nil || r.Objects != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "objects", string(other))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an erased file stays: %v", err)
	}
}

func TestDamagedObjectsAreTold(t *testing.T) {
	server := s3test.Start(t)
	from, into, dir := bucket(t, server, "from"), bucket(t, server, "into"), t.TempDir()
	put(t, from, first, "une image")
	if err := os.WriteFile(filepath.Join(dir, "documents.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Write(t.Context(), from, dir); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "objects.jsonl")
	good, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(good), "\n")
	refused := func(name string) {
		t.Helper()
		if _, err := backup.Restore(t.Context(), dir, into); err == nil {
			t.Errorf("%s: restored", name)
		}
		if err := into.Each(t.Context(), func(media.Key, int64) error { return errors.New("something was put in") }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, content := range map[string]string{
		"no end": lines[0], "a line is gone": lines[1], "no list": "",
		"out of the folder": strings.Replace(string(good), string(first), "../../../etc/passwd", 1),
	} {
		if err := os.WriteFile(list, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(name)
	}
	if err := os.WriteFile(list, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "objects", string(first)), []byte("une imagE"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("another content")
}

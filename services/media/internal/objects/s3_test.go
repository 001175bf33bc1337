package objects_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"fresque.dev/services/internal/telemetry"
	"fresque.dev/services/media/internal/media"
	"fresque.dev/services/media/internal/objects"
	"fresque.dev/services/media/internal/s3test"
)

var upload = media.Upload{ID: "0190a6a0-0000-7000-8000-000000000003", Board: "0190a6a0-0000-7000-8000-000000000001"}

func key(u media.Upload, file string) media.Key {
	return media.NewKey([]byte("secret"), u, sha256.Sum256(nil), file)
}

func TestStore(t *testing.T) {
	s3 := s3test.Start(t)
	store, err := objects.New(s3.Config())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := store.Check(ctx); err == nil {
		t.Error("a bucket that is not there was found")
	}
	for range 2 {
		if err := store.EnsureBucket(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Check(ctx); err != nil {
		t.Error(err)
	}
	body := make([]byte, 100_000)
	_, _ = rand.Read(body)
	k := key(upload, "w640.webp")
	for range 2 { // the same again is no error
		if err := store.Put(ctx, k, bytes.NewReader(body), int64(len(body))); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := store.Size(ctx, k); err != nil || n != 100_000 {
		t.Errorf("size %d, %v", n, err)
	}
	r, err := store.Read(ctx, k, 500, 1000)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, body[500:1500]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	t.Run("absent", func(t *testing.T) {
		absent := key(upload, "w320.webp")
		if _, err := store.Size(ctx, absent); !errors.Is(err, media.ErrNoObject) {
			t.Errorf("size: %v", err)
		}
		if _, err := store.Read(ctx, absent, 0, 1); !errors.Is(err, media.ErrNoObject) {
			t.Errorf("read: %v", err)
		}
	})
	t.Run("short body", func(t *testing.T) {
		short := key(upload, "w1280.webp")
		if err := store.Put(ctx, short, strings.NewReader("short"), 1000); err == nil {
			t.Error("half an object was stored")
		}
		if _, err := store.Size(ctx, short); !errors.Is(err, media.ErrNoObject) {
			t.Errorf("half an object is there: %v", err)
		}
	})
	t.Run("copy", func(t *testing.T) {
		to := media.Upload{ID: "0190a6a0-0000-7000-8000-000000000014", Board: "0190a6a0-0000-7000-8000-000000000011"}
		file := key(upload, "file/Ma photo.pdf")
		if err := store.Put(ctx, file, strings.NewReader("xyz"), 3); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the same again is no error
			if n, err := store.Copy(ctx, upload, to); err != nil || n != 2 {
				t.Fatalf("%d copied, %v", n, err)
			}
		}
		for from, size := range map[media.Key]int64{k: 100_000, file: 3} {
			there := media.Key(strings.Replace(string(from), string(upload.Board+"/"+upload.ID), string(to.Board+"/"+to.ID), 1))
			if n, err := store.Size(ctx, there); err != nil || n != size {
				t.Errorf("%s has %d bytes, %v", there, n, err)
			}
			if _, served := media.ParseKey(string(there)); !served {
				t.Errorf("%s is not served", there)
			}
		}
		if n, err := store.Copy(ctx, media.Upload{ID: to.ID, Board: upload.Board}, to); err != nil || n != 0 {
			t.Errorf("of nothing %d were copied, %v", n, err)
		}
		if err := store.Clear(ctx, upload.Board, upload.ID); err != nil {
			t.Fatal(err)
		}
		if n, err := store.Copy(ctx, to, upload); err != nil || n != 2 {
			t.Errorf("the copy went with the original: %d, %v", n, err)
		}
	})
	t.Run("clear", func(t *testing.T) {
		other := media.Upload{ID: "0190a6a0-0000-7000-8000-000000000004", Board: upload.Board}
		kept := key(other, "w640.webp")
		if err := store.Put(ctx, kept, strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := store.Clear(ctx, upload.Board, upload.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := store.Size(ctx, k); !errors.Is(err, media.ErrNoObject) {
			t.Errorf("still there: %v", err)
		}
		if _, err := store.Size(ctx, kept); err != nil {
			t.Errorf("somebody else's is gone: %v", err)
		}
	})
	t.Run("away", func(t *testing.T) {
		s3.Stop()
		if err := store.Put(ctx, k, strings.NewReader("x"), 1); err == nil {
			t.Error("stored nowhere")
		}
		if _, err := store.Size(ctx, k); err == nil || errors.Is(err, media.ErrNoObject) {
			t.Errorf("got %v", err)
		}
		// What is logged of it does not open the file, nor say what it is called.
		var said strings.Builder
		file := key(upload, "file/Lettre de Zoé.pdf")
		log := telemetry.DefaultLogging().Logger(&said)
		log.Warn("to be tried again", "error", store.Put(ctx, file, strings.NewReader("x"), 1))
		_, err := store.Size(ctx, file)
		log.Warn("request failed", "error", err)
		_, err = store.Read(ctx, file, 0, 1)
		log.Warn("request failed", "error", err)
		if digest := strings.Split(string(file), "/")[2]; strings.Count(said.String(), "refused") != 3 || strings.Contains(said.String(), digest) || strings.Contains(said.String(), "Lettre") {
			t.Errorf("logged: %s", said.String())
		}
		s3.Restart()
		if _, err := store.Size(ctx, k); !errors.Is(err, media.ErrNoObject) {
			t.Errorf("got %v", err)
		}
	})
}

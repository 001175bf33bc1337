package media_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"fresque.dev/services/media/internal/media"
)

var upload = media.Upload{ID: "0190a6a0-0000-7000-8000-000000000003", Board: "0190a6a0-0000-7000-8000-000000000001"}

func TestKey(t *testing.T) {
	sum := sha256.Sum256([]byte("file"))
	key := media.NewKey([]byte("secret"), upload, sum, "w640.webp")
	if _, ok := media.ParseKey(string(key)); !ok {
		t.Fatalf("%s is none of ours", key)
	}
	if again := media.NewKey([]byte("secret"), upload, sum, "w640.webp"); again != key {
		t.Errorf("the same file got another key: %s, %s", key, again)
	}
	if !strings.HasPrefix(string(key), string(upload.Board)+"/"+string(upload.ID)+"/") || key.Path() != "/m/"+string(key) {
		t.Errorf("key %s, path %s", key, key.Path())
	}
	if key.Type().Name != "image/webp" || key.FileName() != "picture-w640.webp" {
		t.Errorf("%v, %s", key.Type(), key.FileName())
	}
	other := upload
	other.ID = "0190a6a0-0000-7000-8000-000000000004"
	digests := map[string]bool{}
	for _, k := range []media.Key{
		key, media.NewKey([]byte("another"), upload, sum, "w640.webp"), media.NewKey([]byte("secret"), other, sum, "w640.webp"),
		media.NewKey([]byte("secret"), upload, sha256.Sum256(nil), "w640.webp"),
	} {
		digests[strings.Split(string(k), "/")[2]] = true
	}
	if len(digests) != 4 {
		t.Errorf("secret, upload and content must each change the digest: %v", digests)
	}
}

func TestForeignKeys(t *testing.T) {
	good := string(media.NewKey([]byte("secret"), upload, sha256.Sum256(nil), "w640.webp"))
	for name, s := range map[string]string{
		"nothing": "", "a listing": "0190a6a0-0000-7000-8000-000000000001/", "more": good + "/x", "before": "x/" + good,
		"two lines": good + "\n", "climbing": strings.Replace(good, "w640", "../w640", 1), "another type": strings.Replace(good, "webp", "svg", 1),
		"upper case": strings.ToUpper(good), "no width": strings.Replace(good, "w640", "w0", 1), "a space": " " + good,
	} {
		if _, ok := media.ParseKey(s); ok {
			t.Errorf("%s passes: %q", name, s)
		}
	}
}

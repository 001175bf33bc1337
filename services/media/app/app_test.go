package app_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	xwebp "golang.org/x/image/webp"

	"fresque.dev/services/media/app"
	"fresque.dev/services/media/internal/sample"
)

func picture(t *testing.T, o sample.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sample.JPEG(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func small(t *testing.T) []byte {
	return picture(t, sample.Options{Width: 400, Height: 300, Orientation: 6})
}

// TestWholeWay takes a real photograph from upload to delivery.
func TestWholeWay(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	w.until("readiness", s.isReady)
	photograph := sample.TwelveMegapixels()
	photograph.Width, photograph.Height = 1296, 1728 // twelve take half a minute under the race detector
	id := s.upload(picture(t, photograph))
	p := w.ready(id)
	if p.Width != 1296 || p.Height != 1728 || len(p.Variants) != 4 || !strings.HasPrefix(p.Placeholder, "data:image/webp;base64,") {
		t.Fatalf("%+v", p)
	}
	for _, v := range p.Variants {
		res, body := s.get(v.Path)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != v.Type || int64(len(body)) != v.Bytes {
			t.Errorf("%s: %s, %s, %d bytes", v.Path, res.Status, res.Header.Get("Content-Type"), len(body))
		}
		if bytes.Contains(body, []byte("SECRET")) || bytes.Contains(body, []byte("Exif")) {
			t.Errorf("%s has metadata", v.Path)
		}
		decode := xwebp.Decode
		if v.Type == "image/jpeg" {
			decode = jpeg.Decode
		}
		img, err := decode(bytes.NewReader(body))
		if err != nil || img.Bounds().Size() != image.Pt(int(v.Width), int(v.Height)) {
			t.Errorf("%s: %v", v.Path, err)
			continue
		}
		if r, _, b, _ := img.At(4, 4).RGBA(); r < 0xa000 || b > 0x6000 {
			t.Errorf("%s is not upright", v.Path)
		}
	}
	w.emptied()
	if n := s.offset(id); n == 0 {
		t.Error("a client that missed the end cannot see it")
	}
	if files := w.s3.Files(); len(files) != 4 {
		t.Errorf("objects %v", files)
	}
	same := small(t)
	one, two := w.ready(s.upload(same)), w.ready(s.upload(same))
	if digest(one.Variants[0].Path) == digest(two.Variants[0].Path) {
		t.Error("the address can be guessed from the file")
	}
}

// digest is the unguessable part of a path.
func digest(path string) string { return strings.Split(path, "/")[4] }

func TestRefusedFilesLeaveNothing(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	whole := small(t)
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"text as a picture": {[]byte("just text, whatever its name"), "media_not_a_picture"},
		"SVG":               {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "media_type_unsupported"},
		"cut off":           {whole[:len(whole)/2], "media_damaged"},
		"bomb":              {bomb(), "media_too_many_pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := w.await(s.upload(c.file), ended)
			if code := seen[len(seen)-1].GetRefused().GetCode(); code != c.code || len(seen) != 3 {
				t.Errorf("events %v", seen)
			}
		})
	}
	w.emptied()
	if files := w.s3.Files(); len(files) > 0 {
		t.Errorf("objects %v", files)
	}
	if p := w.ready(s.upload(append(slices.Clone(whole), "PK\x03\x04<script>"...))); len(p.Variants) != 3 {
		t.Errorf("a polyglot is its picture only: %v", p)
	}
}

func TestTakenBack(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	id := w.newID()
	s.create(id, 1000)
	if err := s.send(id, 0, strings.NewReader("half")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.tus("DELETE", s.uploads+id, w.ticket(id), nil, nil); err != nil {
		t.Fatal(err)
	}
	seen := w.await(id, ended)
	if len(seen) != 1 || seen[0].GetRefused().GetCode() != "media_cancelled" {
		t.Errorf("events %v", seen)
	}
	w.emptied()
}

// TestNATSAway: what comes meanwhile is told when it is back.
func TestNATSAway(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	id := w.newID()
	file := small(t)
	s.create(id, len(file)) // the ticket's key is known from now on
	w.until("readiness", s.isReady)
	w.nats.Stop()
	if err := s.send(id, 0, bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	if res, body := s.get("/readyz"); res.StatusCode != http.StatusOK || !strings.Contains(string(body), `"events":"unreachable"`) {
		t.Errorf("%s: %s", res.Status, body)
	}
	if len(w.quarantined()) == 0 {
		t.Error("the file left the quarantine untold")
	}
	w.nats.Restart()
	w.ready(id)
	w.emptied()
}

// TestS3Away: nothing is ready before it is stored.
func TestS3Away(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	w.ready(s.upload(small(t))) // the bucket is there from now on
	w.s3.Stop()
	id := s.upload(small(t))
	w.await(id, processing)
	if len(w.quarantined()) == 0 {
		t.Error("the file left the quarantine unstored")
	}
	w.s3.Restart()
	p := w.ready(id)
	if res, _ := s.get(p.Variants[0].Path); res.StatusCode != http.StatusOK {
		t.Errorf("%s", res.Status)
	}
	w.emptied()
}

// TestSeveralAtATime: more files than workers.
func TestSeveralAtATime(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	var ids []string
	for range 6 {
		ids = append(ids, s.upload(small(t)))
	}
	for _, id := range ids {
		w.ready(id)
	}
	w.emptied()
}

func TestConfigTellsEveryFault(t *testing.T) {
	c := app.Default()
	c.Addr, c.UploadURL, c.AppOrigins, c.Dir = "nowhere", "https://up.example/files", []string{"https://wall.example/", "*"}, "relative"
	err := c.Check()
	if err == nil {
		t.Fatal("no fault")
	}
	for _, name := range []string{
		"ADDR:", "UPLOAD_URL:", `APP_ORIGINS: "https://wall.example/"`, `APP_ORIGINS: "*"`, "DIR:", "S3_ENDPOINT:", "S3_ACCESS_KEY:", "S3_SECRET_KEY:",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing in: %v", name, err)
		}
	}
}

func TestLoad(t *testing.T) {
	for name, value := range map[string]string{
		"ADDR": "127.0.0.1:1", "APP_ORIGINS": "https://a.example, https://b.example:8443", "DIR": "/srv/media", "MAX_MIB": "12",
		"S3_ENDPOINT": "s3.example", "S3_SCHEME": "https", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "s",
	} {
		t.Setenv("FRESQUE_MEDIA_"+name, value)
	}
	c, err := app.Load([]string{"-upload-addr", "127.0.0.1:2"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:1" || c.UploadAddr != "127.0.0.1:2" || len(c.AppOrigins) != 2 || !c.S3.TLS || c.MaxMiB != 12 {
		t.Errorf("%+v", c)
	}
	t.Setenv("FRESQUE_MEDIA_S3_SCHEME", "ftp")
	t.Setenv("FRESQUE_MEDIA_WORKERS", "none")
	if _, err := app.Load(nil, io.Discard); err == nil || !strings.Contains(err.Error(), "S3_SCHEME") || !strings.Contains(err.Error(), "WORKERS") {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotStartLeavesNothingOpen(t *testing.T) {
	w := newWorld(t)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	c := w.config()
	c.UploadAddr = busy.Addr().String()
	if _, err := app.New(c, app.Deps{}); err == nil || !strings.Contains(err.Error(), c.UploadAddr) {
		t.Errorf("got %v", err)
	}
	c = w.config()
	c.Dir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(c.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(c, app.Deps{}); err == nil || !strings.Contains(err.Error(), "quarantine") {
		t.Errorf("got %v", err)
	}
	c = w.config()
	a, err := app.New(c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(c, app.Deps{}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	w.start()
}

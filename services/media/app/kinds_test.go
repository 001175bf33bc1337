package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/streams"
	"fresque.dev/services/media/internal/sample"
)

// film lets ffmpeg record some seconds of a video in a codec.
func film(t *testing.T, seconds int, name string, codec ...string) []byte {
	t.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	path := filepath.Join(t.TempDir(), name)
	args := []string{"-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc=size=640x480:rate=25:duration=%d", seconds), "-metadata", "location=+48.8584+002.2945/"}
	if out, err := exec.CommandContext(t.Context(), ffmpeg, append(append(args, codec...), path)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

var playable = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}

// TestWholeWayOfAVideo: from upload to a player that seeks.
func TestWholeWayOfAVideo(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	id := s.uploadAs(w.announce("video/quicktime", "Ma vidéo : été.MOV", "video", "audio"), film(t, 2, "x.mov", playable...))
	r := w.made(id)
	if r.Kind != "video" || r.Type != "video/quicktime" || r.Duration < 1.9 || r.File.Type != "video/mp4" || r.Original != nil || r.Picture.Width != 640 {
		t.Fatalf("%v", r)
	}
	if !strings.HasSuffix(r.File.Path, "/file/"+url.PathEscape("Ma vidéo _ été.mp4")) {
		t.Errorf("path %s", r.File.Path)
	}
	res, body := s.get(r.File.Path)
	if res.StatusCode != http.StatusOK || int64(len(body)) != r.File.Size || bytes.Contains(body, []byte("+48.8584")) {
		t.Errorf("%s, %d bytes", res.Status, len(body))
	}
	for name, want := range map[string]string{
		"Content-Type": "video/mp4", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Access-Control-Allow-Origin": "*",
		"Content-Disposition": `inline; filename="Ma vid_o _ _t_.mp4"; filename*=UTF-8''Ma%20vid%C3%A9o%20_%20%C3%A9t%C3%A9.mp4`,
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.addr+r.File.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=100-")
	part, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Body.Close()
	if part.StatusCode != http.StatusPartialContent || part.ContentLength != r.File.Size-100 {
		t.Errorf("a part: %s, %d bytes", part.Status, part.ContentLength)
	}
	if res, _ := s.get(strings.Replace(r.File.Path, "Ma%20", "Ta%20", 1)); res.StatusCode != http.StatusNotFound {
		t.Errorf("under a name of somebody else's making: %s", res.Status)
	}
	w.emptied()
}

// TestWholeWayOfDocuments: they are downloaded, and act as nothing.
func TestWholeWayOfDocuments(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	pdf := sample.PDF(2)
	r := w.made(s.uploadAs(w.announce("application/pdf", "bilan.pdf", "file"), pdf))
	if r.Kind != "file" || r.Type != "application/pdf" || r.Original != nil {
		t.Fatalf("%v", r)
	}
	if _, err := exec.LookPath("pdftoppm"); err == nil && (r.Pages != 2 || len(r.Picture.GetVariants()) < 3) {
		t.Errorf("%v", r)
	}
	res, body := s.get(r.File.Path)
	if !bytes.Equal(body, pdf) || res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Content-Disposition") != `attachment; filename="bilan.pdf"` {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	r = w.made(s.uploadAs(w.announce("text/csv", "élèves.csv", "file"), []byte("nom;\xe2ge\n")))
	res, body = s.get(r.File.Path)
	if string(body) != "\ufeffnom;âge\n" || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" || r.File.Size != int64(len(body)) {
		t.Errorf("%q %v", body, res.Header)
	}
	for name, c := range map[string]struct {
		body                []byte
		mediaType, as, want string
	}{
		"a lie":    {pdf, "text/plain", "x.txt", "media_type_mismatch"},
		"a page":   {[]byte("<!doctype html><script>alert(1)</script>"), "text/plain", "x.txt", "media_type_mismatch"},
		"cut off":  {pdf[:len(pdf)/2], "application/pdf", "x.pdf", "media_damaged"},
		"two in 1": {append(bytes.Clone(pdf), sample.Zip(sample.Entry{Name: "a"})...), "application/pdf", "x.pdf", "media_polyglot"},
	} {
		seen := w.await(s.uploadAs(w.announce(c.mediaType, c.as, "file"), c.body), ended)
		if code := seen[len(seen)-1].GetRefused().GetCode(); code != c.want {
			t.Errorf("%s: %q", name, code)
		}
	}
	w.emptied()
}

// command lets the board order something.
func (w *world) command(c *mediav1.Command) {
	w.t.Helper()
	js, err := jetstream.New(w.nats.Connect())
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := (streams.Keeper{JS: js}).Stream(w.t.Context(), streams.Orders(1)); err != nil {
		w.t.Fatal(err)
	}
	data, err := proto.Marshal(c)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := js.Publish(w.t.Context(), subject.MediaCommand(boardID), data); err != nil {
		w.t.Fatal(err)
	}
}

func erase(ids ...string) *mediav1.Command {
	return &mediav1.Command{Command: &mediav1.Command_Erase{Erase: &mediav1.Erase{BoardId: boardID, MediaIds: ids}}}
}

// objectsOf counts what there is of an upload; of all for none.
func (w *world) objectsOf(id string) int {
	n := 0
	for _, f := range w.s3.Files() {
		if strings.Contains(f, id) {
			n++
		}
	}
	return n
}

func (w *world) gone(id string) {
	w.t.Helper()
	w.until("nothing of "+id, func() error {
		if n := w.objectsOf(id); n > 0 {
			return fmt.Errorf("%d objects", n)
		}
		return nil
	})
}

// TestErased: of what the board erases nothing is left, and nothing of anything
// else is lost.
func TestErased(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	one, two := s.upload(small(t)), s.uploadAs(w.announce("application/pdf", "bilan.pdf", "file"), sample.PDF(1))
	w.ready(one)
	w.made(two)
	kept := w.objectsOf(two)
	if w.objectsOf(one) < 2 || kept < 1 {
		t.Fatalf("objects %v", w.s3.Files())
	}
	w.command(erase(one))
	w.command(erase(one)) // it may come twice
	w.gone(one)
	if n := w.objectsOf(two); n != kept {
		t.Errorf("%d of %d objects are left of another upload", n, kept)
	}
	// One that has not come yet never will, though its ticket is good.
	late := w.newID()
	w.command(erase(late))
	w.until("it is barred", func() error {
		_, err := os.Stat(filepath.Join(w.dir, "outcomes", late+".json"))
		return err
	})
	if _, err := s.tus("POST", s.uploads, w.ticket(late), map[string]string{"Upload-Length": "10"}, nil); err == nil {
		t.Error("an erased upload was begun")
	}
	// One that is half here goes.
	half := w.newID()
	s.create(half, 1000)
	w.command(erase())
	seen := w.await(half, ended)
	if code := seen[len(seen)-1].GetRefused().GetCode(); code != "media_erased" {
		t.Errorf("refused with %q", code)
	}
	w.gone("")
	w.emptied()
}

// TestErasedAfterAKill: the order waits for who comes next.
func TestErasedAfterAKill(t *testing.T) {
	w := newWorld(t)
	s := w.spawn()
	id := s.upload(small(t))
	w.ready(id)
	s.stop()
	w.command(erase())
	if w.objectsOf(id) == 0 {
		t.Fatal("gone by itself")
	}
	w.spawn()
	w.gone("")
}

func TestThePlatformIsFull(t *testing.T) {
	w := newWorld(t)
	w.making.StoreMiB = 1
	s := w.start()
	w.until("the store is counted", func() error {
		_, err := s.tus("POST", s.uploads, w.ticket(w.newID()), map[string]string{"Upload-Length": "1000"}, nil)
		return err
	})
	_, err := s.tus("POST", s.uploads, w.ticket(w.newID()), map[string]string{"Upload-Length": "2000000"}, nil)
	if err == nil || !strings.Contains(err.Error(), "platform_full") {
		t.Errorf("got %v", err)
	}
}

// TestKilledInEachState: whatever an upload is at, it goes on.
func TestKilledInEachState(t *testing.T) {
	t.Run("whole, and untold", func(t *testing.T) {
		w := newWorld(t)
		s := w.spawn()
		file := sample.PDF(1)
		id := w.announce("application/pdf", "bilan.pdf", "file")
		s.create(id, len(file)) // the ticket's key is known from now on
		w.nats.Stop()
		if err := s.send(id, 0, bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		s.stop()
		w.nats.Restart()
		w.spawn()
		w.made(id)
		w.emptied()
	})
	t.Run("decided, and untold", func(t *testing.T) {
		w := newWorld(t)
		s := w.spawn()
		file := picture(t, sample.Options{Width: 1600, Height: 1200})
		id := s.upload(file)
		w.await(id, processing)
		w.nats.Stop()
		w.until("an outcome", func() error {
			_, err := os.Stat(filepath.Join(w.dir, "outcomes", id+".json"))
			return err
		})
		s.stop()
		w.nats.Restart()
		w.spawn()
		w.ready(id)
		w.emptied()
		if n := w.objectsOf(id); n != 4 {
			t.Errorf("%d objects", n)
		}
	})
	t.Run("converting", func(t *testing.T) {
		long := film(t, 20, "long.mp4", "-c:v", "mpeg4")
		w := newWorld(t)
		s := w.spawn()
		id := s.uploadAs(w.announce("video/mp4", "long.mp4", "video"), long)
		w.until("a conversion", func() error {
			jobs, err := filepath.Glob(filepath.Join(w.dir, "work", "job-*", "played.mp4"))
			if err == nil && len(jobs) == 0 {
				err = os.ErrNotExist
			}
			return err
		})
		s.stop()
		w.until("no tool", func() error {
			if left := running(t, w.dir); left != "" {
				return fmt.Errorf("%s lives on", left)
			}
			return nil
		})
		s = w.spawn()
		r := w.made(id)
		if res, _ := s.get(r.File.Path); res.StatusCode != http.StatusOK || r.Original == nil || r.Duration < 19 {
			t.Errorf("%v: %s", r, res.Status)
		}
		w.emptied()
		if n := w.objectsOf(id); n != len(r.Picture.Variants)+2 {
			t.Errorf("%d objects", n)
		}
	})
}

// running finds a process that works in a folder.
func running(t *testing.T, dir string) string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(dir)) && bytes.Contains(b, []byte("ffmpeg")) {
			return string(bytes.ReplaceAll(b, []byte{0}, []byte(" ")))
		}
	}
	return ""
}

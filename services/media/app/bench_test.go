//go:build bench

package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/media/internal/sample"
)

const (
	mebibyte = 1 << 20
	rounds   = 5
)

// TestMeasureMedia measures the service as a process of its own, with NATS and
// S3 in this one, and writes what it finds into a page: make bench-media.
func TestMeasureMedia(t *testing.T) {
	page := os.Getenv("MEDIA_PAGE")
	var b strings.Builder
	fmt.Fprintf(&b, "%d processors, %s; load of the machine before: %s.\n\n", runtime.NumCPU(), runtime.Version(), load(t))
	fmt.Fprintln(&b, "| what | to reach | measured |  |\n| --- | ---: | ---: | ---: |")
	row := func(what string, most, got float64, unit string) {
		verdict := "met"
		if got > most {
			verdict = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | at most %.3g%s | %.3g%s | %s |\n", what, most, unit, got, unit, verdict)
		t.Logf("%s: %.3g%s (at most %.3g)", what, got, unit, most)
	}
	t.Run("picture", func(t *testing.T) { measurePicture(t, row) })
	t.Run("upload", func(t *testing.T) { measureUpload(t, row) })
	t.Run("many", func(t *testing.T) { measureMany(t, row) })
	if page == "" {
		return
	}
	section(t, page, b.String())
}

type reporter func(what string, most, got float64, unit string)

// measurePicture: from the last byte of a photograph to the event that it is
// ready, and the processor time beside that of vipsthumbnail.
func measurePicture(t *testing.T, row reporter) {
	w := newWorld(t)
	s := w.spawn()
	photo := picture(t, sample.TwelveMegapixels())
	w.ready(s.upload(small(t)))
	var took, cpu, vips []float64
	for range rounds {
		id := w.newID()
		s.create(id, len(photo))
		before := cpuOf(t, s.pid)
		follow := w.following(id)
		if err := s.send(id, 0, bytes.NewReader(photo)); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		<-follow
		took = append(took, time.Since(sent).Seconds())
		w.emptied()
		cpu = append(cpu, cpuOf(t, s.pid)-before)
		vips = append(vips, cpuOfVips(t, photo))
	}
	row("a JPEG of 12 megapixels, from its last byte to ready (median)", 2, median(took), " s")
	if median(vips) > 0 {
		row(fmt.Sprintf("its processor time (%.2f s, upload and storing included) × vipsthumbnail's for the same four files (%.2f s)", median(cpu), median(vips)), 1.5, median(cpu)/median(vips), "")
	}
	s.stop()
}

// following tells when an upload has ended.
func (w *world) following(id string) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		w.await(id, func(m *mediav1.MediaChanged) bool { return ended(m) })
		close(done)
	}()
	return done
}

func cpuOfVips(t *testing.T, photo []byte) float64 {
	if _, err := exec.LookPath("vipsthumbnail"); err != nil {
		t.Log("vipsthumbnail is not installed")
		return 0
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "photo.jpg"), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	var used time.Duration
	for _, args := range [][]string{{"320x", "a.webp[Q=78,strip]"}, {"640x", "b.webp[Q=78,strip]"}, {"1280x", "c.webp[Q=78,strip]"}, {"1280x", "d.jpg[Q=82,strip]"}} {
		cmd := exec.Command("vipsthumbnail", "photo.jpg", "-s", args[0], "-o", args[1])
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return used.Seconds()
}

// measureUpload: 200 MiB beside tusd on its own, and the memory for 1 GiB.
func measureUpload(t *testing.T, row reporter) {
	w := newWorld(t)
	s := w.spawn()
	alone := startTusd(t)
	const size = 200 * mebibyte
	var ours, theirs, ourTime, theirTime []float64
	alone.upload(t, size) // the first to touch memory pays for it
	alone.forget(t)
	for range 2*rounds + 1 {
		id := w.announce("video/mp4", "x.mp4", "video")
		s.create(id, size)
		before, start := cpuOf(t, s.pid), time.Now()
		if err := s.send(id, 0, io.LimitReader(zeros{}, size)); err != nil {
			t.Fatal(err)
		}
		ourTime, ours = append(ourTime, time.Since(start).Seconds()), append(ours, cpuOf(t, s.pid)-before)
		w.await(id, ended)
		w.emptied()

		before, start = cpuOf(t, alone.pid), time.Now()
		alone.upload(t, size)
		theirTime, theirs = append(theirTime, time.Since(start).Seconds()), append(theirs, cpuOf(t, alone.pid)-before)
		alone.forget(t)
	}
	row(fmt.Sprintf("an upload of 200 MiB: time (%.2f s) × tusd's alone (%.2f s)", median(ourTime), median(theirTime)), 1.25, median(ourTime)/median(theirTime), "")
	row(fmt.Sprintf("its processor time (%.2f s) × tusd's alone (%.2f s)", median(ours), median(theirs)), 1.3, median(ours)/median(theirs), "")
	alone.stop()

	const large = 1024 * mebibyte
	id := w.announce("video/mp4", "x.mp4", "video")
	s.create(id, large)
	forgetPeak(t, s.pid)
	if err := s.send(id, 0, io.LimitReader(zeros{}, large)); err != nil {
		t.Fatal(err)
	}
	w.await(id, ended)
	row("memory of the service while 1 GiB comes and is looked at (peak)", 64, peak(t, s.pid), " MiB")
	s.stop()
}

// measureMany: ten uploads and four conversions at once.
func measureMany(t *testing.T, row reporter) {
	w := newWorld(t)
	w.making.Converters = 4
	s := w.spawn()
	long := film(t, 60, "long.mp4", "-c:v", "mpeg4", "-b:v", "4M")
	var converting []string
	for range 4 {
		converting = append(converting, s.uploadAs(w.announce("video/mp4", "long.mp4", "video"), long))
	}
	w.until("four conversions", func() error {
		jobs, err := filepath.Glob(filepath.Join(w.dir, "work", "job-*", "played.mp4"))
		if err == nil && len(jobs) < 4 {
			err = os.ErrNotExist
		}
		return err
	})
	forgetPeak(t, s.pid)
	var work sync.WaitGroup
	for range 10 {
		id := w.announce("video/mp4", "x.mp4", "video")
		s.create(id, 50*mebibyte)
		work.Go(func() {
			if err := s.send(id, 0, io.LimitReader(zeros{}, 50*mebibyte)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for _, id := range converting {
		w.made(id)
	}
	row("memory of the service with ten uploads of 50 MiB and four conversions (peak)", 150, peak(t, s.pid), " MiB")
	s.stop()
}

type zeros struct{}

// Read gives nothing but zeros.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// tusd is tusd's own handler on net/http, in this process's child.
type tusd struct {
	pid  int
	url  string
	dir  string
	stop func()
}

const tusdVerb = "run-tusd"

func init() { //nolint:gochecknoinits // the test's main does not know of the bench
	if len(os.Args) < 3 || os.Args[1] != tusdVerb {
		return
	}
	store := filestore.New(os.Args[2])
	composer := handler.NewStoreComposer()
	store.UseIn(composer)
	h, err := handler.NewHandler(handler.Config{StoreComposer: composer, BasePath: "/files/"})
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(http.StripPrefix("/files", h))
	fmt.Println(server.URL + "/files/")
	select {}
}

func startTusd(t *testing.T) *tusd {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], tusdVerb, dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	t.Cleanup(stop)
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	return &tusd{cmd.Process.Pid, strings.TrimSpace(string(line[:n])), dir, stop}
}

func (d *tusd) upload(t *testing.T, size int) {
	t.Helper()
	ask := func(method, url string, header map[string]string, body io.Reader) *http.Response {
		req, err := http.NewRequestWithContext(context.Background(), method, url, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Tus-Resumable", "1.0.0")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode >= 300 {
			t.Fatalf("%v %v", err, res)
		}
		_ = res.Body.Close()
		return res
	}
	res := ask(http.MethodPost, d.url, map[string]string{"Upload-Length": strconv.Itoa(size)}, nil)
	at := d.url + filepath.Base(res.Header.Get("Location"))
	ask(http.MethodPatch, at, map[string]string{"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}, io.LimitReader(zeros{}, int64(size)))
}

// forget removes what came, as the service does with what it has stored: files
// that stay would give tusd the memory that the service has just touched and let
// go of, and leave the service to touch new memory each time.
func (d *tusd) forget(t *testing.T) {
	t.Helper()
	files, err := os.ReadDir(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(filepath.Join(d.dir, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// cpuOf is the processor time of a process and of the children that it has
// waited for, in seconds.
func cpuOf(t *testing.T, pid int) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+2:]))
	var ticks float64
	for _, f := range fields[11:15] {
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return ticks / 100
}

// forgetPeak begins a new peak of a process's memory.
func forgetPeak(t *testing.T, pid int) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// peak is the most memory that a process had resident, in MiB.
func peak(t *testing.T, pid int) float64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if after, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return n / 1024
		}
	}
	t.Fatal("no peak")
	return 0
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

func load(t *testing.T) string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))[0]
}

// section puts a table between its marks in a page.
func section(t *testing.T, page, body string) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- bench:media -->", "<!-- /bench:media -->"
	before, rest, ok := strings.Cut(string(b), from)
	_, after, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("%s has no marks for this table", page)
	}
	if err := os.WriteFile(page, []byte(before+from+"\n\n"+body+"\n"+to+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

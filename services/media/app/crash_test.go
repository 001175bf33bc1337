package app_test

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"fresque.dev/services/media/internal/sample"
)

// spawn runs the service in a process of its own, to be killed.
func (w *world) spawn() *service {
	w.t.Helper()
	c := w.config()
	cmd := exec.Command(os.Args[0], runVerb)
	cmd.Env = append(os.Environ(),
		"FRESQUE_MEDIA_ADDR="+c.Addr, "FRESQUE_MEDIA_UPLOAD_ADDR="+c.UploadAddr, "FRESQUE_MEDIA_UPLOAD_URL="+c.UploadURL, fmt.Sprint("FRESQUE_MEDIA_TAKEOVER_SECONDS=", c.TakeOverSeconds),
		"FRESQUE_MEDIA_DIR="+c.Dir, "FRESQUE_MEDIA_PREVIEW_ALLOW="+strings.Join(c.Previews.Allow, ","), "FRESQUE_MEDIA_WORKER_SECONDS=300", "FRESQUE_MEDIA_CLAMD="+c.Clamd, fmt.Sprint("FRESQUE_MEDIA_CONVERTERS=", c.Converters), "FRESQUE_MEDIA_NATS_URL="+c.NATS.URL, "FRESQUE_MEDIA_NATS_USER="+c.NATS.User, "FRESQUE_MEDIA_NATS_PASSWORD="+c.NATS.Password, "FRESQUE_MEDIA_NATS_STREAMS="+c.NATS.Streams, "FRESQUE_MEDIA_S3_ENDPOINT="+c.S3.Endpoint,
		"FRESQUE_MEDIA_S3_BUCKET="+c.S3.Bucket, "FRESQUE_MEDIA_S3_ACCESS_KEY="+c.S3.AccessKey, "FRESQUE_MEDIA_S3_SECRET_KEY="+c.S3.SecretKey,
	)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	s := &service{w: w, pid: cmd.Process.Pid}
	s.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if w.t.Failed() {
			w.t.Log(log.String())
		}
	})
	w.t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		w.t.Fatalf("no address: %v: %s", err, log.String())
	}
	delivery, uploads, _ := strings.Cut(strings.TrimSpace(line), " ")
	s.addr, s.uploads = "http://"+delivery, "http://"+uploads+"/uploads/"
	return s
}

// TestKilledInMidUpload: the upload goes on where it was.
func TestKilledInMidUpload(t *testing.T) {
	w := newWorld(t)
	s := w.spawn()
	file := picture(t, sample.Options{Width: 1200, Height: 900, Orientation: 1, Quality: 95})
	half := len(file) / 2
	id := w.newID()
	s.create(id, len(file))
	// The connection stays open in mid-body when the process is killed.
	body, feed := io.Pipe()
	sent := make(chan error, 1)
	go func() { sent <- s.send(id, 0, body) }()
	if _, err := feed.Write(file[:half]); err != nil {
		t.Fatal(err)
	}
	w.until("half a file", func() error {
		info, err := os.Stat(w.dir + "/uploads/" + id)
		if err == nil && info.Size() < int64(half) {
			err = fmt.Errorf("%d bytes", info.Size())
		}
		return err
	})
	s.stop()
	_ = feed.Close()
	if err := <-sent; err == nil {
		t.Error("the cut was not noticed")
	}

	s = w.spawn()
	s.create(id, len(file)) // a client that lost the address asks again
	at := s.offset(id)
	if at != half {
		t.Errorf("resumed at %d, want %d", at, half)
	}
	if err := s.send(id, at, bytes.NewReader(file[at:])); err != nil {
		t.Fatal(err)
	}
	if p := w.ready(id); p.Width != 1200 {
		t.Errorf("%v", p)
	}
	w.emptied()
}

// TestKilledInMidProcessing: the file is processed after the next start.
func TestKilledInMidProcessing(t *testing.T) {
	w := newWorld(t)
	s := w.spawn()
	id := s.upload(picture(t, sample.Options{Width: 1600, Height: 1200}))
	w.await(id, processing)
	s.stop()
	s = w.spawn()
	p := w.ready(id)
	if res, _ := s.get(p.Variants[0].Path); res.StatusCode != http.StatusOK {
		t.Errorf("%s", res.Status)
	}
	w.emptied()
}

// TestKilledBeforeStored: S3 is away when the process is killed.
func TestKilledBeforeStored(t *testing.T) {
	w := newWorld(t)
	s := w.spawn()
	w.ready(s.upload(small(t)))
	w.s3.Stop()
	id := s.upload(small(t))
	w.await(id, processing)
	s.stop()
	w.s3.Restart()
	w.spawn()
	w.ready(id)
	w.emptied()
	if files := w.s3.Files(); len(files) != 6 {
		t.Errorf("objects %v", files)
	}
}

// bomb is a whole PNG of 12,000 by 12,000 pixels in about 20 kB.
func bomb() []byte {
	const side = 12_000
	ihdr := binary.BigEndian.AppendUint32(nil, side)
	ihdr = binary.BigEndian.AppendUint32(ihdr, side)
	ihdr = append(ihdr, 1, 0, 0, 0, 0)
	var pixels bytes.Buffer
	z := zlib.NewWriter(&pixels)
	row := make([]byte, 1+side/8)
	for range side {
		_, _ = z.Write(row)
	}
	_ = z.Close()
	chunk := func(name string, body []byte) []byte {
		out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		out = append(append(out, name...), body...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	out := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", ihdr)...)
	return append(append(out, chunk("IDAT", pixels.Bytes())...), chunk("IEND", nil)...)
}

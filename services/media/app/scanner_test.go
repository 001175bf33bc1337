package app_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	mediav1 "fresque.dev/proto/gen/go/fresque/media/v1"
	"fresque.dev/services/media/internal/clamav"
)

// eicar is the file by which scanners are tried out, in two parts so that none
// takes this one for it.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)

// daemon is a real clamd that knows one virus.
type daemon struct {
	t       *testing.T
	program string
	dir     string
	stop    func()
}

func newDaemon(t *testing.T) *daemon {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/clamd"); err != nil {
			t.Skip("clamd (package clamav-daemon) is not installed")
		}
	}
	// The path of a socket is short.
	dir, err := os.MkdirTemp("", "clamd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &daemon{t: t, program: program, dir: dir, stop: func() {}}
	d.write("eicar.ndb", "Eicar-Test:0:*:"+hex.EncodeToString(eicar)+"\n")
	d.write("clamd.conf", fmt.Sprintf("Foreground yes\nLocalSocket %s/socket\nDatabaseDirectory %s\nTemporaryDirectory %s\nStreamMaxLength 1M\nMaxFileSize 1M\nMaxScanSize 1M\nAlertExceedsMax yes\n", dir, dir, dir))
	return d
}

func (d *daemon) write(name, content string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) address() string { return "unix:" + filepath.Join(d.dir, "socket") }

func (d *daemon) start() {
	d.t.Helper()
	cmd := exec.Command(d.program, "--foreground", "--config-file="+filepath.Join(d.dir, "clamd.conf"))
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if d.t.Failed() {
			d.t.Log(log.String())
		}
	})
	d.t.Cleanup(d.stop)
}

func scanning(m *mediav1.MediaChanged) bool { return m.GetScanning() != nil }

// TestAVirusIsRefused, and a scanner that is away is waited for: across a kill
// as well.
func TestAVirusIsRefused(t *testing.T) {
	d := newDaemon(t)
	w := newWorld(t)
	w.making.Clamd = d.address()
	s := w.spawn()
	id := s.upload(small(t))
	w.await(id, scanning)
	if res, _ := s.get("/readyz"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("ready without its scanner: %s", res.Status)
	}
	s.stop()
	s = w.spawn()
	if len(w.s3.Files()) > 0 {
		t.Fatal("something passed unseen")
	}
	d.start()
	seen := w.await(id, ended)
	if seen[len(seen)-1].GetReady() == nil {
		t.Fatalf("events %v", seen)
	}
	w.until("readiness", s.isReady)
	scanner, err := clamav.New(d.address())
	if err != nil {
		t.Fatal(err)
	}
	if version, of, err := scanner.Signatures(t.Context()); err != nil || !strings.HasPrefix(version, "ClamAV ") || !of.IsZero() {
		t.Errorf("a daemon with a signature of ours says %q, %s, %v", version, of, err)
	}
	for name, c := range map[string]struct {
		body []byte
		code string
	}{
		"a virus":             {eicar, "media_infected"},
		"a virus in a longer": {append(bytes.Repeat([]byte("Texte. "), 20_000), eicar...), "media_infected"},
		"more than it takes":  {bytes.Repeat([]byte("Texte. "), 400_000), "media_not_scannable"},
	} {
		seen := w.await(s.uploadAs(w.announce("text/plain", "x.txt", "file"), c.body), ended)
		if code := seen[len(seen)-1].GetRefused().GetCode(); code != c.code {
			t.Errorf("%s: %v", name, seen)
		}
	}
	w.emptied()
	if n := len(w.s3.Files()); n != 3 {
		t.Errorf("%d objects", n)
	}
}

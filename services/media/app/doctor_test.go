package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/doctor"
	"fresque.dev/services/internal/doctor/doctortest"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/media/app"
	"fresque.dev/services/media/internal/objects"
	"fresque.dev/services/media/internal/s3test"
)

// examined runs the command by the settings in the environment.
func examined(t *testing.T) doctor.Report {
	t.Helper()
	var out bytes.Buffer
	err := app.Doctor(t.Context(), []string{"-o=json"}, &out)
	var r doctor.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if secret := os.Getenv("FRESQUE_MEDIA_S3_SECRET_KEY"); r.Well == errors.Is(err, doctor.ErrBroken) || secret != "" && strings.Contains(out.String(), secret) {
		t.Errorf("ends with %v: %s", err, out.String())
	}
	return r
}

// saying is a clamd that says so much of itself, and no more: how old signatures
// are cannot be had of a real one without the network.
func saying(t *testing.T, version string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			said := make([]byte, 64)
			n, _ := conn.Read(said)
			if bytes.HasPrefix(said[:n], []byte("zPING")) {
				_, _ = conn.Write([]byte("PONG\x00"))
			} else {
				_, _ = conn.Write([]byte(version + "\x00"))
			}
			_ = conn.Close()
		}
	}()
	return "tcp:" + l.Addr().String()
}

func TestAnExaminationFindsEachFaultAndSaysWhatToMend(t *testing.T) {
	nats, s3 := natstest.StartDeclared(t), s3test.Start(t)
	uploads := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == "https://wall.example" {
			w.Header().Set("Access-Control-Allow-Origin", "https://wall.example")
		}
	}))
	defer uploads.Close()
	as := nats.Settings(subject.MediaService)
	env := map[string]string{
		"UPLOAD_URL": uploads.URL + "/uploads/", "APP_ORIGINS": "https://wall.example", "DIR": t.TempDir(),
		"NATS_URL": as.URL, "NATS_USER": as.User, "NATS_PASSWORD": as.Password, "NATS_STREAMS": as.Streams,
		"S3_ENDPOINT": s3.Config().Endpoint, "S3_BUCKET": "media", "S3_ACCESS_KEY": s3.Config().AccessKey, "S3_SECRET_KEY": s3.Config().SecretKey,
		"WITHOUT_TOOLS": "ffmpeg,ffprobe,pdfinfo,pdftoppm,soffice",
	}
	examine := func(t *testing.T, other map[string]string) doctor.Report {
		t.Helper()
		for name, value := range env {
			t.Setenv("FRESQUE_MEDIA_"+name, value)
		}
		for name, value := range other {
			t.Setenv("FRESQUE_MEDIA_"+name, value)
		}
		return examined(t)
	}
	if said := doctortest.Found(examine(t, nil), "objects"); !strings.Contains(said, "Make the bucket") {
		t.Errorf("without a bucket it says %s", said)
	}
	store, err := objects.New(s3.Config())
	if err == nil {
		err = store.EnsureBucket(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	r := examine(t, nil)
	if !r.Well {
		t.Fatalf("a service that is well: %+v", r.Findings)
	}
	for _, of := range []string{"settings", "disk", "objects", "tools", "nats", "uploads"} {
		if !strings.Contains(doctortest.Found(r, of), "ok ") {
			t.Errorf("nothing good of %s: %s", of, doctortest.Found(r, of))
		}
	}
	if left := s3.Files(); len(left) > 0 {
		t.Errorf("an examination left %v", left)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		of   string
		says string
	}{
		"settings":              {map[string]string{"APP_ORIGINS": "*"}, "settings", "APP_ORIGINS"},
		"no folder":             {map[string]string{"DIR": "/nonexistent"}, "disk", "Make the folder of DIR"},
		"a full disk":           {map[string]string{"RESERVE_MIB": "1048576"}, "disk", "Make the disk of DIR larger"},
		"no S3":                 {map[string]string{"S3_ENDPOINT": "127.0.0.1:1"}, "objects", "Start the S3"},
		"another key of S3":     {map[string]string{"S3_ACCESS_KEY": "another"}, "objects", "mend S3_ACCESS_KEY"},
		"another secret of S3":  {map[string]string{"S3_SECRET_KEY": "another"}, "objects", "Mend S3_ACCESS_KEY"},
		"no scan":               {nil, "scanner", "skipped CLAMD is empty"},
		"no clamd":              {map[string]string{"CLAMD": "tcp:127.0.0.1:1"}, "scanner", "Start clamd"},
		"old signatures":        {map[string]string{"CLAMD": saying(t, "ClamAV 1.4.3/27100/Mon Jan  1 08:00:00 2024")}, "scanner", "freshclam"},
		"good signatures":       {map[string]string{"CLAMD": saying(t, "ClamAV 1.4.3/27100/Mon Jan  1 08:00:00 2299")}, "scanner", "ok ClamAV 1.4.3 answers; signatures of 2299-01-01"},
		"no NATS":               {map[string]string{"NATS_URL": "nats://127.0.0.1:1"}, "nats", "start NATS"},
		"a page from elsewhere": {map[string]string{"APP_ORIGINS": "https://other.example"}, "uploads", "OPTIONS too"},
		"nobody takes uploads":  {map[string]string{"UPLOAD_URL": "http://127.0.0.1:1/uploads/"}, "uploads", "Nobody listens at UPLOAD_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			if said := doctortest.Found(examine(t, c.env), c.of); !strings.Contains(said, c.says) {
				t.Errorf("of %s it says:\n%s", c.of, said)
			}
		})
	}
	t.Run("no tools", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if said := doctortest.Found(examine(t, map[string]string{"WITHOUT_TOOLS": "soffice"}), "tools"); !strings.Contains(said, "not installed: ffprobe, ffmpeg, pdfinfo, pdftoppm") || strings.Contains(said, "soffice") {
			t.Errorf("it says %s", said)
		}
	})
}

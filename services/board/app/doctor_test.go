package app_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/doctor"
	"fresque.dev/services/internal/doctor/doctortest"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

// patient is a service with all around it that an examination looks at.
type patient struct {
	*service
	nats *natstest.Server
	// env are its settings.
	env map[string]string
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	cfg := app.LocalConfig(t)
	p := &patient{nats: natstest.StartDeclared(t)}
	media := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(media.Close)
	uploads := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}))
	t.Cleanup(uploads.Close)
	cfg.MediaURL, cfg.UploadURL = media.URL, uploads.URL+"/uploads/"
	cfg.NATS = p.nats.Settings(subject.BoardService)
	p.service = start(t, cfg, p.nats)
	p.env = map[string]string{
		"PUBLIC_URL": p.base, "MEDIA_URL": cfg.MediaURL, "UPLOAD_URL": cfg.UploadURL, "STORE": cfg.Store,
		"NATS_URL": cfg.NATS.URL, "NATS_USER": cfg.NATS.User, "NATS_PASSWORD": cfg.NATS.Password, "NATS_STREAMS": cfg.NATS.Streams, "MASTER_KEY": cfg.MasterKey, "OPERATOR_KEY": cfg.OperatorKey,
	}
	return p
}

// examine runs the command, with other settings where they are given.
func (p *patient) examine(t *testing.T, other map[string]string) doctor.Report {
	t.Helper()
	for name, value := range p.env {
		t.Setenv("FRESQUE_BOARD_"+name, value)
	}
	for name, value := range other {
		t.Setenv("FRESQUE_BOARD_"+name, value)
	}
	var out bytes.Buffer
	err := app.Doctor(t.Context(), []string{"-o", "json"}, &out)
	var r doctor.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if r.Well == errors.Is(err, doctor.ErrBroken) {
		t.Errorf("ends with %v: %s", err, out.String())
	}
	if strings.Contains(out.String(), app.OperatorKey) || strings.Contains(out.String(), p.env["MASTER_KEY"]) {
		t.Error("it tells a key")
	}
	return r
}

// TestASystemOfTheFirstDayIsWell: services that make their streams have not made
// those by which platforms are told before there is one that listens.
func TestASystemOfTheFirstDayIsWell(t *testing.T) {
	cfg := app.LocalConfig(t)
	events := natstest.Start(t)
	js, err := jetstream.New(events.Connect())
	if err == nil {
		_, err = js.CreateStream(t.Context(), streams.News(1)) // the media service's
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg.NATS, cfg.Pacing.Look = events.Settings(subject.BoardService), 50*time.Millisecond
	media := httptest.NewServer(http.NotFoundHandler())
	defer media.Close()
	cfg.MediaURL, cfg.UploadURL = media.URL, media.URL+"/uploads/"
	p := &patient{nats: events, service: start(t, cfg, events)}
	p.env = map[string]string{
		"PUBLIC_URL": p.base, "MEDIA_URL": cfg.MediaURL, "UPLOAD_URL": cfg.UploadURL, "STORE": cfg.Store, "MASTER_KEY": cfg.MasterKey,
		"NATS_URL": cfg.NATS.URL, "NATS_USER": cfg.NATS.User, "NATS_PASSWORD": cfg.NATS.Password,
	}
	well := func(read int) func() bool {
		return func() bool {
			said := doctortest.Found(p.examine(t, nil), "nats")
			return !strings.Contains(said, string(doctor.Broken)) && strings.Count(said, "wait to be read") == read
		}
	}
	p.until(well(1))
	p.connect("moodle", map[string]any{"webhook": "https://moodle.example/hook"})
	p.until(well(3))
}

func TestAnExaminationFindsEachFaultAndSaysWhatToMend(t *testing.T) {
	p := newPatient(t)
	r := p.examine(t, nil)
	if !r.Well {
		t.Fatalf("a service that is well: %+v", r.Findings)
	}
	for _, of := range []string{"settings", "store", "keys", "nats", "origins", "wall", "stream", "files", "uploads"} {
		if !strings.Contains(doctortest.Found(r, of), "ok ") {
			t.Errorf("nothing good of %s: %s", of, doctortest.Found(r, of))
		}
	}
	p.examine(t, nil) // again, as every night

	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer broken.Close()
	mute := httptest.NewServer(http.NotFoundHandler())
	defer mute.Close()
	strange := httptest.NewTLSServer(http.NotFoundHandler())
	defer strange.Close()
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
	}))
	defer late.Close()
	newer := filepath.Join(t.TempDir(), "newer.db")
	older := filepath.Join(t.TempDir(), "older.db")
	setVersion(t, newer, 999)
	setVersion(t, older, 1)
	for name, c := range map[string]struct {
		env  map[string]string
		of   string
		says string
	}{
		"settings":                {map[string]string{"STORE": "postgres://"}, "settings", "STORE: must be"},
		"a setting there is not":  {map[string]string{"COLOUR": "red"}, "settings", "is not a setting"},
		"no folder for the store": {map[string]string{"STORE": "sqlite:/nonexistent/board.db"}, "store", "skipped the file is not there yet"},
		"a newer store":           {map[string]string{"STORE": "sqlite:" + newer}, "store", "Start the newer release"},
		"an older store":          {map[string]string{"STORE": "sqlite:" + older}, "store", "skipped its schema is version 1"},
		"no NATS":                 {map[string]string{"NATS_URL": "nats://127.0.0.1:1"}, "nats", "start NATS"},
		"another master key":      {map[string]string{"MASTER_KEY": base64.StdEncoding.EncodeToString(make([]byte, 32))}, "keys", "broken the keys in the store are sealed with another key"},
		"another name at NATS":    {map[string]string{"NATS_PASSWORD": "hidden"}, "nats", "NATS does not take NATS_USER with NATS_PASSWORD"},
		"copies":                  {map[string]string{"REPLICAS": "3"}, "nats", "has 1 copies, not 3"},
		"one origin":              {map[string]string{"UPLOAD_URL": p.base + "/uploads/"}, "origins", "Give UPLOAD_URL a host or port of its own"},
		"nobody at an address":    {map[string]string{"MEDIA_URL": "http://127.0.0.1:1"}, "files", "Nobody listens at MEDIA_URL"},
		"a proxy without service": {map[string]string{"PUBLIC_URL": broken.URL}, "wall", "Look whether the service behind PUBLIC_URL runs"},
		"no name":                 {map[string]string{"MEDIA_URL": "http://nowhere.invalid"}, "files", "DNS"},
		"a certificate":           {map[string]string{"MEDIA_URL": strange.URL}, "files", "that browsers trust"},
		"a clock":                 {map[string]string{"MEDIA_URL": late.URL}, "files", "NTP"},
		"no leave to upload":      {map[string]string{"UPLOAD_URL": mute.URL + "/uploads/"}, "uploads", "FRESQUE_MEDIA_APP_ORIGINS"},
		"another operator's key":  {map[string]string{"OPERATOR_KEY": "another key of the operator's"}, "stream", "operator_key_invalid"},
		"no operator's key":       {map[string]string{"OPERATOR_KEY": ""}, "stream", "skipped"},
	} {
		t.Run(name, func(t *testing.T) {
			r := p.examine(t, c.env)
			if said := doctortest.Found(r, c.of); !strings.Contains(said, c.says) || strings.Contains(said, "hidden") {
				t.Errorf("of %s it says:\n%s", c.of, said)
			}
		})
	}
	if _, err := os.Stat("/nonexistent"); err == nil {
		t.Error("an examination made a folder")
	}
	if v := versionOf(t, older); v != 1 {
		t.Errorf("an examination brought a store up to date: %d", v)
	}
}

// TestAnExaminationSeesWhatAProxyDoesToTheStream: one that waits for the end of
// an answer is found by the stream that never begins.
func TestAnExaminationSeesWhatAProxyDoesToTheStream(t *testing.T) {
	s := startNew(t)
	ended := make(chan struct{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, s.base+r.URL.Path, r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header.Clone()
		req.Header.Del("Accept-Encoding")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return
		}
		defer func() { _ = res.Body.Close() }()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		w.WriteHeader(res.StatusCode)
		if strings.HasSuffix(r.URL.Path, "/events") {
			w.(http.Flusher).Flush() // its head comes, and then nothing
			<-ended
			return
		}
		_, _ = io.Copy(w, res.Body)
	}))
	defer proxy.Close()
	defer close(ended)
	code, out, errs := s.fresquectl(map[string]string{"FRESQUE_URL": proxy.URL}, "doctor")
	if code != 1 || !strings.Contains(out, "Switch buffering and compression") {
		t.Fatalf("exits with %d: %s%s", code, out, errs)
	}
}

func TestTheOperatorExaminesAServiceFromOutside(t *testing.T) {
	s := startNew(t)
	t.Setenv("PATH", t.TempDir())
	code, out, errs := s.fresquectl(nil, "doctor")
	for _, says := range []string{"operator stream  the live stream begins at once", "operator engines the service is ready", "skipped", "give -media-url", "boardd doctor where it runs", "0 to mend"} {
		if code != 0 || !strings.Contains(out, says) {
			t.Errorf("exits with %d, without %q: %s%s", code, says, out, errs)
		}
	}
	code, out, _ = s.fresquectl(map[string]string{"FRESQUE_OPERATOR_KEY": "", "FRESQUE_OPERATOR_KEY_FILE": "/nonexistent"}, "-o", "json", "doctor")
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || !strings.Contains(doctortest.Found(r, "stream"), "/nonexistent") {
		t.Errorf("exits with %d, %v: %s", code, err, out)
	}
	// A service beside it is asked, and what it finds is told with the rest.
	dir := t.TempDir()
	told := `#!/bin/sh
printf '%s' '{"well":false,"findings":[{"of":"disk","by":"media","state":"broken","found":"full","mend":"Make it larger."}]}'
exit 1
`
	if err := os.WriteFile(filepath.Join(dir, "mediad"), []byte(told), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	code, out, _ = s.fresquectl(nil, "doctor", "-media", "settings.env")
	if code != 1 || !strings.Contains(out, "broken   media disk       full") || !strings.Contains(out, "Make it larger.") {
		t.Errorf("exits with %d: %s", code, out)
	}
	s.stop()
	code, out, _ = s.fresquectl(nil, "doctor")
	if code != 1 || !strings.Contains(out, "Nobody listens at -url") {
		t.Errorf("exits with %d: %s", code, out)
	}
}

// setVersion makes a file whose schema is of a version, and versionOf reads it.
func setVersion(t *testing.T, path string, version int) {
	t.Helper()
	inFile(t, path, func(db *sql.DB) {
		if _, err := db.ExecContext(t.Context(), "PRAGMA user_version = "+strconv.Itoa(version)); err != nil {
			t.Fatal(err)
		}
	})
}

func versionOf(t *testing.T, path string) (version int) {
	t.Helper()
	inFile(t, path, func(db *sql.DB) {
		if err := db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version); err != nil {
			t.Fatal(err)
		}
	})
	return version
}

func inFile(t *testing.T, path string, do func(*sql.DB)) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	do(db)
}

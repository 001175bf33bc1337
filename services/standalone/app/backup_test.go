package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	media "fresque.dev/services/media/app"
	"fresque.dev/services/standalone/app"
)

// TestMain lets the test's program be a worker of the media service.
func TestMain(m *testing.M) {
	media.RunWorkerIfAsked()
	os.Exit(m.Run())
}

// running is the product on a data folder.
type running struct {
	t     *testing.T
	cfg   app.Config
	token string
	// welcome is what whoever started it reads.
	welcome string
}

func startOn(t *testing.T, data string) (*running, func()) {
	t.Helper()
	return startLogged(t, data, io.Discard)
}

// startLogged is startOn with all logs written somewhere.
func startLogged(t *testing.T, data string, logs io.Writer) (*running, func()) {
	t.Helper()
	return startConfigured(t, defaultOn(t, data), logs)
}

// defaultOn is a configuration of free addresses that logs all there is.
func defaultOn(t *testing.T, data string) app.Config {
	t.Helper()
	cfg := app.Default()
	cfg.Data, cfg.Addr, cfg.MediaAddr, cfg.UploadAddr = data, free(t), free(t), free(t)
	cfg.PublicURL, cfg.MediaURL, cfg.UploadURL = "http://"+cfg.Addr, "http://"+cfg.MediaAddr, "http://"+cfg.UploadAddr+"/uploads/"
	cfg.LogLevel = "debug"
	return cfg
}

func startConfigured(t *testing.T, cfg app.Config, logs io.Writer) (*running, func()) {
	t.Helper()
	a, err := app.New(t.Context(), cfg, cfg.Logger(logs), "test")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	return &running{t: t, cfg: cfg, welcome: a.Welcome()}, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// ask sends a request and gives what came back.
func (r *running) ask(want int, method, url string, body any, headers ...string) ([]byte, http.Header) {
	r.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = r.cfg.PublicURL + "/api/v1" + url
	}
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	default:
		raw, _ = json.Marshal(b)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, url, bytes.NewReader(raw))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		r.t.Fatalf("%s %s: %d, want %d: %v\n%s", method, url, res.StatusCode, want, err, got)
	}
	return got, res.Header
}

func read[T any](t *testing.T, raw []byte) (out T) {
	t.Helper()
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return out
}

type entry struct {
	Board struct{ ID string }
	Links []struct{ Role, URL string }
}

// operatorKey is the one that a data folder has.
func operatorKey(t *testing.T, data string) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(data, "keys", "operator.key"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(key))
}

// firstWall makes a wall as the operator, and enters it.
func (r *running) firstWall(data string) entry {
	r.t.Helper()
	r.token = operatorKey(r.t, data)
	got, _ := r.ask(201, "POST", "/boards", map[string]string{"title": "Ma classe"})
	wall := read[entry](r.t, got)
	r.enter(wall)
	return wall
}

// enter opens a session by a link that was handed out.
func (r *running) enter(wall entry) {
	r.t.Helper()
	for _, l := range wall.Links {
		if l.Role == "moderator" {
			_, secret, _ := strings.Cut(l.URL, "#")
			got, _ := r.ask(201, "POST", "/sessions", map[string]string{"boardId": wall.Board.ID, "secret": secret, "name": "Ada"})
			r.token = read[struct{ Token string }](r.t, got).Token
		}
	}
}

// illustrated posts a picture and waits for it to be ready.
func (r *running) illustrated(wall entry) {
	r.t.Helper()
	r.withFile(wall, "Une photo", "photo.png", "image/png", photograph())
}

// upload is where a file goes, and with what.
type upload struct{ URL, Token string }

// send sends a whole file.
func (r *running) send(to upload, file []byte) {
	r.t.Helper()
	tus := []string{"Authorization", "Bearer " + to.Token, "Tus-Resumable", "1.0.0"}
	_, header := r.ask(201, "POST", to.URL, nil, append(tus, "Upload-Length", fmt.Sprint(len(file)))...)
	r.ask(204, "PATCH", header.Get("Location"), file, append(tus, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")...)
}

// withFile posts a file and waits for it to be ready.
func (r *running) withFile(wall entry, title, name, mediaType string, file []byte) {
	r.t.Helper()
	on := "/boards/" + wall.Board.ID
	got, _ := r.ask(201, "POST", on+"/media", map[string]any{"size": len(file), "type": mediaType, "name": name})
	m := read[struct {
		Media  struct{ ID string }
		Upload upload
	}](r.t, got)
	r.send(m.Upload, file)
	r.ask(201, "POST", on+"/posts", map[string]any{
		"title": title, "attachments": []any{map[string]string{"type": "media", "mediaId": m.Media.ID, "alt": "Un dégradé", "caption": "Ce que c’est"}},
	})
	for {
		got, _ := r.ask(200, "GET", on+"/media/"+m.Media.ID, nil)
		switch state := read[struct{ State string }](r.t, got).State; state {
		case "ready":
			return
		case "refused":
			r.t.Fatalf("%s was refused: %s", name, got)
		}
		r.rest()
	}
}

// rest waits a little before something is asked again.
func (r *running) rest() {
	r.t.Helper()
	select {
	case <-r.t.Context().Done():
		r.t.Fatal(r.t.Context().Err())
	case <-time.After(20 * time.Millisecond):
	}
}

func photograph() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for x := range 400 {
		for y := range 300 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}

type picture struct {
	Variants []struct{ URL string }
}

type snapshot struct {
	Cursor string
	Posts  []struct {
		ID, Title   string
		Rev         int
		Attachments []struct{ Media struct{ ID, State string } }
	}
	Media []struct {
		ID, State string
		Picture   *picture
	}
}

func TestABackupIsRestoredIntoAnEmptyFolder(t *testing.T) {
	data, dir, empty := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "data")
	r, stop := startOn(t, data)
	wall := r.firstWall(data)
	r.illustrated(wall)
	raw, _ := r.ask(200, "GET", "/boards/"+wall.Board.ID+"/snapshot", nil)
	before := read[snapshot](t, raw)
	files := map[string][]byte{}
	for _, path := range pathsIn(string(raw)) {
		files[path], _ = r.ask(200, "GET", r.cfg.MediaURL+path, nil)
	}
	if len(files) == 0 {
		t.Fatalf("no file in %s", raw)
	}
	var out bytes.Buffer
	if err := app.Backup(t.Context(), "backup", []string{dir, "-data", data}, &out, io.Discard); err == nil {
		t.Error("a folder in use was backed up")
	}
	stop()

	for _, verb := range []string{"backup", "backup", "verify"} {
		if err := app.Backup(t.Context(), verb, []string{dir, "-data", data}, &out, io.Discard); err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	// The keys are not in a backup: they are kept apart.
	if err := os.CopyFS(filepath.Join(empty, "keys"), os.DirFS(filepath.Join(data, "keys"))); err != nil {
		t.Fatal(err)
	}
	if err := app.Backup(t.Context(), "restore", []string{dir, "-data", empty}, &out, io.Discard); err != nil {
		t.Fatalf("restore: %v", err)
	}
	if err := app.Backup(t.Context(), "restore", []string{dir, "-data", empty}, &out, io.Discard); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("over a store with something in it: %v", err)
	}
	if err := app.Backup(t.Context(), "restore", []string{"-resume", dir, "-data", empty}, &out, io.Discard); err != nil {
		t.Errorf("gone on with as it says: %v", err)
	}
	if strings.Contains(out.String(), operatorKey(t, data)) {
		t.Error("a key was told")
	}

	r, stop = startOn(t, empty)
	defer stop()
	r.enter(wall) // by the link that was handed out before
	raw, _ = r.ask(200, "GET", "/boards/"+wall.Board.ID+"/snapshot", nil)
	after := read[snapshot](t, raw)
	if len(after.Posts) != 1 || fmt.Sprint(after.Posts) != fmt.Sprint(before.Posts) {
		t.Errorf("posts are %+v, were %+v", after.Posts, before.Posts)
	}
	if after.Cursor == before.Cursor {
		t.Error("a cursor of the lost stream would be taken for one of the new")
	}
	for path, was := range files {
		if is, _ := r.ask(200, "GET", r.cfg.MediaURL+path, nil); !bytes.Equal(is, was) {
			t.Errorf("%s is another file", path)
		}
	}
	r.illustrated(wall)
}

// pathsIn finds the paths of files in what the service said.
func pathsIn(raw string) []string {
	var out []string
	for _, part := range strings.Split(raw, `"`) {
		if i := strings.Index(part, "/m/"); i >= 0 && strings.HasPrefix(part, "http") {
			out = append(out, part[i:])
		}
	}
	return out
}

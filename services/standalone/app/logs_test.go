package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// written is what a log was written into.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// TestNoServiceLogsWhatPeopleWriteOrShow puts secrets and texts into every part of
// requests to every address of the product, good ones and broken ones, and looks
// for them in all that was logged.
func TestNoServiceLogsWhatPeopleWriteOrShow(t *testing.T) {
	var logs written
	data := filepath.Join(t.TempDir(), "data")
	r, stop := startLogged(t, data, &logs)
	key, err := os.ReadFile(filepath.Join(data, "keys", "operator.key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"the operator's key": strings.TrimSpace(string(key))}
	r.token = secrets["the operator's key"]
	got, _ := r.ask(201, "POST", "/boards", map[string]any{"title": "Titre-secret-de-mur", "description": "Description-secrete"})
	wall := read[entry](t, got)
	secrets["a wall's title"], secrets["its description"] = "Titre-secret-de-mur", "Description-secrete"
	for _, l := range wall.Links {
		_, secrets["the link of a "+l.Role], _ = strings.Cut(l.URL, "#")
	}
	r.enter(wall)
	secrets["a session"], secrets["somebody's name"] = r.token, `"Ada"`
	on := "/boards/" + wall.Board.ID
	r.illustrated(wall)
	secrets["a description of a picture"] = "Un dégradé"
	r.ask(201, "POST", on+"/posts", map[string]any{"title": "Titre-secret", "body": "<p>Texte-secret</p>", "attachments": []any{
		map[string]string{"type": "link", "url": "http://127.0.0.1:1/chemin-secret?mot=requete-secrete"}}})
	secrets["a post's title"], secrets["its text"], secrets["a link's path"], secrets["a link's query"] = "Titre-secret", "Texte-secret", "chemin-secret", "requete-secrete"

	// What is wrong is told to whoever asks, and logged without what was wrong.
	const loose = "jeton-egare"
	secrets["what is where it does not belong"] = loose
	everywhere := []string{
		"Cookie", "fresque_account=" + loose, "X-Request-ID", loose, "X-Request-Id", loose + strings.Repeat("0", 21), "Traceparent", loose, "Tracestate", "x=" + loose, "Baggage", "user=" + loose,
		"User-Agent", loose, "Referer", "http://x/?t=" + loose, "X-Forwarded-For", loose, "Accept-Language", loose, "If-Match", `"` + loose + `"`, "Last-Event-ID", loose,
		"Upload-Metadata", "filename " + loose, "Upload-Length", "12", "Tus-Resumable", "1.0.0",
	}
	var paths []string
	for _, base := range []string{r.cfg.PublicURL, r.cfg.MediaURL, strings.TrimSuffix(r.cfg.UploadURL, "/uploads/")} {
		for _, path := range []string{"/", "/api/v1/boards", "/api/v1" + on + "/snapshot", "/api/v1/boards/" + loose + "/posts", "/api/v1" + on + "/posts/" + loose, "/api/v1/sessions", "/api/v1/account/sessions",
			"/api/v1/account/oidc/callback", "/api/v1/oauth/token", "/w/" + loose, "/uploads/", "/uploads/" + loose, "/m/" + loose + "/b/c/d.webp", "/assets/" + loose, "/" + loose, "/readyz", "/version"} {
			paths = append(paths, base+path+"?token="+loose+"&state="+loose+"&error="+loose)
		}
	}
	for _, url := range paths {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			for body, bearer := range map[string]string{
				"": r.token, `{"` + loose: r.token,
				`{"secret":"` + loose + `","login":"` + loose + `","password":"` + loose + `","name":"` + loose + `"}`: loose,
			} {
				req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer "+bearer)
				for i := 0; i < len(everywhere); i += 2 {
					req.Header.Set(everywhere[i], everywhere[i+1])
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatalf("%s %s: %v", method, url, err)
				}
				_ = res.Body.Close()
			}
		}
	}
	stop()
	log := logs.String()
	for what, secret := range secrets {
		if at := strings.Index(log, secret); at >= 0 && secret != "" {
			t.Errorf("the log tells %s: …%s", what, log[max(0, at-300):min(len(log), at+50)])
		}
	}
	for _, want := range []string{wall.Board.ID, "/snapshot", "/uploads/{media}", "/m/:board/:media/:digest/:file", "service=board", "service=media"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log says nothing of %s", want)
		}
	}
}

// TestLogsAreObjects shows that each line of a log of programs is one object, and
// that what belongs to a request says so.
func TestLogsAreObjects(t *testing.T) {
	var logs written
	cfg := defaultOn(t, filepath.Join(t.TempDir(), "data"))
	cfg.LogLevel, cfg.LogFormat = "info", "json"
	r, stop := startConfigured(t, cfg, &logs)
	const named = "0123456789abcdef0123456789abcdef"
	_, header := r.ask(401, "GET", fmt.Sprintf("/boards/%s/snapshot", "01980000-0000-7000-8000-000000000001"), nil, "X-Request-ID", named)
	if header.Get("X-Request-ID") != named {
		t.Errorf("the request is called %q", header.Get("X-Request-ID"))
	}
	stop()
	found := false
	for lines := bufio.NewScanner(strings.NewReader(logs.String())); lines.Scan(); {
		var line struct {
			Request, Board, Route, Method string
			Status                        int
			MS                            *float64
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Errorf("%v: %s", err, lines.Text())
		}
		found = found || line.Request == named && line.Board == "01980000-0000-7000-8000-000000000001" && line.Status == 401 &&
			line.Method == "GET" && line.Route == "/api/v1/boards/:board/snapshot" && line.MS != nil
	}
	if !found {
		t.Errorf("the request is not in the log:\n%s", logs.String())
	}
}

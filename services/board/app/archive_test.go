package app_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// unzipped is what is in an archive, by name; what is none is there as it is, to
// be looked at all the same.
func unzipped(t *testing.T, raw string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
	if err != nil {
		return map[string]string{"": raw}
	}
	out := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || out[f.Name] != "" {
			t.Fatalf("%s: %v, or there twice", f.Name, err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// fromOutside finds what a page would load from another site, or run.
var fromOutside = regexp.MustCompile(`(?i)<(script|iframe|object|embed|link|base|form)\b|\bon\w+=|(src|poster|srcset)="(https?:)?//|url\(|@import`)

func TestATrainerTakesAWallAwayWhole(t *testing.T) {
	s := startNew(t)
	eve, ada := s.moderator("Eve"), s.writer("Ada & Co")
	section := s.call("POST", wall+"/sections", eve, map[string]any{"title": "Volcans <b>"}).wants(t, 201, "").str("id")
	post := s.call("POST", wall+"/posts", ada, map[string]any{
		"title": "Etna </article>", "body": "<p>Un <strong>mot</strong><script>x()</script></p>", "sectionId": section, "colour": "red",
		"attachments": []any{map[string]any{"type": "link", "url": "https://example.org/etna", "caption": "Voir"}},
	}).wants(t, 201, "").str("id")
	said := s.call("POST", wall+"/posts/"+post+"/comments", eve, map[string]any{"body": "<p>Bien</p>"}).wants(t, 201, "").str("id")
	s.call("POST", wall+"/posts/"+post+"/comments", ada, map[string]any{"body": "<p>Merci</p>", "replyTo": said}).wants(t, 201, "")
	got := s.call("GET", wall+"/archive.zip?lang=en", eve, nil).wants(t, 200, "")
	if got.header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("served as %v", got.header)
	}
	in := unzipped(t, got.raw)
	page := in["index.html"]
	for _, want := range []string{
		`<html lang="en">`, "Volcans &lt;b&gt;", "Etna &lt;/article&gt;", "<p>Un <strong>mot</strong></p>", "Ada &amp; Co", `class="red"`,
		`href="https://example.org/etna"`, "Voir", "2 comments", "Bien", "Merci", "trainer",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	if found := fromOutside.FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	if french := unzipped(t, s.call("GET", wall+"/archive.zip", eve, nil).raw)["index.html"]; !strings.Contains(french, `<html lang="fr">`) || !strings.Contains(french, "2 commentaires") {
		t.Errorf("in the language of the board:\n%s", french)
	}
	var kept struct {
		Version  int
		SavedAt  string
		Sections []struct{ ID, Title string }
		Posts    []struct {
			Title, Section string
			Author         struct{ Name, User string }
			Attachments    []struct{ Type, URL string }
		}
		Comments []struct{ ReplyTo, Body string }
	}
	if err := json.Unmarshal([]byte(in["board.json"]), &kept); err != nil {
		t.Fatal(err)
	}
	if kept.Version != 1 || kept.SavedAt == "" || len(kept.Posts) != 1 || kept.Posts[0].Author.Name != "Ada & Co" || kept.Posts[0].Section != kept.Sections[0].ID ||
		kept.Posts[0].Attachments[0].URL != "https://example.org/etna" || len(kept.Comments) != 2 || kept.Comments[1].ReplyTo == "" {
		t.Errorf("kept: %s", in["board.json"])
	}
	s.call("GET", wall+"/archive.zip", ada, nil).wants(t, 403, "forbidden")
	s.call("GET", wall+"/archive.zip?lang=de", eve, nil).wants(t, 422, "invalid_input")
}

// depot stands for a media service that serves, or fails, as it is told.
func depot(t *testing.T, serve http.HandlerFunc) app.Config {
	t.Helper()
	media := httptest.NewServer(serve)
	t.Cleanup(media.Close)
	cfg := app.LocalConfig(t)
	cfg.MediaInternalURL = media.URL
	return cfg
}

// withFile is a service whose wall shows one document that its media service has.
func withFile(t *testing.T, size int, serve http.HandlerFunc, also ...func(*app.Config)) (s *service, trainer string) {
	t.Helper()
	cfg := depot(t, serve)
	for _, change := range also {
		change(&cfg)
	}
	s = start(t, cfg, natstest.Start(t))
	trainer = s.moderator("Eve")
	begun := s.call("POST", wall+"/media", trainer, map[string]any{"size": size, "type": "application/pdf", "name": "bilan.pdf"}).wants(t, 201, "")
	id := begun.json["media"].(map[string]any)["id"].(string)
	s.call("POST", wall+"/posts", trainer, map[string]any{"title": "Bilan", "attachments": []any{map[string]any{"type": "media", "mediaId": id}}}).wants(t, 201, "")
	s.app.MediaIsReady(t, wallID, id, fmt.Sprintf("m/%s/%s/x/file/bilan.pdf", wallID, id), "application/pdf", int64(size))
	return s, trainer
}

func TestAFileThatCannotBeReadIsToldInTheArchive(t *testing.T) {
	s, eve := withFile(t, 5, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
	in := unzipped(t, s.call("GET", wall+"/archive.zip?lang=en", eve, nil).wants(t, 200, "").raw)
	if !strings.Contains(in["board.json"], `"missing": "unreadable"`) || !strings.Contains(in["board.json"], `"without": 1`) {
		t.Error(in["board.json"])
	}
	if !strings.Contains(in["index.html"], "One file is missing from this copy.") || !strings.Contains(in["index.html"], "bilan.pdf. This file was not available") {
		t.Error(in["index.html"])
	}
}

// What is packed is not compressed once more.
func TestFilesToKeepAreSentAsTheyAre(t *testing.T) {
	s, eve := withFile(t, 5, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("bilan")) })
	for path, encoding := range map[string]string{"": "br", "/archive.zip": "", "/wall.pdf": ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+wall+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+eve)
		req.Header.Set("Accept-Encoding", "gzip, br")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != 200 || res.Header.Get("Content-Encoding") != encoding {
			t.Errorf("%s: %d as %q, %v", path, res.StatusCode, res.Header.Get("Content-Encoding"), err)
		}
	}
}

func TestSomebodyFetchesOneArchiveAtATime(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	s, eve := withFile(t, 5, func(w http.ResponseWriter, _ *http.Request) {
		began <- struct{}{}
		<-end
		_, _ = w.Write([]byte("bilan"))
	})
	first := make(chan answer, 1)
	go func() { first <- s.call("GET", wall+"/archive.zip", eve, nil) }()
	<-began
	if busy := s.call("GET", wall+"/archive.zip", eve, nil).wants(t, 429, "archive_busy"); busy.header.Get("Retry-After") == "" {
		t.Error("nobody says when to come back")
	}
	end <- struct{}{}
	in := unzipped(t, (<-first).raw)
	for name, text := range in {
		if strings.HasPrefix(name, "media/") && text != "bilan" {
			t.Errorf("%s is %q", name, text)
		}
	}
	if len(in) != 3 {
		t.Errorf("there are %d files", len(in))
	}
	go func() { <-began; end <- struct{}{} }()
	s.call("GET", wall+"/archive.zip", eve, nil).wants(t, 200, "") // its place is free again
}

// Whoever leaves gives their place back, though the file never ends.
func TestAnArchiveThatIsLeftMakesRoom(t *testing.T) {
	began, gone := make(chan struct{}, 1), make(chan struct{})
	s, eve := withFile(t, 100<<20, func(w http.ResponseWriter, r *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		select {
		case began <- struct{}{}:
		default:
		}
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
		close(gone)
	})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(conn, "GET %s/archive.zip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", wall, eve)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatal(line, err)
	}
	<-began
	_ = conn.Close()
	<-gone
}

// What is being taken is not cut off at the time that other answers have.
func TestAnArchiveMayTakeLongerThanOtherAnswers(t *testing.T) {
	const limit = 100 * time.Millisecond
	chunk := bytes.Repeat([]byte("x"), 512<<10)
	s, eve := withFile(t, 4*len(chunk), func(w http.ResponseWriter, r *http.Request) {
		for range 4 {
			select {
			case <-time.After(limit):
			case <-r.Context().Done():
			}
			_, _ = w.Write(chunk)
		}
	}, func(cfg *app.Config) { cfg.Waits.Write = limit })
	in := unzipped(t, s.call("GET", wall+"/archive.zip", eve, nil).wants(t, 200, "").raw)
	if len(in) != 3 || strings.Contains(in["board.json"], "missing") {
		t.Errorf("%d files, and %s", len(in), in["board.json"])
	}
}

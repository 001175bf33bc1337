//go:build compose

package wiring

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAWalkThroughTheWholeSystem(t *testing.T) {
	s := start(t)
	made := s.wants(201, "POST", "/boards", operatorKey, map[string]any{"title": "Ma classe"})
	board := made["board"].(map[string]any)["id"].(string)
	secret := ""
	for _, l := range made["links"].([]any) {
		if link := l.(map[string]any); link["role"] == "writer" {
			_, secret, _ = strings.Cut(link["url"].(string), "#")
		}
	}
	token := s.wants(201, "POST", "/sessions", "", map[string]any{"boardId": board, "secret": secret, "name": "Ada"})["token"].(string)

	t.Run("the page says what it may show, and nothing of the services is passed on", func(t *testing.T) { s.checkPages(t, board) })

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers []*reader
	for range 6 {
		readers = append(readers, s.follow(ctx, board, token))
	}
	s.until("everybody's stream", func() bool { return all(readers, func(r *reader) bool { return r.count(&r.streak) > 0 }) })

	t.Run("everybody sees a post, whichever replica they are at", func(t *testing.T) {
		id := s.wants(201, "POST", "/boards/"+board+"/posts", token, map[string]any{"title": "un"})["id"].(string)
		s.until("the post", func() bool { return all(readers, func(r *reader) bool { return r.has(id) }) })
	})
	t.Run("a picture is sent in parts, and served", func(t *testing.T) { s.sendPicture(t, board, token) })
	t.Run("a board replica and a media replica are killed, and nothing is lost", func(t *testing.T) {
		acked := s.writeMeanwhile(board, token, func() {
			s.end("board-1", syscall.SIGKILL)
			s.end("media-1", syscall.SIGKILL)
			time.Sleep(time.Second)
			s.run("board-1")
			s.run("media-1")
			s.ready("board-1")
			s.ready("media-1")
		})
		s.everybodyHas(t, readers, acked, board, token)
	})
	t.Run("a rolling restart refuses nobody, and sends browsers over little by little", func(t *testing.T) {
		refused := 0
		acked := s.writeMeanwhile(board, token, func() {
			for _, name := range []string{"board-1", "board-2", "media-1", "media-2", "web-1"} {
				if code := s.end(name, syscall.SIGTERM); code != 0 {
					t.Errorf("%s ends with %d", name, code)
				}
				s.run(name)
				s.ready(name)
				time.Sleep(3 * time.Second) // the ingress has to see it twice
			}
		}, func() { refused++ })
		if refused > 0 {
			t.Errorf("%d writes had to be sent again", refused)
		}
		s.everybodyHas(t, readers, acked, board, token)
		if !all(readers, func(r *reader) bool { return r.count(&r.byes) > 0 }) {
			t.Error("a stream was cut without a word")
		}
	})
}

func all(readers []*reader, is func(*reader) bool) bool {
	for _, r := range readers {
		if !is(r) {
			return false
		}
	}
	return true
}

func (s *system) checkPages(t *testing.T, board string) {
	res, err := http.Get(s.wall + "/w/" + board)
	if err != nil {
		t.Fatal(err)
	}
	page, policy := drain(res.Body), res.Header.Get("Content-Security-Policy")
	for _, part := range []string{"connect-src 'self' " + s.uploads + " " + s.files, "frame-ancestors 'none'", "frame-src https://"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%q is not in %s", part, policy)
		}
	}
	if res.StatusCode != 200 || !strings.Contains(page, "<title>") {
		t.Errorf("the page: %d", res.StatusCode)
	}
	for url, status := range map[string]int{s.wall + "/pages": 404, s.wall + "/pages/" + board: 404, s.uploads + "/readyz": 404, s.uploads + "/": 404} {
		if got := s.get(url); got != status {
			t.Errorf("%s: %d", url, got)
		}
	}
}

// sendPicture sends a picture in three parts by tus, waits for it and reads it.
func (s *system) sendPicture(t *testing.T, board, token string) {
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	_, _ = rand.New(rand.NewSource(1)).Read(img.Pix)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		t.Fatal(err)
	}
	data := file.Bytes()
	ticket := s.wants(201, "POST", "/boards/"+board+"/media", token, map[string]any{"size": len(data), "type": "image/jpeg"})
	upload, id := ticket["upload"].(map[string]any), ticket["media"].(map[string]any)["id"].(string)
	send := func(method, url string, body []byte, status int, headers ...string) http.Header {
		req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+upload["token"].(string))
		req.Header.Set("Tus-Resumable", "1.0.0")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := new(http.Client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if said := drain(res.Body); res.StatusCode != status {
			t.Fatalf("%s %s: %d %s", method, url, res.StatusCode, said)
		}
		return res.Header
	}
	at := send("POST", upload["url"].(string), nil, 201, "Upload-Length", fmt.Sprint(len(data))).Get("Location")
	if !strings.HasPrefix(at, s.uploads+"/uploads/") {
		t.Fatalf("the upload is at %q", at)
	}
	third := len(data)/3 + 1
	for from := 0; from < len(data); from += third {
		part := data[from:min(from+third, len(data))]
		send("PATCH", at, part, 204, "Upload-Offset", fmt.Sprint(from), "Content-Type", "application/offset+octet-stream")
	}
	s.wants(201, "POST", "/boards/"+board+"/posts", token, map[string]any{"title": "image", "attachments": []any{map[string]any{"type": "media", "mediaId": id, "alt": "bruit"}}})
	var shown string
	s.until("the picture", func() bool {
		_, out := s.call("GET", "/boards/"+board+"/snapshot", token, nil)
		for _, m := range list(out["media"]) {
			if m["id"] == id && m["state"] == "ready" {
				shown = fmt.Sprint(m)
				return true
			}
		}
		return false
	})
	from := strings.Index(shown, s.files)
	if from < 0 {
		t.Fatalf("where is it? %s", shown)
	}
	url := strings.FieldsFunc(shown[from:], func(r rune) bool { return strings.ContainsRune(" ]}", r) })[0]
	if status := s.get(url); status != 200 {
		t.Errorf("%s: %d", url, status)
	}
}

func list(v any) (out []map[string]any) {
	items, _ := v.([]any)
	for _, i := range items {
		out = append(out, i.(map[string]any))
	}
	return out
}

// writeMeanwhile posts from several hands while something happens, each post again
// until it is taken, and gives the ids of all. again is told of each repetition.
func (s *system) writeMeanwhile(board, token string, happens func(), again ...func()) []string {
	ctx, stop := context.WithCancel(s.t.Context())
	var mu sync.Mutex
	var acked []string
	var hands sync.WaitGroup
	for range 2 {
		hands.Go(func() {
			for ctx.Err() == nil {
				id := uuid.Must(uuid.NewV7()).String()
				for {
					status, out := s.call("POST", "/boards/"+board+"/posts", token, map[string]any{"id": id, "title": "pendant"})
					if status == 201 {
						break
					}
					mu.Lock()
					for _, tell := range again {
						s.t.Logf("%d %v", status, out)
						tell()
					}
					mu.Unlock()
					time.Sleep(100 * time.Millisecond)
				}
				mu.Lock()
				acked = append(acked, id)
				mu.Unlock()
				time.Sleep(600 * time.Millisecond) // a person's pace
			}
		})
	}
	happens()
	stop()
	hands.Wait()
	return acked
}

func (s *system) everybodyHas(t *testing.T, readers []*reader, acked []string, board, token string) {
	t.Helper()
	if len(acked) < 4 {
		t.Fatalf("only %d posts were made", len(acked))
	}
	fresh := &reader{seen: map[string]bool{}}
	s.snapshot(fresh, board, token)
	for _, id := range acked {
		if !fresh.has(id) {
			t.Errorf("%s was acknowledged, and is lost", id)
		}
		s.until("post "+id+" at every browser", func() bool { return all(readers, func(r *reader) bool { return r.has(id) }) })
	}
	t.Logf("%d posts, all there", len(acked))
}

//go:build compose

package wiring

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/standalone/objects"
)

const (
	repository  = "../../.."
	patience    = 60 * time.Second
	masterKey   = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	operatorKey = "an-operator-key-for-the-tests"
	// drainSeconds is short: the test waits for it twice.
	drainSeconds = 5
)

// system is all that compose starts.
type system struct {
	t                    *testing.T
	bin                  string
	wall, files, uploads string
	env                  map[string][]string // of each process, by its name
	addr                 map[string]string
	running              map[string]*exec.Cmd
	said                 map[string]*bytes.Buffer
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func start(t *testing.T) *system {
	t.Helper()
	s := &system{t: t, bin: t.TempDir(), env: map[string][]string{}, addr: map[string]string{}, running: map[string]*exec.Cmd{}, said: map[string]*bytes.Buffer{}}
	for _, image := range []string{"board", "media", "web"} {
		if out, err := exec.Command(filepath.Join(repository, "deploy/images/build.sh"), image, filepath.Join(s.bin, image)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	data := t.TempDir()
	config, err := filepath.Abs(filepath.Join(repository, "deploy/compose/haproxy.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	events := natstest.Start(t)
	s3, err := objects.Start(t.Context(), objects.Config{Dir: data + "/objects", Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s3.Close() })
	// MONGODB_URI is a server of its own; both replicas share a file otherwise.
	store := os.Getenv("MONGODB_URI")
	if store == "" {
		store = "sqlite:" + data + "/board.db"
	}
	wall, files, uploads := free(t), free(t), free(t)
	s.wall, s.files, s.uploads = "http://"+wall, "http://"+files, "http://"+uploads
	ingress := []string{"BIND_WALL=" + wall, "BIND_FILES=" + files, "BIND_UPLOADS=" + uploads}
	for n := 1; n <= 2; n++ {
		board, down, up := free(t), free(t), free(t)
		host, port, _ := net.SplitHostPort(down)
		ingress = append(ingress, fmt.Sprintf("BOARD_%d=%s", n, board), fmt.Sprintf("FILES_%d=%s", n, down), fmt.Sprintf("UPLOADS_%d=%s", n, up),
			fmt.Sprintf("HEALTH_%d=%s", n, host), fmt.Sprintf("HEALTH_PORT_%d=%s", n, port))
		s.add(fmt.Sprintf("board-%d", n), board,
			"FRESQUE_BOARD_ADDR="+board, "FRESQUE_BOARD_PUBLIC_URL="+s.wall, "FRESQUE_BOARD_MEDIA_URL="+s.files, "FRESQUE_BOARD_UPLOAD_URL="+s.uploads+"/uploads/",
			"FRESQUE_BOARD_STORE="+store, "FRESQUE_BOARD_NATS_URL="+events.URL(), "FRESQUE_BOARD_NATS_USER=board", "FRESQUE_BOARD_NATS_PASSWORD=board", "FRESQUE_BOARD_MASTER_KEY="+masterKey, "FRESQUE_BOARD_OPERATOR_KEY="+operatorKey,
			"FRESQUE_BOARD_TRUSTED_PROXIES=127.0.0.1", fmt.Sprintf("FRESQUE_BOARD_DRAIN_SECONDS=%d", drainSeconds))
		s.add(fmt.Sprintf("media-%d", n), down,
			"FRESQUE_MEDIA_ADDR="+down, "FRESQUE_MEDIA_UPLOAD_ADDR="+up, "FRESQUE_MEDIA_UPLOAD_URL="+s.uploads+"/uploads/", "FRESQUE_MEDIA_APP_ORIGINS="+s.wall,
			fmt.Sprintf("FRESQUE_MEDIA_DIR=%s/quarantine-%d", data, n), "FRESQUE_MEDIA_NATS_URL="+events.URL(), "FRESQUE_MEDIA_NATS_USER=media", "FRESQUE_MEDIA_NATS_PASSWORD=media", "FRESQUE_MEDIA_S3_ENDPOINT="+s3.Endpoint(),
			"FRESQUE_MEDIA_S3_ACCESS_KEY="+s3.AccessKey(), "FRESQUE_MEDIA_S3_SECRET_KEY="+s3.SecretKey(), "PATH="+os.Getenv("PATH"), "HOME="+data)
	}
	web := free(t)
	// As compose's name for either board service: here, the first.
	s.add("web-1", web, "FRESQUE_WEB_ADDR="+web, "FRESQUE_WEB_BOARD_URL=http://"+s.addr["board-1"])
	ingress = append(ingress, "WEB_1="+web)
	for _, name := range []string{"board-1", "board-2", "media-1", "media-2", "web-1"} {
		s.run(name)
		s.ready(name) // a file of SQLite is made by one process
	}
	s.launch("ingress", exec.Command("haproxy", "-db", "-f", config), ingress)
	s.until("the ingress", func() bool { return s.get(s.wall+"/api/openapi.json") == 200 && s.get(s.wall+"/") == 200 })
	return s
}

func (s *system) add(name, addr string, env ...string) { s.env[name], s.addr[name] = env, addr }

// run starts a process of the system, the first time and after its end.
func (s *system) run(name string) {
	s.t.Helper()
	image, _, _ := strings.Cut(name, "-")
	s.launch(name, exec.Command(filepath.Join(s.bin, image)), s.env[name])
}

func (s *system) launch(name string, cmd *exec.Cmd, env []string) {
	s.t.Helper()
	if s.said[name] == nil {
		s.said[name] = new(bytes.Buffer)
		s.t.Cleanup(func() { s.end(name, syscall.SIGKILL) })
	}
	cmd.Env, cmd.Stdout, cmd.Stderr = env, s.said[name], s.said[name]
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.running[name] = cmd
}

// end ends a process and waits until it has; it gives its exit code.
func (s *system) end(name string, by os.Signal) int {
	cmd := s.running[name]
	if cmd == nil {
		return 0
	}
	_ = cmd.Process.Signal(by)
	_ = cmd.Wait()
	s.running[name] = nil
	return cmd.ProcessState.ExitCode()
}

func (s *system) ready(name string) {
	s.t.Helper()
	s.until(name, func() bool { return s.get("http://"+s.addr[name]+"/readyz") == 200 })
}

func (s *system) until(what string, done func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			for name, said := range s.said {
				text := said.String()
				s.t.Logf("%s: …%s", name, text[max(0, len(text)-2000):])
			}
			s.t.Fatalf("not in time: %s", what)
		}
	}
}

func (s *system) get(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// call sends JSON to the API, through the ingress.
func (s *system) call(method, path, token string, body any) (int, map[string]any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.wall+"/api/v1"+path, bytes.NewReader(data))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out)
	return res.StatusCode, out
}

func (s *system) wants(status int, method, path, token string, body any) map[string]any {
	s.t.Helper()
	got, out := s.call(method, path, token, body)
	if got != status {
		s.t.Fatalf("%s %s: %d %v", method, path, got, out)
	}
	return out
}

// reader follows a wall as a browser does: it comes back with its cursor, and
// takes a snapshot when it is told to.
type reader struct {
	mu     sync.Mutex
	seen   map[string]bool
	streak int // how often a stream was opened
	byes   int
}

func (r *reader) has(id string) bool { r.mu.Lock(); defer r.mu.Unlock(); return r.seen[id] }

func (r *reader) count(what *int) int { r.mu.Lock(); defer r.mu.Unlock(); return *what }

func (s *system) follow(ctx context.Context, board, token string) *reader {
	r := &reader{seen: map[string]bool{}}
	go func() {
		cursor := ""
		for ctx.Err() == nil {
			cursor = s.stream(ctx, r, board, token, cursor)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return r
}

// stream reads until the stream ends, and gives the cursor to come back with.
func (s *system) stream(ctx context.Context, r *reader, board, token, cursor string) string {
	req, err := http.NewRequestWithContext(ctx, "GET", s.wall+"/api/v1/boards/"+board+"/events", nil)
	if err != nil {
		return cursor
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if cursor != "" {
		req.Header.Set("Last-Event-ID", cursor)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return cursor
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != 200 {
		return cursor
	}
	event := ""
	for lines := bufio.NewReader(res.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return cursor
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "event":
			event = value
		case "id":
			cursor = value
		case "data":
			switch event {
			case "hello":
				r.mu.Lock()
				r.streak++
				r.mu.Unlock()
			case "bye":
				r.mu.Lock()
				r.byes++
				r.mu.Unlock()
			case "reset":
				return s.snapshot(r, board, token)
			case "change":
				r.note(value)
			}
		}
	}
}

func (r *reader) note(data string) {
	var change struct{ Post struct{ ID string } }
	if json.Unmarshal([]byte(data), &change) == nil && change.Post.ID != "" {
		r.mu.Lock()
		r.seen[change.Post.ID] = true
		r.mu.Unlock()
	}
}

func (s *system) snapshot(r *reader, board, token string) string {
	status, out := s.call("GET", "/boards/"+board+"/snapshot", token, nil)
	if status != 200 {
		return ""
	}
	posts, _ := out["posts"].([]any)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range posts {
		r.seen[p.(map[string]any)["id"].(string)] = true
	}
	cursor, _ := out["cursor"].(string)
	return cursor
}

func drain(r io.ReadCloser) string {
	data, _ := io.ReadAll(r)
	_ = r.Close()
	return string(data)
}

package deploy

import (
	"bytes"
	"context"
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
)

// someone is who the images run as.
const someone = 10001

var builds sync.Map // of func() (string, error), by image

// built gives the program of an image, made as its Dockerfile makes it, once.
func built(t *testing.T, image string) string {
	t.Helper()
	once, _ := builds.LoadOrStore(image, sync.OnceValues(func() (string, error) {
		path := filepath.Join(bin, image)
		out, err := exec.Command(filepath.Join(root, "deploy/images/build.sh"), image, path).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return path, err
	}))
	path, err := once.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// bin is where built programs are.
var bin string

func TestMain(m *testing.M) {
	// The workspace is the product's, the module of these tests is not in it.
	_ = os.Unsetenv("GOWORK")
	_ = os.Unsetenv("GOFLAGS")
	dir, err := os.MkdirTemp("", "deploy-")
	if err != nil {
		panic(err)
	}
	bin = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// scratch is what an image built from scratch holds: a folder with a program in
// it that nobody but root may write to, and what volumes there are.
func scratch(t *testing.T, image string, volumes ...string) string {
	t.Helper()
	dir := t.TempDir()
	program, err := os.ReadFile(built(t, image))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, image), program, 0o555)
	}
	for _, v := range volumes {
		if err == nil {
			err = os.Mkdir(filepath.Join(dir, v), 0o700)
		}
		if err == nil {
			err = os.Chown(filepath.Join(dir, v), someone, someone)
		}
	}
	if err == nil {
		err = os.Chmod(dir, 0o555)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// container is a process with nothing but its image.
func container(ctx context.Context, dir, image string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/"+image, args...)
	cmd.Dir, cmd.Env = "/", env
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: dir, Credential: &syscall.Credential{Uid: someone, Gid: someone, NoSetGroups: false}}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// eventually asks an address until it answers with a status.
func eventually(t *testing.T, url string, status int) (http.Header, string) {
	t.Helper()
	last := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		res, err := http.Get(url)
		if err != nil {
			last = err.Error()
			continue
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if last = fmt.Sprint(res.StatusCode, " ", string(body)); res.StatusCode == status {
			return res.Header, string(body)
		}
	}
	t.Fatalf("%s does not answer %d: %s", url, status, last)
	return nil, ""
}

// runContainer starts one and stops it, cleanly, at the end of the test.
func runContainer(t *testing.T, dir, image string, env ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	cmd, said := container(ctx, dir, image, env), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("%s did not end well: %v\n%s", image, err, said)
		}
	})
}

const masterKey = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

func TestBoardAndWebRunWithNothingButTheirProgram(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may shut a process into a folder")
	}
	board, web := freeAddr(t), freeAddr(t)
	boardDir, webDir := scratch(t, "board", "data"), scratch(t, "web")
	env := []string{
		"FRESQUE_BOARD_ADDR=" + board, "FRESQUE_BOARD_STORE=sqlite:/data/board.db", "FRESQUE_BOARD_MASTER_KEY=" + masterKey,
		"FRESQUE_BOARD_NATS_URL=nats://127.0.0.1:1", // nobody is there
	}
	runContainer(t, boardDir, "board", env...)
	eventually(t, "http://"+board+"/livez", 200)
	if out, err := container(t.Context(), boardDir, "board", env, "health").CombinedOutput(); err == nil || !strings.Contains(string(out), "events") {
		t.Errorf("without events the service is not ready, and says so: %s, %v", out, err)
	}
	webEnv := []string{"FRESQUE_WEB_ADDR=" + web, "FRESQUE_WEB_BOARD_URL=http://" + board}
	runContainer(t, webDir, "web", webEnv...)
	eventually(t, "http://"+web+"/readyz", 200)
	if out, err := container(t.Context(), webDir, "web", webEnv, "health").CombinedOutput(); err != nil {
		t.Errorf("health: %s, %v", out, err)
	}
	header, page := eventually(t, "http://"+web+"/", 200)
	if policy := header.Get("Content-Security-Policy"); !strings.Contains(page, "<title>") || !strings.Contains(policy, "frame-src https://") {
		t.Errorf("the page is not the app's: %s\n%s", policy, page)
	}
}

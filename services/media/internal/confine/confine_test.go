package confine_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fresque.dev/services/media/internal/confine"
)

func TestMain(m *testing.M) {
	confine.RunIfAsked(os.Args)
	os.Exit(m.Run())
}

func shell(t *testing.T, script string, change func(*confine.Command)) (string, error) {
	t.Helper()
	c := confine.Command{
		Path: "/bin/sh", Args: []string{"-c", script}, Dir: t.TempDir(),
		Memory: 512 << 20, FileSize: 1 << 20, Timeout: 20 * time.Second, Output: 1 << 10,
	}
	if change != nil {
		change(&c)
	}
	out, err := confine.Run(t.Context(), c)
	return strings.TrimSpace(string(out)), err
}

func TestAToolKnowsNothingOfUs(t *testing.T) {
	t.Setenv("FRESQUE_SECRET", "secret")
	dir := t.TempDir()
	if got, err := shell(t, "nice", nil); err != nil || got != "10" {
		t.Errorf("as important as we are: %s, %v", got, err)
	}
	got, err := shell(t, "pwd; env", func(c *confine.Command) { c.Dir = dir })
	if err != nil || !strings.HasPrefix(got, dir) || strings.Contains(got, "secret") {
		t.Fatalf("%s, %v", got, err)
	}
}

func TestAToolReadsItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		if got, err := shell(t, "cat /proc/self/fd/0", func(c *confine.Command) { c.Stdin = f }); err != nil || got != "content" {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		change func(*confine.Command)
		want   error
	}{
		"a bad end":       {"echo broken >&2; exit 3", nil, confine.ErrFailed},
		"a file too long": {"head -c 3000000 /dev/zero > big", nil, confine.ErrFailed},
		"too long":        {"sleep 60", func(c *confine.Command) { c.Timeout = time.Second }, confine.ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shell(t, c.script, c.change); !errors.Is(err, c.want) {
				t.Fatalf("got %v", err)
			}
		})
	}
	if _, err := shell(t, "", func(c *confine.Command) { c.Path = "/nowhere/tool" }); err == nil || errors.Is(err, confine.ErrFailed) {
		t.Errorf("a tool that is not there is no fault of the file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := confine.Run(ctx, confine.Command{Path: "/bin/true", Dir: t.TempDir(), Memory: 1 << 30, Timeout: time.Minute}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopping is %v", err)
	}
}

// TestNobodyIsLeftBehind starts a process that would outlive its tool.
func TestNobodyIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	if _, err := shell(t, "(sleep 1; touch late) & exit 0", func(c *confine.Command) { c.Dir = dir }); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(dir, "late")); err == nil {
		t.Fatal("it lived on")
	}
}

func TestThereIsNoNetwork(t *testing.T) {
	if !confine.Isolated() {
		t.Skip("this system lets nobody but root take the network away (user namespaces are off)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got, err := shell(t, "cat /proc/net/dev /proc/net/route", nil)
	if err != nil || strings.Contains(got, "eth0") {
		t.Fatalf("%s, %v", got, err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if _, err := shell(t, "exec 3<>/dev/tcp/127.0.0.1/"+port, func(c *confine.Command) { c.Path = "/bin/bash" }); !errors.Is(err, confine.ErrFailed) {
		t.Fatalf("this machine was reached: %v", err)
	}
}

func TestAToolSeesItsOwnFilesOnly(t *testing.T) {
	if !confine.LockedIn() {
		t.Skip("this kernel has no Landlock")
	}
	elsewhere := t.TempDir()
	secret := filepath.Join(elsewhere, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"cat " + secret, "ls " + elsewhere, "echo x > " + secret, "echo x > " + elsewhere + "/new", "cat /proc/$PPID/environ", "mkdir /usr/new"} {
		if got, err := shell(t, script, nil); !errors.Is(err, confine.ErrFailed) {
			t.Errorf("%s: %q, %v", script, got, err)
		}
	}
	if got, err := shell(t, "echo x > mine && mkdir folder && mv mine folder/ && cat folder/mine > /dev/null && cat folder/mine", nil); err != nil || got != "x" {
		t.Errorf("in its own folder: %q, %v", got, err)
	}
}

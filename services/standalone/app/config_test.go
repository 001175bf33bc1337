package app_test

import (
	"bytes"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/standalone/app"
)

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestLoadFillsInWhatFollows(t *testing.T) {
	addr, mediaAddr, uploadAddr := free(t), free(t), free(t)
	dir := t.TempDir()
	t.Setenv("FRESQUE_DATA", dir)
	cfg, err := app.Load([]string{"-addr", addr, "-media-addr", mediaAddr, "-upload-addr", uploadAddr, "-media-url", "https://media.example/"}, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	_, uploadPort, _ := net.SplitHostPort(uploadAddr)
	if cfg.PublicURL != "http://localhost:"+port || cfg.MediaURL != "https://media.example" || cfg.UploadURL != "http://localhost:"+uploadPort+"/uploads/" || cfg.Data != dir {
		t.Fatalf("got %+v", cfg)
	}
}

func TestLoadTellsEveryFaultAtOnce(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FRESQUE_MISSPELT", "x")
	_, err = app.Load([]string{
		"-addr", busy.Addr().String(), "-media-addr", "nowhere", "-upload-addr", free(t), "-data", file, "-public-url", "ftp://x",
		"-pod-hosts", "https://pod.example", "-log-level", "perhaps", "-unknown", "-clamd", "nowhere", "-file-types", "exe", "-without-tools", "hammer",
	}, new(bytes.Buffer))
	if err == nil {
		t.Fatal("no fault")
	}
	for _, part := range []string{
		"FRESQUE_ADDR: ", "FRESQUE_MEDIA_ADDR: ", "FRESQUE_DATA: ", `FRESQUE_PUBLIC_URL: "ftp://x"`, "FRESQUE_POD_HOSTS: ", "FRESQUE_CLAMD: ", "FRESQUE_FILE_TYPES: ", "FRESQUE_WITHOUT_TOOLS: ", "FRESQUE_LOG_LEVEL: ", "FRESQUE_MISSPELT: ", "-unknown",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not told in:\n%v", part, err)
		}
	}
}

func TestWhereTracesGoIsCheckedWithTheSettings(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")
	var out bytes.Buffer
	if err := app.ShowConfig(nil, &out); err == nil || !strings.Contains(err.Error()+out.String(), "OTEL_EXPORTER_OTLP_ENDPOINT") {
		t.Errorf("got %v", err)
	}
	if _, err := app.Load([]string{"-addr", free(t), "-media-addr", free(t), "-upload-addr", free(t), "-data", t.TempDir()}, &out); err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT") {
		t.Errorf("got %v", err)
	}
}

func TestHelpListsTheSettings(t *testing.T) {
	var help bytes.Buffer
	if _, err := app.Load([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"-addr (FRESQUE_ADDR)", "-data (FRESQUE_DATA)", "[data]"} {
		if !strings.Contains(help.String(), part) {
			t.Errorf("%q is not in\n%s", part, help.String())
		}
	}
}

package settings_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/internal/settings"
)

type config struct {
	addr, key string
	hosts     []string
	replicas  int
}

func read(environ, args []string) (config, error) {
	c := config{addr: ":1", replicas: 1}
	s := settings.New("FRESQUE", environ)
	s.String(&c.addr, "ADDR", "where to listen")
	s.Strings(&c.hosts, "POD_HOSTS", "hosts")
	s.Int(&c.replicas, "REPLICAS", "copies", 1, 5)
	s.Secret(&c.key, "KEY")
	return c, s.Parse(args)
}

func TestOrder(t *testing.T) {
	c, err := read([]string{"FRESQUE_ADDR=:2", "FRESQUE_REPLICAS=3", "OTHER=x"}, []string{"-addr", ":3", "--pod-hosts=a, b"})
	if err != nil {
		t.Fatal(err)
	}
	if c.addr != ":3" || c.replicas != 3 || strings.Join(c.hosts, "|") != "a|b" {
		t.Fatalf("got %+v", c)
	}
}

func TestSecretFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := read([]string{"FRESQUE_KEY_FILE=" + path}, nil)
	if err != nil || c.key != "open sesame" {
		t.Fatalf("got %+v, %v", c, err)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := read(
		[]string{"FRESQUE_ADRR=:2", "FRESQUE_REPLICAS=many", "FRESQUE_KEY=a", "FRESQUE_KEY_FILE=/nowhere"},
		[]string{"-nope", "-replicas=9", "stray"})
	if err == nil {
		t.Fatal("no fault")
	}
	for _, part := range []string{"FRESQUE_ADRR", "FRESQUE_REPLICAS", "given twice", "-nope", `"9"`, "stray"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not told in:\n%v", part, err)
		}
	}
}

func TestHelp(t *testing.T) {
	if _, err := read(nil, []string{"-h"}); !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("got %v", err)
	}
}

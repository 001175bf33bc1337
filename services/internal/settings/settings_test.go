package settings_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
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

func TestFileCountsLeast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.env")
	lines := "# ours\n\nFRESQUE_ADDR=:4\nFRESQUE_REPLICAS=2\nFRESQUE_POD_HOSTS=a,b\nFRESQUE_KEY=k=v\n"
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := read([]string{"FRESQUE_CONFIG=/nowhere", "FRESQUE_REPLICAS=3"}, []string{"-config", path, "-pod-hosts", "c"})
	if err != nil || c.addr != ":4" || c.replicas != 3 || strings.Join(c.hosts, "|") != "c" || c.key != "k=v" {
		t.Fatalf("got %+v, %v", c, err)
	}
}

func TestFaultsOfTheFileHaveTheirLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.env")
	lines := "FRESQUE_ADRR=:4\nOTHER=1\nnothing\nFRESQUE_ADDR=:1\nFRESQUE_ADDR=:2\nFRESQUE_REPLICAS=9\nFRESQUE_KEY=\"a\"\nFRESQUE_POD_HOSTS=a # mine\nFRESQUE_CONFIG=more\n"
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := read([]string{"FRESQUE_CONFIG=" + path}, nil)
	if err == nil {
		t.Fatal("no fault")
	}
	for _, part := range []string{
		":1: FRESQUE_ADRR is not a setting", `:2: "OTHER"`, ":3: is not NAME=VALUE", ":5: FRESQUE_ADDR is given before, on line 4",
		"9\" is not a whole number from 1 to 5 (" + path + ":6)", ":7: FRESQUE_KEY: write the value without quotes", ":8: ", ":9: FRESQUE_CONFIG",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not told in:\n%v", part, err)
		}
	}
	if _, err := read([]string{"FRESQUE_CONFIG=/nowhere"}, nil); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func show(t *testing.T, environ, args []string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := settings.Show("fresqued", "FRESQUE", environ, args, &out, func(s *settings.Set) func() error {
		c := config{addr: ":1", replicas: 1}
		s.String(&c.addr, "ADDR", "where to listen")
		s.Strings(&c.hosts, "POD_HOSTS", "hosts | players")
		s.Int(&c.replicas, "REPLICAS", "copies", 1, 5)
		s.Secret(&c.key, "KEY", "opens all")
		return func() error {
			if c.key == "" {
				return errors.New("KEY: must be set")
			}
			return nil
		}
	})
	return out.String(), err
}

func TestShowTellsWhatHoldsAndNoSecret(t *testing.T) {
	out, err := show(t, []string{"FRESQUE_KEY=sesame", "FRESQUE_ADDR=nats://me:pw@a:1,nats://me:p@w@b:2"}, []string{"-json", "-replicas", "2"})
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Settings []settings.Shown }
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	want := []settings.Shown{
		{Name: "FRESQUE_ADDR", Value: "nats://***@a:1,nats://***@b:2", From: "environment"},
		{Name: "FRESQUE_POD_HOSTS", From: "default"},
		{Name: "FRESQUE_REPLICAS", Value: "2", From: "flag"},
		{Name: "FRESQUE_KEY", Value: "set", From: "environment", Secret: true},
	}
	if !slices.Equal(told.Settings, want) {
		t.Fatalf("got %+v", told.Settings)
	}
	out, err = show(t, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "KEY: must be set") || !strings.Contains(out, "unset") {
		t.Fatalf("got %v and\n%s", err, out)
	}
}

func TestReferenceDescribesEverySetting(t *testing.T) {
	out, err := show(t, []string{"FRESQUE_ADDR=:9"}, []string{"-reference"})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"| `FRESQUE_ADDR` | `-addr` | `:1` | where to listen |",
		"| `FRESQUE_POD_HOSTS` | `-pod-hosts` |  | hosts \\| players; a list with commas |",
		"| `FRESQUE_REPLICAS` | `-replicas` | `1` | copies; 1 to 5 |",
		"| `FRESQUE_KEY`, or `FRESQUE_KEY_FILE` | none: a secret |  | opens all |",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in\n%s", line, out)
		}
	}
}

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"mongodb://u:p,q@h1:1,h2:2/db?authSource=admin":        "mongodb://***@h1:1,h2:2/db?authSource=admin",
		"mongodb://h/db?tlsCertificateKeyFilePassword=x&w=1":   "mongodb://h/db?tlsCertificateKeyFilePassword=***&w=1",
		"mongodb+srv://u@h/db?authMechanismProperties=TOKEN:x": "mongodb+srv://***@h/db?authMechanismProperties=***",
		"me:secret@nats:4222":                                  "***@nats:4222",
		"email=*@school.example":                               "email=*@school.example",
		"sqlite:/data/board.db":                                "sqlite:/data/board.db",
		":8080":                                                ":8080",
	} {
		if got := settings.Redact(text); got != want {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

// TestFaultsAreToldByTheirVariable: those of values too, and none of a value that
// could not be read.
func TestFaultsAreToldByTheirVariable(t *testing.T) {
	var store, key string
	s := settings.New("FRESQUE_BOARD", []string{"FRESQUE_BOARD_KEY_FILE=/nowhere/key"})
	s.String(&store, "STORE", "where")
	s.Secret(&key, "KEY")
	parsed := s.Parse(nil)
	checked := errors.Join(errors.New("KEY: must be set"), errors.New("STORE: must be set"), errors.New("no setting's"))
	got := s.Faults(parsed, checked).Error()
	want := "FRESQUE_BOARD_KEY_FILE: open /nowhere/key: no such file or directory\nFRESQUE_BOARD_STORE: must be set\nno setting's"
	if got != want {
		t.Errorf("told:\n%s\nwant:\n%s", got, want)
	}
	if err := s.Faults(nil, nil); err != nil {
		t.Errorf("of nothing: %v", err)
	}
}

package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/board/internal/ctl"
)

// asBoardd says that the test's own program stands for boardd.
const asBoardd = "FRESQUE_TEST_AS_BOARDD"

// TestAsBoardd is no test: it is boardd migrate, where fresquectl runs it.
func TestAsBoardd(t *testing.T) {
	if os.Getenv(asBoardd) == "" {
		t.Skip("not run as boardd")
	}
	args := os.Args
	for args[0] != "migrate" {
		args = args[1:]
	}
	err := app.Migrate(t.Context(), args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func TestTheOperatorAsksHowFarTheStoreIs(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := ctl.Run(t.Context(), append([]string{"migrations"}, args...), func(string) string { return "" }, &out, &errs)
		return code, out.String(), errs.String()
	}
	t.Setenv("PATH", dir)
	if code, _, errs := run("status"); code != 1 || !strings.Contains(errs, "run boardd migrate where it is") {
		t.Fatalf("without boardd exits with %d: %s", code, errs)
	}
	script := "#!/bin/sh\nexec " + os.Args[0] + " -test.run=^TestAsBoardd$ -- \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "boardd"), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	t.Setenv(asBoardd, "yes")
	config := filepath.Join(dir, "board.env")
	settings := "FRESQUE_BOARD_STORE=sqlite:" + dir + "/none.db\nFRESQUE_BOARD_MASTER_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"status", "run"} {
		if code, out, errs := run(command, "-config", config); code != 0 || !strings.Contains(out, "nothing to do") {
			t.Errorf("%s exits with %d: %s%s", command, code, out, errs)
		}
		code, out, errs := run(command, "-config", config, "-o", "json")
		var told struct {
			Store         string
			Known         int
			Pending       []string
			Done, AtStart bool
		}
		if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 || told.Store != "sqlite" || told.Known == 0 || !told.Done || !told.AtStart || told.Pending == nil {
			t.Errorf("%s exits with %d, %v: %s%s", command, code, err, out, errs)
		}
	}
	if _, err := os.Stat(dir + "/none.db"); err == nil {
		t.Error("a look has made the store")
	}
	if code, out, errs := run("status", "-config", filepath.Join(dir, "nowhere.env")); code != 1 || !strings.Contains(errs, "nowhere.env") || strings.Contains(errs, "told") {
		t.Errorf("without settings exits with %d: %s%s", code, out, errs)
	}
	if code, _, errs := run("status", "more"); code != 2 || !strings.Contains(errs, "unexpected") {
		t.Errorf("with too much exits with %d: %s", code, errs)
	}
}

package app_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// TestTheExampleClient runs the client that docs/api.md shows, as it stands.
func TestTheExampleClient(t *testing.T) {
	const path = "../../../test/apiclient/client.sh"
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```sh\n"+string(script)+"```\n") {
		t.Fatal("docs/api.md does not show test/apiclient/client.sh as it stands")
	}
	cfg := app.LocalConfig(t)
	// What is signed names the service by its address, so that it must be known before.
	cfg.Addr = app.FreeAddress(t)
	cfg.PublicURL = "http://" + cfg.Addr
	s := start(t, cfg, natstest.Start(t))
	cmd := exec.CommandContext(t.Context(), "bash", path)
	cmd.Env = append(os.Environ(), "SERVICE="+s.base, "OPERATOR_KEY="+app.OperatorKey)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, s.log)
	}
	if want := "\"posts\":1\n\"complete\":true\nVolcanoes\nnot_found\n"; string(out) != want {
		t.Fatalf("it says\n%s\nwant\n%s", out, want)
	}
}

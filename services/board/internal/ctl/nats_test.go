package ctl_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/board/internal/ctl"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

func TestStreamsAreMadeAndMendedByCommand(t *testing.T) {
	server := natstest.Start(t)
	run := func(env map[string]string, args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := ctl.Run(t.Context(), append([]string{"nats"}, args...), func(name string) string { return env[name] }, &out, &errs)
		return code, out.String() + errs.String()
	}
	wants := func(code int, says string, args ...string) string {
		t.Helper()
		got, told := run(map[string]string{"FRESQUE_NATS_URL": server.URL(), "FRESQUE_NATS_USER": "administrator", "FRESQUE_NATS_PASSWORD": "administrator"}, args...)
		if got != code || !strings.Contains(told, says) {
			t.Fatalf("%v exits with %d, want %d and %q:\n%s", args, got, code, says, told)
		}
		return told
	}
	wants(1, "missing", "streams")
	wants(0, streams.AsDeclared, "streams", "-apply")
	js, err := jetstream.New(server.Connect())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), subject.BoardEvents("b"), []byte("kept")); err != nil {
		t.Fatal(err)
	}
	wants(1, "max age is 24h0m0s, not 48h0m0s", "streams", "-keep-hours", "48")
	wants(0, streams.AsDeclared, "streams", "-apply", "-keep-hours", "48")
	var told struct {
		AsDeclared bool
		Streams    []streams.State
	}
	if err := json.Unmarshal([]byte(wants(0, "", "streams", "-json", "-keep-hours", "48")), &told); err != nil {
		t.Fatal(err)
	}
	if !told.AsDeclared || len(told.Streams) != 13 || told.Streams[0].Messages != 1 {
		t.Errorf("told %+v", told)
	}
	wants(0, `"FRESQUE_DELIVERIES"`, "streams", "-print")
	wants(0, "accounts {", "permissions")
	wants(0, "nsc add user --account F --name media", "permissions", "-format", "nsc", "-account", "F")
	wants(2, "either -apply or -print", "streams", "-apply", "-print")
	wants(2, "there is no command nats burn", "burn")

	code, said := run(map[string]string{"FRESQUE_NATS_URL": server.URL(), "FRESQUE_NATS_USER": "administrator", "FRESQUE_NATS_PASSWORD": "a-secret"}, "streams")
	if code != 1 || !strings.Contains(said, "NATS_USER with NATS_PASSWORD") || strings.Contains(said, "a-secret") {
		t.Errorf("exits with %d: %s", code, said)
	}
}

package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"fresque.dev/services/internal/doctor"
)

func TestMigrateIsAskedForBeforeTheServiceStarts(t *testing.T) {
	server := os.Getenv("MONGODB_URI")
	if server == "" {
		t.Skip("MONGODB_URI is not set: make test-mongo runs this too")
	}
	base, query, _ := strings.Cut(server, "?")
	name := fmt.Sprintf("asked_%d", time.Now().UnixNano())
	t.Setenv("FRESQUE_BOARD_STORE", strings.TrimSuffix(base, "/")+"/"+name+"?"+query)
	t.Cleanup(func() { DropDatabase(t, server, name) })
	t.Setenv("FRESQUE_BOARD_MASTER_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)))
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := Migrate(t.Context(), args, &out, io.Discard)
		return out.String(), err
	}
	cfg, err := Load([]string{"-migrate", "ask"}, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(t.Context(), cfg, nil); err == nil || !strings.Contains(err.Error(), "boardd migrate") {
		t.Errorf("started on an empty database: %v", err)
	}
	if told, err := run("status"); err == nil || !strings.Contains(told, "waits: 1,") {
		t.Errorf("status before: %v\n%s", err, told)
	}
	if told, err := run("status", "-o", "json"); err == nil || !strings.Contains(told, `"store": "mongodb"`) || !strings.Contains(told, `"done": false`) {
		t.Errorf("status before, for programs: %v\n%s", err, told)
	}
	examined := func() string {
		r := doctor.New("board")
		cfg.examineStore(t.Context(), r)
		return fmt.Sprint(r.Findings)
	}
	if said := examined(); !strings.Contains(said, "Run boardd migrate") {
		t.Errorf("an examination before says %s", said)
	}
	for range 2 {
		if told, err := run("-migrate", "ask"); err != nil || strings.Contains(told, "waits") {
			t.Errorf("migrate: %v\n%s", err, told)
		}
	}
	if said := examined(); !strings.Contains(said, "all indexes are there") || !strings.Contains(said, "is read again") {
		t.Errorf("an examination after says %s", said)
	}
	if told, err := run("status"); err != nil {
		t.Errorf("status after: %v\n%s", err, told)
	}
	if told, err := run("-o", "json"); err != nil || !strings.Contains(told, `"pending": []`) || !strings.Contains(told, `"done": true`) {
		t.Errorf("migrate once more, for programs: %v\n%s", err, told)
	}
	store, err := openStore(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// DropDatabase forgets what a test has made on a server.
func DropDatabase(t *testing.T, server, name string) {
	client, err := mongo.Connect(options.Client().ApplyURI(server))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context())
	if err := errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx)); err != nil {
		t.Error(err)
	}
}

func TestMigrateIsNothingForSQLite(t *testing.T) {
	t.Setenv("FRESQUE_BOARD_STORE", "sqlite:"+t.TempDir()+"/none.db")
	t.Setenv("FRESQUE_BOARD_MASTER_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)))
	var out bytes.Buffer
	if err := Migrate(t.Context(), nil, &out, io.Discard); err != nil || !strings.Contains(out.String(), "nothing to do") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestAWrongMigrateIsTold(t *testing.T) {
	t.Setenv("FRESQUE_BOARD_MIGRATE", "later")
	if _, err := Load(nil, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `MIGRATE: "later"`) {
		t.Errorf("got %v", err)
	}
}

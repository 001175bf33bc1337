package streams_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fresque.dev/proto/subject"
	"fresque.dev/services/internal/natstest"
	"fresque.dev/services/internal/streams"
)

func TestMain(m *testing.M) {
	natstest.BeServer()
	os.Exit(m.Run())
}

// TestOneCopyBecomesThree: a service whose REPLICAS is raised raises what is there,
// on three servers with TLS and with its rights, and nothing is lost. What follows
// when servers are killed is in services/board/app (make test-cluster).
func TestOneCopyBecomesThree(t *testing.T) {
	c, ctx := natstest.StartCluster(t, true), t.Context()
	nc, err := c.Settings(subject.BoardService).Connect(subject.BoardService, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	keep := streams.Keeper{JS: js, Log: slog.New(slog.DiscardHandler)}
	if _, err := keep.Stream(ctx, streams.Board(natstest.Limits(1))); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, subject.BoardEvents("b"), []byte("kept")); err != nil {
		t.Fatal(err)
	}
	s, err := keep.Stream(ctx, streams.Board(natstest.Limits(3)))
	if err != nil {
		t.Fatal(err)
	}
	c.Whole(3)
	m, err := s.GetLastMsgForSubject(ctx, subject.BoardEvents("b"))
	if err != nil || string(m.Data) != "kept" {
		t.Fatalf("%v %v", m, err)
	}
}

// TestBoundsOfAnAdministratorStay, whatever else is mended.
func TestBoundsOfAnAdministratorStay(t *testing.T) {
	ctx, limits := t.Context(), natstest.Limits(1)
	js, err := jetstream.New(natstest.Start(t).Connect())
	if err != nil {
		t.Fatal(err)
	}
	bounded := streams.Board(limits)
	bounded.MaxBytes = 1 << 30
	if _, err := js.CreateStream(ctx, bounded); err != nil {
		t.Fatal(err)
	}
	bucket := streams.Uploads(time.Hour, 1)
	bucket.MaxBytes = 1 << 20
	if _, err := js.CreateKeyValue(ctx, bucket); err != nil {
		t.Fatal(err)
	}
	limits.PerBoard++
	for range 2 {
		if err := streams.Apply(ctx, js, limits); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int64{subject.BoardStream: 1 << 30, "KV_" + subject.MediaUploads: 1 << 20} {
			s, err := js.Stream(ctx, name)
			if err != nil || s.CachedInfo().Config.MaxBytes != want {
				t.Errorf("%s: %v %+v", name, err, s.CachedInfo().Config)
			}
		}
		states, err := streams.Look(ctx, js, limits)
		for _, s := range states {
			if s.Found != streams.AsDeclared {
				t.Errorf("%+v", s)
			}
		}
		if err != nil || len(states) == 0 {
			t.Fatal(err)
		}
	}
}

// TestTheDocumentationTellsWhatIsDeclared, row by row.
func TestTheDocumentationTellsWhatIsDeclared(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/nats.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, d := range streams.All(natstest.Limits(1)) {
		s := d.Stream
		kept := map[jetstream.RetentionPolicy]string{jetstream.LimitsPolicy: "all", jetstream.WorkQueuePolicy: "until it is done"}[s.Retention]
		if s.MaxMsgsPerSubject > 0 {
			kept += fmt.Sprintf(", %d of a subject", s.MaxMsgsPerSubject)
		}
		var readers []string
		for _, r := range d.Readers {
			readers = append(readers, "`"+r.Durable+"`")
		}
		rows = append(rows, fmt.Sprintf("| `%s` | `%s` | %s | %s | %s |", s.Name, strings.Join(s.Subjects, " "), kept, hours(s.MaxAge), strings.Join(readers, ", ")))
	}
	for _, b := range streams.Buckets(natstest.Limits(1)) {
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", b.Bucket, hours(b.TTL), map[jetstream.StorageType]string{jetstream.FileStorage: "disk", jetstream.MemoryStorage: "memory"}[b.Storage]))
	}
	for _, row := range rows {
		if !strings.Contains(string(raw), row+"\n") {
			t.Errorf("docs/nats.md lacks the row\n%s", row)
		}
	}
}

func hours(d time.Duration) string {
	switch {
	case d == 0:
		return "as long as it takes"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

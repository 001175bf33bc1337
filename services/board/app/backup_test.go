package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fresque.dev/services/board/app"
	"fresque.dev/services/internal/natstest"
)

// ledger is what writers were told is kept.
type ledger struct {
	mu       sync.Mutex
	posts    map[string]float64
	comments map[string]string
}

func (l *ledger) copied() (posts map[string]float64, comments map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	posts, comments = map[string]float64{}, map[string]string{}
	for id, rev := range l.posts {
		posts[id] = rev
	}
	for id, post := range l.comments {
		comments[id] = post
	}
	return posts, comments
}

// write posts, comments and edits until it is told to stop.
func (l *ledger) write(s *service, token string, stop <-chan struct{}, wrote chan<- struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		made := s.call("POST", wall+"/posts", token, map[string]any{"title": fmt.Sprint("Mot ", n)})
		post := made.str("id")
		said := s.call("POST", wall+"/posts/"+post+"/comments", token, map[string]any{"body": "<p>Oui</p>"})
		edited := s.call("PATCH", wall+"/posts/"+post, token, map[string]any{"title": fmt.Sprint("Mot changé ", n)}, "If-Match", `"1"`)
		if made.status != 201 || said.status != 201 || edited.status != 200 {
			s.t.Errorf("not written: %s %s %s", made.raw, said.raw, edited.raw)
			return
		}
		l.mu.Lock()
		l.posts[post], l.comments[said.str("id")] = edited.rev(), post
		l.mu.Unlock()
		select {
		case wrote <- struct{}{}:
		default:
		}
	}
}

// withoutObjects is what mediad backup adds where there are none.
func withoutObjects(t *testing.T, dir string) {
	t.Helper()
	documents, err := os.ReadFile(filepath.Join(dir, "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(documents)
	if err := os.WriteFile(filepath.Join(dir, "objects.jsonl"), []byte(`{"objects":0,"documents":"`+hex.EncodeToString(sum[:])+"\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABackupUnderLoadHasAllThatWasAcknowledged(t *testing.T) {
	cfg := app.LocalConfig(t)
	cfg.Pace = 100_000
	s := start(t, cfg, natstest.Start(t))
	s.call("PATCH", wall, s.moderator("Ada"), map[string]any{"settings": map[string]any{"comments": true}}, "If-Match", `"1"`)
	l := &ledger{posts: map[string]float64{}, comments: map[string]string{}}
	stop, wrote := make(chan struct{}), make(chan struct{})
	var writers sync.WaitGroup
	for n := range 4 {
		token := s.writer(fmt.Sprint("Élève ", n))
		writers.Go(func() { l.write(s, token, stop, wrote) })
	}
	for range 40 {
		select {
		case <-wrote:
		case <-time.After(30 * time.Second):
			t.Fatal("nobody writes")
		}
	}
	cursor := s.call("GET", wall+"/snapshot", s.moderator("Ada"), nil).wants(t, 200, "").str("cursor")
	posts, comments := l.copied()
	dir := filepath.Join(t.TempDir(), "backup")
	var out bytes.Buffer
	for range 3 { // each in place of the one before
		if err := cfg.Backup(t.Context(), app.BackupCommand, dir, false, &out, nil); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writers.Wait()
	all, _ := l.copied()

	empty := app.LocalConfig(t)
	if err := empty.Backup(t.Context(), app.RestoreCommand, dir, false, &out, nil); err == nil || !strings.Contains(err.Error(), "mediad backup") {
		t.Fatalf("restored without objects: %v", err)
	}
	verify := func() error {
		return app.Backup(t.Context(), app.VerifyCommand, []string{dir}, io.Discard, io.Discard)
	}
	if err := verify(); err == nil || !strings.Contains(err.Error(), "mediad backup") {
		t.Errorf("what cannot be restored is verified: %v", err)
	}
	withoutObjects(t, dir)
	if err := verify(); err != nil {
		t.Errorf("what can be restored is not verified: %v", err)
	}
	for _, resume := range []bool{false, true} { // cut off, and gone on with
		if err := empty.Backup(t.Context(), app.RestoreCommand, dir, resume, &out, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := empty.Backup(t.Context(), app.RestoreCommand, dir, false, &out, nil); err == nil {
		t.Error("restored over what is there")
	}

	r := start(t, empty, natstest.Start(t)) // another NATS, empty
	token := r.moderator("Ada")
	there := map[string]float64{}
	told, _ := r.call("GET", wall+"/snapshot", token, nil).wants(t, 200, "").json["posts"].([]any)
	for _, one := range told {
		post := one.(map[string]any)
		there[post["id"].(string)], _ = post["rev"].(float64)
	}
	for id, rev := range posts {
		if there[id] < rev {
			t.Errorf("post %s is at %v, was acknowledged at %v", id, there[id], rev)
		}
	}
	for id := range there {
		if _, ever := all[id]; !ever {
			t.Errorf("post %s was never written", id)
		}
	}
	said := map[string]bool{}
	for post := range posts {
		list, _ := r.call("GET", wall+"/posts/"+post+"/comments", token, nil).wants(t, 200, "").json["comments"].([]any)
		for _, one := range list {
			said[one.(map[string]any)["id"].(string)] = true
		}
	}
	for id := range comments {
		if !said[id] {
			t.Errorf("comment %s is not there", id)
		}
	}

	// It works: a browser of before starts anew, and sees what is written next.
	b := r.watch(token, cursor)
	for {
		if event, _ := b.next(); event == "reset" {
			break
		} else if event == "end" {
			t.Fatal("the stream ended without a reset")
		}
	}
	fresh := r.call("POST", wall+"/posts", r.writer("Zoé"), map[string]any{"title": "Après"}).wants(t, 201, "").str("id")
	live := r.watch(token, r.call("GET", wall+"/snapshot", token, nil).str("cursor"))
	r.call("PATCH", wall+"/posts/"+fresh, token, map[string]any{"title": "Après tout"}, "If-Match", `"1"`).wants(t, 200, "")
	for live.post()["title"] != "Après tout" {
	}
}

// From one machine to a cluster: what SQLite gave goes into MongoDB.
func TestMigrateFromSQLiteToMongoDBByABackup(t *testing.T) {
	server := os.Getenv("MONGODB_URI")
	if server == "" {
		t.Skip("MONGODB_URI is not set: make test-mongo runs this too")
	}
	cfg := app.LocalConfig(t)
	s := start(t, cfg, natstest.Start(t))
	token := s.writer("Ada")
	post := s.call("POST", wall+"/posts", token, map[string]any{"title": "Un mot"}).wants(t, 201, "").str("id")
	s.call("POST", wall+"/posts/"+post+"/comments", token, map[string]any{"body": "<p>Oui</p>"}).wants(t, 201, "")
	dir := filepath.Join(t.TempDir(), "backup")
	var out bytes.Buffer
	if err := cfg.Backup(t.Context(), app.BackupCommand, dir, false, &out, nil); err != nil {
		t.Fatal(err)
	}
	withoutObjects(t, dir)
	was := s.call("GET", wall+"/posts/"+post, token, nil).wants(t, 200, "").raw

	into := app.LocalConfig(t)
	base, query, _ := strings.Cut(server, "?")
	name := fmt.Sprintf("restored_%d", time.Now().UnixNano())
	into.Store = strings.TrimSuffix(base, "/") + "/" + name + "?" + query
	t.Cleanup(func() { app.DropDatabase(t, server, name) })
	if err := into.Backup(t.Context(), app.RestoreCommand, dir, false, &out, nil); err != nil {
		t.Fatal(err)
	}
	r := start(t, into, natstest.Start(t))
	if is := r.call("GET", wall+"/posts/"+post, r.writer("Bob"), nil).wants(t, 200, "").json; is["title"] != "Un mot" || is["rev"] != 1.0 {
		t.Errorf("the post is %v, was %s", is, was)
	}
	if list, _ := r.call("GET", wall+"/posts/"+post+"/comments", r.writer("Bob"), nil).wants(t, 200, "").json["comments"].([]any); len(list) != 1 {
		t.Errorf("%d comments", len(list))
	}
	// And back, by a backup that is taken of MongoDB.
	if err := into.Backup(t.Context(), app.BackupCommand, dir, false, &out, nil); err != nil {
		t.Fatal(err)
	}
	withoutObjects(t, dir)
	back := app.LocalConfig(t)
	if err := back.Backup(t.Context(), app.RestoreCommand, dir, false, &out, nil); err != nil {
		t.Fatal(err)
	}
}
